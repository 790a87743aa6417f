"""Items know which food they are: nutrition says it, and how amounts of it count."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from popote_kit import sync
from popote_kit.database import Database
from popote_kit.following import Follower
from popote_kit.peers import Peers
from popote_kit.service_tokens import ServiceTokens
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id
from popote_nutrition.app import create_app as create_nutrition
from popote_nutrition.settings import Settings as NutritionSettings
from popote_nutrition.testing import Table
from popote_stock import events, queries
from popote_stock.actions import foods
from popote_stock.actions.foods import Catching, settle
from popote_stock.app import create_app
from popote_stock.model.foods import NOTHING, Food, Told
from popote_stock.peers import Nutrition
from popote_stock.settings import Settings
from popote_stock.testing import Kitchen, Shop


class Gate:
    """Stands before nutrition; while it is shut nothing comes through."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.is_shut = False
        self.asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += scope["path"] == "/internal/understand"
        if self.is_shut:
            raise OSError("no way to nutrition")
        await self.app(scope, receive, send)


@dataclass
class Scene:
    """Stock and nutrition in one process; what stock does in the background, it does here when it is told to."""

    client: httpx.AsyncClient
    nutrition: httpx.AsyncClient
    database: Database
    gate: Gate
    catching: Catching
    follower: Follower

    async def catch_up(self) -> None:
        """Have stock hear what nutrition announced, and ask about what is to be asked."""
        await self.follower.catch_up()
        await self.catching.catch_up()


@pytest.fixture
async def scene(database: FreshDatabase, authority: Authority, clock: Clock) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        settings = NutritionSettings(database_url=database.url("nutrition"), database_password=PASSWORD)
        gate = Gate(create_nutrition(settings, peers=Peers(apps={"auth": authority}), clock=clock))
        nutrition = await stack.enter_async_context(calling(gate.app, timeout=30))
        peers = Peers(apps={"auth": authority, "nutrition": gate})
        stack.push_async_callback(peers.close)
        app = create_app(
            Settings(database_url=database.url("stock"), database_password=PASSWORD),
            peers=Peers(apps={"auth": authority, "nutrition": gate}),
            clock=clock,
        )
        client = await stack.enter_async_context(calling(app, timeout=30))
        own = Database(database.url("stock"), schema="stock", password=PASSWORD, clock=clock)
        stack.push_async_callback(own.close)
        tokens = ServiceTokens(peers, "stock", None, clock=clock)
        follower = Follower(
            own,
            peers,
            tokens,
            service="nutrition",
            handlers=events.OF_NUTRITION,
            on_resync=queries.foods.ask_about_all,
        )
        yield Scene(client, nutrition, own, gate, Catching(own, Nutrition(peers, tokens, rest_s=0)), follower)


@dataclass
class Home:
    """One person, in the kitchen and at the table."""

    stock: Kitchen
    table: Table

    async def made(self, name: str, unit: str = "g", **more: Any) -> dict[str, Any]:
        """Make an item; return it."""
        return dict(await self.stock.post("/items", {"name": name, "unit": unit, **more}))

    async def item(self, name: str) -> dict[str, Any]:
        """Return the item of that name."""
        return next(each for each in (await self.stock.get("/items"))["items"] if each["name"] == name)

    async def food(self, words: str) -> str:
        """Return the id of the food that is called so."""
        return str((await self.table.match(words))["food"]["id"])

    async def edit(self, item: dict[str, Any], **members: Any) -> dict[str, Any]:
        """Change an item; return it."""
        path = f"/items/{item['id']}"
        found = await self.stock.ask("GET", path)
        answer = await self.stock.ask("PATCH", path, json=members, headers={"If-Match": found.headers["etag"]})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
def anna(scene: Scene, authority: Authority) -> Home:
    household, person = new_id(), new_id()
    table = Table(scene.nutrition, authority, household=household, person=person)
    return Home(Kitchen(scene.client, authority.bearer(household=household, person=person)), table)


