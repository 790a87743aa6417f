"""What the plan lacks, beside the stock there is: allotted meal by meal, and put on a shopping list, once."""

import asyncio
from datetime import date, timedelta
from typing import Any, Final

import pytest

from popote_kit.testing import Clock, new_id
from popote_recipes import actions
from popote_recipes.testing import Cook

PLAN: Final = "/api/recipes/plan"
TODAY: Final = "2035-06-04"


def day(after: int) -> str:
    """Return the day so many days after today."""
    return (date.fromisoformat(TODAY) + timedelta(days=after)).isoformat()


@pytest.fixture
def anna(anna: Cook, clock: Clock) -> Cook:
    """Anna, on the fourth of June 2035."""
    clock.now = clock.now.replace(year=2035, month=6, day=4, hour=12)
    return anna


async def planned(cook: Cook, after: int, *lines: Any, meal: str = "dinner", **more: Any) -> dict[str, Any]:
    """Plan a new recipe of these lines, for one; return the entry."""
    recipe = await cook.recipe("Dish", *lines, servings=1, language="en")
    body = {"date": day(after), "meal": meal, "recipe_id": recipe["id"], **more}
    return dict(await cook.post(PLAN, body))


async def allocation(cook: Cook, **query: Any) -> dict[str, Any]:
    return dict(await cook.get(f"{PLAN}/allocation", **query))


async def shop(cook: Cook, **body: Any) -> dict[str, Any]:
    return dict(await cook.post(f"{PLAN}/shop", body))


def said(quantity: dict[str, Any] | None) -> str | None:
    return f"{quantity['amount']:g} {quantity['unit']}" if quantity else None


def amounts(items: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(each["name"], said(each["quantity"])) for each in items]


async def lines(cook: Cook, list_id: str) -> list[dict[str, Any]]:
    return list((await cook.get(f"/api/stock/lists/{list_id}/items"))["items"])


async def cheese_week(cook: Cook) -> dict[str, Any]:
    """Have 250 g of cheese, and plan four meals of 100 g on four days; return the lot."""
    lot = await cook.stocked("cheddar", 250, "g", best_before=day(30))
    toast = await cook.recipe("Toast", "100 g cheddar", servings=1, language="en")
    for after in range(4):
        await cook.post(PLAN, {"date": day(after), "meal": "dinner", "recipe_id": toast["id"]})
    return lot


async def test_four_meals_of_100_g_of_250_g_of_cheese(anna: Cook) -> None:
    lot = await cheese_week(anna)
    told = await allocation(anna)
    assert [each["date"] for each in told["days"]] == [day(0), day(1), day(2), day(3)]
    meals = [meal for each in told["days"] for meal in each["meals"]]
    assert [meal["ok"] for meal in meals] == [True, True, False, False]
    assert [[said(line["short"]) for line in meal["short"]] for meal in meals] == [[], [], ["50 g"], ["100 g"]]
    assert [[(use["lot_id"], said(use["quantity"])) for use in meal["uses"]] for meal in meals] == [
        [(lot["id"], "100 g")], [(lot["id"], "100 g")], [(lot["id"], "50 g")], [],
    ]  # fmt: skip
    third = meals[2]
    assert (third["title"], third["servings"], third["meal"], third["is_approximate"]) == ("Toast", 1, "dinner", False)
    assert {name: third["short"][0][name] for name in ("line", "name", "status", "need", "have")} == {
        "line": "100 g cheddar",
        "name": "cheddar",
        "status": "short",
        "need": {"amount": 100, "unit": "g"},
        "have": {"amount": 50, "unit": "g"},
    }
    assert told["to_buy"] == [
        {
            "item_id": lot["item_id"],
            "food_id": await anna.food("cheddar"),
            "name": "cheddar",
            "quantity": {"amount": 150, "unit": "g"},
            "is_approximate": False,
            "needed_on": day(2),
        }
    ]
    assert told["unknown"] == []


async def test_shopping_for_the_plan_again_changes_nothing(anna: Cook) -> None:
    await cheese_week(anna)
    first = await shop(anna, **{"from": day(0), "to": day(3)})
    assert (amounts(first["items"]), amounts(first["to_buy"])) == ([("cheddar", "150 g")], [("cheddar", "150 g")])
    there = await lines(anna, first["list_id"])
    assert await shop(anna, **{"from": day(0), "to": day(3)}) == first
    assert await lines(anna, first["list_id"]) == there


