"""Cooking: stock, leftovers and diaries follow, once, all or nothing."""

import asyncio
from typing import Any

import pytest

from popote_kit.testing import FreshDatabase, new_id
from popote_recipes.testing import Cook


async def on_hand(anna: Cook) -> dict[str, tuple[float, str]]:
    """Return how much there is of each item, by name."""
    items = (await anna.get("/api/stock/on-hand"))["items"]
    return {each["name"]: (each["total"]["amount"], each["total"]["unit"]) for each in items}


async def announced(database: FreshDatabase) -> list[str]:
    """Return the kinds of what was announced of meals, in order."""
    rows = await database.rows("SELECT kind FROM recipes.outbox WHERE kind LIKE 'meal%' ORDER BY id")
    return [row["kind"] for row in rows]


@pytest.fixture
async def crepes(anna: Cook) -> dict[str, Any]:
    """Crêpes for four, and a kitchen with flour, eggs and milk for eight."""
    await anna.stocked("Farine", 500, "g")
    await anna.stocked("Œufs", 12, "piece")
    await anna.stocked("Lait", 2, "l")
    return await anna.recipe("Crêpes", "250 g de farine", "4 œufs", "50 cl de lait", "1 pincée de sel", language="fr")


async def cooked(anna: Cook, recipe: dict[str, Any], *, key: str | None = None, **asked: Any) -> dict[str, Any]:
    return dict(await anna.post(f"/api/recipes/{recipe['id']}/cook", {"allow_missing": True, **asked}, key=key))


async def test_cooking_takes_what_the_recipe_needs(anna: Cook, crepes: dict[str, Any]) -> None:
    done = await cooked(anna, crepes, servings=2)
    assert await on_hand(anna) == {"Farine": (375, "g"), "Œufs": (10, "piece"), "Lait": (1.75, "l")}
    assert {(take["quantity"]["amount"], take["quantity"]["unit"]) for take in done["takes"]} == {
        (125, "g"),
        (2, "piece"),
        (0.25, "l"),
    }
    assert [each["line"] for each in done["lacking"]] == ["1 pincée de sel"]
    assert done["leftover_lot_id"] is None
    assert (await anna.get("/api/recipes/cooked"))["items"] == [done]


async def test_what_is_missing_is_told_and_nothing_is_taken(anna: Cook, crepes: dict[str, Any]) -> None:
    before = await on_hand(anna)
    answer = await anna.ask("POST", f"/api/recipes/{crepes['id']}/cook", json={"servings": 12})
    told = answer.json()
    assert (answer.status_code, told["type"]) == (409, "/problems/not-enough-stock")
    assert told["short"][0] == {
        "line": "250 g de farine",
        "name": "farine",
        "status": "short",
        "missing": {"amount": 250, "unit": "g"},
    }
    assert await on_hand(anna) == before
    assert (await anna.get("/api/recipes/cooked"))["items"] == []


async def test_one_key_cooks_once(anna: Cook, crepes: dict[str, Any], database: FreshDatabase) -> None:
    key = str(new_id())
    first = await cooked(anna, crepes, key=key, servings=4)
    assert await cooked(anna, crepes, key=key, servings=4) == first
    other = await anna.ask(
        "POST", f"/api/recipes/{crepes['id']}/cook", json={"servings": 2, "allow_missing": True}, key=key
    )
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert (await on_hand(anna))["Farine"] == (250, "g")
    assert await announced(database) == ["meal_cooked.v1"]
    without = await anna.clients["recipes"].post(
        f"/api/recipes/{crepes['id']}/cook", json={"servings": 4}, headers=anna.headers
    )
    assert without.json()["type"] == "/problems/idempotency-key-missing"


async def test_leftovers_become_a_lot_that_keeps_three_days(anna: Cook, crepes: dict[str, Any]) -> None:
    done = await cooked(anna, crepes, servings=4, leftovers={"servings": 2})
    lots = [
        (item["name"], lot["quantity"], lot["id"], lot["use_by"] is not None)
        for item in (await anna.get("/api/stock/on-hand"))["items"]
        for lot in item["lots"]
        if "restes" in item["name"] or "leftovers" in item["name"]
    ]
    assert lots == [("Crêpes (leftovers)", {"amount": 2, "unit": "portion"}, done["leftover_lot_id"], True)]


async def test_leftovers_in_a_freezer_keep_longer(anna: Cook, crepes: dict[str, Any]) -> None:
    freezer = await anna.post("/api/stock/locations", {"name": "Congélateur", "is_freezer": True})
    done = await cooked(anna, crepes, servings=4, leftovers={"servings": 1, "location_id": freezer["id"]})
    lot = next(
        lot
        for item in (await anna.get("/api/stock/on-hand"))["items"]
        for lot in item["lots"]
        if lot["id"] == done["leftover_lot_id"]
    )
    assert (lot["frozen_at"] is not None, lot["use_by"], lot["best_before"] is not None) == (True, None, True)


async def test_an_undo_takes_all_of_it_back_and_once(
    anna: Cook, crepes: dict[str, Any], database: FreshDatabase
) -> None:
    before = await on_hand(anna)
    done = await cooked(anna, crepes, servings=4, leftovers={"servings": 2})
    undone = await anna.post(f"/api/recipes/cooked/{done['cook_id']}/undo")
    assert undone["state"] == "undone"
    assert await on_hand(anna) == before
    assert await anna.post(f"/api/recipes/cooked/{done['cook_id']}/undo") == undone
    assert await announced(database) == ["meal_cooked.v1", "meal_uncooked.v1"]


