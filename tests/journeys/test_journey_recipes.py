"""From a paste to the table and back: recipes, stock, shopping lists and diaries together, behind the gateway."""

import asyncio
from collections import Counter
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
from popote_kit.testing import FreshDatabase, new_id
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


async def test_only_those_of_the_household_eat_and_what_is_refused_leaves_no_trace(family: Family) -> None:
    anna, stranger = family.anna, await family.house.sign_up("stranger")
    await buy(anna, Riz=(500, "g"))
    rice, today = await recipe(anna, "Riz", "100 g de riz"), (await told(anna, "GET", "/recipes/plan"))["from"]
    path = f"/recipes/{rice['id']}/cook"
    for nobody in (stranger.id, str(new_id())):
        eaters = [{"user_id": anna.id, "portions": 0.5}, {"user_id": nobody, "portions": 0.5}]
        refused = await ask(anna, "POST", path, {"eaters": eaters})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/eaters")
    assert (await ask(stranger, "POST", path, {})).status_code == 404
    short = await anna.ask(
        "POST", f"/api{path}", json={"servings": 6}, headers={"Idempotency-Key": "1", "Accept-Language": "fr"}
    )
    assert (short.status_code, short.json()["type"]) == (409, "/problems/not-enough-stock")
    assert short.json()["detail"].startswith("Il n'y en a pas assez")
    assert short.json()["short"][0]["missing"] == {"amount": 100, "unit": "g"}
    await family.hear()
    assert await on_hand(anna) == {"Riz": (500, "g")}
    assert (await told(anna, "GET", "/recipes/cooked"))["items"] == []
    assert [await eaten(who, today) for who in (anna, family.bob, stranger)] == [[], [], []]
    again = await told(anna, "POST", path, {"servings": 5}, key="1")  # nothing was kept under the refused key
    assert (again["servings"], await on_hand(anna)) == (5, {})


async def test_a_meal_that_is_told_of_five_times_is_eaten_once(family: Family, database: FreshDatabase) -> None:
    anna, bob = family.anna, family.bob
    await buy(anna, Riz=(500, "g"))
    rice = await recipe(anna, "Riz", "100 g de riz", servings=2)
    eaters = [{"user_id": who.id, "portions": 1} for who in (anna, bob)]
    today = (await told(anna, "POST", f"/recipes/{rice['id']}/cook", {"eaters": eaters}))["date"]
    await family.hear()
    stands = [(await told(who, "GET", f"/nutrition/days/{today}"))["entries"] for who in (anna, bob)]
    assert [len(entries) for entries in stands] == [1, 1]
    for _ in range(4):
        await database.run("DELETE FROM nutrition.followed")
        await family.hear()
    assert [(await told(who, "GET", f"/nutrition/days/{today}"))["entries"] for who in (anna, bob)] == stands
    changes = (await told(bob, "GET", "/nutrition/diary/changes"))["changes"]
    assert [(each["kind"], each["deleted"]) for each in changes] == [("entry", False)]


async def test_what_is_taken_back_in_the_journal_of_stock_is_taken_back_everywhere(family: Family) -> None:
    anna, bob = family.anna, family.bob
    await buy(anna, Riz=(500, "g"))
    rice = await recipe(anna, "Riz", "100 g de riz", servings=2)
    done = await told(
        anna, "POST", f"/recipes/{rice['id']}/cook",
        {"eaters": [{"user_id": bob.id, "portions": 1}], "leftovers": {"servings": 1}},
    )  # fmt: skip
    after, path = await on_hand(anna), f"/recipes/cooked/{done['cook_id']}"
    await family.hear()
    entry = (await told(bob, "GET", f"/nutrition/days/{done['date']}"))["entries"][0]["id"]
    undo = await told(bob, "POST", "/stock/undo", {"action_id": done["cook_id"]})
    await family.hear()
    assert (await told(anna, "GET", path))["state"] == "undone"
    assert (await on_hand(anna), await eaten(bob, done["date"])) == ({"Riz": (500, "g")}, [])
    await told(anna, "POST", "/stock/undo", {"action_id": undo["action_id"]})
    await family.hear()
    assert (await told(anna, "GET", path))["state"] == "done"
    assert (await on_hand(anna), await eaten(bob, done["date"])) == (after, [("Riz", 1, done["meal"])])
    assert (await told(bob, "GET", f"/nutrition/days/{done['date']}"))["entries"][0]["id"] == entry
    left = next(each for each in (await told(anna, "GET", "/stock/items"))["items"] if "restes" in each["name"])
    portion = {"lines": [{"item_id": left["id"], "quantity": {"amount": 1, "unit": "portion"}}], "reason": "used"}
    dinner = await told(anna, "POST", "/stock/consume", portion)
    blocked = await ask(anna, "POST", f"{path}/undo")
    assert (blocked.status_code, blocked.json()["type"]) == (409, "/problems/undo-blocked")
    assert [each["action_id"] for each in blocked.json()["blocked_by"]] == [dinner["action_id"]]
    await told(anna, "POST", "/stock/undo", {"action_id": dinner["action_id"]})
    assert (await told(anna, "POST", f"{path}/undo"))["state"] == "undone"
    await family.hear()
    assert (await on_hand(anna), await eaten(bob, done["date"])) == ({"Riz": (500, "g")}, [])


