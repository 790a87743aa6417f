"""Many at once: one key cooks once, nothing is taken twice, and a household's clock decides which day it was."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from popote_kit.testing import Clock, FreshDatabase, new_id
from popote_recipes.testing import Cook

MANY = 50


async def grams(anna: Cook, name: str) -> float:
    items = {each["name"]: each["total"] for each in (await anna.get("/api/stock/on-hand"))["items"]}
    return float(items[name]["amount"]) if name in items else 0


async def agrees(anna: Cook) -> bool:
    """Tell whether lots and journal agree, and whether no lot holds less than nothing."""
    lots = [lot for item in (await anna.get("/api/stock/on-hand"))["items"] for lot in item["lots"]]
    return not (await anna.get("/api/stock/check"))["differences"] and all(
        lot["quantity"]["amount"] > 0 for lot in lots
    )


@dataclass
class Persistent:
    """A phone that asks again until it is told what became of what it asked for."""

    anna: Cook
    clock: Clock

    async def __call__(self, method: str, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        key = key or str(new_id())
        while True:
            answer = await self.anna.ask(method, path, json=body, key=key)
            if answer.status_code == 503:
                self.clock.advance(seconds=11)  # past the time for which whoever drove it holds it
            elif answer.is_success or answer.json()["type"] != "/problems/key-in-use":
                return answer
            assert answer.headers["retry-after"] == "1"
            await asyncio.sleep(0.1)


@pytest.fixture
def ask(anna: Cook, clock: Clock) -> Persistent:
    return Persistent(anna, clock)


async def test_one_key_that_is_sent_fifty_times_at_once_cooks_once_and_has_one_answer(
    anna: Cook, ask: Persistent, database: FreshDatabase
) -> None:
    await anna.stocked("Rice", 1000, "g")
    rice = await anna.recipe("Rice", "100 g rice", servings=1, language="en")
    path, key = f"/api/recipes/{rice['id']}/cook", str(new_id())
    body = {"leftovers": {"servings": 0.5}, "eaters": [{"user_id": str(anna.person), "portions": 0.5}]}
    answers = await asyncio.gather(*(ask("POST", path, body, key) for _ in range(MANY)))
    assert Counter(answer.status_code for answer in answers) == {201: MANY}
    assert len({answer.content for answer in answers}) == 1
    assert await grams(anna, "Rice") == 900
    kinds = await database.rows("SELECT kind FROM recipes.outbox WHERE kind LIKE 'meal%'")
    assert [row["kind"] for row in kinds] == ["meal_cooked.v1"]
    assert len((await anna.get("/api/stock/journal"))["items"]) == 2  # the purchase, and the cook
    undo = f"/api/recipes/cooked/{answers[0].json()['cook_id']}/undo"
    undone = await asyncio.gather(*(ask("POST", undo) for _ in range(10)))
    assert len({answer.content for answer in undone}) == 1
    assert (undone[0].json()["state"], await grams(anna, "Rice")) == ("undone", 1000)
    assert await agrees(anna)


async def test_fifty_recipes_that_want_the_same_lots_at_once_never_take_more_than_there_is(
    anna: Cook, ask: Persistent
) -> None:
    for _ in range(5):
        await anna.stocked("Rice", 200, "g")
        await anna.stocked("Butter", 100, "g")
    recipes = [
        await anna.recipe(f"Rice {number}", "100 g rice", "20 g butter", servings=1, language="en")
        for number in range(MANY)
    ]
    answers = await asyncio.gather(*(ask("POST", f"/api/recipes/{each['id']}/cook", {}) for each in recipes))
    done = [answer.json() for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} == {201, 409}
    assert len(done) == 10
    assert (await grams(anna, "Rice"), await grams(anna, "Butter")) == (0, 300)
    assert all(sum(take["quantity"]["amount"] for take in each["takes"]) == 120 for each in done)
    assert len((await anna.get("/api/recipes/cooked"))["items"]) == 10
    assert await agrees(anna)


async def test_cooking_while_others_count_and_take_back_ends_as_if_one_had_come_after_the_other(
    street: Any, anna: Cook, ask: Persistent
) -> None:
    lot = await anna.stocked("Rice", 1000, "g")
    rice = await anna.recipe("Rice", "100 g rice", servings=1, language="en")
    path = f"/api/recipes/{rice['id']}/cook"
    before = [await anna.post(path, {}) for _ in range(4)]
    count = {"lines": [{"lot_id": lot["id"], "quantity": {"amount": 600, "unit": "g"}}]}
    calls = [
        *(("POST", path, {}) for _ in range(8)),
        *(("POST", f"/api/recipes/cooked/{each['cook_id']}/undo", None) for each in before),
        *(("POST", "/api/stock/correct", count) for _ in range(4)),
        *(("POST", "/api/stock/undo", {"action_id": before[0]["cook_id"]}) for _ in range(2)),
    ]
    answers = await asyncio.gather(*(ask(*call) for call in calls))
    assert {answer.status_code for answer in answers} <= {200, 201, 409}, [each.text for each in answers]
    assert await agrees(anna)
    await street.hear_stock()
    journal = (await anna.get("/api/stock/journal"))["items"]
    ours = [each for each in journal if each["service"] == "recipes" and each["undoes"] is None]
    cooked = (await anna.get("/api/recipes/cooked"))["items"]
    assert len(cooked) == len(before) + [answer.status_code for answer in answers].count(201)
    assert {each["cook_id"]: each["state"] for each in cooked} == {
        each["id"]: "undone" if each["undone_by"] else "done" for each in ours
    }


async def chain(anna: Cook, action: str) -> list[str]:
    """Return an action of stock, the undo of it, the undo of that, and so on: it stands where their number is odd."""
    undone_by = {each["id"]: each["undone_by"] for each in (await anna.get("/api/stock/journal"))["items"]}
    found = [action]
    while later := undone_by[found[-1]]:
        found.append(later)
    return found


async def test_wherever_a_cook_is_taken_back_all_agree_in_the_end(
    street: Any, anna: Cook, database: FreshDatabase
) -> None:
    await anna.stocked("Rice", 1000, "g")
    rice = await anna.recipe("Rice", "100 g rice", servings=1, language="en")
    left = 1000
    for steps in ("RSHR", "SRHSR", "RSRSH", "SSSHR", "SHSHR", "RSSSS"):
        cook = (await anna.post(f"/api/recipes/{rice['id']}/cook", {}))["cook_id"]
        for step in steps:
            if step == "R":
                await anna.post(f"/api/recipes/cooked/{cook}/undo")
            elif step == "S":
                await anna.post("/api/stock/undo", {"action_id": (await chain(anna, cook))[-1]})
            else:
                await street.hear_stock()
        await street.hear_stock()
        stands = len(await chain(anna, cook)) % 2 == 1
        left -= 100 * stands
        assert (await anna.get(f"/api/recipes/cooked/{cook}"))["state"] == ("done" if stands else "undone"), steps
        assert await grams(anna, "Rice") == left, steps
        of_it = "SELECT kind FROM recipes.outbox WHERE payload->>'cook_id' = $1 ORDER BY id"
        told = [row["kind"] for row in await database.rows(of_it, cook)]
        assert told == (["meal_cooked.v1", "meal_uncooked.v1"] * len(told))[: len(told)], steps
        assert len(told) % 2 == stands, steps


@pytest.mark.parametrize(
    ("zone", "day", "meal"),
    [
        ("Europe/Paris", "2030-01-15", "dinner"),  # 23:30
        ("Asia/Tokyo", "2030-01-16", "breakfast"),  # 07:30
        ("America/New_York", "2030-01-15", "snack"),  # 17:30
        ("Pacific/Auckland", "2030-01-16", "lunch"),  # 11:30
    ],
)
async def test_a_meal_is_of_the_households_day_and_hour(
    street: Any, clock: Clock, zone: str, day: str, meal: str
) -> None:
    clock.now = datetime(2030, 1, 15, 22, 30, tzinfo=UTC)
    anna = street.cook(zone=zone)
    soup = await anna.recipe("Soup", servings=2)
    done = await anna.post(f"/api/recipes/{soup['id']}/cook", {"leftovers": {"servings": 1}})
    assert (done["date"], done["meal"]) == (day, meal)
    ((lot,),) = [item["lots"] for item in (await anna.get("/api/stock/on-hand"))["items"]]
    assert lot["use_by"] == f"2030-01-{int(day[-2:]) + 3}"
