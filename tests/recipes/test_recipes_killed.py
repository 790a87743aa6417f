"""A recipes service that is killed while it cooks: afterwards all of it happened, or none."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from popote_kit.peers import Peers
from popote_kit.testing import PASSWORD, Authority, FreshDatabase, new_id, serving
from popote_nutrition.app import create_app as create_nutrition
from popote_nutrition.settings import Settings as NutritionSettings
from popote_recipes.testing import Cook
from popote_stock.app import create_app as create_stock
from popote_stock.settings import Settings as StockSettings

FAR = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
PATIENCE_S = 30.0

Blow = Callable[[], None]


class Trap:
    """Stands before stock, and strikes when a request comes by, before it is let through or before its answer is."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.path = ""
        self.is_after = False
        self.strike: Blow | None = None

    def set(self, path: str, strike: Blow, *, is_after: bool) -> None:
        self.path, self.strike, self.is_after = path, strike, is_after

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        strike = self.strike if scope["type"] == "http" and scope["path"].endswith(self.path) else None
        if strike is None:
            await self.app(scope, receive, send)
            return
        self.strike = None
        if self.is_after:
            await self.app(scope, receive, hold_back)
        strike()


def over_http(authority: Authority) -> Any:
    """Return the authority as an app that a server can start."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await authority(scope, receive, send)

    return app


async def hold_back(_message: Any) -> None:
    """Take a part of an answer, and send it nowhere."""


@dataclass
class Kitchen:
    """A recipes service in a process of its own, with real stock and nutrition beside, on one database."""

    database: FreshDatabase
    environ: dict[str, str]
    trap: Trap
    anna: Cook
    port: int
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self) -> None:
        """Start recipes, anew after it was killed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "popote_recipes", "serve", env=self.environ, stdout=asyncio.subprocess.DEVNULL
        )
        self.processes.append(process)
        await until(self._answers)

    def kill(self) -> None:
        os.kill(self.processes[-1].pid, signal.SIGKILL)

    async def buried(self) -> None:
        await asyncio.wait_for(self.processes[-1].wait(), PATIENCE_S)

    async def stop(self) -> None:
        for process in self.processes:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _answers(self) -> bool:
        try:
            answer = await self.anna.clients["recipes"].get("/healthz")
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    async def later(self) -> None:
        """Let the time pass for which the killed process held what it was doing."""
        await run(self.database, "UPDATE recipes.cook SET held_until = created_at")

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.database.rows("SELECT state FROM recipes.cook")]

    async def told(self) -> list[str]:
        rows = await self.database.rows("SELECT kind FROM recipes.outbox WHERE kind LIKE 'meal%' ORDER BY id")
        return [row["kind"] for row in rows]

    async def flour(self) -> float:
        items = (await self.anna.get("/api/stock/on-hand"))["items"]
        return float(next(each["total"]["amount"] for each in items if each["name"] == "Farine"))


async def run(database: FreshDatabase, statement: str) -> None:
    connection = await asyncpg.connect(database.admin_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def until(is_so: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await is_so():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def kitchen(database: FreshDatabase) -> AsyncIterator[Kitchen]:
    async with AsyncExitStack() as stack:
        authority = Authority()
        auth = await stack.enter_async_context(serving(over_http(authority)))
        apps = {"auth": authority}
        foods = create_nutrition(_settings(NutritionSettings, database, "nutrition"), peers=Peers(apps=apps))
        nutrition = await stack.enter_async_context(serving(foods))
        peers = Peers(apps={**apps, "nutrition": foods})
        trap = Trap(create_stock(_settings(StockSettings, database, "stock"), peers=peers))
        stock = await stack.enter_async_context(serving(trap))
        port = free_port()
        environ = {
            **os.environ,
            "RECIPES_DATABASE_URL": database.url("recipes"),
            "RECIPES_DATABASE_PASSWORD": PASSWORD,
            "RECIPES_AUTH_URL": auth,
            "RECIPES_STOCK_URL": stock,
            "RECIPES_NUTRITION_URL": nutrition,
            "RECIPES_HOST": "127.0.0.1",
            "RECIPES_PORT": str(port),
        }
        urls = {"stock": stock, "nutrition": nutrition, "recipes": f"http://127.0.0.1:{port}"}
        clients = {
            name: await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30))
            for name, url in urls.items()
        }
        home = Kitchen(database, environ, trap, Cook(clients, authority, exp=FAR), port)
        stack.push_async_callback(home.stop)
        await home.start()
        yield home


