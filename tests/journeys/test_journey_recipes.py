"""From a paste to the table and back: recipes, stock, shopping lists and diaries together, behind the gateway."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
import pytest

from popote_kit.database import Database
from popote_kit.following import Follower, Handler
from popote_kit.peers import Peers
from popote_kit.service_tokens import ServiceTokens
from popote_kit.testing import new_id
from popote_launcher.testing import House, Person
from popote_nutrition.actions.meals import OF_RECIPES
from popote_recipes.actions.cooking import OF_STOCK

PASTE: Final = """Gratin de macaronis

Pour 4 personnes

Ingrédients
- 400 g de pâtes
- 200 g d'emmental
- 25 cl de crème
- sel

Préparation
1. Cuire les pâtes 10 minutes.
2. Ajouter la crème et le fromage, puis gratiner 15 minutes.
"""


@dataclass
class Family:
    """Anna and Bob, who live together, and what the services between them have not heard of each other yet."""

    house: House
    anna: Person
    bob: Person
    ears: dict[str, Follower] = field(default_factory=dict)

    async def hear(self) -> None:
        """Have recipes hear of stock, and then nutrition of recipes, without waiting for their next look."""
        for ear in self.ears.values():
            await ear.catch_up()


@pytest.fixture
async def family(house: House) -> AsyncIterator[Family]:
    anna = await house.sign_up("anna", timezone="Europe/Paris", language="fr")
    family = Family(house, anna, await house.invite(anna, "bob"))
    async with AsyncExitStack() as stack:
        for name, of, handlers in (("recipes", "stock", OF_STOCK), ("nutrition", "recipes", OF_RECIPES)):
            family.ears[name] = await stack.enter_async_context(listening(house, name, of, handlers))
        yield family


@asynccontextmanager
async def listening(house: House, name: str, of: str, handlers: Any) -> AsyncIterator[Follower]:
    """Give another follower such as a service has."""
    settings = next(each.settings for each in house.services if each.name == name)
    peers = Peers(apps={each.name: each.app for each in house.services})
    own = Database(settings.database_url, schema=name, password=settings.database_password)
    try:
        tokens = ServiceTokens(peers, name, settings.credential)
        known: dict[str, Handler] = handlers
        yield Follower(own, peers, tokens, service=of, handlers=known)
    finally:
        await own.close()
        await peers.close()


async def ask(who: Person, method: str, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key or str(new_id())}
    return await who.ask(method, f"/api{path}", headers=headers, **({} if body is None else {"json": body}))


async def told(who: Person, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
    answer = await ask(who, method, path, body, key=key)
    assert answer.status_code < 300, answer.text
    return answer.json()


async def buy(who: Person, **what: tuple[float, str]) -> list[dict[str, Any]]:
    """Buy things by their names; return the lots."""
    lines = [{"name": name, "quantity": {"amount": amount, "unit": unit}} for name, (amount, unit) in what.items()]
    return list((await told(who, "POST", "/stock/purchases", {"lines": lines}))["lots"])


async def on_hand(who: Person) -> dict[str, tuple[float, str]]:
    items = (await told(who, "GET", "/stock/on-hand"))["items"]
    return {each["name"]: (each["total"]["amount"], each["total"]["unit"]) for each in items}


async def eaten(who: Person, day: str) -> list[tuple[str, float, str]]:
    """Return name, portions and meal of what is in somebody's diary."""
    entries = (await told(who, "GET", f"/nutrition/days/{day}"))["entries"]
    return [(each["name"], each["portions"], each["meal"]) for each in entries]


async def recipe(who: Person, title: str, *lines: str, servings: int = 1) -> dict[str, Any]:
    body = {"title": title, "servings": servings, "ingredients": lines, "language": "fr"}
    return dict(await told(who, "POST", "/recipes", body))


def confirmed(draft: dict[str, Any]) -> dict[str, Any]:
    """Return a draft as a person posts it who has nothing to mend."""
    same = {name: draft[name] for name in ("title", "servings", "language", "minutes", "tags", "yield_text", "steps")}
    return {
        **same,
        "ingredients": [{"line": each["line"], "section": each["section"]} for each in draft["ingredients"]],
    }


