"""Delta sync: a phone that asks for changes misses nothing and never goes back."""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from popote_kit import pages, sync
from popote_kit.database import Database, Kitchen, Locked
from popote_kit.identity import NOBODY
from popote_kit.problems import Malformed
from popote_kit.sync import MAX_VERSION, Change, Changes, Kind, Resync, buried, bury, next_version, unbury
from popote_kit.testing import PASSWORD, Clock, FreshDatabase, new_id

JARS = """
    SET ROLE stock_owner;
    CREATE TABLE stock.jar (
        household_id uuid NOT NULL, id uuid NOT NULL, version bigint NOT NULL, label text NOT NULL,
        PRIMARY KEY (household_id, id)
    );
    CREATE INDEX ON stock.jar (household_id, version, id);
    ALTER TABLE stock.jar ENABLE ROW LEVEL SECURITY;
    ALTER TABLE stock.jar FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON stock.jar USING (household_id = nullif(current_setting('popote.household', true), '')::uuid);
    CREATE TABLE stock.lid (LIKE stock.jar INCLUDING ALL, is_lost boolean NOT NULL DEFAULT false);
    ALTER TABLE stock.lid ENABLE ROW LEVEL SECURITY;
    ALTER TABLE stock.lid FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON stock.lid USING (household_id = nullif(current_setting('popote.household', true), '')::uuid);
    RESET ROLE
"""


class Jar(msgspec.Struct):
    label: str


def render(data: dict[str, Any]) -> Jar:
    return msgspec.convert(data, Jar)


def rows_of(table: str, *, deleted: str = "false") -> Kind:
    data = "jsonb_build_object('label', label) AS data"
    select = f"SELECT id, version, {deleted} AS deleted, {data} FROM {table} WHERE household_id = $1"  # noqa: S608 - our own
    return Kind(table, select, render)


KINDS = (rows_of("jar"), rows_of("lid", deleted="is_lost"))


@pytest.fixture
async def own(database: FreshDatabase, clock: Clock) -> AsyncIterator[Database]:
    await database.run(JARS)
    own = Database(database.url("stock"), schema="stock", password=PASSWORD, clock=clock)
    yield own
    await own.close()


@pytest.fixture
def home() -> UUID:
    return new_id()


async def put(kitchen: Kitchen, id: UUID, label: str, version: int, table: str = "jar") -> None:
    await kitchen.execute(
        f"""
        INSERT INTO {table} (household_id, id, version, label) VALUES ($1, $2, $3, $4)
            ON CONFLICT (household_id, id) DO UPDATE SET version = excluded.version, label = excluded.label
        """,  # noqa: S608 - two fixed names
        kitchen.household,
        id,
        version,
        label,
    )


async def fill(own: Database, home: UUID, *labels: str, table: str = "jar") -> list[UUID]:
    """Put a row for each label, in one transaction."""
    async with own.kitchen(home, write=True) as kitchen:
        version = await next_version(kitchen)
        ids = [new_id() for _ in labels]
        for id, label in zip(ids, labels, strict=True):
            await put(kitchen, id, label, version, table)
    return ids


async def throw_away(own: Database, home: UUID, *ids: UUID) -> None:
    async with own.kitchen(home, write=True) as kitchen:
        version = await next_version(kitchen)
        await kitchen.execute("DELETE FROM jar WHERE household_id = $1 AND id = ANY($2)", home, ids)
        await bury(kitchen, "jar", ids, version)


async def ask(own: Database, home: UUID, since: int = 0, **question: Any) -> Changes:
    async with own.kitchen(home) as kitchen:
        asked = {"epoch": None, "cursor": None, "limit": 200, **question}
        return await sync.changes(kitchen, KINDS, since=since, **asked)


def told(changes: Changes) -> list[tuple[str, int, str | None]]:
    """Return kind, version and label of each change; a deleted thing has none."""
    return [(change.kind, change.version, change.data.label if change.data else None) for change in changes.changes]


async def walk(own: Database, home: UUID, since: int, limit: int) -> list[Change]:
    """Read page after page."""
    found: list[Change] = []
    cursor: str | None = None
    while True:
        page = await ask(own, home, since, cursor=cursor, limit=limit)
        found += page.changes
        cursor = page.next_cursor
        if cursor is None:
            return found


def place(change: Change) -> tuple[int, str, UUID]:
    return change.version, change.kind, change.id