async def test_each_household_cooks_on_its_own_day_and_in_its_own_language(house: House) -> None:
    east = await house.sign_up("east", timezone="Pacific/Kiritimati", language="fr")  # 25 hours ahead of the other
    west = await house.sign_up("west", timezone="Pacific/Pago_Pago", language="en")
    ago = datetime.now(ZoneInfo("Pacific/Pago_Pago")).date()
    cooked = {}
    for who, line in ((east, "100 g de riz"), (west, "100 g rice")):
        bought = {"name": "Riz" if who is east else "Rice", "quantity": {"amount": 500, "unit": "g"}}
        await told(who, "POST", "/stock/purchases", {"lines": [{**bought, "use_by": ago.isoformat()}]})
        body = {"title": "Riz", "servings": 1, "ingredients": [line]}
        cooked[who.id] = await told(who, "POST", "/recipes", body)
    assert [cooked[who.id]["language"] for who in (east, west)] == ["fr", "en"]
    asked = {"leftovers": {"servings": 0.5}}
    spoiled = await ask(east, "POST", f"/recipes/{cooked[east.id]['id']}/cook", asked)
    assert (spoiled.status_code, spoiled.json()["short"][0]["status"]) == (409, "missing")
    done = await told(west, "POST", f"/recipes/{cooked[west.id]['id']}/cook", asked)
    assert done["date"] in {
        (ago + timedelta(days=more)).isoformat() for more in (0, 1)
    }  # unless midnight was in between
    await buy(east, Riz=(100, "g"))
    late = await told(east, "POST", f"/recipes/{cooked[east.id]['id']}/cook", asked)
    assert date.fromisoformat(late["date"]) > date.fromisoformat(done["date"])
    assert [each for each in await on_hand(east) if "(" in each] == ["Riz (restes)"]
    assert [each for each in await on_hand(west) if "(" in each] == ["Riz (leftovers)"]


async def test_sixty_four_phones_at_once_cook_once_with_one_key_and_else_no_more_than_there_is(family: Family) -> None:
    anna, bob = family.anna, family.bob
    await buy(anna, Riz=(1, "kg"))
    rice, key = await recipe(anna, "Riz", "100 g de riz"), str(new_id())
    path = f"/recipes/{rice['id']}/cook"
    asked = {"eaters": [{"user_id": who.id, "portions": 0.5} for who in (anna, bob)]}
    answers = await asyncio.gather(*(ask(anna, "POST", path, asked, key=key) for _ in range(64)))
    first = await told(anna, "POST", path, asked, key=key)
    for answer in answers:
        if answer.status_code == 201:
            assert answer.json() == first
        else:
            assert (answer.status_code, answer.json()["type"]) == (409, "/problems/key-in-use")
            assert answer.headers["retry-after"] == "1"
    assert await on_hand(anna) == {"Riz": (0.9, "kg")}
    each_own = [ask(who, "POST", path, asked) for _ in range(32) for who in (anna, bob)]
    answers = await asyncio.gather(*each_own)
    assert Counter(answer.status_code for answer in answers) == {201: 9, 409: 55}
    assert (await on_hand(anna), (await told(bob, "GET", "/stock/check"))["differences"]) == ({}, [])
    await family.hear()
    for who in (anna, bob):
        assert await eaten(who, first["date"]) == [("Riz", 0.5, first["meal"])] * 10
