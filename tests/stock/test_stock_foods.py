"""Items know which food they are: nutrition says it, and how amounts of it count."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from popote_kit.database import Database
from popote_kit.following import Follower
from popote_kit.peers import Peers
from popote_kit.service_tokens import ServiceTokens
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id
from popote_nutrition.app import create_app as create_nutrition
from popote_nutrition.settings import Settings as NutritionSettings
from popote_nutrition.testing import Table
from popote_stock import events, queries
from popote_stock.actions.foods import Catching
from popote_stock.app import create_app
from popote_stock.peers import Nutrition
from popote_stock.settings import Settings
from popote_stock.testing import Kitchen


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
        yield Scene(client, nutrition, gate, Catching(own, Nutrition(peers, tokens, rest_s=0)), follower)


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
    butter = (await anna.made("Butter"))["id"]
    await anna.stock.buy(butter, 250)
    await anna.stock.use(butter, 1, "tbsp")
    assert 230 < await anna.stock.total("Butter") < 240
    await anna.edit(await anna.item("Butter"), conversions=[{"unit": "tbsp", "equals": {"amount": 20, "unit": "g"}}])
    left = await anna.stock.total("Butter")
    await anna.stock.use(butter, 1, "tbsp")
    assert await anna.stock.total("Butter") == left - 20
