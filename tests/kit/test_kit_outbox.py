"""The outbox: what a service announces is read by the others, all of it, and only once it is true."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar

from popote_kit import outbox, pages, sync
from popote_kit import service as kit_service
from popote_kit.database import Database
from popote_kit.peers import Peers
from popote_kit.service import service
from popote_kit.settings import ServiceSettings
from popote_kit.sync import next_version
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id

URL = "/internal/events"


@pytest.fixture
async def own(database: FreshDatabase, clock: Clock) -> AsyncIterator[Database]:
    own = Database(database.url("stock"), schema="stock", password=PASSWORD, clock=clock)
    yield own
    await own.close()


def build(own: Database, authority: Authority, clock: Clock) -> Litestar:
    return service(
        "stock",
        ServiceSettings(database_url=""),
        title="Events",
        routes=outbox.routes("stock"),
        peers=Peers(apps={"auth": authority}),
        clock=clock,
        database=own,
    )


@pytest.fixture
async def reader(own: Database, authority: Authority, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """Another service, which may read what stock announces."""
    async with calling(build(own, authority, clock), headers=authority.service_bearer("recipes", "stock")) as client:
        yield client


async def announce(own: Database, household: UUID, *words: str) -> None:
    """Announce each word as an event, in one transaction."""
    async with own.kitchen(household, write=True) as kitchen:
        version = await next_version(kitchen)
        for word in words:
            await outbox.announce(kitchen, "said", version, {"word": word})


async def read(reader: httpx.AsyncClient, after: str | None = None, limit: int = 100) -> tuple[list[Any], str]:
    answer = await reader.get(URL, params={"limit": limit} | ({"after": after} if after else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()["events"], answer.json()["next"]


def words(events: list[Any]) -> list[str]:
    return [event["payload"]["word"] for event in events]


async def test_another_service_reads_what_happened_from_where_it_stopped(
    own: Database, reader: httpx.AsyncClient, clock: Clock
) -> None:
    nothing, start = await read(reader)
    assert nothing == []
    home, other = new_id(), new_id()
    await announce(own, home, "jam")
    await announce(own, other, "tea")
    events, place = await read(reader, start)
    assert [event["household_id"] for event in events] == [str(home), str(other)]
    first = events[0]
    assert (first["kind"], first["version"], first["payload"]) == ("said", 1, {"word": "jam"})
    assert first["at"] == clock().isoformat().replace("+00:00", "Z")
    assert await read(reader, place) == ([], place)
    await announce(own, home, "salt", "oil")
    assert [event["version"] for event in (await read(reader, place))[0]] == [2, 2]


async def test_another_service_is_told_whose_an_event_is(own: Database, reader: httpx.AsyncClient) -> None:
    home, person = new_id(), new_id()
    await announce(own, home, "jam")
    async with own.kitchen(home, person, write=True) as kitchen:
        await outbox.announce(kitchen, "said", await next_version(kitchen, of="person"), {}, of="person")
    events, _ = await read(reader)
    assert [(event["household_id"], event["person_id"]) for event in events] == [
        (str(home), None),
        (str(home), str(person)),
    ]


async def test_a_page_holds_no_more_than_asked_for(own: Database, reader: httpx.AsyncClient) -> None:
    await announce(own, new_id(), *"abcde")
    found: list[str] = []
    place: str | None = None
    for expected in (2, 2, 1, 0):
        events, place = await read(reader, place, limit=2)
        assert len(events) == expected
        found += words(events)
    assert found == list("abcde")


async def test_numbers_arrive_as_they_were_announced(own: Database, reader: httpx.AsyncClient) -> None:
    async with own.kitchen(new_id(), write=True) as kitchen:
        await outbox.announce(kitchen, "said", await next_version(kitchen), {"grams": 10**16, "text": 'é "\n'})
    events, _ = await read(reader)
    assert events[0]["payload"] == {"grams": 10**16, "text": 'é "\n'}


async def test_what_is_not_committed_is_not_told_and_keeps_later_events_waiting(
    own: Database, reader: httpx.AsyncClient
) -> None:
    async with own.kitchen(new_id(), write=True) as kitchen:
        await outbox.announce(kitchen, "said", await next_version(kitchen), {"word": "slow"})
        await announce(own, new_id(), "quick")
        assert (await read(reader))[0] == []
    assert words((await read(reader))[0]) == ["slow", "quick"]


async def test_a_reader_beside_eight_writers_misses_nothing_and_reads_nothing_twice(
    own: Database, reader: httpx.AsyncClient, database: FreshDatabase
) -> None:
    households = [new_id() for _ in range(3)]
    announced: list[str] = []
    is_over = asyncio.Event()

    async def write(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same steps each time
        alone = Database(database.url("stock"), schema="stock", password=PASSWORD)
        for step in range(30):
            with suppress(LookupError):
                async with alone.kitchen(chance.choice(households), write=True) as kitchen:
                    word = f"{seed}.{step}"
                    await outbox.announce(kitchen, "said", await next_version(kitchen), {"word": word})
                    if chance.random() < 0.3:
                        raise LookupError
                announced.append(word)
        await alone.close()

    async def follow() -> list[Any]:
        found: list[Any] = []
        place: str | None = None
        while True:
            is_last = is_over.is_set()
            events, place = await read(reader, place, limit=7)
            found += events
            if is_last and not events:
                return found

    following = asyncio.create_task(follow())
    await asyncio.gather(*(write(seed) for seed in range(8)))
    is_over.set()
    found = await following
    assert sorted(words(found)) == sorted(announced)
    for household in households:
        rows = await database.rows(
            "SELECT version, number FROM stock.outbox WHERE household_id = $1 ORDER BY id", household
        )
        assert [row["version"] for row in rows] == sorted({row["version"] for row in rows})
        assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))


async def test_events_are_kept_for_thirty_days_and_the_last_of_a_household_for_ever(
    own: Database, reader: httpx.AsyncClient, clock: Clock
) -> None:
    await announce(own, new_id(), "a", "b", "c")
    await announce(own, new_id(), "d")
    assert await outbox.sweep(own, clock() + outbox.KEPT) == 0
    assert await outbox.sweep(own, clock() + outbox.KEPT + timedelta(seconds=1)) == 2
    assert await outbox.sweep(own, clock() + outbox.KEPT + timedelta(seconds=1)) == 0
    assert words((await read(reader))[0]) == ["c", "d"]


async def test_a_running_service_clears_away_what_is_too_old(
    own: Database, authority: Authority, clock: Clock, database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit_service, "SWEEP_EVERY_S", 0.01)
    home = new_id()
    await announce(own, home, "old", "newer")
    async with own.kitchen(home, write=True) as kitchen:
        await sync.bury(kitchen, "jar", [new_id()], await next_version(kitchen))
    old = "SELECT id::text FROM stock.tombstone UNION ALL SELECT id::text FROM stock.outbox WHERE id = 1"
    assert len(await database.rows(old)) == 2
    clock.advance(days=181)
    async with calling(build(own, authority, clock)):
        while await database.rows(old):  # noqa: ASYNC110 - PostgreSQL sets no event
            await asyncio.sleep(0.01)


async def test_a_service_that_missed_events_is_told(own: Database, reader: httpx.AsyncClient, clock: Clock) -> None:
    await announce(own, new_id(), "a", "b", "c")
    _, early = await read(reader, limit=1)
    _, in_time = await read(reader, limit=2)
    await outbox.sweep(own, clock() + outbox.KEPT + timedelta(seconds=1))
    await must_be(410, "/problems/resync", reader, early)
    assert words((await read(reader, in_time))[0]) == ["c"]


async def test_a_place_from_another_epoch_is_void(
    own: Database, reader: httpx.AsyncClient, database: FreshDatabase
) -> None:
    await announce(own, new_id(), "a")
    _, place = await read(reader)
    await database.run("UPDATE stock.epoch SET id = gen_random_uuid()")  # as after a restore
    await must_be(410, "/problems/resync", reader, place)


@pytest.mark.parametrize("after", ["x", "é", pages.cursor(1), pages.cursor([1, 2])])
async def test_what_is_no_place_of_ours_is_refused(reader: httpx.AsyncClient, after: str) -> None:
    await must_be(400, "/problems/malformed", reader, after)


async def test_a_page_has_its_limits(reader: httpx.AsyncClient) -> None:
    for limit in (0, 201):
        assert (await reader.get(URL, params={"limit": limit})).status_code == 422


async def test_only_services_read_what_happens_in_all_households(
    reader: httpx.AsyncClient, authority: Authority
) -> None:
    for nobody in ({"Authorization": ""}, authority.bearer(), authority.service_bearer("recipes", "nutrition")):
        assert (await reader.get(URL, headers=nobody)).status_code == 401


@pytest.mark.parametrize(
    ("kind", "payload"), [("Said", {}), ("", {}), ("a b", {}), ("said\n", {}), ("x" * 65, {}), ("said", "x" * 70_000)]
)
async def test_what_would_not_fit_is_never_written(own: Database, kind: str, payload: object) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with own.kitchen(new_id(), write=True) as kitchen:
            await outbox.announce(kitchen, kind, 1, payload)


async def must_be(status: int, type: str, reader: httpx.AsyncClient, after: str) -> None:
    answer = await reader.get(URL, params={"after": after})
    assert (answer.status_code, answer.json()["type"]) == (status, type)
