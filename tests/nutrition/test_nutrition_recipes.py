"""Recipes, planned days and servings of them, by HTTP: what they hold, worked out by hand within 1 %."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import pytest
from litestar import Litestar, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from popote_kit.identity import Caller
from popote_kit.peers import Peers
from popote_kit.problems import NotFound
from popote_kit.service import service
from popote_kit.settings import ServiceSettings
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id
from popote_nutrition.app import create_app
from popote_nutrition.settings import Settings
from popote_nutrition.testing import Table

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

Parts = Callable[[float], list[dict[str, Any]]]


@dataclass
class Cookbook:
    """Tells of recipes and plans as the recipes service does. `parts` of a recipe are a function of its servings."""

    home: UUID
    recipes: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    plan: dict[str, list[tuple[UUID, float]]] = field(default_factory=dict)
    is_away: bool = False

    def add(self, title: str, servings: float, parts: Parts, cooked: Callable[[float], float] | None = None) -> str:
        id = new_id()
        self.recipes[id] = {"title": title, "servings": servings, "parts": parts, "cooked": cooked}
        return str(id)

    def shown(self, id: UUID, servings: float | None = None) -> dict[str, Any]:
        known = self.recipes.get(id)
        if known is None:
            raise NotFound
        count = known["servings"] if servings is None else servings
        return {
            "recipe_id": str(id),
            "title": known["title"],
            "servings": count,
            "cooked_mass_g": known["cooked"](count) if known["cooked"] else None,
            "parts": known["parts"](count),
        }

    def app(self, settings: ServiceSettings, peers: Peers, clock: Clock) -> Litestar:
        @get("/internal/recipes/{id:uuid}/parts", operation_id="parts")
        async def parts(
            id: FromPath[UUID], caller: NamedDependency[Caller], servings: FromQuery[float | None] = None
        ) -> Any:
            if self.is_away:
                raise OSError
            if (caller.service, caller.household) != ("nutrition", self.home):
                raise NotFound
            return self.shown(id, servings)

        @get("/internal/plan/parts", operation_id="planned")
        async def planned(caller: NamedDependency[Caller], date: FromQuery[str]) -> Any:
            if self.is_away:
                raise OSError
            meals = self.plan.get(date, []) if caller.household == self.home else []
            return {"meals": [{"plan_id": str(new_id()), "meal": "dinner", **self.shown(*each)} for each in meals]}

        routes = [parts, planned]
        return service("recipes", settings, title="", routes=routes, peers=peers, clock=clock, sweeps=False)


@dataclass
class Home:
    """One person at the table, and the household's recipes."""

    table: Table
    book: Cookbook

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
    peers: dict[str, Any] = {"auth": authority}
    settings = Settings(database_url=database.url("nutrition"), database_password=PASSWORD)
    async with calling(create_app(settings, peers=Peers(apps=peers), clock=clock), timeout=30) as client:
        table = Table(client, authority, zone="Europe/Paris")
        book = Cookbook(table.household)
        own = ServiceSettings(database_url=database.url("recipes"), database_password=PASSWORD)
        peers["recipes"] = book.app(own, Peers(apps={"auth": authority}), clock)
        yield Home(table, book)


def part(line: str, food: str | None = None, amount: float | None = None, unit: str = "g", **more: Any) -> Any:
    quantity = None if amount is None else {"amount": amount, "unit": unit}
    same = {"line": line, "name": line, "food_id": food, "quantity": quantity, "is_to_taste": False, "recipe": None}
    return {**same, **more}


def near(found: Mapping[str, Any], **expected: float) -> bool:
    return {code: found[code] for code in expected} == pytest.approx(expected, rel=NEAR)