async def test_an_item_is_the_food_that_its_name_means(anna: Home, scene: Scene) -> None:
    butter = await anna.made("Butter")
    assert butter["food_id"] == await anna.food("butter")
    assert (await anna.made("Batteries", "piece"))["food_id"] is None
    assert scene.gate.asked == 2
    facts = await anna.stock.get(f"/items/{butter['id']}/facts")
    assert (facts["item_id"], facts["name"], facts["unit"]) == (butter["id"], "Butter", "g")
    assert (facts["food_id"], facts["product"]) == (butter["food_id"], None)
    assert {fact["source"] for fact in facts["facts"]} == {"starter"}
    assert any(fact["unit"] == "ml" and fact["equals"]["unit"] == "g" for fact in facts["facts"])


async def test_a_spoon_is_taken_of_what_is_kept_by_weight(anna: Home) -> None:
    flour = (await anna.made("Flour"))["id"]
    await anna.stock.buy(flour, 500)
    used = (await anna.stock.use(flour, 1, "tbsp"))["takes"][0]
    assert 7 < used["quantity"]["amount"] < 9
    assert used["is_approximate"]
    assert not (await anna.stock.use(flour, 10))["takes"][0]["is_approximate"]
    journal = (await anna.stock.get("/journal"))["items"]
    assert [action["lines"][0]["is_approximate"] for action in journal] == [False, True, False]
    await anna.edit(await anna.item("Flour"), conversions=[{"unit": "tbsp", "equals": {"amount": 20, "unit": "g"}}])
    left = await anna.stock.total("Flour")
    exact = (await anna.stock.use(flour, 1, "tbsp"))["takes"][0]
    assert (exact["quantity"], exact["is_approximate"]) == ({"amount": 20, "unit": "g"}, False)
    assert await anna.stock.total("Flour") == left - 20


async def test_a_minimum_may_be_said_in_a_measure_that_only_the_food_knows(anna: Home) -> None:
    flour = await anna.made("Flour", minimum={"amount": 2, "unit": "tbsp"})
    assert flour["minimum"] == {"amount": 2, "unit": "tbsp"}


async def test_without_nutrition_an_item_is_made_all_the_same_and_linked_later(anna: Home, scene: Scene) -> None:
    scene.gate.is_shut = True
    flour = await anna.made("Flour")
    assert flour["food_id"] is None
    batteries = await anna.made("Batteries", "piece")
    await scene.catching.catch_up()
    assert await anna.item("Flour") == flour
    scene.gate.is_shut = False
    since = (await anna.stock.get("/changes"))["version"]
    await scene.catch_up()
    linked = await anna.item("Flour")
    assert linked == {**flour, "food_id": await anna.food("flour"), "version": linked["version"]}
    assert await anna.item("Batteries") == batteries
    changes = (await anna.stock.get("/changes", since=since))["changes"]
    assert [(each["kind"], each["data"]["name"]) for each in changes] == [("item", "Flour")]
    asked = scene.gate.asked
    await scene.catch_up()
    assert scene.gate.asked == asked


async def test_a_food_that_was_chosen_stands_and_its_facts_come(anna: Home, scene: Scene) -> None:
    butter, flour = await anna.food("butter"), await anna.food("flour")
    white = await anna.made("Flour", food_id=butter)
    assert white["food_id"] == butter
    names = {fact["unit"] for fact in (await anna.stock.get(f"/items/{white['id']}/facts"))["facts"]}
    assert "stick" in names
    asked = scene.gate.asked
    assert (await anna.edit(white, name="Sugar"))["food_id"] == butter
    assert scene.gate.asked == asked
    assert (await anna.edit(white, food_id=flour))["food_id"] == flour
    unknown = str(new_id())
    assert (await anna.edit(white, food_id=unknown))["food_id"] == unknown
    assert (await anna.stock.get(f"/items/{white['id']}/facts"))["facts"] == []