def _settings(kind: Any, database: FreshDatabase, service: str) -> Any:
    return kind(database_url=database.url(service), database_password=PASSWORD)


async def crepes(home: Kitchen) -> str:
    await home.anna.stocked("Farine", 1, "kg")
    recipe = await home.anna.recipe("Crêpes", "250 g de farine", language="fr")
    return f"/api/recipes/{recipe['id']}/cook"


async def ask_and_die(home: Kitchen, path: str, **options: Any) -> None:
    """Send what the service dies of, and wait until it is dead."""
    with pytest.raises(httpx.TransportError):
        await home.anna.ask("POST", path, **options)
    await home.buried()


@asynccontextmanager
async def counter_held(home: Kitchen) -> AsyncIterator[None]:
    """Keep recipes from writing for the household: its counter is held by somebody else."""
    connection = await asyncpg.connect(home.database.admin_url)
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT FROM recipes.counter WHERE household_id = $1 FOR UPDATE", home.anna.household
            )
            yield
    finally:
        await connection.close()


async def recovered(home: Kitchen, state: str) -> None:
    """Start the service again, once what the dead one held is free, and wait until it has driven all to its end."""
    await home.later()
    await home.start()

    async def is_so() -> bool:
        return await home.states() == [state]

    await until(is_so)


async def test_killed_before_stock_was_asked_nothing_happened_and_the_same_request_cooks(kitchen: Kitchen) -> None:
    path, key = await crepes(kitchen), str(new_id())
    kitchen.trap.set("/internal/supply", kitchen.kill, is_after=False)
    await ask_and_die(kitchen, path, json={"servings": 4}, key=key)
    assert (await kitchen.states(), await kitchen.flour()) == ([], 1)
    await kitchen.start()
    await kitchen.anna.post(path, {"servings": 4}, key=key)
    assert (await kitchen.flour(), await kitchen.told()) == (0.75, ["meal_cooked.v1"])


@pytest.mark.parametrize("is_after", [False, True], ids=["before stock acts", "before stock answers"])
async def test_killed_around_the_action_of_stock_it_happens_once(kitchen: Kitchen, *, is_after: bool) -> None:
    path, key = await crepes(kitchen), str(new_id())
    kitchen.trap.set("/internal/actions", kitchen.kill, is_after=is_after)
    await ask_and_die(kitchen, path, json={"servings": 4}, key=key)
    assert (await kitchen.states(), await kitchen.told()) == (["begun"], [])
    await recovered(kitchen, "done")
    assert (await kitchen.flour(), await kitchen.told()) == (0.75, ["meal_cooked.v1"])
    again = await kitchen.anna.post(path, {"servings": 4}, key=key)
    assert (again["state"], await kitchen.flour()) == ("done", 0.75)


async def test_killed_before_it_could_note_that_stock_acted_it_notes_it_later(kitchen: Kitchen) -> None:
    path, key = await crepes(kitchen), str(new_id())

    async def has_acted() -> bool:
        return await kitchen.flour() == 0.75

    async with counter_held(kitchen):
        asking = asyncio.create_task(ask_and_die(kitchen, path, json={"servings": 4}, key=key))
        await until(has_acted)
        kitchen.kill()
        await asking
    await recovered(kitchen, "done")
    assert (await kitchen.flour(), await kitchen.told()) == (0.75, ["meal_cooked.v1"])


async def test_killed_after_it_was_done_the_same_request_is_told_so(kitchen: Kitchen) -> None:
    path, key = await crepes(kitchen), str(new_id())
    done = await kitchen.anna.post(path, {"servings": 4}, key=key)
    kitchen.kill()
    await kitchen.buried()
    await kitchen.start()
    assert await kitchen.anna.post(path, {"servings": 4}, key=key) == done
    assert (await kitchen.flour(), await kitchen.told()) == (0.75, ["meal_cooked.v1"])


@pytest.mark.parametrize("is_after", [False, True], ids=["before stock acts", "before stock answers"])
async def test_killed_around_an_undo_it_is_undone_once(kitchen: Kitchen, *, is_after: bool) -> None:
    done = await kitchen.anna.post(await crepes(kitchen), {"servings": 4})
    path = f"/api/recipes/cooked/{done['cook_id']}/undo"
    kitchen.trap.set("/undo", kitchen.kill, is_after=is_after)
    await ask_and_die(kitchen, path)
    await recovered(kitchen, "undone")
    assert (await kitchen.flour(), await kitchen.told()) == (1, ["meal_cooked.v1", "meal_uncooked.v1"])
    assert (await kitchen.anna.post(path))["state"] == "undone"
