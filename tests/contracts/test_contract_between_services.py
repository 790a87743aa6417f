"""What services read of each other is told: each consumer's own structs, held against what the producer really answers.

A member that a consumer gives a default would otherwise be missed by nobody, were it renamed or left out.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import pytest
from msgspec import inspect

from popote_kit.outbox import Events
from popote_kit.peers import Peers
from popote_kit.service_tokens import ServiceTokens
from popote_kit.testing import new_id
from popote_launcher.testing import House, Person
from popote_nutrition import peers as of_nutrition
from popote_nutrition.actions.meals import OF_RECIPES as HEARD_BY_NUTRITION
from popote_nutrition.model.recipes import Cooked, Recipe, Uncooked
from popote_recipes import events as recipes_events
from popote_recipes import peers as of_recipes
from popote_recipes.actions import cooking
from popote_recipes.model.supply import Supply
from popote_stock import events as stock_events
from popote_stock import peers as of_stock

Struct = type[msgspec.Struct]

DAY: Final = "2026-12-01"
LINES: Final = (
    "250 à 300 g de farine", "1 verre (20 cl) de lait", "50 g de beurre ou margarine", "huile", "sel", "1 zorglub",
)  # fmt: skip
# In an event a part says only what it must, so that any recipe fits; of a range it says the middle.
LEFT_OUT: Final = {f"Ingredient.{name}" for name in ("line", "recipe", "at_most", "equivalent")}
OF_STRANGERS: Final = {"Product"}  # what Open Food Facts tells, which nobody asks here


@dataclass
class Told:
    """Which members of a consumer's structs came, which were lacking somewhere, and which structs came at all."""

    came: set[str]
    lacking: set[str]
    seen: set[str]

    @classmethod
    def by(cls, value: Any, kind: Struct) -> "Told":
        told = cls(set(), set(), set())
        told._walk(value, inspect.type_info(kind))
        return told

    def _walk(self, value: Any, kind: inspect.Type) -> None:
        if isinstance(kind, inspect.UnionType):
            for each in kind.types:
                if value is not None:
                    self._walk(value, each)
        elif isinstance(kind, inspect.StructType) and not kind.array_like:
            self._walk_struct(value, kind)
        elif isinstance(kind, inspect.CollectionType | inspect.VarTupleType) and isinstance(value, list):
            for each in value:
                self._walk(each, kind.item_type)

    def _walk_struct(self, value: Mapping[str, Any], kind: inspect.StructType) -> None:
        self.seen.add(kind.cls.__name__)
        for field in kind.fields:
            name = f"{kind.cls.__name__}.{field.encode_name}"
            if field.encode_name in value:
                self.came.add(name)
                self._walk(value[field.encode_name], field.type)
            else:
                self.lacking.add(name)


def structs(kind: inspect.Type, known: frozenset[str] = frozenset()) -> Iterator[str]:
    """Give the names of the structs that a type is made of."""
    if isinstance(kind, inspect.UnionType):
        for each in kind.types:
            yield from structs(each, known)
    elif isinstance(kind, inspect.CollectionType | inspect.VarTupleType):
        yield from structs(kind.item_type, known)
    elif isinstance(kind, inspect.StructType) and not kind.array_like and kind.cls.__name__ not in known:
        yield kind.cls.__name__
        for field in kind.fields:
            yield from structs(field.type, known | {kind.cls.__name__})


class Wire:
    """Asks a service as another does."""

    def __init__(self, house: House, her: Person) -> None:
        self.her = her
        self.peers = Peers(apps={each.name: each.app for each in house.services})
        self.credentials = {each.name: getattr(each.settings, "credential", None) for each in house.services}

    async def ask(self, who: str, of: str, method: str, path: str, body: Any = None) -> Any:
        tokens = ServiceTokens(self.peers, who, self.credentials[who])
        is_of_person = path.startswith("/api/")
        own = {"Authorization": f"Bearer {self.her.answer['tokens']['access_token']}"}
        household, person = (None, None) if path.startswith("/internal/events") else (self.her.household, self.her.id)
        header = own if is_of_person else await tokens.header(of, household, person)  # type: ignore[arg-type]  # as text
        header = {**header, **({"Idempotency-Key": str(new_id())} if method == "POST" else {})}
        answer = await self.peers.client(of).request(method, path, headers=header, **({"json": body} if body else {}))
        assert answer.status_code < 300, answer.text
        return answer.json()


async def post(her: Person, path: str, body: Any) -> Any:
    answer = await her.ask("POST", f"/api{path}", json=body, headers={"Idempotency-Key": str(new_id())})
    assert answer.status_code < 300, answer.text
    return answer.json()


@pytest.fixture
async def her(house: House) -> Person:
    return await house.sign_up("her", timezone="Europe/Paris", language="fr")


@pytest.fixture
async def wire(house: House, her: Person) -> AsyncIterator[Wire]:
    wire = Wire(house, her)
    yield wire
    await wire.peers.close()


def check(answer: Any, kind: Struct) -> None:
    """Hold an answer against what a consumer reads of it."""
    told = Told.by(answer, kind)
    assert told.lacking == set(), kind
    assert set(structs(inspect.type_info(kind))) - OF_STRANGERS == told.seen, kind


def check_event(payload: Any, kind: Struct) -> None:
    """Hold what was announced against what a consumer reads of it; a part may leave out what another has."""
    told = Told.by(payload, kind)
    assert told.lacking - told.came <= LEFT_OUT, kind
    assert set(structs(inspect.type_info(kind))) - {"Dish"} == told.seen, kind  # recipes in recipes are taken apart


