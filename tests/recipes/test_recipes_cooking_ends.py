"""Cooks that end: whatever is asked for, whoever takes them back, and whenever that is heard of."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import asyncpg
import pytest

from popote_kit import codec
from popote_kit.problems import Unavailable
from popote_kit.quantity import Quantity, in_base
from popote_kit.testing import FreshDatabase, new_id
from popote_recipes.model.recipes import StoredQuantity
from popote_recipes.testing import Cook


async def run(database: FreshDatabase, statement: str) -> None:
    connection = await asyncpg.connect(database.admin_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def bread(anna: Cook) -> dict[str, Any]:
    await anna.stocked("Farine", 500, "g")
    return await anna.recipe("Pain", "100 g de farine", language="fr")


async def flour(anna: Cook) -> Any:
    items = (await anna.get("/api/stock/on-hand"))["items"]
    return next(each["total"]["amount"] for each in items if each["name"] == "Farine")


async def states(database: FreshDatabase) -> list[str]:
    return [row["state"] for row in await database.rows("SELECT state FROM recipes.cook ORDER BY created_at")]


async def test_an_id_of_something_else_in_stock_is_refused_and_nothing_is_on_its_way(
    anna: Cook, bread: dict[str, Any], database: FreshDatabase
) -> None:
    lines = [{"name": "Sucre", "quantity": {"amount": 1, "unit": "kg"}}]
    id = str(new_id())
    await anna.post("/api/stock/purchases", {"id": id, "lines": lines})
    answer = await anna.ask("POST", f"/api/recipes/{bread['id']}/cook", json={"id": id})
    assert (answer.status_code, answer.json()["type"], answer.json()["id"]) == (409, "/problems/id-taken", id)
    assert await states(database) == []


async def test_more_than_stock_can_take_at_once_is_refused_and_nothing_is_on_its_way(
    anna: Cook, bread: dict[str, Any], database: FreshDatabase
) -> None:
    for _ in range(2):
        await anna.stocked("Farine", 10_000, "kg")
    tons = await anna.recipe("Pains", "8000 kg de farine", "8000 kg de farine", language="fr")
    answer = await anna.ask("POST", f"/api/recipes/{tons['id']}/cook", json={})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/too-much")
    assert await states(database) == []


async def test_a_millionth_of_a_serving_is_cooked_though_it_weighs_nothing_then(anna: Cook) -> None:
    await anna.stocked("Farine", 500, "g")
    crumb = await anna.recipe(
        "Miette", "1 g de farine", language="fr", servings=1000, cooked={"amount": 0.001, "unit": "mg"}
    )
    done = await anna.post(f"/api/recipes/{crumb['id']}/cook", {"servings": 0.000001})
    assert done["state"] == "done"
    parts = await anna.get(f"/internal/recipes/{crumb['id']}/parts", servings="0.000001")
    assert parts["cooked_mass_g"] is None


@pytest.mark.parametrize(
    ("amount", "unit", "factor"),
    [
        ("5000000000", "g", Fraction(1, 3)),
        ("123456789.123456789", "g", Fraction(99, 7)),
        ("1", "kg", Fraction(10**12)),
        ("9999999.9999999999", "piece", Fraction(1)),
        ("1", "mg", Fraction(1, 10**12)),
    ],
)
def test_so_many_times_a_quantity_is_one_that_others_read(amount: str, unit: str, factor: Fraction) -> None:
    times = StoredQuantity(Decimal(amount), unit).times(factor)
    assert codec.decode(codec.encode(times), Quantity) == times
    in_base(times)


async def test_a_child_takes_back_only_what_it_cooked_itself(anna: Cook, bread: dict[str, Any]) -> None:
    child = anna.beside(role="child")
    hers = await anna.post(f"/api/recipes/{bread['id']}/cook", {})
    refused = await child.ask("POST", f"/api/recipes/cooked/{hers['cook_id']}/undo")
    assert (refused.status_code, await flour(anna)) == (403, 400)
    own = await child.post(f"/api/recipes/{bread['id']}/cook", {})
    assert (await child.post(f"/api/recipes/cooked/{own['cook_id']}/undo"))["state"] == "undone"
    assert await flour(anna) == 400


async def test_the_journal_tells_who_took_a_cook_back(anna: Cook, bread: dict[str, Any]) -> None:
    bob = anna.beside()
    done = await anna.post(f"/api/recipes/{bread['id']}/cook", {})
    await bob.post(f"/api/recipes/cooked/{done['cook_id']}/undo")
    last, before, *_ = (await anna.get("/api/stock/journal"))["items"]
    assert [(each["kind"], each["person_id"]) for each in (last, before)] == [
        ("undo", str(bob.person)),
        ("service", str(anna.person)),
    ]


async def test_a_cook_taken_back_in_stock_before_recipes_knew_that_it_was_done_is_taken_back(
    street: Any, anna: Cook, bread: dict[str, Any], database: FreshDatabase, clock: Any
) -> None:
    key = str(new_id())
    path = f"/api/recipes/{bread['id']}/cook"
    done = await anna.post(path, {}, key=key)
    await run(database, "UPDATE recipes.cook SET state = 'begun', takes = '[]'")  # as if killed before it noted that
    await anna.post("/api/stock/undo", {"action_id": done["cook_id"]})
    with pytest.raises(Unavailable):
        await street.hear_stock()
    clock.advance(seconds=11)
    await anna.post(path, {}, key=key)
    await street.hear_stock()
    gone = await anna.get(f"/api/recipes/cooked/{done['cook_id']}")
    assert (gone["state"], gone["takes"], await flour(anna)) == ("undone", done["takes"], 500)


async def test_a_dish_that_was_cooked_twice_is_cooked_until_both_are_taken_back(
    anna: Cook, bread: dict[str, Any]
) -> None:
    today = (await anna.get("/api/recipes/plan"))["from"]
    entry = await anna.post("/api/recipes/plan", {"date": today, "meal": "lunch", "recipe_id": bread["id"]})
    once, twice = [
        (await anna.post(f"/api/recipes/{bread['id']}/cook", {"plan_id": entry["id"]}))["cook_id"] for _ in range(2)
    ]
    known = []
    for cook in (twice, once):
        await anna.post(f"/api/recipes/cooked/{cook}/undo")
        known.append((await anna.get(f"/api/recipes/plan/{entry['id']}"))["cook_id"])
    assert known == [once, None]
