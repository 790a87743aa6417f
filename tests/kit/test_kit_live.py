"""Live: phones hear of what happens in their household, at once or a little later, and of nothing twice or never."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar, get
from litestar.di import NamedDependency
from litestar.response import Stream
from redis.asyncio import Redis

from popote_kit import live, outbox, serve
from popote_kit.database import Database
from popote_kit.identity import Caller
from popote_kit.live import Hub, LastEventId
from popote_kit.peers import Peers
from popote_kit.problems import documented
from popote_kit.service import service
from popote_kit.settings import ServiceSettings
from popote_kit.sync import Of, next_version
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id

NEVER_S = 3600.0
SOON_S = 0.05
URL = "/api/stock/events"
LEAVE = """
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 0', current_database()); END $$;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND usename = 'stock_app'
"""
COME_BACK = LEAVE.replace("LIMIT 0", "LIMIT -1")


@get(URL, operation_id="stock_events", media_type=live.MEDIA_TYPE, responses=documented(*live.PROBLEMS))
async def events(
    caller: NamedDependency[Caller], hub: NamedDependency[Hub], last_event_id: LastEventId = None
) -> Stream:
    """Tell what happens in the household."""
    return await hub.stream(caller.household, caller.person, last_event_id, ends_at=caller.expires_at)


class Process:
    """One process of the service, with its own pool."""

    def __init__(self, database: Database, hub: Hub, client: httpx.AsyncClient) -> None:
        self.database = database
        self.hub = hub
        self.client = client

    async def announce(self, household: UUID, *words: str, person: UUID | None = None) -> None:
        """Announce each word as an event of the household, or of the person, in one transaction."""
        of: Of = "person" if person else "household"
        async with self.database.kitchen(household, person, write=True) as kitchen:
            version = await next_version(kitchen, of=of)
            for word in words:
                await outbox.announce(kitchen, "said", version, {"word": word}, of=of)

    async def place(self, *numbers: int) -> str:
        """Return the id of a household's event of that number, after the person's own of the next."""
        async with self.database.kitchen() as kitchen:
            epoch: UUID = await kitchen.fetchval("SELECT id FROM epoch")
        return "-".join([epoch.hex[:8], *map(str, numbers)])


Start = Callable[..., Any]


@pytest.fixture
async def start(database: FreshDatabase, authority: Authority, clock: Clock) -> AsyncIterator[Start]:
    """Start a process of the service; `options` are its hub's. Left alone it would never look by itself."""
    async with AsyncExitStack() as stack:

        async def make(redis_url: str = "", **options: Any) -> Process:
            own = Database(database.url("stock"), schema="stock", password=PASSWORD, clock=clock)
            hub = Hub(own, redis_url, **{"poll_s": NEVER_S, "comment_s": NEVER_S, **options})
            client = await stack.enter_async_context(calling(build(own, hub, authority, clock), timeout=30))
            return Process(own, hub, client)

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


async def until_joined(redis_url: str, hubs: int) -> None:
    """Wait until so many hubs listen to Redis; one that listens already to another test's channel counts too."""
    async with Redis.from_url(redis_url) as redis:
        while dict(await redis.pubsub_numsub("popote:stock:look"))[b"popote:stock:look"] < hubs:  # noqa: ASYNC110 - Redis sets no event
            await asyncio.sleep(0.01)


async def until_free(process: Process) -> None:
    """Wait until the process has noticed that all phones are gone."""
    while process.hub._streams:  # noqa: ASYNC110 - a client that left sets no event
        await asyncio.sleep(0.01)


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
        assert await phone.block() == {"id": await process.place(1)}
        await process.announce(home, "jam", "tea")
        assert await phone.block() == {"id": await process.place(2), "event": "said", "data": '{"word": "jam"}'}
        assert await phone.block() == {"id": await process.place(3), "event": "said", "data": '{"word": "tea"}'}


async def test_nobody_hears_of_another_household(start: Start, authority: Authority, anna: dict[str, str]) -> None:
    process = await start(poll_s=SOON_S)
    theirs = new_id()
    async with listening(process, authority.bearer(household=theirs)) as phone, listening(process, anna) as other:
        await other.block()
        await process.announce(theirs, "jam")
        assert await phone.words(1) == ["jam"]
    async with listening(process, anna, await process.place(0)) as other:
        assert await other.block() == {"id": await process.place(0)}