async def test_a_paste_is_kept_planned_cooked_eaten_and_taken_back(family: Family) -> None:
    anna, bob = family.anna, family.bob
    draft = await told(anna, "POST", "/recipes/import", {"text": PASTE})
    assert (draft["title"], draft["servings"], draft["language"]) == ("Gratin de macaronis", 4, "fr")
    assert [each["name"] for each in draft["ingredients"]] == ["pâtes", "emmental", "crème", "sel"]
    assert len(draft["steps"]) == 2
    assert (await told(anna, "GET", "/recipes"))["items"] == []
    gratin = await told(anna, "POST", "/recipes", confirmed(draft))
    assert [each["line"] for each in gratin["ingredients"]] == [each["line"] for each in draft["ingredients"]]

    await buy(anna, Pâtes=(1, "kg"), Emmental=(250, "g"), Crème=(50, "cl"))
    before = await on_hand(anna)
    (found,) = (await told(bob, "GET", "/recipes/cookable?max_missing=0"))["items"]
    assert (found["recipe_id"], found["servings_possible"]) == (gratin["id"], 5)
    assert [each["status"] for each in found["ingredients"]] == ["enough"] * 3 + ["to_taste"]

    freezer = await told(anna, "POST", "/stock/locations", {"name": "Congélateur du garage", "is_freezer": True})
    today = (await told(anna, "GET", "/recipes/plan"))["from"]
    meal = {"date": today, "meal": "dinner", "recipe_id": gratin["id"], "servings": 4}
    planned = await told(bob, "POST", "/recipes/plan", meal)
    key, path = str(new_id()), f"/recipes/{gratin['id']}/cook"
    asked = {
        "plan_id": planned["id"],
        "eaters": [{"user_id": anna.id, "portions": 1}, {"user_id": bob.id, "portions": 1.5}],
        "leftovers": {"servings": 1.5, "location_id": freezer["id"]},
    }
    done = await told(anna, "POST", path, asked, key=key)
    assert await told(anna, "POST", path, asked, key=key) == done
    after = await on_hand(anna)
    assert after == {
        "Pâtes": (0.6, "kg"),
        "Emmental": (50, "g"),
        "Crème": (25, "cl"),
        "Gratin de macaronis (restes)": (1.5, "portion"),
    }
    lots = [lot for item in (await told(anna, "GET", "/stock/on-hand"))["items"] for lot in item["lots"]]
    left = next(lot for lot in lots if lot["id"] == done["leftover_lot_id"])
    assert (left["location_id"], left["use_by"]) == (freezer["id"], None)
    assert left["best_before"] == (date.fromisoformat(today) + timedelta(days=90)).isoformat()

    await family.hear()
    assert await eaten(anna, today) == [("Gratin de macaronis", 1, "dinner")]
    assert await eaten(bob, today) == [("Gratin de macaronis", 1.5, "dinner")]
    (annas,) = (await told(anna, "GET", f"/nutrition/days/{today}"))["entries"]
    (bobs,) = (await told(bob, "GET", f"/nutrition/days/{today}"))["entries"]
    whole = (await told(bob, "POST", "/nutrition/analyse", {"recipe_id": gratin["id"]}))["per_serving"]
    assert annas["nutrients"]["energy_kcal"] == pytest.approx(whole["energy_kcal"], rel=1e-4)
    assert bobs["nutrients"]["protein_g"] == pytest.approx(whole["protein_g"] * 1.5, rel=1e-4)
    assert (await ask(bob, "GET", f"/nutrition/diary/{annas['id']}")).status_code == 404
    assert (await told(bob, "GET", f"/recipes/plan/{planned['id']}"))["cook_id"] == done["cook_id"]

    undone = await told(bob, "POST", f"/recipes/cooked/{done['cook_id']}/undo")
    assert undone["state"] == "undone"
    await family.hear()
    assert await on_hand(anna) == before
    assert [await eaten(anna, today), await eaten(bob, today)] == [[], []]
    assert (await told(anna, "GET", f"/recipes/plan/{planned['id']}"))["cook_id"] is None
    assert (await told(anna, "GET", "/stock/check"))["differences"] == []


async def test_what_a_plan_lacks_is_bought_once_and_then_cooked(family: Family) -> None:
    anna = family.anna
    await buy(anna, Emmental=(250, "g"))
    toast = await recipe(anna, "Tartine", "100 g d'emmental")
    today = date.fromisoformat((await told(anna, "GET", "/recipes/plan"))["from"])
    days = [(today + timedelta(days=ahead)).isoformat() for ahead in range(4)]
    meals = [
        await told(anna, "POST", "/recipes/plan", {"date": day, "meal": "dinner", "recipe_id": toast["id"]})
        for day in days
    ]
    allocation = await told(anna, "GET", f"/recipes/plan/allocation?from={days[0]}&to={days[-1]}")
    assert [[meal["ok"] for meal in day["meals"]] for day in allocation["days"]] == [[True], [True], [False], [False]]
    short = [each["short"]["amount"] for day in allocation["days"] for meal in day["meals"] for each in meal["short"]]
    assert short == [50, 100]
    (to_buy,) = allocation["to_buy"]
    assert (to_buy["name"], to_buy["quantity"], to_buy["needed_on"]) == (
        "Emmental", {"amount": 150, "unit": "g"}, days[2],
    )  # fmt: skip

    first = await told(anna, "POST", "/recipes/plan/shop", {})
    assert await told(anna, "POST", "/recipes/plan/shop", {}) == first
    path = f"/stock/lists/{first['list_id']}"
    (line,) = (await told(family.bob, "GET", f"{path}/items"))["items"]
    assert (line["name"], line["quantity"]) == ("Emmental", {"amount": 150, "unit": "g"})
    tick = {"line_id": line["id"], "is_ticked": True, "at": datetime.now(ZoneInfo("UTC")).isoformat()}
    await told(family.bob, "PUT", f"{path}/ticks", {"ticks": [tick]})
    await told(family.bob, "POST", f"{path}/commit", {})
    assert await on_hand(anna) == {"Emmental": (400, "g")}
    allocation = await told(anna, "GET", f"/recipes/plan/allocation?from={days[0]}&to={days[-1]}")
    assert {meal["ok"] for day in allocation["days"] for meal in day["meals"]} == {True}
    assert allocation["to_buy"] == []
    for number, meal in enumerate(meals, start=1):
        await told(anna, "POST", f"/recipes/{toast['id']}/cook", {"plan_id": meal["id"]})
        assert (await on_hand(anna)).get("Emmental", (0, "g")) == (400 - 100 * number, "g")
    assert (await told(anna, "GET", "/recipes/plan/allocation"))["days"] == []
