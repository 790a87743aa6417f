"""What lines, foods and items hold, by HTTP: totals that say what they don't know."""

import asyncio
from typing import Any

import httpx
import pytest

from popote_kit.peers import Peers
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id
from popote_nutrition.app import create_app
from popote_nutrition.settings import Settings
from popote_nutrition.testing import Table

# All known but alcohol and polyols, so that a line of it lacks nothing that a label has.
BREAD = {
    "energy_kj": 1000, "energy_kcal": 240, "fat_g": 2, "saturates_g": 0.5, "carbohydrate_g": 45, "sugars_g": 3,
    "fibre_g": 4, "protein_g": 8, "salt_g": 1.2,
}  # fmt: skip


async def test_every_reason_is_named_and_lowers_the_coverage(anna: Table) -> None:
    await anna.food("Testbread", nutrients=BREAD)
    await anna.food("Testdough", nutrients={"fat_g": 3})
    for line, reason in {
        "1 zorglub": "unmatched_food",
        "300 g zorglub": "unmatched_food",
        "2 slices testbread": "unknown_conversion",
        "testbread": "no_quantity",
        "100 g testdough": "no_value",
    }.items():
        told = await anna.post("/analyse", {"lines": ["100 g testbread", line], "language": "en"})
        assert [(each["line"], each["reason"]) for each in told["missing"]] == [(line, reason)]
        assert told["coverage"]["protein_g"] < 1
        assert told["total"]["protein_g"] == 8
    assert told["coverage"]["fat_g"] == 1
    assert set(told["missing"][0]["nutrients"]) == set(told["coverage"]) - {"fat_g"}


async def test_what_nobody_knows_is_null_and_not_zero(anna: Table) -> None:
    told = await anna.post("/analyse", {"lines": ["1 zorglub"], "servings": 2})
    assert set(told["total"].values()) == {None}
    assert set(told["coverage"].values()) == {0}
    assert told["per_100g"] is None
    assert (await anna.post("/analyse", {"lines": []}))["missing"] == []


async def test_servings_and_what_it_weighs_once_cooked_share_the_total_out(anna: Table) -> None:
    await anna.food("Testbread", nutrients=BREAD)
    asked: dict[str, Any] = {"lines": ["200 g testbread"], "servings": 4, "cooked": {"amount": 0.1, "unit": "kg"}}
    told = await anna.post("/analyse", asked)
    assert (told["total"]["protein_g"], told["per_serving"]["protein_g"], told["per_100g"]["protein_g"]) == (16, 4, 16)
    assert (await anna.post("/analyse", {**asked, "cooked": None}))["per_100g"]["protein_g"] == 8


async def test_a_range_counts_by_its_middle_and_a_weight_in_the_line_before_any_fact(anna: Table) -> None:
    piece = {"unit": "piece", "equals": {"amount": 50, "unit": "g"}}
    await anna.food("Testroll", nutrients=BREAD, conversions=[piece])
    for line, grams in {"2-4 testrolls": 150, "2 testrolls (80 g)": 80, "3 testrolls": 150}.items():
        told = await anna.post("/analyse", {"lines": [line], "language": "en"})
        assert (line, told["mass_g"]) == (line, grams)


async def test_a_drink_counts_by_its_volume_and_needs_no_density(anna: Table) -> None:
    drink = await anna.food("Testade", per="ml", nutrients=BREAD)
    told = await anna.post("/analyse", {"food_id": drink, "quantity": {"amount": 0.5, "unit": "l"}})
    assert (told["total"]["protein_g"], told["mass_g"], told["per_100g"]) == (40, None, None)
    answer = await anna.ask("POST", "/analyse", json={"food_id": drink, "quantity": {"amount": 5, "unit": "g"}})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-conversion")


async def test_an_approximate_conversion_is_marked(anna: Table) -> None:
    rough = {"unit": "piece", "equals": {"amount": 50, "unit": "g"}, "is_approximate": True}
    await anna.food("Testroll", nutrients=BREAD, conversions=[rough])
    told = await anna.post("/analyse", {"lines": ["1 testroll", "50 g testroll"]})
    assert [part["is_approximate"] for part in told["parts"]] == [True, False]
    assert told["is_approximate"]


