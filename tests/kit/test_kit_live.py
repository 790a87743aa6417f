"""Live: phones hear of what happens in their household, at once or a little later, and of nothing twice or never."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar, get
from litestar.di import NamedDependency
from litestar.response import Stream

from popote_kit import live, outbox
from popote_kit.database import Database
from popote_kit.identity import Caller
from popote_kit.live import Hub, LastEventId
from popote_kit.peers import Peers
from popote_kit.problems import documented
from popote_kit.service import service
from popote_kit.settings import ServiceSettings
from popote_kit.sync import next_version
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id

NEVER_S = 3600.0
SOON_S = 0.05
URL = "/api/stock/events"


@get(URL, operation_id="stock_events", media_type=live.MEDIA_TYPE, responses=documented(*live.PROBLEMS))
async def events(
    caller: NamedDependency[Caller], hub: NamedDependency[Hub], last_event_id: LastEventId = None
) -> Stream:
    """Tell what happens in the household."""
    return await hub.stream(caller.household, caller.person, last_event_id, ends_at=caller.expires_at)


class Process:
    """One process of the service, with its own pool."""

    def __init__(self, database: Database, client: httpx.AsyncClient) -> None:
        self.database = database
        self.client = client

    async def announce(self, household: UUID, *words: str) -> None:
        """Announce each word as an event, in one transaction."""
        async with self.database.kitchen(household, write=True) as kitchen:
            version = await next_version(kitchen)
            for word in words:
                await outbox.announce(kitchen, "said", version, {"word": word})


Start = Callable[..., Any]


@pytest.fixture
async def start(database: FreshDatabase, authority: Authority, clock: Clock) -> AsyncIterator[Start]:
    """Start a process of the service; `options` are its hub's. Left alone it would never look by itself."""
    async with AsyncExitStack() as stack:

        async def make(redis_url: str = "", **options: Any) -> Process:
            own = Database(database.url("stock"), schema="stock", password=PASSWORD, clock=clock)
            hub = Hub(own, redis_url, **{"poll_s": NEVER_S, "comment_s": NEVER_S, **options})
            client = await stack.enter_async_context(calling(build(own, hub, authority, clock), timeout=30))
            return Process(own, client)

        yield make


def build(own: Database, hub: Hub, authority: Authority, clock: Clock) -> Litestar:
    return service(
        "stock",
        ServiceSettings(database_url=""),
        title="Live",
        routes=[events],
        peers=Peers(apps={"auth": authority}),
        clock=clock,
        database=own,
        dependencies={"hub": hub},
        lifespan=[hub.lifespan],
    )


class Phone:
    """Reads a stream block by block, as a browser would."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.last_event_id: str | None = None
        self._lines = answer.aiter_lines()

    async def block(self) -> dict[str, str]:
        """Return the fields of the next block; a comment is the field without a name."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                break
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        self.last_event_id = fields.get("id", self.last_event_id)
        return fields

    async def words(self, count: int) -> list[str]:
        """Return the next words said, past greetings and comments."""
        found: list[str] = []
        while len(found) < count:
            block = await self.block()
            assert block, "the stream has ended"
            if "data" in block:
                assert block["event"] == "said"
                found.append(block["data"].removeprefix('{"word": "').removesuffix('"}'))
        return found


@asynccontextmanager
async def listening(process: Process, who: dict[str, str], last_event_id: str | None = None) -> AsyncIterator[Phone]:
    """Listen, and be greeted: whatever is announced from here on must come."""
    place = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
    async with process.client.stream("GET", URL, headers={**who, **place}) as answer:
        assert answer.status_code == 200, await answer.aread()
        yield Phone(answer)


@pytest.fixture
def home() -> UUID:
    return new_id()


@pytest.fixture
def anna(authority: Authority, home: UUID) -> dict[str, str]:
    return authority.bearer(household=home)


async def test_a_phone_hears_what_this_process_announces(start: Start, anna: dict[str, str], home: UUID) -> None:
    process = await start()
    await process.announce(home, "before")
    async with listening(process, anna) as phone:
        assert phone.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert phone.answer.headers["cache-control"] == "no-store"
        assert phone.answer.headers["x-accel-buffering"] == "no"
        assert await phone.block() == {"id": "1-1"}
        await process.announce(home, "jam", "tea")
        assert await phone.block() == {"id": "2-2", "event": "said", "data": '{"word": "jam"}'}
        assert await phone.block() == {"id": "2-3", "event": "said", "data": '{"word": "tea"}'}