async def crepes(home: Home) -> str:
    """Add 8 crêpes, whose sums stand in `golden/meals.txt`; they lose water, and weigh 100 g each."""
    names = ("farine", "œuf", "lait demi-écrémé", "beurre", "sel")
    flour, egg, milk, butter, salt = [
        (await home.table.match(name, language="fr"))["food"]["id"] for name in names
    ]  # fmt: skip

    def parts(servings: float) -> list[Any]:
        share = servings / 8
        return [
            part("250 g de farine", flour, 250 * share),
            part("4 œufs", egg, 4 * share, "piece"),
            part("50 cl de lait demi-écrémé", milk, 50 * share, "cl"),
            part("50 g de beurre fondu", butter, 50 * share),
            part("1 pincée de sel", salt, share, "pinch"),
        ]

    return home.book.add("Crêpes", 8, parts, cooked=lambda servings: 100 * servings)


async def lasagne(home: Home) -> str:
    """Add lasagne for 4, with half of a sauce of 6 in it, which boils down, and of which not all is known."""
    flour = await home.table.food("Testflour", nutrients=TESTFLOUR)
    tomato = await home.table.food("Testtomato", nutrients=TESTTOMATO)

    def sauce(servings: float) -> list[Any]:
        share = servings / 6
        return [
            part("1 kg de testtomates", tomato, 1000 * share),
            part("2 feuilles de laurier", None, 2 * share, "leaf"),
            part("du testtomate", tomato),
            part("sel", None, is_to_taste=True),
        ]

    inside = home.book.add("Sauce", 6, sauce, cooked=lambda servings: 100 * servings)

    def parts(servings: float) -> list[Any]:
        share = servings / 4
        dough = part("200 g de testfarine", flour, 200 * share)
        sub = part("3 parts de sauce", None, 3 * share, "portion", recipe=home.book.shown(UUID(inside), 3 * share))
        return [dough, sub, part("1 verre de zorglub", str(new_id()), share, "glass"), part("poivre", is_to_taste=True)]

    return home.book.add("Lasagne", 4, parts)


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
        ("2 feuilles de laurier", "unmatched_food", []),
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
    sauce = next(str(id) for id, known in anna.book.recipes.items() if known["title"] == "Sauce")
    half = await anna.analyse(recipe_id=sauce, servings=3)
    assert near(half["per_100g"], energy_kcal=100 / 3)  # 300 g of sauce have what 500 g of tomatoes had


async def test_the_label_of_a_recipe_is_that_of_its_cooked_dish(anna: Home) -> None:
    label = await anna.table.post("/label", {"recipe_id": await crepes(anna)})
    rows = {row["code"]: row["text"] for row in label["per_100g"]}
    assert (rows["energy_kcal"], rows["fat_g"], rows["protein_g"]) == ("222 kcal", "9.0 g", "8.5 g")
    assert label["per_serving"] == label["per_100g"]
    assert label["missing"] == []


async def test_a_planned_day_is_one_serving_of_each_meal_for_one_person(anna: Home) -> None:
    pancakes, pasta = await crepes(anna), await lasagne(anna)
    anna.book.plan[DAY] = [(UUID(pancakes), 3), (UUID(pasta), 8)]
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
        anna.book.is_away = True
        assert (await anna.refused(path, recipe_id=recipe, **more))[0] == 503
        anna.book.is_away = False
    stranger = Home(anna.table.elsewhere(), anna.book)
    assert (await stranger.refused("/analyse", recipe_id=recipe))[0] == 404
    anna.book.is_away = True
    assert (await anna.refused("/analyse", planned=DAY))[0] == 503


async def test_a_serving_of_a_recipe_keeps_its_values_of_then(anna: Home) -> None:
    recipe = await crepes(anna)
    entry = await anna.eat(recipe_id=recipe, portions=1.5)
    # 1.5 crêpes of 222.183 kcal and 8.531 g of protein
    assert near(entry["nutrients"], energy_kcal=333.275, protein_g=12.797)
    assert (entry["kind"], entry["name"], entry["recipe_id"], entry["cook_id"]) == ("recipe", "Crêpes", recipe, None)
    assert (entry["portions"], entry["quantity"], entry["mass_g"]) == (1.5, None, 150)
    assert (entry["source"], entry["reason"]) == ("recipe", None)
    anna.book.recipes.clear()
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
    anna.book.is_away = True
    assert await anna.eat(**body) == entry


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
