"""Recipes, planned days and servings of them, by HTTP: what they hold, worked out by hand within 1 %."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

import pytest

from popote_kit.peers import Peers
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id
from popote_nutrition.app import create_app
from popote_nutrition.settings import Settings
from popote_nutrition.testing import Table, hear_of_meals
from popote_recipes.app import create_app as create_recipes
from popote_recipes.settings import Settings as RecipesSettings
from popote_recipes.testing import Cook
from popote_stock.app import create_app as create_stock
from popote_stock.settings import Settings as StockSettings

NEAR: Final = 0.01
DAY: Final = "2026-11-24"
# Two foods with round figures in 100 g; of the second, nobody tells the fibre.
TESTFLOUR: Final = {
    "energy_kj": 1400, "energy_kcal": 340, "fat_g": 1, "saturates_g": 0.2, "carbohydrate_g": 70, "sugars_g": 1,
    "fibre_g": 3, "protein_g": 10, "salt_g": 0,
}  # fmt: skip
TESTTOMATO: Final = {
    "energy_kj": 80, "energy_kcal": 20, "fat_g": 0, "saturates_g": 0, "carbohydrate_g": 4, "sugars_g": 3,
    "protein_g": 1, "salt_g": 0,
}  # fmt: skip


@dataclass
class Gate:
    """Stands before recipes, and may let nothing through; what is planned for a day it tells itself."""

    app: Any
    plan: dict[str, list[Any]] = field(default_factory=dict)
    is_shut: bool = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.is_shut:
            raise OSError("no way through")
        if scope.get("path") == "/internal/plan/parts":
            await self._tell_plan(scope, send)
        else:
            await self.app(scope, receive, send)

    async def _tell_plan(self, scope: Any, send: Any) -> None:
        (day,) = parse_qs(scope["query_string"].decode())["date"]
        body = json.dumps({"meals": self.plan.get(day, [])}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})


@dataclass
class Home:
    """One person at the table and in the kitchen, and what stands between."""

    table: Table
    kitchen: Cook
    gate: Gate
    peers: Peers

    async def recipe(self, title: str, *lines: Any, **more: Any) -> str:
        return str((await self.kitchen.recipe(title, *lines, language="fr", **more))["id"])

    async def analyse(self, **asked: Any) -> Any:
        return await self.table.post("/analyse", asked)

    async def eat(self, **entry: Any) -> Any:
        return await self.table.post("/diary", {"date": DAY, "meal": "dinner", **entry})

    async def refused(self, path: str, **body: Any) -> tuple[int, str, list[str]]:
        answer = await self.table.ask("POST", path, json=body)
        problem = answer.json()
        return answer.status_code, problem["type"], [each["pointer"] for each in problem.get("errors", [])]


@pytest.fixture
async def anna(database: FreshDatabase, authority: Authority, clock: Clock) -> AsyncIterator[Home]:
    apps: dict[str, Any] = {"auth": authority}
    settings = Settings(database_url=database.url("nutrition"), database_password=PASSWORD)
    own = RecipesSettings(database_url=database.url("recipes"), database_password=PASSWORD)
    stock = StockSettings(database_url=database.url("stock"), database_password=PASSWORD)
    apps["stock"] = create_stock(stock, peers=Peers(apps=apps), clock=clock)
    apps["nutrition"] = create_app(settings, peers=Peers(apps=apps), clock=clock)
    gate = apps["recipes"] = Gate(create_recipes(own, peers=Peers(apps=apps), clock=clock))
    async with AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(calling(apps[name], timeout=30))
            for name in ("stock", "nutrition", "recipes")
        }
        table = Table(clients["nutrition"], authority, zone="Europe/Paris")
        peers = Peers(apps=apps)
        stack.push_async_callback(peers.close)
        yield Home(table, Cook(clients, authority, **table.claims), gate, peers)


def near(found: Mapping[str, Any], **expected: float) -> bool:
    return {code: found[code] for code in expected} == pytest.approx(expected, rel=NEAR)


async def crepes(home: Home) -> str:
    """Make 8 crêpes, whose sums stand in `golden/meals.txt`; they lose water, and weigh 100 g each."""
    lines = (
        "250 g de farine", "4 œufs", "50 cl de lait demi-écrémé", "50 g de beurre fondu", "1 pincée de sel",
    )  # fmt: skip
    return await home.recipe("Crêpes", *lines, servings=8, cooked={"amount": 0.8, "unit": "kg"})


async def sauce(home: Home) -> str:
    """Make a sauce for 6, which boils down from a kilogram to 600 g, and of which not all is known."""
    await home.table.food("Testtomate", nutrients=TESTTOMATO, language="fr")
    lines = ("1 kg de testtomates", "2 feuilles de zorglub", "du testtomate", "sel")
    return await home.recipe("Sauce", *lines, servings=6, cooked={"amount": 600, "unit": "g"})


async def lasagne(home: Home) -> str:
    """Make lasagne for 4, with half of the sauce in it."""
    await home.table.food("Testfarine", nutrients=TESTFLOUR, language="fr")
    half = {"line": "3 parts de sauce", "recipe_id": await sauce(home), "recipe_servings": 3}
    return await home.recipe("Lasagne", "200 g de testfarine", half, "1 verre de zorglub", "poivre", servings=4)


async def test_a_recipe_holds_what_its_foods_do_for_as_many_as_are_asked_for(anna: Home) -> None:
    recipe = await crepes(anna)
    whole = await anna.analyse(recipe_id=recipe)
    # The sums of the golden meal; 800 g once cooked: per 100 g an eighth, which is also a serving.
    assert near(
        whole["total"], energy_kcal=1777.465, fat_g=71.704, carbohydrate_g=210.508, protein_g=68.249, salt_g=1.482
    )
    eighth = {"energy_kcal": 222.183, "fat_g": 8.963, "carbohydrate_g": 26.314, "protein_g": 8.531, "salt_g": 0.185}
    assert near(whole["per_serving"], **eighth)
    assert near(whole["per_100g"], **eighth)
    assert (whole["missing"], whole["mass_g"]) == ([], pytest.approx(1016.05, rel=NEAR))
    assert whole["coverage"]["energy_kcal"] == 1
    assert [each["line"] for each in whole["parts"]][:2] == ["250 g de farine", "4 œufs"]
    three = await anna.analyse(recipe_id=recipe, servings=3)
    assert near(three["total"], energy_kcal=666.549, protein_g=25.593)
    assert near(three["per_serving"], **eighth)
    assert near(three["per_100g"], **eighth)
    # Weighed by the person: 3 crêpes are 250 g, so 100 g of them are 1.2 crêpes.
    weighed = await anna.analyse(recipe_id=recipe, servings=3, cooked={"amount": 250, "unit": "g"})
    assert near(weighed["per_100g"], energy_kcal=266.620)


async def test_a_recipe_in_a_recipe_counts_as_it_is_cooked_and_tells_what_it_lacks(anna: Home) -> None:
    told = await anna.analyse(recipe_id=await lasagne(anna))
    # Half of the sauce has 500 g of tomatoes: 100 kcal, 5 g of protein; and 200 g of flour: 680 kcal, 20 g.
    assert near(told["total"], energy_kcal=780, protein_g=25, carbohydrate_g=160, fibre_g=6)
    assert near(told["per_serving"], energy_kcal=195, protein_g=6.25)
    assert [(each["line"], each["reason"], each["nutrients"]) for each in told["missing"]] == [
        ("1 kg de testtomates", "no_value", ["fibre_g"]),
        ("2 feuilles de zorglub", "unmatched_food", []),
        ("du testtomate", "no_quantity", []),
        ("1 verre de zorglub", "unmatched_food", []),
    ]
    assert [(each["line"], each["mass_g"]) for each in told["parts"]] == [
        ("200 g de testfarine", 200), ("3 parts de sauce", 300), ("1 verre de zorglub", None), ("poivre", 1),
    ]  # fmt: skip
    assert (told["mass_g"], told["per_100g"]) == (None, None)  # nobody knows what a glass of zorglub weighs
    # Of the sauce, known by mass: tomatoes 500 g; a gram of salt is not, nor leaves and more tomatoes without a mass,
    # which weigh the average (501 / 2 = 250.5 g) each: 500 / 1002 = 0.499. In the lasagne: flour 200 g, sauce 300 g,
    # pepper 1 g, zorglub their average, 167 g: (200 + 300 * 0.499) / 668 = 0.5235.
    assert told["coverage"]["energy_kcal"] == pytest.approx(0.5235, rel=NEAR)
    assert told["coverage"]["fibre_g"] == pytest.approx(200 / 668, rel=NEAR)


async def test_what_boils_down_has_more_in_100_g(anna: Home) -> None:
    half = await anna.analyse(recipe_id=await sauce(anna), servings=3)
    assert near(half["per_100g"], energy_kcal=100 / 3)  # 300 g of sauce have what 500 g of tomatoes had


async def test_a_range_and_a_weight_in_brackets_count_as_they_do_in_lines(anna: Home) -> None:
    await anna.table.food("Testtomate", nutrients=TESTTOMATO, language="fr")
    lines = ["2 testtomates (150 g)", "100-200 g de testtomate"]
    told = await anna.analyse(recipe_id=await anna.recipe("Salade", *lines, servings=2), servings=4)
    assert [part["mass_g"] for part in told["parts"]] == [300, 300]
    plain = await anna.analyse(lines=lines, language="fr", servings=2)
    assert plain["per_serving"] == told["per_serving"]


async def test_the_label_of_a_recipe_is_that_of_its_cooked_dish(anna: Home) -> None:
    label = await anna.table.post("/label", {"recipe_id": await crepes(anna)})
    rows = {row["code"]: row["text"] for row in label["per_100g"]}
    assert (rows["energy_kcal"], rows["fat_g"], rows["protein_g"]) == ("222 kcal", "9.0 g", "8.5 g")
    assert label["per_serving"] == label["per_100g"]
    assert label["missing"] == []


async def test_a_planned_day_is_one_serving_of_each_meal_for_one_person(anna: Home) -> None:
    pancakes, pasta = await crepes(anna), await lasagne(anna)
    planned = ((pancakes, 3), (pasta, 8))
    anna.gate.plan[DAY] = [
        {
            "plan_id": str(new_id()),
            "meal": "dinner",
            **await anna.kitchen.get(f"/internal/recipes/{id}/parts", servings=count),
        }
        for id, count in planned
    ]
    day = await anna.analyse(planned=DAY)
    assert near(day["total"], energy_kcal=666.549 + 1560, protein_g=25.593 + 50)
    assert near(day["per_serving"], energy_kcal=222.183 + 195, protein_g=8.531 + 6.25)
    assert [each["line"] for each in day["parts"]] == ["Crêpes", "Lasagne"]
    assert [each["line"] for each in day["missing"]][-1] == "1 verre de zorglub"
    nothing = await anna.analyse(planned="2026-11-25")
    assert (nothing["parts"], nothing["missing"], nothing["per_100g"]) == ([], [], None)
    assert set(nothing["total"].values()) == {None} == set(nothing["per_serving"].values())
    for more in ({"servings": 2}, {"cooked": {"amount": 1, "unit": "g"}}, {"date": DAY}, {"planned": "1800-01-01"}):
        assert (await anna.refused("/analyse", **{"planned": DAY, **more}))[0] == 422


async def test_a_recipe_that_is_not_there_and_a_service_that_is_away_are_told_apart(anna: Home) -> None:
    recipe = await crepes(anna)
    entry = {"date": DAY, "meal": "lunch", "portions": 1}
    for path, more in (("/analyse", {}), ("/label", {}), ("/diary", entry)):
        assert (await anna.refused(path, recipe_id=str(new_id()), **more))[0] == 404
        anna.gate.is_shut = True
        assert (await anna.refused(path, recipe_id=recipe, **more))[0] == 503
        anna.gate.is_shut = False
    stranger = Home(anna.table.elsewhere(), anna.kitchen, anna.gate, anna.peers)
    assert (await stranger.refused("/analyse", recipe_id=recipe))[0] == 404
    anna.gate.is_shut = True
    assert (await anna.refused("/analyse", planned=DAY))[0] == 503


async def test_a_serving_of_a_recipe_keeps_its_values_of_then(anna: Home) -> None:
    recipe = await crepes(anna)
    entry = await anna.eat(recipe_id=recipe, portions=1.5)
    # 1.5 crêpes of 222.183 kcal and 8.531 g of protein
    assert near(entry["nutrients"], energy_kcal=333.275, protein_g=12.797)
    assert (entry["kind"], entry["name"], entry["recipe_id"], entry["cook_id"]) == ("recipe", "Crêpes", recipe, None)
    assert (entry["portions"], entry["quantity"], entry["mass_g"]) == (1.5, None, 150)
    assert (entry["source"], entry["reason"]) == ("recipe", None)
    await anna.kitchen.delete(f"/api/recipes/{recipe}")
    assert await anna.table.get(f"/diary/{entry['id']}") == entry
    half = await anna.table.edit(f"/diary/{entry['id']}", {"portions": 0.75})
    assert near(half["nutrients"], energy_kcal=166.637)
    heavy = await anna.table.edit(f"/diary/{entry['id']}", {"quantity": {"amount": 300, "unit": "g"}})
    assert near(heavy["nutrients"], energy_kcal=666.549)
    assert (heavy["portions"], heavy["mass_g"]) == (None, 300)


async def test_an_entry_of_a_recipe_says_what_is_not_known_of_it(anna: Home) -> None:
    recipe = await lasagne(anna)
    entry = await anna.eat(recipe_id=recipe, portions=2)
    assert near(entry["nutrients"], energy_kcal=390, protein_g=12.5, fibre_g=3)
    assert (entry["reason"], entry["mass_g"], entry["source"]) == ("no_value", None, "recipe")
    assert entry["coverage"]["energy_kcal"] == pytest.approx(0.5235, rel=NEAR)
    (missing,) = (await anna.table.get(f"/days/{DAY}"))["missing"]
    assert (missing["name"], len(missing["nutrients"])) == ("Lasagne", 9)
    grams = {"amount": 100, "unit": "g"}  # nobody knows what all of it weighs
    body = {"date": DAY, "meal": "lunch", "recipe_id": recipe, "quantity": grams}
    assert await anna.refused("/diary", **body) == (422, "/problems/unknown-conversion", ["/quantity"])


async def test_a_mass_of_a_recipe_counts_by_what_it_weighs_once_cooked(anna: Home) -> None:
    entry = await anna.eat(recipe_id=await crepes(anna), quantity={"amount": 0.25, "unit": "kg"})
    assert near(entry["nutrients"], energy_kcal=555.458)
    assert (entry["mass_g"], entry["portions"], entry["quantity"]) == (250, None, {"amount": 0.25, "unit": "kg"})


async def test_a_recipe_that_was_eaten_is_there_to_be_eaten_again(anna: Home) -> None:
    recipe = await crepes(anna)
    await anna.eat(recipe_id=recipe, portions=1)
    entry = await anna.eat(recipe_id=recipe, portions=2.5, name="Crêpes de Mamie")
    for which in ("recent", "frequent"):
        (used,) = (await anna.table.get(f"/diary/{which}"))["items"]
        assert (used["name"], used["times"]) == ("Crêpes de Mamie", 2)
        assert used["again"] == {"recipe_id": recipe, "portions": 2.5, "name": "Crêpes de Mamie"}
    again = await anna.eat(**used["again"])
    assert (again["nutrients"], again["name"]) == (entry["nutrients"], entry["name"])
    copied = await anna.table.post("/diary/copy", {"from_date": DAY, "to_date": "2026-11-25"})
    assert {each["recipe_id"] for each in copied["items"]} == {recipe}


async def test_what_was_written_once_is_given_again_though_recipes_is_away(anna: Home) -> None:
    body = {"id": str(new_id()), "recipe_id": await crepes(anna), "portions": 1}
    entry = await anna.eat(**body)
    anna.gate.is_shut = True
    assert await anna.eat(**body) == entry


async def test_who_eats_of_what_was_cooked_has_what_the_analysis_of_a_serving_says(
    anna: Home, database: FreshDatabase
) -> None:
    half = {"line": "4 crêpes", "recipe_id": await crepes(anna), "recipe_servings": 4}
    lines = (half, "2 bananes (180 g)", "20-40 g de sucre", "1 verre de zorglub", "sel")
    recipe = await anna.recipe("Crêpes aux bananes", *lines, servings=2, cooked={"amount": 600, "unit": "g"})
    eaters = [{"user_id": str(anna.kitchen.person), "portions": 1.5}]
    await anna.kitchen.stocked("sucre", 1, "kg")
    asked = {"servings": 4, "eaters": eaters, "allow_missing": True, "date": DAY, "meal": "dinner"}
    cook = await anna.kitchen.post(f"/api/recipes/{recipe}/cook", asked)
    await hear_of_meals(database, anna.peers)
    (entry,) = (await anna.table.get(f"/days/{DAY}"))["entries"]
    assert (entry["cook_id"], entry["portions"], entry["mass_g"]) == (cook["cook_id"], 1.5, 450)
    serving = (await anna.analyse(recipe_id=recipe))["per_serving"]
    known = {code: amount * 1.5 for code, amount in serving.items() if amount is not None}
    assert entry["nutrients"] == pytest.approx(entry["nutrients"] | known, abs=0.0002)
    assert entry["reason"] == "no_value"
    await anna.kitchen.post(f"/api/recipes/cooked/{cook['cook_id']}/undo")
    await hear_of_meals(database, anna.peers)
    assert (await anna.table.get(f"/days/{DAY}"))["entries"] == []


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({}, "/quantity"),
        ({"portions": 1, "quantity": {"amount": 1, "unit": "g"}}, "/portions"),
        ({"portions": 1, "nutrients": {"fat_g": 1}}, "/nutrients"),
        ({"portions": 1, "food_id": str(new_id())}, ""),
        ({"portions": 0}, "/portions"),
    ],
)
async def test_an_entry_that_says_nothing_clear_of_a_recipe_is_refused(
    anna: Home, wrong: dict[str, Any], pointer: str
) -> None:
    refused = await anna.refused("/diary", date=DAY, meal="lunch", recipe_id=str(new_id()), **wrong)
    assert (refused[0], refused[2]) == (422, [pointer])


async def test_more_than_anybody_eats_is_refused(anna: Home) -> None:
    body = {"date": DAY, "meal": "lunch", "recipe_id": await crepes(anna), "portions": 10**9}
    assert (await anna.refused("/diary", **body))[:2] == (422, "/problems/too-much")
