"""PostgreSQL gone, killed, silent, slow or full: an answer in time that says "come back", and recovery by itself."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from litestar import Litestar, get, post
from litestar.di import NamedDependency

from popote_chat.app import create_app
from popote_chat.settings import Settings
from popote_kit import command, database
from popote_kit.bootstrap import bootstrap
from popote_kit.database import POOL_SIZE, Database, Kitchen
from popote_kit.peers import Peers
from popote_kit.problems import Unavailable
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, as_app, calling, new_id
from popote_launcher.embedded import Postgres

Headers = dict[str, str]
IDLE = "SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"
END_ALL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND usename = 'chat_app'
"""


async def insert(kitchen: Kitchen) -> None:
    await kitchen.execute("INSERT INTO note VALUES ($1, $2, 'x')", kitchen.household, kitchen.person)


def gate() -> tuple[asyncio.Event, asyncio.Event, list[Any]]:
    """Return two handlers that stop in the middle of their work, and the events to steer them."""
    is_inside, may_go_on = asyncio.Event(), asyncio.Event()

    async def pause() -> None:
        is_inside.set()
        await may_go_on.wait()

    @get("/slow", operation_id="read_slowly")
    async def read(kitchen: NamedDependency[Kitchen]) -> int:
        await kitchen.fetchval("SELECT 1")
        await pause()
        found: int = await kitchen.fetchval("SELECT 2")
        return found

    @post("/slow", operation_id="write_slowly")
    async def write(kitchen: NamedDependency[Kitchen]) -> str:
        await insert(kitchen)
        await pause()
        await kitchen.execute("SELECT 1")
        return "written"

    @get("/quick", operation_id="read_quickly")
    async def quick(kitchen: NamedDependency[Kitchen]) -> int:
        found: int = await kitchen.fetchval("SELECT count(*) FROM note")
        return found

    return is_inside, may_go_on, [read, write, quick]