async def test_leftovers_that_were_eaten_keep_a_cook_from_being_undone(anna: Cook, crepes: dict[str, Any]) -> None:
    done = await cooked(anna, crepes, servings=4, leftovers={"servings": 2})
    rest = next(item for item in (await anna.get("/api/stock/items"))["items"] if "leftovers" in item["name"])
    line = {"item_id": rest["id"], "quantity": {"amount": 1, "unit": "portion"}}
    await anna.post("/api/stock/consume", {"lines": [line], "reason": "used"})
    answer = await anna.ask("POST", f"/api/recipes/cooked/{done['cook_id']}/undo")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/undo-blocked")
    assert (await anna.get(f"/api/recipes/cooked/{done['cook_id']}"))["state"] == "done"


async def test_a_cook_taken_back_in_the_journal_of_stock_is_taken_back_here(
    street: Any, anna: Cook, crepes: dict[str, Any], database: FreshDatabase
) -> None:
    done = await cooked(anna, crepes, servings=4)
    undo = await anna.post("/api/stock/undo", {"action_id": done["cook_id"]})
    await street.hear_stock()
    assert (await anna.get(f"/api/recipes/cooked/{done['cook_id']}"))["state"] == "undone"
    await anna.post("/api/stock/undo", {"action_id": undo["action_id"]})
    await street.hear_stock()
    assert (await anna.get(f"/api/recipes/cooked/{done['cook_id']}"))["state"] == "done"
    assert await announced(database) == ["meal_cooked.v1", "meal_uncooked.v1", "meal_cooked.v1"]


async def test_fifty_cooks_at_once_never_take_more_than_there_is(anna: Cook) -> None:
    for _ in range(4):
        await anna.stocked("Rice", 250, "g")
    recipe = await anna.recipe("Rice", "100 g rice", servings=1, language="en")
    path = f"/api/recipes/{recipe['id']}/cook"
    answers = await asyncio.gather(*(anna.ask("POST", path, json={"servings": 1}) for _ in range(50)))
    statuses = [answer.status_code for answer in answers]
    done = [answer for answer in answers if answer.status_code == 201]
    assert set(statuses) <= {201, 409, 503}
    assert 0 < len(done) <= 10
    total = (await on_hand(anna)).get("Rice", (0, "g"))[0]
    assert total == 1000 - 100 * len(done)
    assert (await anna.get("/api/stock/check"))["differences"] == []


async def test_more_than_is_cooked_is_not_eaten(anna: Cook, crepes: dict[str, Any]) -> None:
    eaters = [{"user_id": str(anna.person), "portions": 3}]
    answer = await anna.ask(
        "POST",
        f"/api/recipes/{crepes['id']}/cook",
        json={"servings": 4, "eaters": eaters, "leftovers": {"servings": 2}, "allow_missing": True},
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/eaters")


async def test_stock_that_is_away_is_no_reason_to_cook_twice(
    street: Any, anna: Cook, crepes: dict[str, Any], clock: Any
) -> None:
    key = str(new_id())
    body = {"servings": 4, "allow_missing": True}
    path = f"/api/recipes/{crepes['id']}/cook"
    street.gates["stock"].shut_for("/internal/actions")
    assert (await anna.ask("POST", path, json=body, key=key)).status_code == 503
    assert (await anna.get("/api/recipes/cooked"))["items"] == []
    street.gates["stock"].shut_for(None)
    clock.advance(seconds=11)
    done = await anna.post(path, body, key=key)
    assert (await on_hand(anna))["Farine"] == (250, "g")
    assert done["state"] == "done"


async def test_a_dish_of_the_plan_that_is_cooked_is_known_to_be(anna: Cook, crepes: dict[str, Any]) -> None:
    today = (await anna.get("/api/recipes/plan"))["from"]
    entry = await anna.post(
        "/api/recipes/plan", {"date": today, "meal": "breakfast", "recipe_id": crepes["id"], "servings": 2}
    )
    parts = (await anna.get("/internal/plan/parts", date=today))["meals"]
    assert [(each["title"], each["servings"], each["parts"][0]["quantity"]["amount"]) for each in parts] == [
        ("Crêpes", 2, 125)
    ]
    done = await cooked(anna, crepes, plan_id=entry["id"])
    assert (done["servings"], done["meal"], done["date"]) == (2, "breakfast", today)
    assert (await anna.get(f"/api/recipes/plan/{entry['id']}"))["cook_id"] == done["cook_id"]
    again = await cooked(anna, crepes, plan_id=entry["id"])
    await anna.post(f"/api/recipes/cooked/{done['cook_id']}/undo")
    assert (await anna.get(f"/api/recipes/plan/{entry['id']}"))["cook_id"] == again["cook_id"]
    await anna.post(f"/api/recipes/cooked/{again['cook_id']}/undo")
    assert (await anna.get(f"/api/recipes/plan/{entry['id']}"))["cook_id"] is None


async def test_a_meal_of_which_stock_has_nothing_is_cooked_and_taken_back_all_the_same(anna: Cook) -> None:
    recipe = await anna.recipe("Toast", "1 slice of bread", language="en", servings=1)
    done = await cooked(anna, recipe, servings=1)
    assert (done["state"], done["takes"], [each["status"] for each in done["lacking"]]) == ("done", [], ["missing"])
    assert (await anna.post(f"/api/recipes/cooked/{done['cook_id']}/undo"))["state"] == "undone"
    assert (await anna.get("/api/stock/journal"))["items"] == []