async def test_an_item_that_is_said_to_be_no_food_is_never_asked_about_again(anna: Home, scene: Scene) -> None:
    sugar = await anna.made("Sugar")
    assert sugar["food_id"]
    asked = scene.gate.asked
    assert (await anna.edit(sugar, food_id=None))["food_id"] is None
    assert (await anna.edit(sugar, name="Flour"))["food_id"] is None
    await anna.table.put("/names", {"name": "Flour", "food_id": sugar["food_id"]})
    await scene.catch_up()
    assert (await anna.item("Flour"))["food_id"] is None
    assert scene.gate.asked == asked


async def test_another_name_is_another_food(anna: Home, scene: Scene) -> None:
    item = await anna.made("Butter")
    assert (await anna.edit(item, name="Flour"))["food_id"] == await anna.food("flour")
    assert (await anna.edit(item, note="the white one"))["food_id"] == await anna.food("flour")
    scene.gate.is_shut = True
    assert (await anna.edit(item, name="Butter"))["food_id"] is None  # rather none than a wrong one


async def test_everything_that_makes_items_asks_once_for_all_of_them(anna: Home, scene: Scene) -> None:
    foods = [await anna.food(name) for name in ("rice", "flour", "butter")]
    pound = {"amount": 500, "unit": "g"}
    await anna.stock.post("/purchases", {"lines": [{"name": "Rice", "quantity": pound}] * 2})
    await anna.stock.post("/purchases", {"lines": [{"name": "rice ", "quantity": pound}]})
    table = b"item,quantity,unit\nFlour,1,kg\nRice,1,kg\nFoil,1,piece\n"
    await anna.stock.ask("POST", "/import?dry_run=true", content=table, headers={"Content-Type": "text/csv"})
    await anna.stock.ask("POST", "/import", content=table, headers={"Content-Type": "text/csv"})
    shop = await Shop.open(anna.stock)
    line, _ = await shop.add({"name": "Butter", "quantity": pound}, {"name": "Soap"})
    await shop.tick(line["id"], at=datetime.now(UTC))
    await shop.bring_home()
    assert [(await anna.item(name))["food_id"] for name in ("Rice", "Flour", "Butter", "Foil")] == [*foods, None]
    assert scene.gate.asked == 3


async def test_what_a_household_says_of_a_food_reaches_its_items(anna: Home, scene: Scene) -> None:
    flour = await anna.made("Flour")
    theirs = {"conversions": [{"unit": "cup", "equals": {"amount": 111, "unit": "g"}}]}
    await anna.table.edit(f"/foods/{flour['food_id']}", theirs)
    await scene.catch_up()
    facts = (await anna.stock.get(f"/items/{flour['id']}/facts"))["facts"]
    assert facts[0] == {
        "unit": "cup", "equals": {"amount": 111, "unit": "g"}, "source": "household", "is_approximate": False
    }  # fmt: skip
    assert (await anna.item("Flour"))["version"] > flour["version"]


async def test_what_a_household_teaches_reaches_its_items(anna: Home, scene: Scene, authority: Authority) -> None:
    others = Home(Kitchen(scene.client, authority.bearer(household=new_id())), anna.table)
    for home in (anna, others):
        assert (await home.made("Whatsits", "piece"))["food_id"] is None
    butter = await anna.food("butter")
    learned = await anna.table.put("/names", {"name": "whatsit", "food_id": butter})
    await scene.catch_up()
    assert (await anna.item("Whatsits"))["food_id"] == butter
    assert (await others.item("Whatsits"))["food_id"] is None
    await anna.table.ask("DELETE", f"/names/{learned['id']}")
    await scene.catch_up()
    assert (await anna.item("Whatsits"))["food_id"] is None