async def test_what_is_one_persons_is_told_on_their_phones_alone(
    start: Start, authority: Authority, home: UUID
) -> None:
    """And nothing tells the others that there was something: the numbers that they see do not move on."""
    process = await start()
    anna, bob = new_id(), new_id()
    annas, bobs = (authority.bearer(household=home, person=person) for person in (anna, bob))
    async with listening(process, annas) as phone, listening(process, annas) as tablet, listening(process, bobs) as his:
        assert await phone.block() == await tablet.block() == await his.block() == {"id": await process.place(0)}
        await process.announce(home, "a pear", "a plum", person=anna)
        assert await phone.words(2) == await tablet.words(2) == ["a pear", "a plum"]
        assert phone.last_event_id == await process.place(0, 2)
        await process.announce(home, "jam")
        assert await phone.words(1) == await his.words(1) == ["jam"]
        assert (phone.last_event_id, his.last_event_id) == (await process.place(1, 2), await process.place(1))
    await process.announce(new_id(), "elsewhere", person=anna)
    await process.announce(home, "a fig", person=anna)
    await process.announce(home, "tea")
    async with (
        listening(process, annas, phone.last_event_id) as phone,
        listening(process, bobs, his.last_event_id) as his,
    ):
        assert await phone.words(2) == ["tea", "a fig"]
        assert phone.last_event_id == await process.place(2, 3)
        assert await his.words(1) == ["tea"]
        assert his.last_event_id == await process.place(2)


async def test_a_place_from_before_there_were_events_of_persons_is_understood(
    start: Start, authority: Authority, home: UUID, clock: Clock
) -> None:
    process = await start()
    anna = new_id()
    await process.announce(home, "jam")
    await process.announce(home, "a pear", "a plum", person=anna)
    her = authority.bearer(household=home, person=anna)
    async with listening(process, her, await process.place(1)) as phone:
        assert await phone.words(2) == ["a pear", "a plum"]
    await outbox.sweep(process.database, clock() + outbox.KEPT + timedelta(seconds=1))
    for missed in (await process.place(1), await process.place(1, 3)):
        async with listening(process, her, missed) as phone:
            assert await phone.block() == {"id": await process.place(1, 2), "event": "resync", "data": "{}"}


async def test_what_came_meanwhile_is_told_when_a_phone_comes_back(
    start: Start, anna: dict[str, str], home: UUID
) -> None:
    process = await start()
    async with listening(process, anna) as phone:
        await phone.block()
        await process.announce(home, "one", "two", "three")
        assert await phone.words(2) == ["one", "two"]
        place = phone.last_event_id
    await process.announce(home, "four")
    async with listening(process, anna, place) as phone:
        assert await phone.words(2) == ["three", "four"]
        await process.announce(home, "five")
        assert await phone.words(1) == ["five"]


async def test_who_heard_nothing_yet_comes_back_to_where_they_began(
    start: Start, anna: dict[str, str], home: UUID
) -> None:
    process = await start()
    async with listening(process, anna) as phone:
        assert await phone.block() == {"id": await process.place(0)}
    await process.announce(home, "one")
    async with listening(process, anna, phone.last_event_id) as phone:
        assert await phone.words(1) == ["one"]


async def test_many_events_are_told_in_order(start: Start, anna: dict[str, str], home: UUID) -> None:
    process = await start()
    words = [str(number) for number in range(2 * live.PAGE + 5)]
    await process.announce(home, *words[:3])
    async with listening(process, anna, await process.place(0)) as phone:
        await process.announce(home, *words[3:])
        assert await phone.words(len(words)) == words