async def test_nor_does_it_once_things_are_in_the_trolley_or_at_home(anna: Cook, clock: Clock) -> None:
    await cheese_week(anna)
    await planned(anna, 1, "6 eggs", "200 g rice")
    first = await shop(anna)
    path = f"/api/stock/lists/{first['list_id']}"
    cheddar = next(line for line in await lines(anna, first["list_id"]) if line["name"] == "cheddar")
    tick = {"line_id": cheddar["id"], "is_ticked": True, "at": clock.now.isoformat()}
    await anna.put(f"{path}/ticks", {"ticks": [tick]})
    there = await lines(anna, first["list_id"])
    assert amounts((await shop(anna))["to_buy"]) == amounts(first["to_buy"])
    assert await lines(anna, first["list_id"]) == there

    await anna.post(f"{path}/commit", {"lines": []})
    left = await shop(anna)
    assert sorted(amounts(left["to_buy"])) == [("eggs", "6 piece"), ("rice", "200 g")]
    assert sorted(amounts(await lines(anna, first["list_id"]))) == [("eggs", "6 piece"), ("rice", "200 g")]
    assert all(meal["ok"] for each in (await allocation(anna, **{"from": day(2)}))["days"] for meal in each["meals"])


async def test_who_shop_at_once_put_it_there_once(anna: Cook) -> None:
    await cheese_week(anna)
    await planned(anna, 1, "200 g rice")
    ben = anna.beside(role="owner")
    answers = await asyncio.gather(*(shop(who) for who in (anna, ben) * 4))
    assert {answer["list_id"] for answer in answers} == {answers[0]["list_id"]}
    assert sorted(amounts(await lines(anna, answers[0]["list_id"]))) == [("cheddar", "150 g"), ("rice", "200 g")]


async def test_what_comes_home_while_it_is_counted_is_not_put_there_again(anna: Cook, clock: Clock) -> None:
    await cheese_week(anna)
    first = await shop(anna)
    path = f"/api/stock/lists/{first['list_id']}"
    ticks = [{"line_id": first["items"][0]["id"], "is_ticked": True, "at": clock.now.isoformat()}]
    await anna.put(f"{path}/ticks", {"ticks": ticks})
    home, *_ = await asyncio.gather(anna.post(f"{path}/commit", {"lines": []}), *(shop(anna) for _ in range(6)))
    assert len(home["lots"]) == 1
    assert await lines(anna, first["list_id"]) == []


async def test_a_changed_plan_changes_what_is_bought_only_upwards(anna: Cook) -> None:
    await planned(anna, 0, "200 g rice")
    more = await planned(anna, 1, "100 g rice")
    first = await shop(anna)
    assert amounts(await lines(anna, first["list_id"])) == [("rice", "300 g")]
    await anna.delete(f"{PLAN}/{more['id']}")
    assert amounts((await shop(anna))["to_buy"]) == [("rice", "200 g")]
    assert amounts(await lines(anna, first["list_id"])) == [("rice", "300 g")]
    await planned(anna, 2, "250 g rice")
    await shop(anna)
    assert amounts(await lines(anna, first["list_id"])) == [("rice", "450 g")]


async def test_it_goes_on_the_list_that_is_named(anna: Cook) -> None:
    await planned(anna, 0, "200 g rice", "basil")
    market = await anna.post("/api/stock/lists", {"name": "Market"})
    told = await shop(anna, list_id=market["id"])
    assert told["list_id"] == market["id"]
    assert sorted(amounts(await lines(anna, market["id"]))) == [("basil", None), ("rice", "200 g")]
    answer = await anna.ask("POST", f"{PLAN}/shop", json={"list_id": str(new_id())})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_where_nothing_is_to_be_bought_there_is_no_list(anna: Cook) -> None:
    await anna.post(PLAN, {"date": day(0), "meal": "lunch", "title": "Pizza out"})
    assert await shop(anna) == {"list_id": None, "items": [], "to_buy": [], "unknown": []}
    assert (await anna.get("/api/stock/lists"))["items"] == []


async def test_what_nobody_can_tell_of_is_told_and_not_bought(anna: Cook) -> None:
    await anna.stocked("honey", 1, "pack")
    entry = await planned(anna, 0, "50 g honey", "20 ml zorblax of Mamie")
    told = await shop(anna)
    assert (told["to_buy"], told["list_id"]) == ([], None)
    assert [(each["plan_id"], each["date"], each["line"], each["reason"]) for each in told["unknown"]] == [
        (entry["id"], day(0), "50 g honey", "unknown_conversion"),
        (entry["id"], day(0), "20 ml zorblax of Mamie", "unmatched"),
    ]
    [meal] = (await allocation(anna))["days"][0]["meals"]
    assert (meal["ok"], [(line["status"], line["short"]) for line in meal["short"]]) == (
        False, [("unknown_conversion", None), ("unmatched", meal["short"][1]["short"])],
    )  # fmt: skip