async def test_a_food_that_a_household_makes_is_what_its_items_of_that_name_are(anna: Home, scene: Scene) -> None:
    await anna.made("Plum jam of Berta")
    jam = await anna.table.food("Plum jam of Berta")
    await scene.catch_up()
    assert (await anna.item("Plum jam of Berta"))["food_id"] == jam
    found = await anna.table.ask("GET", f"/foods/{jam}")
    await anna.table.ask("DELETE", f"/foods/{jam}", headers={"If-Match": found.headers["etag"]})
    await scene.catch_up()
    assert (await anna.item("Plum jam of Berta"))["food_id"] != jam


async def test_an_item_is_found_by_what_its_food_is_called_in_the_other_language(anna: Home) -> None:
    await anna.made("Flour")
    await anna.made("Moulin à farine", "piece")
    for words in ("farine", "FARÏNE", "farinne"):
        found = [item["name"] for item in (await anna.stock.get("/items", q=words))["items"]]
        assert found[-1] == "Flour", words
    assert [item["name"] for item in (await anna.stock.get("/items", q="flour"))["items"]] == ["Flour"]


async def test_names_are_read_in_the_language_of_the_household(scene: Scene, authority: Authority, anna: Home) -> None:
    household = new_id()
    authority.languages[household] = "fr"
    marie = Home(Kitchen(scene.client, authority.bearer(household=household)), anna.table)
    prune = (await marie.made("Prunes"))["food_id"], (await anna.made("Prunes"))["food_id"]
    assert prune == (await anna.food("plum"), await anna.food("prune"))


async def test_what_was_told_before_something_changed_is_asked_again(anna: Home, scene: Scene) -> None:
    """An answer that an event has overtaken does not settle the matter."""
    scene.gate.is_shut = True
    item = await anna.made("Flour")
    household = UUID(str(anna.table.household))
    async with scene.database.kitchen(household) as kitchen:
        due = await queries.foods.read_due(kitchen, 10, queries.foods.FIRST)
    async with scene.database.kitchen(household, write=True) as kitchen:
        await queries.foods.ask_about_names(kitchen, ["flour"])
        await settle(kitchen, due, Told({"Flour": Food(new_id())}))
    assert await anna.item("Flour") == item
    scene.gate.is_shut = False
    await scene.catching.catch_up()
    assert (await anna.item("Flour"))["food_id"] == await anna.food("flour")


async def test_after_events_were_missed_every_item_is_asked_about_again(anna: Home, scene: Scene) -> None:
    await anna.made("Flour")
    asked = scene.gate.asked
    await scene.catch_up()
    assert scene.gate.asked == asked
    async with scene.database.kitchen(write=True) as kitchen:
        await queries.foods.ask_about_all(kitchen)
    await scene.catching.catch_up()
    assert scene.gate.asked == asked + 1