async def test_the_label_rounds_as_the_law_says_in_both_languages(anna: Table) -> None:
    await anna.food("Testbread", nutrients=BREAD)
    french = await anna.post("/label", {"lines": ["100 g testbread"], "servings": 2, "language": "fr"})
    rows = {row["code"]: row for row in french["per_100g"]}
    assert (rows["energy_kj"]["text"], rows["salt_g"]["text"], rows["fat_g"]["percent"]) == ("1000 kJ", "1,2 g", 3)
    assert french["per_serving"][0]["text"] == "500 kJ"
    assert "8400 kJ" in french["statement"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lines": ["1 egg"], "food_id": str(new_id()), "quantity": {"amount": 1, "unit": "g"}},
        {"food_id": str(new_id())},
        {"lines": ["1 egg"], "quantity": {"amount": 1, "unit": "g"}},
        {"lines": ["1 egg"], "servings": 0},
        {"lines": ["1 egg"], "servings": 1001},
        {"lines": ["1 egg"] * 201},
        {"lines": ["x" * 501]},
        {"lines": "1 egg"},
        {"lines": ["1 egg"], "cooked": {"amount": 1, "unit": "l"}},
    ],
    ids=range(10),
)
async def test_a_body_that_asks_for_nothing_clear_is_refused(anna: Table, body: dict[str, Any]) -> None:
    for path in ("/analyse", "/label"):
        assert (await anna.ask("POST", path, json=body)).status_code == 422


async def test_without_stock_an_item_is_not_analysed_and_that_is_said(anna: Table) -> None:
    body = {"item_id": str(new_id()), "quantity": {"amount": 1, "unit": "g"}}
    assert (await anna.ask("POST", "/analyse", json=body)).status_code == 503


async def test_a_stock_that_never_answers_keeps_nobody_else_waiting(
    database: FreshDatabase, authority: Authority, clock: Clock
) -> None:
    asked = asyncio.Event()

    async def silent(_scope: Any, _receive: Any, _send: Any) -> None:
        asked.set()
        await asyncio.Event().wait()

    settings = Settings(database_url=database.url("nutrition"), database_password=PASSWORD)
    app = create_app(settings, peers=Peers(apps={"auth": authority, "stock": silent}), clock=clock)
    async with calling(app, timeout=30) as client:
        anna = Table(client, authority)
        body = {"item_id": str(new_id()), "quantity": {"amount": 1, "unit": "g"}}
        waiting = [asyncio.create_task(anna.ask("POST", "/analyse", json=body)) for _ in range(20)]
        await asked.wait()
        assert (await anna.match("butter"))["status"] == "matched"
        assert not any(task.done() for task in waiting)
        answers: list[httpx.Response] = await asyncio.gather(*waiting)
        assert {answer.status_code for answer in answers} == {503}


@pytest.mark.parametrize("line", ["999999999 testrolls", "99999999 1/3 - 99999999 1/2 ml testroll"])
async def test_a_line_of_more_than_any_kitchen_holds_does_not_take_the_others_with_it(anna: Table, line: str) -> None:
    heavy = [{"unit": unit, "equals": {"amount": 1, "unit": "kg"}} for unit in ("piece", "ml")]
    await anna.food("Testroll", nutrients=BREAD, conversions=heavy)
    told = await anna.post("/analyse", {"lines": ["100 g testroll", line], "language": "en"})
    assert told["total"]["protein_g"] == 8
    assert [(each["line"], each["reason"]) for each in told["missing"]] == [(line, "unknown_conversion")]


async def test_the_middle_of_a_range_is_no_longer_than_a_quantity_may_be(anna: Table) -> None:
    line = "999999999 1/3 - 999999999 1/2 ml milk"
    assert (await anna.ask("POST", "/analyse", json={"lines": [line], "language": "en"})).status_code == 200
