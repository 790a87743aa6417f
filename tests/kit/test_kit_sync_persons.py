"""Delta sync of what is one person's: a counter and tombstones of their own, which nobody else sees or waits for."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from popote_kit import sync
from popote_kit.database import Database, Kitchen
from popote_kit.identity import NOBODY
from popote_kit.sync import Change, Changes, Kind, Resync, buried, bury, next_version, unbury
from popote_kit.testing import PASSWORD, Clock, FreshDatabase, new_id

WEIGHTS = """
    SET ROLE stock_owner;
    CREATE TABLE stock.weight (
        household_id uuid NOT NULL, person_id uuid NOT NULL, id uuid NOT NULL, version bigint NOT NULL,
        label text NOT NULL, PRIMARY KEY (household_id, person_id, id)
    );
    CREATE INDEX ON stock.weight (household_id, person_id, version, id);
    ALTER TABLE stock.weight ENABLE ROW LEVEL SECURITY;
    ALTER TABLE stock.weight FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON stock.weight USING (
        household_id = nullif(current_setting('popote.household', true), '')::uuid
        AND person_id = nullif(current_setting('popote.person', true), '')::uuid
    );
    RESET ROLE
"""
SELECT = "SELECT id, version, false AS deleted, to_jsonb(label) AS data FROM weight WHERE household_id = $1"
WEIGHT = Kind("weight", f"{SELECT} AND person_id = $2", lambda data: data)
CARELESS = Kind("weight", SELECT, lambda data: data)  # leaves the person to row-level security


@pytest.fixture
async def own(database: FreshDatabase, clock: Clock) -> AsyncIterator[Database]:
    await database.run(WEIGHTS)
    own = Database(database.url("stock"), schema="stock", password=PASSWORD, clock=clock)
    yield own
    await own.close()


@pytest.fixture
def home() -> UUID:
    return new_id()


@pytest.fixture
def anna() -> UUID:
    return new_id()


@pytest.fixture
def bob() -> UUID:
    return new_id()


async def put(kitchen: Kitchen, label: str) -> UUID:
    id, version = new_id(), await next_version(kitchen, of="person")
    await kitchen.execute(
        "INSERT INTO weight VALUES ($1, $2, $3, $4, $5)", kitchen.household, kitchen.person, id, version, label
    )
    return id


async def weigh(own: Database, home: UUID, person: UUID, label: str) -> UUID:
    async with own.kitchen(home, person, write=True) as kitchen:
        return await put(kitchen, label)


async def throw_away(own: Database, home: UUID, person: UUID, *ids: UUID) -> None:
    async with own.kitchen(home, person, write=True) as kitchen:
        version = await next_version(kitchen, of="person")
        await kitchen.execute("DELETE FROM weight WHERE id = ANY($1)", ids)
        await bury(kitchen, "weight", ids, version, of="person")


async def ask(own: Database, home: UUID, person: UUID, since: int = 0, kind: Kind = WEIGHT, **more: Any) -> Changes:
    async with own.kitchen(home, person) as kitchen:
        asked: dict[str, Any] = {"epoch": None, "cursor": None, "limit": 200, "of": "person", **more}
        return await sync.changes(kitchen, [kind], since=since, **asked)


async def test_two_people_and_their_household_count_apart(own: Database, home: UUID, anna: UUID, bob: UUID) -> None:
    async with own.kitchen(home, anna, write=True) as first:
        assert await next_version(first) == 1
        assert [await next_version(first, of="person") for _ in range(3)] == [1, 2, 3]
        async with own.kitchen(home, bob, write=True) as second:  # and nobody waits for anybody
            assert await next_version(second, of="person") == 1
    async with own.kitchen(home, bob, write=True) as kitchen:
        assert await next_version(kitchen) == 2
    async with own.kitchen(new_id(), anna, write=True) as elsewhere:
        assert await next_version(elsewhere, of="person") == 1


async def test_a_persons_version_needs_a_person(own: Database, home: UUID) -> None:
    for nobody in (None, NOBODY):  # a service that acts for nobody has the nil person
        with pytest.raises(LookupError):
            async with own.kitchen(home, nobody, write=True) as kitchen:
                await next_version(kitchen, of="person")


@pytest.mark.parametrize("kind", [WEIGHT, CARELESS])
async def test_nobody_sees_the_rows_or_the_deaths_of_another(
    own: Database, home: UUID, anna: UUID, bob: UUID, kind: Kind
) -> None:
    kept, gone = await weigh(own, home, anna, "70 kg"), await weigh(own, home, anna, "71 kg")
    mine = await weigh(own, home, bob, "80 kg")
    await throw_away(own, home, anna, gone)
    assert [change.id for change in (await ask(own, home, bob, kind=kind)).changes] == [mine]
    assert (await ask(own, home, bob, 1, kind)).changes == []
    changes = (await ask(own, home, anna, 1, kind)).changes
    assert [(change.id, change.version, change.deleted) for change in changes] == [(gone, 3, True)]
    assert [change.id for change in (await ask(own, home, anna, kind=kind)).changes] == [kept]
    assert (await ask(own, home, bob, kind=CARELESS, of="household")).version == 0


async def test_row_level_security_hides_counters_and_tombstones_of_others(
    own: Database, home: UUID, anna: UUID, bob: UUID
) -> None:
    await throw_away(own, home, anna, await weigh(own, home, anna, "70 kg"))
    async with own.kitchen(home, anna, write=True) as kitchen:
        await bury(kitchen, "jar", [new_id()], await next_version(kitchen))
    for person, seen in ((anna, {anna, NOBODY}), (bob, {NOBODY}), (None, {NOBODY})):
        async with own.kitchen(home, person) as kitchen:
            for table in ("counter", "tombstone"):
                assert {row["person_id"] for row in await kitchen.fetch(f"SELECT person_id FROM {table}")} == seen  # noqa: S608
    async with own.kitchen(home, bob, write=True) as kitchen:
        assert await kitchen.execute("DELETE FROM tombstone WHERE person_id <> $1", NOBODY) == 0


async def test_a_persons_tombstones_are_known_and_taken_away_by_that_person_alone(
    own: Database, home: UUID, anna: UUID, bob: UUID
) -> None:
    id = await weigh(own, home, anna, "70 kg")
    await throw_away(own, home, anna, id)
    async with own.kitchen(home, bob, write=True) as kitchen:
        assert await buried(kitchen, "weight", [id], of="person") == set()
        assert await buried(kitchen, "weight", [id]) == set()
        await unbury(kitchen, "weight", [id], of="person")
    async with own.kitchen(home, anna, write=True) as kitchen:
        await unbury(kitchen, "weight", [id])
        assert await buried(kitchen, "weight", [id], of="person") == {id}
        await unbury(kitchen, "weight", [id], of="person")
        assert await buried(kitchen, "weight", [id], of="person") == set()


async def test_each_counter_has_its_own_floor(own: Database, home: UUID, anna: UUID, bob: UUID, clock: Clock) -> None:
    await throw_away(own, home, anna, await weigh(own, home, anna, "70 kg"))
    later = clock() + sync.KEPT + timedelta(seconds=1)
    clock.advance(days=1)
    await throw_away(own, home, bob, await weigh(own, home, bob, "80 kg"))
    async with own.kitchen(home, anna, write=True) as kitchen:
        assert await next_version(kitchen, of="person") == 3
        assert await sync.sweep(own, later) == 0  # not while she writes
    assert await sync.sweep(own, later) == 1
    with pytest.raises(Resync):
        await ask(own, home, anna, 1)
    assert [change.deleted for change in (await ask(own, home, bob, 1)).changes] == [True]
    with pytest.raises(Resync):  # ahead of the person's counter, however far the household's is
        await ask(own, home, bob, 3)


async def test_a_phone_beside_eight_writers_of_one_person_misses_nothing(
    own: Database, home: UUID, anna: UUID, bob: UUID, database: FreshDatabase
) -> None:
    found: list[Change] = []
    is_over = asyncio.Event()

    async def write(person: UUID, writer: int) -> None:
        alone = Database(database.url("stock"), schema="stock", password=PASSWORD)
        for step in range(10):
            await weigh(alone, home, person, f"{writer}.{step}")
        await alone.close()

    async def read() -> None:
        while True:
            is_last = is_over.is_set()
            page = await ask(own, home, anna, found[-1].version if found else 0)
            assert all(change.version > (found[-1].version if found else 0) for change in page.changes)
            found.extend(page.changes)
            if is_last:
                return

    reading = asyncio.create_task(read())
    await asyncio.gather(*(write(anna, writer) for writer in range(8)), write(bob, 8))
    is_over.set()
    await reading
    assert [change.version for change in found] == list(range(1, 81))
    assert {change.data for change in found} == {f"{writer}.{step}" for writer in range(8) for step in range(10)}