class Silence:
    """A nutrition that takes every question and never answers."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, _scope: Any, _receive: Any, _send: Any) -> None:
        self.asked += 1
        await asyncio.Event().wait()


async def test_a_nutrition_that_never_answers_holds_nobody_up(authority: Authority) -> None:
    silence = Silence()
    peers = Peers(apps={"auth": authority, "nutrition": silence})
    nutrition = Nutrition(peers, ServiceTokens(peers, "stock", None), patience_s=0.05)
    told = await asyncio.gather(*(nutrition.ask(new_id(), names=["Flour"]) for _ in range(20)))
    assert told == [NOTHING] * 20
    assert silence.asked == 2  # at once; the others waited for them
    assert await nutrition.ask(new_id(), names=["Flour"]) is NOTHING
    assert (silence.asked, nutrition.is_resting) == (2, True)
    await peers.close()


async def test_an_answer_of_another_form_is_none(authority: Authority) -> None:
    async def odd(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"names": 1}'})

    peers = Peers(apps={"auth": authority, "nutrition": odd})
    nutrition = Nutrition(peers, ServiceTokens(peers, "stock", None), rest_s=0)
    assert await nutrition.ask(new_id(), names=["Flour"]) is NOTHING
    await peers.close()


async def test_items_that_are_no_food_do_not_keep_others_from_being_asked_about(
    anna: Home, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foods, "BATCH", 1)
    first, last = sorted(str(new_id()) for _ in range(2))
    await anna.edit(await anna.made("Soap", id=first), food_id=None)
    await anna.made("Flour", id=last)
    async with scene.database.kitchen(write=True) as kitchen:
        await queries.foods.ask_about_all(kitchen)
    asked = scene.gate.asked
    await scene.catching.catch_up()
    assert scene.gate.asked == asked + 1
    async with scene.database.kitchen(write=True) as kitchen:
        assert await queries.foods.find_household_to_ask_for(kitchen, queries.foods.FIRST) is None


async def test_a_food_of_the_households_own_goes_before_the_one_that_all_share(anna: Home, scene: Scene) -> None:
    flour = await anna.made("Flour")
    own = await anna.table.food("Flour")
    assert await anna.food("Flour") == own
    await scene.catch_up()
    assert (await anna.item("Flour"))["food_id"] == own
    found = await anna.table.ask("GET", f"/foods/{own}")
    await anna.table.ask("DELETE", f"/foods/{own}", headers={"If-Match": found.headers["etag"]})
    await scene.catch_up()
    assert (await anna.item("Flour"))["food_id"] == flour["food_id"]


async def test_what_changes_while_an_item_is_edited_is_asked_about(anna: Home, scene: Scene) -> None:
    flour = await anna.made("Flour")
    await anna.table.edit(f"/foods/{flour['food_id']}", {"aliases": ["Mehl"]})
    household = UUID(str(anna.table.household))
    async with scene.database.kitchen(household, write=True) as kitchen:
        version = await sync.next_version(kitchen)
        item = await queries.items.read_item(kitchen, UUID(flour["id"]))
        following = asyncio.create_task(scene.follower.catch_up())
        await asyncio.wait([following], timeout=0.3)
        await queries.items.put_items(kitchen, [item], version)
    await following
    async with scene.database.kitchen(household) as kitchen:
        assert [due.name for due in await queries.foods.read_due(kitchen, 10, queries.foods.FIRST)] == ["Flour"]


async def test_a_minimum_follows_the_facts_of_the_food_and_outlives_them(anna: Home, scene: Scene) -> None:
    cup = {"unit": "cup", "equals": {"amount": 100, "unit": "g"}}
    own = await anna.table.food("Gloop", conversions=[cup])
    gloop = await anna.made("Gloop", minimum={"amount": 2, "unit": "cup"})
    await anna.table.edit(f"/foods/{own}", {"conversions": [{**cup, "equals": {"amount": 150, "unit": "g"}}]})
    await scene.catch_up()
    shop = await Shop.open(anna.stock)
    assert [line["quantity"] for line in await shop.fill(from_minimum=True)] == [{"amount": 300, "unit": "g"}]
    found = await anna.table.ask("GET", f"/foods/{own}")
    await anna.table.ask("DELETE", f"/foods/{own}", headers={"If-Match": found.headers["etag"]})
    await scene.catch_up()
    assert (await anna.edit(gloop, note="thick"))["minimum"] == {"amount": 2, "unit": "cup"}


async def test_an_item_that_comes_back_hears_what_it_has_missed(anna: Home, scene: Scene) -> None:
    item = await anna.made("Whatsits")
    await anna.stock.buy(item["id"], 100)
    used = await anna.stock.use(item["id"], 100)
    found = await anna.stock.ask("GET", f"/items/{item['id']}")
    await anna.stock.ask("DELETE", f"/items/{item['id']}", headers={"If-Match": found.headers["etag"]})
    butter = await anna.food("butter")
    await anna.table.put("/names", {"name": "whatsit", "food_id": butter})
    await scene.catch_up()
    await anna.stock.post("/undo", {"action_id": used["action_id"]})
    await scene.catch_up()
    assert (await anna.item("Whatsits"))["food_id"] == butter