def must_be_away(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable"), answer.text
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connection_that_is_killed_in_the_middle_of_a_request(
    build: Any, notes: FreshDatabase, anna: Headers, method: str
) -> None:
    is_inside, may_go_on, handlers = gate()
    async with calling(build(*handlers)) as client:
        answering = asyncio.create_task(client.request(method, "/slow", headers=anna))
        await is_inside.wait()
        await notes.rows(END_ALL)
        may_go_on.set()
        must_be_away(await answering)
        assert (await client.get("/quick", headers=anna)).json() == 0
        again = await client.request(method, "/slow", headers=anna)
        assert again.status_code in (200, 201)


async def test_a_connection_that_is_killed_in_the_middle_of_a_statement(
    build: Any, notes: FreshDatabase, anna: Headers
) -> None:
    @get("/asleep", operation_id="sleep")
    async def sleep(kitchen: NamedDependency[Kitchen]) -> None:
        await kitchen.execute("SELECT pg_sleep(4)")

    asleep = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    async with calling(build(sleep), timeout=30) as client:
        answering = asyncio.create_task(client.get("/asleep", headers=anna))
        while not await notes.rows(asleep):  # noqa: ASYNC110 - PostgreSQL sets no event
            await asyncio.sleep(0.01)
        await notes.rows(END_ALL)
        answer = await answering
        assert answer.status_code == 503
        must_be_away(answer)


async def test_connections_killed_while_idle_cost_no_more_than_a_moment(
    build: Any, notes: FreshDatabase, anna: Headers
) -> None:
    _, _, handlers = gate()
    async with calling(build(*handlers)) as client:
        await asyncio.gather(*(client.get("/quick", headers=anna) for _ in range(20)))
        await notes.rows(END_ALL)
        answers = [await client.get("/quick", headers=anna) for _ in range(POOL_SIZE + 1)]
    for answer in answers:
        if answer.status_code != 200:
            must_be_away(answer)
    assert answers[-1].status_code == 200


async def test_too_many_at_once_wait_only_so_long(build: Any, anna: Headers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "ACQUIRE_TIMEOUT_S", 1.0)
    _, may_go_on, handlers = gate()
    async with calling(build(*handlers)) as client:
        holding = [asyncio.create_task(client.get("/slow", headers=anna)) for _ in range(POOL_SIZE + 3)]
        turned_away, still_inside = await asyncio.wait(holding, return_when=asyncio.FIRST_COMPLETED)
        while len(turned_away) < 3:
            more, still_inside = await asyncio.wait(still_inside, return_when=asyncio.FIRST_COMPLETED)
            turned_away |= more
        for task in turned_away:
            must_be_away(task.result())
        may_go_on.set()
        assert {task.result().status_code for task in (await asyncio.wait(still_inside))[0]} == {200}
        assert (await client.get("/quick", headers=anna)).status_code == 200


async def test_a_statement_that_takes_too_long_is_ended(
    build: Any, anna: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database.SESSION, "statement_timeout", "200")

    @get("/asleep", operation_id="sleep")
    async def sleep(kitchen: NamedDependency[Kitchen]) -> None:
        await kitchen.execute("SELECT pg_sleep(60)")

    _, _, handlers = gate()
    async with calling(build(sleep, *handlers)) as client:
        must_be_away(await client.get("/asleep", headers=anna))
        assert (await client.get("/quick", headers=anna)).status_code == 200


async def test_a_transaction_that_idles_too_long_is_ended(
    build: Any, notes: FreshDatabase, anna: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database.SESSION, "idle_in_transaction_session_timeout", "200")
    is_inside, may_go_on, handlers = gate()
    async with calling(build(*handlers)) as client:
        answering = asyncio.create_task(client.post("/slow", headers=anna))
        await is_inside.wait()
        while await notes.rows(IDLE):  # noqa: ASYNC110 - PostgreSQL sets no event
            await asyncio.sleep(0.05)
        may_go_on.set()
        must_be_away(await answering)
        assert (await client.get("/quick", headers=anna)).json() == 0


class Wire:
    """A wire to PostgreSQL that can be frozen: it stays open, and nothing passes."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._passes = asyncio.Event()
        self._passes.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def freeze(self) -> None:
        self._passes.clear()

    def thaw(self) -> None:
        self._passes.set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._socket)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pass(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                await self._passes.wait()
                target.write(data)
                await target.drain()
        target.close()

    def cut(self) -> None:
        for task in self._tasks:
            task.cancel()


@pytest.fixture
async def wire(notes: FreshDatabase) -> AsyncIterator[Wire]:
    address = parse_qs(urlsplit(notes.admin_url).query)
    if "host" not in address:
        pytest.skip("the tests' PostgreSQL is not reached by a unix socket")
    wire = Wire(f"{address['host'][0]}/.s.PGSQL.{address.get('port', ['5432'])[0]}")
    async with await asyncio.start_server(wire.connected, "127.0.0.1", 0) as listening:
        wire.port = listening.sockets[0].getsockname()[1]
        yield wire
        wire.cut()


async def test_a_postgresql_that_says_nothing_at_all_is_not_waited_for(
    wire: Wire, notes: FreshDatabase, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "COMMAND_TIMEOUT_S", 1.0)
    monkeypatch.setattr(database, "CONNECT_TIMEOUT_S", 1.0)
    name = urlsplit(notes.admin_url).path
    own = Database(f"postgresql://chat_app@127.0.0.1:{wire.port}{name}", schema="chat", password=PASSWORD, clock=clock)

    async def ask(*, write: bool) -> int:
        async with own.kitchen(new_id(), write=write) as kitchen:
            found: int = await kitchen.fetchval("SELECT 1")
            return found

    for write in (False, True):
        assert await ask(write=write) == 1
        wire.freeze()
        answers = await asyncio.gather(*(ask(write=write) for _ in range(POOL_SIZE + 2)), return_exceptions=True)
        assert {type(answer) for answer in answers} == {Unavailable}
        wire.thaw()
        assert await ask(write=write) == 1
    await own.close()


@pytest.mark.parametrize(
    "url",
    ["postgresql://chat_app@127.0.0.1:1/popote", "postgresql://nobody@{rest}", "postgresql://chat_app@/?host=/nowhere"],
)
async def test_a_service_without_its_database_says_so(
    notes: FreshDatabase, authority: Authority, anna: Headers, url: str
) -> None:
    settings = Settings(database_url=url.format(rest=notes.url("chat").partition("@")[2]), database_password="wrong")
    async with calling(create_app(settings, peers=Peers(apps={"auth": authority}))) as client:
        must_be_away(await client.get("/api/chat/conversations", headers=anna))
        must_be_away(await client.post("/api/chat/conversations", json={}, headers=anna))
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
        assert ready.json()["checks"]["database"] not in ("ok", "Unavailable")
        assert (await client.get("/healthz")).status_code == 200


@pytest.fixture
def mortal() -> Iterator[Postgres]:
    """A PostgreSQL of this test's own, to be killed."""
    with tempfile.TemporaryDirectory(prefix="popote-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        postgres = Postgres(Path(folder) / "postgres", Path(folder) / "run", password=PASSWORD)
        postgres.start()
        yield postgres
        postgres.stop()


async def chat_on(postgres: Postgres, authority: Authority) -> Litestar:
    await bootstrap(postgres.dsn(), {"chat": PASSWORD})
    settings = Settings(database_url=as_app(postgres.dsn(), "chat"), database_password=PASSWORD)
    await command.prepare("chat", settings, Path(str(create_app.__code__.co_filename)).parent / "migrations")
    return create_app(settings, peers=Peers(apps={"auth": authority}))


async def test_what_was_acknowledged_outlives_a_killed_postgresql(
    mortal: Postgres, authority: Authority, anna: Headers
) -> None:
    acknowledged: dict[str, str] = {}
    keys = [f"k-{number}" for number in range(200)]

    async def save(client: httpx.AsyncClient, key: str) -> None:
        headers = {**anna, "Idempotency-Key": key}
        answer = await client.post("/api/chat/conversations", json={"title": key}, headers=headers)
        if answer.status_code == 201:
            acknowledged[key] = answer.json()["id"]
        else:
            must_be_away(answer)

    async def save_all(client: httpx.AsyncClient) -> None:
        for key in keys:
            if key not in acknowledged:
                await save(client, key)

    async with calling(await chat_on(mortal, authority), timeout=30) as client:
        saving = asyncio.create_task(save_all(client))
        while len(acknowledged) < 20:  # noqa: ASYNC110 - any moment in the middle will do
            await asyncio.sleep(0.001)
        mortal.kill()
        mortal.stop()  # takes note that it ended
        await saving
        before = dict(acknowledged)
        assert 20 <= len(before) < len(keys)
        must_be_away(await client.get("/api/chat/conversations", headers=anna))
        mortal.start()
        await save_all(client)
        page = (await client.get("/api/chat/conversations", params={"limit": 200}, headers=anna)).json()
    stored = {item["title"]: item["id"] for item in page["items"]}
    assert len(page["items"]) == len(keys)
    assert stored == acknowledged
    assert before.items() <= stored.items()