@pytest.mark.parametrize(
    "place",
    [
        "",
        "1",
        "01234567-",
        "-1",
        "01234567-2-",
        "01234567-2-3-4",
        "0123456g-1",
        "0123456-1",
        "012345678-1",
        "0123456A-1",
        "01234567 1",
        f"01234567-{2**63}",
        f"01234567-1-{2**63}",
        "1" * 4000,
        "01234567-\u0661",
    ],
)
async def test_a_malformed_place_is_refused(start: Start, anna: dict[str, str], place: str) -> None:
    process = await start()
    headers = {**anna, "Last-Event-ID": place.encode("utf-8")}
    answer = await process.client.get(URL, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed")


async def test_who_has_no_token_hears_nothing(start: Start) -> None:
    assert (await (await start()).client.get(URL)).status_code == 401


async def test_who_was_away_for_too_long_is_told_to_sync(
    start: Start, anna: dict[str, str], home: UUID, clock: Clock, authority: Authority
) -> None:
    process = await start()
    await process.announce(home, "one")
    await process.announce(home, "two")
    clock.advance(days=31)
    await process.announce(home, "three")
    assert await outbox.sweep(process.database, clock()) == 2
    anna = authority.bearer(household=home)
    async with listening(process, anna, await process.place(1)) as phone:
        assert await phone.block() == {"id": await process.place(3), "event": "resync", "data": "{}"}
        await process.announce(home, "four")
        assert await phone.words(1) == ["four"]
    async with listening(
        process, anna, await process.place(2)
    ) as phone:  # the last that was swept: nothing after it is missing
        assert await phone.words(2) == ["three", "four"]


async def test_a_place_that_a_restored_backup_has_not_reached_is_told_to_sync(
    start: Start, anna: dict[str, str], home: UUID
) -> None:
    process = await start()
    await process.announce(home, "one")
    async with listening(process, anna, await process.place(9)) as phone:
        assert await phone.block() == {"id": await process.place(1), "event": "resync", "data": "{}"}


async def test_a_place_of_another_epoch_is_told_to_sync(
    start: Start, anna: dict[str, str], home: UUID, database: FreshDatabase
) -> None:
    process = await start()
    await process.announce(home, "one")
    before = await process.place(1)
    await database.run("UPDATE stock.epoch SET id = gen_random_uuid()")  # as after a restore
    async with listening(process, anna, before) as phone:
        assert await phone.block() == {"id": await process.place(1), "event": "resync", "data": "{}"}


async def test_places_tell_nothing_of_other_households(start: Start, anna: dict[str, str], home: UUID) -> None:
    process = await start()
    for _ in range(3):
        await process.announce(new_id(), "jam", "tea")
    await process.announce(home, "one")
    async with listening(process, anna) as phone:
        assert await phone.block() == {"id": await process.place(1)}


async def test_who_has_heard_all_is_not_told_to_sync_however_long_it_was_quiet(
    start: Start, authority: Authority, home: UUID, clock: Clock
) -> None:
    process = await start()
    await process.announce(home, "one")
    await process.announce(home, "two")
    clock.advance(days=31)
    await process.announce(new_id(), "jam")
    assert await outbox.sweep(process.database, clock()) == 1
    async with listening(process, authority.bearer(household=home), await process.place(2)) as phone:
        assert await phone.block() == {"id": await process.place(2)}
        await process.announce(home, "three")
        assert await phone.words(1) == ["three"]
    async with listening(process, authority.bearer(household=home), await process.place(0)) as phone:
        assert (await phone.block())["event"] == "resync"


async def test_another_process_is_told_through_redis(
    start: Start, anna: dict[str, str], home: UUID, servers: Any
) -> None:
    here, there = await start(servers.redis_url), await start(servers.redis_url)
    async with listening(here, anna) as phone:
        await until_joined(servers.redis_url, 2)
        await there.announce(home, "jam")
        assert await phone.words(1) == ["jam"]


async def test_a_foreign_message_in_redis_is_passed_over(
    start: Start, anna: dict[str, str], home: UUID, servers: Any
) -> None:
    process = await start(servers.redis_url)
    async with listening(process, anna) as phone, Redis.from_url(servers.redis_url) as redis:
        await until_joined(servers.redis_url, 1)
        for message in (b"", b"look", b"\xff", str(new_id()).encode()):
            await redis.publish("popote:stock:look", message)
        await process.announce(home, "jam")
        assert await phone.words(1) == ["jam"]


async def test_without_redis_another_process_is_heard_a_little_later(
    start: Start, anna: dict[str, str], home: UUID
) -> None:
    here, there = await start("redis://127.0.0.1:1", poll_s=SOON_S), await start()
    async with listening(here, anna) as phone:
        await there.announce(home, "jam")
        assert await phone.words(1) == ["jam"]


async def test_what_was_rolled_back_is_not_told(start: Start, anna: dict[str, str], home: UUID) -> None:
    process = await start(poll_s=SOON_S)

    async def fail() -> None:
        async with process.database.kitchen(home, write=True) as kitchen:
            await outbox.announce(kitchen, "said", await next_version(kitchen), {"word": "no"})
            raise LookupError

    async with listening(process, anna) as phone:
        with pytest.raises(LookupError):
            await fail()
        await process.announce(home, "yes")
        assert await phone.words(1) == ["yes"]


async def test_a_quiet_stream_says_that_it_is_there(start: Start, anna: dict[str, str], home: UUID) -> None:
    process = await start(comment_s=SOON_S)
    async with listening(process, anna) as phone:
        await phone.block()
        assert await phone.block() == await phone.block() == {"": "all is quiet"}
        await process.announce(home, "jam")
        assert await phone.words(1) == ["jam"]


async def test_a_stream_ends_with_its_token(start: Start, authority: Authority, home: UUID, clock: Clock) -> None:
    process = await start()
    async with listening(process, authority.bearer(household=home)) as phone:
        await phone.block()
        clock.advance(minutes=10)
        await process.announce(home, "jam")
        assert await phone.block() == {}  # the end, and no jam
    soon = int(clock().timestamp()) + 1
    async with listening(process, authority.bearer(household=home, exp=soon)) as phone:
        await phone.block()
        clock.advance(seconds=1)
        assert await phone.block() == {}  # by itself


async def test_many_phones_share_five_connections(start: Start, authority: Authority, home: UUID) -> None:
    process = await start(max_streams_each=100)
    async with AsyncExitStack() as stack:
        phones = [
            await stack.enter_async_context(listening(process, authority.bearer(household=home))) for _ in range(100)
        ]
        for phone in phones:
            await phone.block()
        await asyncio.gather(*(process.announce(home, str(number)) for number in range(30)))
        heard = await asyncio.gather(*(phone.words(30) for phone in phones))
    assert all(words == heard[0] for words in heard)
    assert sorted(heard[0], key=int) == [str(number) for number in range(30)]


async def test_there_are_so_many_streams_for_a_person_and_for_all(
    start: Start, authority: Authority, home: UUID
) -> None:
    process = await start(max_streams=3, max_streams_each=2)
    anna, bert = (authority.bearer(household=home, person=new_id()) for _ in range(2))
    async with listening(process, anna), listening(process, anna):
        refused = await process.client.get(URL, headers={**anna, "Accept-Language": "fr"})
        assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-streams")
        assert "2 appareils" in refused.json()["detail"]
        async with listening(process, bert):
            refused = await process.client.get(URL, headers=bert)
            assert (refused.status_code, refused.json()["type"]) == (503, "/problems/unavailable")
            assert int(refused.headers["retry-after"]) > 1
    for _ in range(3):  # and those that were left, refused or broken off are free again
        await until_free(process)
        async with listening(process, anna), listening(process, anna), listening(process, bert):
            pass


async def test_a_stream_outlives_a_postgresql_that_goes_away(
    start: Start, anna: dict[str, str], home: UUID, database: FreshDatabase
) -> None:
    here, there = await start(poll_s=SOON_S, comment_s=SOON_S), await start()
    async with listening(here, anna) as phone:
        await phone.block()
        await database.run(LEAVE)
        assert await phone.block() == {"": "all is quiet"}
        await database.run(COME_BACK)
        await there.announce(home, "jam")
        assert await phone.words(1) == ["jam"]


async def test_a_phone_that_does_not_read_holds_nobody_up(start: Start, anna: dict[str, str], home: UUID) -> None:
    process = await start()
    words = ["x" * 30_000] * 300  # more than sockets hold
    async with (
        listening(process, anna, await process.place(0)),
        listening(process, anna, await process.place(0)) as quick,
    ):
        for part in range(0, 300, 50):
            await process.announce(home, *words[part : part + 50])
        assert await quick.words(300) == words


async def test_a_server_that_leaves_ends_its_streams_first(
    database: FreshDatabase, authority: Authority, clock: Clock, anna: dict[str, str]
) -> None:
    own = Database(database.url("stock"), schema="stock", password=PASSWORD, clock=clock)
    with serve.listen("127.0.0.1", 0) as listener:
        server = serve.server(build(own, Hub(own), authority, clock), timeout_graceful_shutdown=None)  # it would wait
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn sets no event
            await asyncio.sleep(0.01)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{URL}"
        async with httpx.AsyncClient(timeout=30) as client, client.stream("GET", url, headers=anna) as answer:
            phone = Phone(answer)
            await phone.block()
            server.should_exit = True
            assert await phone.block() == {}
            await running


async def test_a_phone_that_comes_while_postgresql_is_away_is_asked_to_come_back(
    authority: Authority, clock: Clock, anna: dict[str, str]
) -> None:
    nowhere = Database("postgresql://stock_app@127.0.0.1:1/none", schema="stock", clock=clock)
    async with calling(build(nowhere, Hub(nowhere), authority, clock)) as client:
        answer = await client.get(URL, headers=anna)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