async def mix(own: Database, home: UUID, *, jars: int, lids: int) -> None:
    """Put rows of both kinds, in one transaction."""
    async with own.kitchen(home, write=True) as kitchen:
        version = await next_version(kitchen)
        for number in range(jars):
            await put(kitchen, new_id(), f"jar {number}", version)
        for number in range(lids):
            await put(kitchen, new_id(), f"lid {number}", version, "lid")


class Phone:
    """What a phone holds, which asks for changes page by page."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, UUID], str] = {}
        self.version = self.pages = 0
        self._last = (0, "", UUID(int=0))

    async def catch_up(self, own: Database, home: UUID, limit: int) -> None:
        cursor: str | None = None
        while True:
            page = await ask(own, home, self.version, cursor=cursor, limit=limit)
            for change in page.changes:
                self._take(change)
            self.pages += 1
            cursor = page.next_cursor
            if cursor is None:
                break
            assert page.version == self.version
        assert page.version >= self._last[0]
        self.version = page.version

    def _take(self, change: Change) -> None:
        assert place(change) > self._last
        self._last = place(change)
        if change.deleted:
            self.rows.pop((change.kind, change.id), None)
        else:
            self.rows[change.kind, change.id] = change.data.label


async def test_a_phone_is_told_what_is_there_and_then_what_changed(own: Database, home: UUID) -> None:
    assert (await ask(own, home)).version == 0
    (jam, _) = await fill(own, home, "jam", "salt")
    await fill(own, home, "red", table="lid")
    first = await ask(own, home)
    assert sorted(told(first)) == [("jar", 1, "jam"), ("jar", 1, "salt"), ("lid", 2, "red")]
    assert (first.version, first.next_cursor) == (2, None)
    await throw_away(own, home, jam)
    second = await ask(own, home, first.version, epoch=first.epoch)
    assert (told(second), second.version) == ([("jar", 3, None)], 3)
    assert second.changes[0].id == jam
    assert told(await ask(own, home, 3)) == []
    assert sorted(told(await ask(own, home))) == [("jar", 1, "salt"), ("lid", 2, "red")]


async def test_one_transaction_has_one_version_and_each_household_its_own(own: Database, home: UUID) -> None:
    async with own.kitchen(home, write=True) as kitchen:
        assert await next_version(kitchen) == 1
    async with own.kitchen(new_id(), write=True) as kitchen:
        assert await next_version(kitchen) == 1
    async with own.kitchen(home, write=True) as kitchen:
        assert await next_version(kitchen) == 2


async def test_what_stands_is_told_apart_by_version_and_epoch(
    own: Database, home: UUID, database: FreshDatabase
) -> None:
    async def standing() -> str:
        async with own.kitchen(home) as kitchen:
            return await sync.standing(kitchen)

    known = [await standing(), await standing()]
    await fill(own, new_id(), "another's")
    known.append(await standing())
    assert len(set(known)) == 1
    await fill(own, home, "plums")
    known.append(await standing())
    await database.run("UPDATE stock.epoch SET id = gen_random_uuid()")
    known.append(await standing())
    assert len(set(known)) == 3


async def test_a_version_that_was_rolled_back_is_given_again(own: Database, home: UUID) -> None:
    async def fail() -> None:
        async with own.kitchen(home, write=True) as kitchen:
            assert await next_version(kitchen) == 1
            raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            await fail()


async def test_two_writers_of_a_household_come_one_after_the_other(own: Database, home: UUID) -> None:
    async with own.kitchen(home, write=True) as first:
        await next_version(first)
        with pytest.raises(Locked):
            async with own.kitchen(home, write=True) as second:
                await next_version(second)
        async with own.kitchen(new_id(), write=True) as elsewhere:
            assert await next_version(elsewhere) == 1


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
async def test_pages_hold_everything_once_in_order(own: Database, home: UUID, limit: int) -> None:
    await fill(own, home, "a", "b", "c")
    await fill(own, home, "d", table="lid")
    await mix(own, home, jars=2, lids=3)
    await throw_away(own, home, *(await fill(own, home, "gone", "lost")))
    for since in range(6):
        found = await walk(own, home, since, limit=limit)
        assert [place(change) for change in found] == sorted(place(change) for change in found)
        assert len(found) == {0: 9, 1: 8, 2: 7, 3: 2, 4: 2, 5: 0}[since]


async def test_the_version_moves_on_with_the_last_page_only(own: Database, home: UUID) -> None:
    await fill(own, home, "a", "b", "c")
    first = await ask(own, home, limit=2)
    assert (first.version, len(first.changes)) == (0, 2)
    last = await ask(own, home, cursor=first.next_cursor, limit=2)
    assert (last.version, last.next_cursor, len(last.changes)) == (1, None, 1)


async def test_what_dies_between_two_pages_is_told(own: Database, home: UUID) -> None:
    """A phone that begins anew hears of no old deaths, but it has the first page already."""
    ids = await fill(own, home, "a", "b", "c")
    await throw_away(own, home, *await fill(own, home, "long gone"))
    first = await ask(own, home, limit=1)
    await throw_away(own, home, *ids)
    second = await ask(own, home, cursor=first.next_cursor)
    assert {change.id for change in second.changes if change.deleted} == set(ids)
    assert second.version == 4


async def test_a_row_that_marks_itself_deleted_is_gone(own: Database, home: UUID) -> None:
    (lid,) = await fill(own, home, "red", table="lid")
    async with own.kitchen(home, write=True) as kitchen:
        await kitchen.execute("UPDATE lid SET is_lost = true, version = $1", await next_version(kitchen))
    (change,) = (await ask(own, home, 1)).changes
    assert (change.kind, change.id, change.deleted, change.data) == ("lid", lid, True, None)
    assert (await ask(own, home)).changes == []


async def test_what_an_undo_brings_back_is_there_again(own: Database, home: UUID) -> None:
    (jam,) = await fill(own, home, "jam")
    await throw_away(own, home, jam)
    async with own.kitchen(home, write=True) as kitchen:
        version = await next_version(kitchen)
        await put(kitchen, jam, "jam again", version)
        await unbury(kitchen, "jar", [jam])
    assert told(await ask(own, home, 1)) == [("jar", 3, "jam again")]


async def test_what_is_buried_twice_has_its_last_version(own: Database, home: UUID) -> None:
    (jam,) = await fill(own, home, "jam")
    await throw_away(own, home, jam)
    await throw_away(own, home, jam, jam)
    assert told(await ask(own, home, 2)) == [("jar", 3, None)]


async def test_what_was_there_is_known_until_it_is_there_again(own: Database, home: UUID) -> None:
    jam, tea, honey = await fill(own, home, "jam", "tea", "honey")
    await throw_away(own, home, jam, tea)
    async with own.kitchen(home, write=True) as kitchen:
        await unbury(kitchen, "jar", [tea])
        assert await buried(kitchen, "jar", [jam, tea, honey, new_id()]) == {jam}
        assert await buried(kitchen, "lid", [jam]) == set()
    async with own.kitchen(new_id()) as kitchen:
        assert await buried(kitchen, "jar", [jam]) == set()


async def test_another_household_sees_nothing_of_it(own: Database, home: UUID) -> None:
    await throw_away(own, home, *await fill(own, home, "jam"))
    await fill(own, home, "tea")
    other = await ask(own, new_id())
    assert (other.changes, other.version) == ([], 0)


async def test_a_phone_from_another_epoch_starts_anew(own: Database, home: UUID, database: FreshDatabase) -> None:
    await fill(own, home, "a", "b")
    first = await ask(own, home, limit=1)
    await database.run("UPDATE stock.epoch SET id = gen_random_uuid()")  # as after a restore
    for question in ({"epoch": first.epoch}, {"cursor": first.next_cursor}):
        with pytest.raises(Resync):
            await ask(own, home, **question)
    assert (await ask(own, home)).epoch != first.epoch


async def test_a_phone_that_is_ahead_starts_anew(own: Database, home: UUID) -> None:
    await fill(own, home, "a")
    assert (await ask(own, home, 1)).version == 1
    for since in (2, MAX_VERSION):
        with pytest.raises(Resync):
            await ask(own, home, since)


async def test_tombstones_are_swept_and_who_missed_them_starts_anew(own: Database, home: UUID, clock: Clock) -> None:
    for label in ("a", "b"):
        await throw_away(own, home, *await fill(own, home, label))
    clock.advance(days=1)
    await throw_away(own, home, *await fill(own, home, "c"))
    assert await sync.sweep(own, clock() + sync.KEPT - timedelta(days=1)) == 0
    assert await sync.sweep(own, clock() + sync.KEPT - timedelta(seconds=1)) == 2
    for since in (1, 3):
        with pytest.raises(Resync):
            await ask(own, home, since)
    assert told(await ask(own, home, 4)) == [("jar", 6, None)]
    assert (await ask(own, home)).version == 6


async def test_a_household_that_is_being_written_to_is_swept_later(own: Database, home: UUID, clock: Clock) -> None:
    await throw_away(own, home, *await fill(own, home, "a"))
    later = clock() + sync.KEPT + timedelta(seconds=1)
    async with own.kitchen(home, write=True) as kitchen:
        await next_version(kitchen)
        assert await sync.sweep(own, later) == 0
    assert await sync.sweep(own, later) == 1


async def test_more_households_than_a_sweep_takes_at_once_are_all_swept(own: Database, clock: Clock) -> None:
    for household in (new_id() for _ in range(101)):
        async with own.kitchen(household, write=True) as kitchen:
            await bury(kitchen, "jar", [new_id()], await next_version(kitchen))
    assert await sync.sweep(own, clock() + sync.KEPT + timedelta(seconds=1)) == 101


async def test_a_cursor_holds_for_its_own_since_only(own: Database, home: UUID) -> None:
    await fill(own, home, "a", "b")
    cursor = (await ask(own, home, limit=1)).next_cursor
    with pytest.raises(Malformed):
        await ask(own, home, 1, cursor=cursor)


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", pages.cursor(1), pages.cursor({"epoch": str(UUID(int=0)), "since": 2**64}), "A" * 1000]
)
async def test_what_is_no_cursor_of_ours_is_refused(own: Database, home: UUID, cursor: str) -> None:
    with pytest.raises(Malformed):
        await ask(own, home, cursor=cursor)


async def test_a_page_of_many_is_read_along_the_index(own: Database, home: UUID, database: FreshDatabase) -> None:
    """However much a household has, and whatever row-level security adds: neither all rows are read, nor sorted."""
    await fill(own, home, "a")
    fill_up = "SELECT '{}'::uuid, gen_random_uuid(), n, 'x' FROM generate_series(2, 20000) AS n"
    await database.run(f"INSERT INTO stock.jar {fill_up.format(home)}; ANALYZE stock.jar")
    place = sync._Place(None, 0, MAX_VERSION, 0, "~", UUID(int=0))
    async with own.kitchen(home) as kitchen:
        statement, arguments = sync._statement(KINDS), sync._arguments(KINDS, place, 200)
        rows = await kitchen.fetch(f"EXPLAIN (ANALYZE, FORMAT TEXT) {statement}", home, NOBODY, *arguments)
    plan = "\n".join(row[0] for row in rows)
    (scan,) = (line for line in plan.splitlines() if "jar_household_id_version_id_idx on jar" in line)
    assert re.search(r"actual .*rows=201(\.00)? loops=1", scan), plan


async def test_a_reader_beside_eight_writers_misses_nothing_and_never_goes_back(
    own: Database, home: UUID, database: FreshDatabase
) -> None:
    phone, is_over = Phone(), asyncio.Event()

    async def write(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same steps each time
        alone = Database(database.url("stock"), schema="stock", password=PASSWORD)
        mine: list[UUID] = []
        for step in range(40):
            with suppress(LookupError):
                async with alone.kitchen(home, write=True) as kitchen:
                    version = await next_version(kitchen)
                    if mine and chance.random() < 0.3:
                        gone = mine.pop(chance.randrange(len(mine)))
                        await kitchen.execute("DELETE FROM jar WHERE household_id = $1 AND id = $2", home, gone)
                        await bury(kitchen, "jar", [gone], version)
                        continue
                    id = chance.choice([*mine, new_id()])
                    await put(kitchen, id, f"{seed}.{step}", version, chance.choice(["jar", "jar", "lid"]))
                    if chance.random() < 0.3:
                        await asyncio.sleep(0)
                        raise LookupError
                    mine = list({*mine, id})
        await alone.close()

    async def read() -> None:
        while not is_over.is_set():
            await phone.catch_up(own, home, limit=7)

    reading = asyncio.create_task(read())
    await asyncio.gather(*(write(seed) for seed in range(8)))
    is_over.set()
    await reading
    await phone.catch_up(own, home, limit=7)
    assert phone.rows == {
        (table, row["id"]): row["label"]
        for table in ("jar", "lid")
        for row in await database.rows(f"SELECT id, label FROM stock.{table}")  # noqa: S608 - two fixed names
    }
