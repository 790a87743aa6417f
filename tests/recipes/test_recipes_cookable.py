"""What can be cooked, asked for as a phone does, with a real stock beside."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from popote_kit.service_tokens import ServiceTokens
from popote_kit.testing import Clock, new_id
from popote_recipes.peers import MAX_SUPPLIES, Stock
from popote_recipes.testing import Cook

CREPES = ["250 g de farine", "4 œufs", "50 cl de lait", "sel"]


def day(clock: Clock, days: int) -> str:
    return (clock.now.date() + timedelta(days)).isoformat()


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2030, 6, 3, 10, tzinfo=UTC))


async def cookable(anna: Cook, **params: Any) -> dict[str, dict[str, Any]]:
    """Return what can be cooked, by title, in its order."""
    return {each["title"]: each for each in (await anna.get("/api/recipes/cookable", **params))["items"]}


def statuses(dish: dict[str, Any]) -> list[str]:
    return [each["status"] for each in dish["ingredients"]]


async def test_it_tells_what_each_line_needs_has_and_lacks(anna: Cook) -> None:
    made = await anna.recipe("Crêpes", *CREPES, language="fr", servings=4, minutes=30, tags=["dessert"])
    flour = await anna.stocked("Farine", 1, "kg")
    await anna.stocked("Œufs", 3, "piece")
    await anna.stocked("Lait", 1, "l")
    dish = (await cookable(anna))["Crêpes"]
    assert (dish["recipe_id"], dish["servings"], dish["minutes"]) == (made["id"], 4, 30)
    assert (dish["missing"], dish["unknown"], dish["servings_possible"]) == (1, 0, 3)
    assert statuses(dish) == ["enough", "short", "enough", "to_taste"]
    first, eggs, milk, salt = dish["ingredients"]
    assert first["need"] == {"amount": 250, "unit": "g"}
    assert first["have"] == {"amount": 1000, "unit": "g"}
    assert first["takes"] == [
        {"item_id": flour["item_id"], "lot_id": flour["id"], "quantity": {"amount": 0.25, "unit": "kg"}}
    ]
    assert (eggs["line"], eggs["short"]) == ("4 œufs", {"amount": 1, "unit": "piece"})
    assert (milk["need"], milk["have"]) == ({"amount": 50, "unit": "cl"}, {"amount": 100, "unit": "cl"})
    assert salt == {**salt, "need": None, "have": None, "short": None, "takes": []}


async def test_more_servings_need_more(anna: Cook) -> None:
    await anna.recipe("Crêpes", *CREPES, language="fr", servings=4)
    for name, amount, unit in (("Farine", 1, "kg"), ("Œufs", 6, "piece"), ("Lait", 1, "l")):
        await anna.stocked(name, amount, unit)
    assert (await cookable(anna))["Crêpes"]["missing"] == 0
    dish = (await cookable(anna, servings="8"))["Crêpes"]
    assert (dish["servings"], dish["missing"], dish["servings_possible"]) == (8, 1, 6)
    assert dish["ingredients"][1]["short"] == {"amount": 2, "unit": "piece"}


async def test_what_spoils_first_is_cooked_first(anna: Cook, clock: Clock) -> None:
    await anna.recipe("Rice", "100 g rice", minutes=5)
    await anna.recipe("Milk", "50 cl milk", minutes=20)
    await anna.recipe("Everything", "100 g rice", "1 l milk", "1 unicorn", minutes=10)
    await anna.stocked("Rice", 500, "g")
    await anna.stocked("Milk", 1, "l", use_by=day(clock, 3))
    found = await cookable(anna)
    assert list(found) == ["Everything", "Milk", "Rice"]
    assert [each["saves_expiring"] for each in found.values()] == [1, 0.5, 0]
    assert list(await cookable(anna, max_missing=0)) == ["Milk", "Rice"]
    assert list(await cookable(anna, days=2)) == ["Rice", "Milk", "Everything"]
    assert list(await cookable(anna, limit=1)) == ["Everything"]
    assert list(await cookable(anna, max_minutes=10)) == ["Everything", "Rice"]


async def test_what_is_past_its_use_by_date_is_left_out_and_past_best_before_told(anna: Cook, clock: Clock) -> None:
    await anna.recipe("Rice with milk", "100 g rice", "50 cl milk")
    await anna.stocked("Rice", 500, "g", best_before=day(clock, 1))
    await anna.stocked("Milk", 1, "l", use_by=day(clock, 1))
    dish = (await cookable(anna))["Rice with milk"]
    assert (dish["missing"], dish["ingredients"][0]["is_past_best_before"]) == (0, False)
    clock.advance(days=2)
    answer = await anna.get("/api/recipes/cookable")
    dish = answer["items"][0]
    assert answer["today"] == day(clock, 0)
    assert statuses(dish) == ["enough", "missing"]
    assert dish["ingredients"][0]["is_past_best_before"]
    assert (dish["servings_possible"], dish["saves_expiring"]) == (0, 0.2)


async def test_staples_are_there_unless_they_are_asked_after(anna: Cook) -> None:
    await anna.recipe("Fried eggs", "2 eggs", "2 tbsp olive oil", tags=["Breakfast"])
    await anna.stocked("Eggs", 6, "piece")
    await anna.post("/api/stock/items", {"name": "Olive oil", "unit": "l", "is_staple": True})
    dish = (await cookable(anna, tag=" breakfast"))["Fried eggs"]
    assert (statuses(dish), dish["missing"], dish["servings_possible"]) == (["enough", "staple"], 0, 12)
    assert dish["ingredients"][1]["short"] == {"amount": 0, "unit": "tbsp"}
    dish = (await cookable(anna, staples="false"))["Fried eggs"]
    assert (statuses(dish), dish["missing"], dish["servings_possible"]) == (["enough", "missing"], 1, 0)
    assert await cookable(anna, tag="dinner") == {}


async def test_a_name_that_is_no_food_meets_an_item_of_that_name(anna: Cook) -> None:
    await anna.recipe("Pasta", "1 jar grumbleberry sauce", "2 packs zorgle", servings=2)
    assert statuses((await cookable(anna))["Pasta"]) == ["unmatched", "unmatched"]
    await anna.stocked("Grumbleberry sauce", 3, "jar")
    dish = (await cookable(anna))["Pasta"]
    assert statuses(dish) == ["enough", "unmatched"]
    assert (dish["missing"], dish["unknown"], dish["servings_possible"]) == (1, 1, 6)
    assert dish["ingredients"][0]["food_id"] is None


async def test_substitutes_stand_in_those_of_the_line_and_those_of_the_household(anna: Cook) -> None:
    await anna.recipe("Sablés", "100 g butter or margarine", "100 g sugar")
    await anna.stocked("Margarine", 250, "g")
    await anna.stocked("Honey", 250, "g")
    dish = (await cookable(anna))["Sablés"]
    assert statuses(dish) == ["enough", "missing"]
    assert dish["ingredients"][0]["instead"] == "margarine"
    foods = {"food_id": await anna.food("sugar"), "instead_id": await anna.food("honey")}
    await anna.post("/api/recipes/substitutes", foods)
    dish = (await cookable(anna, max_missing=0))["Sablés"]
    assert dish["ingredients"][1]["instead"].lower() == "honey"
    assert dish["servings_possible"] == 10


async def test_lines_of_a_recipe_in_a_recipe_count_for_what_is_used_of_it(anna: Cook) -> None:
    dough = await anna.recipe("Dough", "400 g flour", "200 g butter", servings=4)
    tart = ["3 apples", {"line": "half of the dough", "recipe_id": dough["id"], "recipe_servings": 2}, "100 g flour"]
    await anna.recipe("Tart", *tart, servings=6)
    await anna.stocked("Flour", 350, "g")
    await anna.stocked("Butter", 100, "g")
    await anna.stocked("Apples", 3, "piece")
    dish = (await cookable(anna))["Tart"]
    assert [(each["line"], each["need"]["amount"], each["have"]["amount"]) for each in dish["ingredients"]] == [
        ("3 apples", 3, 3),
        ("400 g flour", 200, 350),
        ("200 g butter", 100, 100),
        ("100 g flour", 100, 150),
    ]
    assert (dish["missing"], dish["servings_possible"]) == (0, 6)


async def test_the_stock_of_now_counts_and_that_of_others_never(anna: Cook) -> None:
    await anna.recipe("Rice", "100 g rice")
    assert statuses((await cookable(anna))["Rice"]) == ["missing"]
    lot = await anna.stocked("Rice", 100, "g")
    assert statuses((await cookable(anna))["Rice"]) == ["enough"]
    assert await cookable(anna.elsewhere()) == {}
    assert statuses((await cookable(anna.beside(role="guest")))["Rice"]) == ["enough"]
    rice = {"item_id": lot["item_id"], "quantity": {"amount": 60, "unit": "g"}}
    await anna.post("/api/stock/consume", {"lines": [rice], "reason": "used"})
    dish = (await cookable(anna))["Rice"]
    assert (statuses(dish), dish["servings_possible"]) == (["short"], 1)


NONSENSE: list[dict[str, Any]] = [
    {"max_missing": -1},
    {"max_missing": "none"},
    {"days": 61},
    {"limit": 0},
    {"limit": 201},
    {"servings": "0"},
    {"servings": "1001"},
    {"servings": "many"},
    {"staples": "perhaps"},
    {"max_minutes": -1},
    {"tag": ""},
]


async def test_what_makes_no_sense_is_refused(anna: Cook) -> None:
    for params in NONSENSE:
        answer = await anna.ask("GET", "/api/recipes/cookable", params=params)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid"), params
    assert (await anna.ask("GET", "/api/recipes/cookable", headers={"Authorization": ""})).status_code == 401


async def test_while_stock_is_away_nobody_can_tell(anna: Cook, street: Any) -> None:
    await anna.recipe("Rice", "100 g rice")
    assert await cookable(anna)
    street.gates["stock"].is_shut = True
    answer = await anna.ask("GET", "/api/recipes/cookable")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")


async def test_what_did_not_change_in_stock_is_not_read_again(anna: Cook, street: Any) -> None:
    peers = street.peers()
    stock = Stock(peers, ServiceTokens(peers, "recipes", None, clock=street.database.clock))
    await anna.stocked("Beans", 100, "g")
    await anna.stocked("Rice", 100, "g")
    first = await stock.supply(anna.household)
    beans, rice = (item.thing for item in first.items)
    found = first.found(beans, "mass", first.today)
    assert first.capacity(rice, "mass", first.today) == 100 * 10**9
    assert await stock.supply(anna.household) is first
    await anna.stocked("Rice", 100, "g")
    second = await stock.supply(anna.household)
    assert [len(item.lots) for item in (*first.items, *second.items)] == [1, 1, 1, 2]
    assert second.items[0] is first.items[0]
    assert second.found(beans, "mass", first.today) is found
    assert second.capacity(rice, "mass", first.today) == 200 * 10**9
    for _ in range(MAX_SUPPLIES):
        await stock.supply(new_id())
    assert await stock.supply(anna.household) is not second
    await peers.close()


async def test_a_list_of_recipes_holds_only_what_can_be_cooked_or_saves_something(anna: Cook) -> None:
    soon = (await anna.get("/api/recipes/cookable"))["today"]
    await anna.stocked("Riz", 500, "g")
    await anna.stocked("Lait", 1, "l", use_by=soon)
    await anna.recipe("Riz nature", "200 g de riz", language="fr")
    await anna.recipe("Riz au lait", "200 g de riz", "50 cl de lait", language="fr")
    await anna.recipe("Flan", "1 l de lait", "6 œufs", language="fr")

    async def titles(**params: Any) -> list[str]:
        return [each["title"] for each in (await anna.get("/api/recipes", **params))["items"]]

    assert await titles(cookable=True) == ["Riz au lait", "Riz nature"]
    assert await titles(uses_expiring=True) == ["Flan", "Riz au lait"]
    assert await titles(cookable=True, uses_expiring=True) == ["Riz au lait"]
    assert await titles(cookable=True, q="nature") == ["Riz nature"]
    assert await titles(q="riz", uses_expiring=True) == ["Riz au lait"]


async def test_nothing_is_said_to_lack_less_than_its_lines_tell(anna: Cook) -> None:
    await anna.stocked("Margarine", 100, "g")
    await anna.recipe("Sablés", "100 g de beurre ou de margarine", "100 g de margarine", language="fr")
    [found] = (await anna.get("/api/recipes/cookable", max_missing=1))["items"]
    assert ([line["status"] for line in found["ingredients"]], found["missing"]) == (["enough", "missing"], 1)
    assert (await anna.get("/api/recipes/cookable", max_missing=0))["items"] == []


async def test_where_a_line_does_with_something_else_the_next_finds_what_it_left(anna: Cook) -> None:
    await anna.stocked("Margarine", 200, "g")
    await anna.stocked("Beurre", 100, "g")
    await anna.recipe("Sablés", "200 g de beurre ou de margarine", "100 g de beurre", language="fr")
    [found] = (await anna.get("/api/recipes/cookable", max_missing=0))["items"]
    assert [line["instead"] for line in found["ingredients"]] == ["margarine", None]


async def test_what_is_counted_in_one_of_two_measures_is_not_there_twice(anna: Cook) -> None:
    await anna.stocked("Chutney de Mamie", 1, "jar")
    await anna.recipe("Curry", "1 jar of chutney de Mamie (400 g)", "1 jar of chutney de Mamie (400 g)")
    [found] = (await anna.get("/api/recipes/cookable"))["items"]
    assert ([line["status"] for line in found["ingredients"]], found["missing"]) == (["enough", "missing"], 1)
    assert (await anna.get("/api/recipes", cookable="true"))["items"] == []