async def test_what_is_past_its_use_by_date_by_then_is_not_for_a_meal(anna: Cook) -> None:
    await anna.stocked("ham", 200, "g", use_by=day(1))
    await anna.stocked("yogurt", 200, "g", best_before=day(1))
    for after in (0, 2):
        await planned(anna, after, "100 g ham", "100 g yogurt")
    first, second = (each["meals"][0] for each in (await allocation(anna))["days"])
    assert (first["ok"], first["is_past_best_before"]) == (True, False)
    assert (second["ok"], second["is_past_best_before"]) == (False, True)
    assert [(line["name"], line["status"]) for line in second["short"]] == [("ham", "missing")]
    assert [(use["name"], use["is_past_best_before"]) for use in second["uses"]] == [("yogurt", True)]


async def test_what_is_put_in_the_freezer_keeps_for_a_later_meal(anna: Cook, clock: Clock) -> None:
    await anna.post("/api/stock/items", {"name": "salmon", "unit": "g", "shelf_life": {"frozen": 90}})
    lot = await anna.stocked("salmon", 300, "g", use_by=day(1))
    await planned(anna, 10, "300 g salmon")
    assert amounts((await allocation(anna, to=day(10)))["to_buy"]) == [("salmon", "300 g")]
    freezer = await anna.post("/api/stock/locations", {"name": "Icebox", "is_freezer": True})
    clock.advance(hours=1)
    await anna.post("/api/stock/freeze", {"lines": [{"lot_id": lot["id"], "location_id": freezer["id"]}]})
    assert (await allocation(anna, to=day(10)))["to_buy"] == []


async def test_meals_of_other_days_have_theirs_before_those_that_are_asked_about(anna: Cook) -> None:
    await cheese_week(anna)
    told = await allocation(anna, **{"from": day(2), "to": day(2)})
    assert [[said(line["short"]) for line in meal["short"]] for meal in told["days"][0]["meals"]] == [["50 g"]]
    assert amounts(told["to_buy"]) == [("cheddar", "50 g")]
    assert amounts((await shop(anna, **{"from": day(2), "to": day(2)}))["items"]) == [("cheddar", "50 g")]


async def test_what_was_before_today_is_not_had_any_more(anna: Cook, clock: Clock) -> None:
    await cheese_week(anna)
    clock.advance(days=2)
    told = await allocation(anna, **{"from": day(0), "to": day(9)})
    assert [each["date"] for each in told["days"]] == [day(2), day(3)]
    assert told["to_buy"] == []


async def test_what_was_cooked_of_the_plan_has_had_its_lots(anna: Cook) -> None:
    await anna.stocked("rice", 300, "g")
    entry, _ = await planned(anna, 0, "200 g rice"), await planned(anna, 1, "200 g rice")
    assert amounts((await allocation(anna))["to_buy"]) == [("rice", "100 g")]
    done = await anna.post(f"/api/recipes/{entry['recipe_id']}/cook", {"plan_id": entry["id"]})
    told = await allocation(anna)
    assert [each["date"] for each in told["days"]] == [day(1)]
    assert amounts(told["to_buy"]) == [("rice", "100 g")]
    await anna.edit(f"{PLAN}/{entry['id']}", {"title": "Pizza out"})
    await anna.post(f"/api/recipes/cooked/{done['cook_id']}/undo")
    assert amounts((await allocation(anna))["to_buy"]) == []
    assert (await anna.get(f"{PLAN}/{entry['id']}"))["cook_id"] is None


async def test_what_would_take_too_long_is_refused(anna: Cook, monkeypatch: pytest.MonkeyPatch) -> None:
    await cheese_week(anna)
    monkeypatch.setattr(actions.allocation, "MAX_EFFORT", 7)
    answer = await anna.ask("GET", f"{PLAN}/allocation")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/to")
    assert len((await allocation(anna, to=day(2)))["days"]) == 3


async def test_a_child_sees_what_lacks_and_adults_shop(anna: Cook) -> None:
    await cheese_week(anna)
    for role, status in (("child", 403), ("guest", 403), ("adult", 200)):
        who = anna.beside(role=role)
        assert len((await allocation(who))["days"]) == 4
        assert (await who.ask("POST", f"{PLAN}/shop", json={})).status_code == status
    assert (await allocation(anna.elsewhere()))["days"] == []


@pytest.mark.parametrize("wrong", [{"from": day(3), "to": day(2)}, {"to": day(100)}, {"from": "1800-01-01"}])
async def test_days_are_few_and_in_order(anna: Cook, wrong: dict[str, str]) -> None:
    assert (await anna.ask("POST", f"{PLAN}/shop", json=wrong)).status_code == 422
    assert (await anna.ask("GET", f"{PLAN}/allocation", params=wrong)).status_code == 422


async def test_without_stock_nobody_can_tell_and_the_plan_is_there_all_the_same(anna: Cook, street: Any) -> None:
    await cheese_week(anna)
    street.gates["stock"].is_shut = True
    for answer in (await anna.ask("GET", f"{PLAN}/allocation"), await anna.ask("POST", f"{PLAN}/shop", json={})):
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert len((await anna.get(PLAN))["items"]) == 4
