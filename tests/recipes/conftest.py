"""Recipes on a fresh database, with stock and nutrition beside, and people who call them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from popote_kit.database import Database
from popote_kit.following import Follower, Handler
from popote_kit.peers import Peers
from popote_kit.service_tokens import ServiceTokens
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling
from popote_nutrition.app import create_app as create_nutrition
from popote_nutrition.settings import Settings as NutritionSettings
from popote_recipes import events, queries
from popote_recipes.actions.cooking import OF_STOCK
from popote_recipes.actions.lines import Catching
from popote_recipes.app import create_app
from popote_recipes.peers import Nutrition
from popote_recipes.settings import Settings
from popote_recipes.testing import Cook
from popote_stock.app import create_app as create_stock
from popote_stock.settings import Settings as StockSettings

FAR = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())


class Gate:
    """Stands before a service; while it is shut nothing comes through."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.is_shut = False
        self._path: str | None = None

    def shut_for(self, path: str | None) -> None:
        """Let nothing through to this path; None: all is open again."""
        self._path = path

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.is_shut or (self._path and scope.get("path", "").startswith(self._path)):
            raise OSError("no way through")
        await self.app(scope, receive, send)


@dataclass
class Street:
    """Recipes, stock and nutrition in one process; what recipes does in the background, it does here when told to."""

    authority: Authority
    database: Database
    gates: dict[str, Any]
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def cook(self, **claims: Any) -> Cook:
        """Return someone in a household of their own, whose token outlives any turn of the clock."""
        cook = Cook(self.clients, self.authority, **{"zone": "Europe/Paris", "exp": FAR, **claims})
        self.authority.zones[cook.household] = cook.claims["zone"]
        return cook

    def peers(self) -> Peers:
        return Peers(apps={"auth": self.authority, **self.gates})

    async def catch_up(self) -> None:
        """Have recipes hear what nutrition announced, and ask about what is to be asked."""
        await self._follow("nutrition", events.OF_NUTRITION)
        peers = self.peers()
        tokens = ServiceTokens(peers, "recipes", None, clock=self.database.clock)
        await Catching(self.database, Nutrition(peers, tokens)).catch_up()
        await peers.close()

    async def hear_stock(self) -> None:
        """Have recipes hear what stock announced."""
        await self._follow("stock", OF_STOCK)

    async def _follow(self, service: str, handlers: Mapping[str, Handler]) -> None:
        peers = self.peers()
        tokens = ServiceTokens(peers, "recipes", None, clock=self.database.clock)
        anew = queries.waiting.ask_about_all
        follower = Follower(self.database, peers, tokens, service=service, handlers=handlers, on_resync=anew)
        await follower.catch_up()
        await peers.close()


APPS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "nutrition": (create_nutrition, NutritionSettings),
    "stock": (create_stock, StockSettings),
    "recipes": (create_app, Settings),
}


@pytest.fixture
async def street(database: FreshDatabase, authority: Authority, clock: Clock, tmp_path: Path) -> AsyncIterator[Street]:
    own = Database(database.url("recipes"), schema="recipes", password=PASSWORD, clock=clock)
    street = Street(authority, own, {})
    async with AsyncExitStack() as stack:
        stack.push_async_callback(own.close)
        for name, (create, settings) in APPS.items():
            own_folder = {"images_folder": str(tmp_path / "images")} if name == "recipes" else {}
            known = settings(database_url=database.url(name), database_password=PASSWORD, **own_folder)
            apps = {"auth": authority, **street.gates}
            street.gates[name] = Gate(create(known, peers=Peers(apps=apps), clock=clock))
            street.clients[name] = await stack.enter_async_context(calling(street.gates[name], timeout=30))
        yield street


@pytest.fixture
def anna(street: Street) -> Cook:
    """Someone in a household of her own."""
    return street.cook()