def test_what_is_not_told_is_found() -> None:
    class Inner(msgspec.Struct):
        a: int
        b: int = 0

    class Outer(msgspec.Struct):
        some: list[Inner]
        one: Inner | None = None

    assert Told.by({"some": [{"a": 1}]}, Outer).lacking == {"Inner.b", "Outer.one"}
    with pytest.raises(AssertionError):
        check({"some": [], "one": None}, Outer)


async def test_services_tell_each_other_what_they_read(her: Person, wire: Wire) -> None:
    flour = {"name": "Farine", "unit": "g", "conversions": [{"unit": "pack", "equals": {"amount": 1, "unit": "kg"}}]}
    item = await post(her, "/stock/items", flour)
    quantity = {"amount": 500, "unit": "g"}
    await post(her, "/stock/purchases", {"lines": [{"item_id": item["id"], "quantity": quantity}]})
    dough = await post(her, "/recipes", {"title": "Pâte", "servings": 4, "ingredients": LINES})
    part = {"line": "1/2 pâte", "recipe_id": dough["id"], "recipe_servings": 2}
    tart = await post(her, "/recipes", {"title": "Tarte", "servings": 4, "ingredients": [part, "3 pommes"]})
    await post(her, "/recipes/plan", {"date": DAY, "meal": "dinner", "recipe_id": tart["id"]})

    question = {"lines": LINES, "names": ["margarine"], "food_ids": [item["food_id"]], "language": "fr"}
    understood = await wire.ask("recipes", "nutrition", "POST", "/internal/understand", question)
    check(understood, of_recipes.nutrition._Answer)
    names = {"names": ["margarine"], "food_ids": [item["food_id"]]}
    check(await wire.ask("stock", "nutrition", "POST", "/internal/understand", names), of_stock._Understood)
    check(await wire.ask("recipes", "stock", "GET", "/internal/supply"), Supply)
    needs = {"needs": [{"item_id": item["id"], "quantity": quantity}]}
    check(await wire.ask("recipes", "stock", "POST", "/internal/shopping", needs), of_recipes.Put)
    take = {"item_id": item["id"], "quantity": {"amount": 100, "unit": "g"}}
    portion = {"name": "Tarte (restes)", "quantity": {"amount": 1, "unit": "portion"}}
    deed = {"id": str(new_id()), "takes": [take], "adds": [portion]}
    check(await wire.ask("recipes", "stock", "POST", "/internal/actions", deed), of_recipes.stock._Done)
    check(await wire.ask("recipes", "auth", "GET", "/api/auth/household/members"), of_recipes.auth._Members)
    check(await wire.ask("nutrition", "recipes", "GET", f"/internal/recipes/{tart['id']}/parts"), Recipe)
    check(await wire.ask("nutrition", "recipes", "GET", f"/internal/plan/parts?date={DAY}"), of_nutrition._Planned)
    check(await wire.ask("nutrition", "stock", "GET", f"/api/stock/items/{item['id']}/facts"), of_nutrition.ItemFacts)


HEARD: Final[Mapping[tuple[str, str], Mapping[str, Struct]]] = {
    ("recipes", "stock"): {"stock_changed": cooking._Action},
    ("recipes", "nutrition"): {"foods_changed": recipes_events._Foods, "names_changed": recipes_events._Names},
    ("stock", "nutrition"): {"foods_changed": stock_events._Foods, "names_changed": stock_events._Names},
    ("nutrition", "recipes"): {"meal_cooked.v1": Cooked, "meal_uncooked.v1": Uncooked},
}


async def test_services_announce_what_others_listen_to(her: Person, wire: Wire) -> None:
    food = await post(her, "/nutrition/foods", {"name": "Zorglub"})
    named = {"name": "zorg", "food_id": food["id"]}
    answer = await her.ask("PUT", "/api/nutrition/names", json=named, headers={"Idempotency-Key": "1"})
    assert answer.status_code < 300, answer.text
    kilo = {"name": "Farine", "quantity": {"amount": 1, "unit": "kg"}}
    await post(her, "/stock/purchases", {"lines": [kilo]})
    soup = await post(her, "/recipes", {"title": "Soupe", "servings": 4, "ingredients": ["250 g de farine", "sel"]})
    eaters = [{"user_id": her.id, "portions": 1}]
    cook = await post(her, f"/recipes/{soup['id']}/cook", {"eaters": eaters, "allow_missing": True})
    await post(her, f"/recipes/cooked/{cook['cook_id']}/undo", None)
    for (who, of), heard in HEARD.items():
        page = await wire.ask(who, of, "GET", "/internal/events?limit=100")
        msgspec.convert(page, Events)
        by_kind = {each["kind"]: each["payload"] for each in page["events"]}
        for kind, struct in heard.items():
            check_event(by_kind[kind], struct)


def test_no_handler_is_forgotten_here() -> None:
    handled = {
        ("recipes", "stock"): cooking.OF_STOCK,
        ("recipes", "nutrition"): recipes_events.OF_NUTRITION,
        ("stock", "nutrition"): stock_events.OF_NUTRITION,
        ("nutrition", "recipes"): HEARD_BY_NUTRITION,
    }
    assert {pair: handlers.keys() for pair, handlers in handled.items()} == {
        pair: kinds.keys() for pair, kinds in HEARD.items()
    }
