"""The kitchen: whom it works for is set before anything else, and never passes on to the next."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from popote_kit.database import POOL_SIZE, Database, Kitchen, Locked, many, maybe, one
from popote_kit.problems import NotFound
from popote_kit.testing import PASSWORD, Clock, FreshDatabase, new_id

Whom = tuple[UUID | None, UUID | None]
WHOM = """
    SELECT nullif(current_setting('popote.household', true), '')::uuid,
           nullif(current_setting('popote.person', true), '')::uuid
"""


class Note(msgspec.Struct):
    words: str


@pytest.fixture
async def own(notes: FreshDatabase, clock: Clock) -> AsyncIterator[Database]:
    own = Database(notes.url("chat"), schema="chat", password=PASSWORD, clock=clock)
    yield own
    await own.close()


async def whom(kitchen: Kitchen) -> Whom:
    row = await kitchen.fetchrow(WHOM)
    assert row is not None
    return row[0], row[1]


async def insert(kitchen: Kitchen, words: str) -> None:
    await kitchen.execute("INSERT INTO note VALUES ($1, $2, $3)", kitchen.household, kitchen.person, words)


async def count(kitchen: Kitchen) -> int:
    found: int = await kitchen.fetchval("SELECT count(*) FROM note")
    return found


async def test_a_kitchen_works_for_whom_it_is_told(own: Database, clock: Clock) -> None:
    household, person = new_id(), new_id()
    for write in (False, True):
        async with own.kitchen(household, person, write=write) as kitchen:
            assert await whom(kitchen) == (household, person) == (kitchen.household, kitchen.person)
            assert kitchen.now == clock()
        async with own.kitchen(write=write) as kitchen:
            assert await whom(kitchen) == (None, None)
            with pytest.raises(LookupError):
                _ = kitchen.household
            with pytest.raises(LookupError):
                _ = kitchen.person


async def test_a_session_is_set_only_when_it_is_for_somebody_else(own: Database) -> None:
    household, person = new_id(), new_id()
    statements: list[str] = []

    async def read(household: UUID, person: UUID) -> int:
        async with own.kitchen(household, person) as kitchen:
            found: int = await kitchen.fetchval("SELECT pg_backend_pid()")
            return found

    async with own.kitchen(household, person) as kitchen:
        kitchen._connection.add_query_logger(lambda query: statements.append(query.query))
        pid = await kitchen.fetchval("SELECT pg_backend_pid()")
    for somebody in ((household, person), (household, new_id()), (household, person)):
        assert await read(*somebody) == pid
    assert [statement.split()[1].partition("(")[0] for statement in statements] == [
        "pg_backend_pid",
        "pg_backend_pid",
        "set_config",
        "pg_backend_pid",
        "set_config",
        "pg_backend_pid",
    ]


async def test_whom_a_connection_worked_for_never_passes_on(own: Database) -> None:
    """Many steps on few connections; each ends well, in an error, in a failed statement, or is cancelled."""
    chance = random.Random(7)  # noqa: S311 - the same steps each time
    households, persons = [new_id(), new_id(), None], [new_id(), new_id(), None]
    counted = dict.fromkeys(("well", "error", "statement", "cancel"), 0)

    async def step(expected: Whom, end: str, *, write: bool) -> None:
        async with own.kitchen(*expected, write=write) as kitchen:
            assert await whom(kitchen) == expected
            if end == "error":
                raise RuntimeError("a bug")
            if end == "statement":
                await kitchen.execute("SELECT 1 / 0")
            if end == "cancel":
                await kitchen.execute("SELECT pg_sleep(20)")
            assert await whom(kitchen) == expected
        counted["well"] += 1

    async def walk() -> None:
        for _ in range(60):
            end = chance.choice(["well", "well", "error", "statement", "cancel"])
            expected = (chance.choice(households), chance.choice(persons))
            working = asyncio.create_task(step(expected, end, write=chance.random() < 0.5))
            if end == "cancel":
                await asyncio.sleep(chance.random() / 100)
                working.cancel()
            if end != "well":
                counted[end] += 1
                with pytest.raises((RuntimeError, asyncpg.DivisionByZeroError, asyncio.CancelledError)):
                    await working
            else:
                await working

    await asyncio.gather(*(walk() for _ in range(POOL_SIZE - 1)))
    assert all(counted.values())


async def test_a_cancelled_change_of_person_is_made_again(own: Database) -> None:
    """The session may or may not have been set when the cancellation came; the next must not guess."""
    first, second = (new_id(), new_id()), (new_id(), new_id())
    for turns in range(12):
        async with own.kitchen(*first):
            pass

        async def enter() -> None:
            async with own.kitchen(*second):
                pass

        entering = asyncio.create_task(enter())
        for _ in range(turns):
            await asyncio.sleep(0)
        entering.cancel()
        with suppress(asyncio.CancelledError):
            await entering
        for expected in (first, second):
            async with own.kitchen(*expected) as kitchen:
                assert await whom(kitchen) == expected


async def test_rows_are_seen_by_nobody_but_their_person(own: Database) -> None:
    household, person = new_id(), new_id()
    async with own.kitchen(household, person, write=True) as kitchen:
        await insert(kitchen, "mine")
    for write in (False, True):
        for somebody, expected in (
            ((household, person), 1),
            ((household, new_id()), 0),
            ((new_id(), person), 0),
            ((household, None), 0),
            ((None, person), 0),
            ((None, None), 0),
        ):
            async with own.kitchen(*somebody, write=write) as kitchen:
                assert await count(kitchen) == expected
                assert await kitchen.execute("UPDATE note SET words = words") == expected


async def test_a_row_for_somebody_else_is_refused_by_the_database(own: Database) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with own.kitchen(new_id(), new_id(), write=True) as kitchen:
            await kitchen.execute("INSERT INTO note VALUES ($1, $2, 'theirs')", new_id(), kitchen.person)


async def test_a_write_may_be_on_behalf_of_others_of_the_household(own: Database, clock: Clock) -> None:
    """Each write is theirs alone, and whoever it was for before, it is for again."""
    household, anna, bob = new_id(), new_id(), new_id()
    for before in (anna, None):
        async with own.kitchen(household, before, write=True) as kitchen:
            for person, words in ((bob, f"Bob's of {before}"), (new_id(), f"another's of {before}")):
                async with kitchen.on_behalf_of(person) as theirs:
                    assert await whom(theirs) == (household, person) == (theirs.household, theirs.person)
                    await insert(theirs, words)
            assert await whom(kitchen) == (household, before)
            assert await count(kitchen) == 0
        async with own.kitchen(household, before) as kitchen:  # the same connection, perhaps
            assert await whom(kitchen) == (household, before)
    async with own.kitchen(household, bob) as kitchen:
        assert await count(kitchen) == 2


async def test_on_behalf_of_somebody_ends_whatever_happens(own: Database) -> None:
    household, anna, bob = new_id(), new_id(), new_id()
    async with own.kitchen(household, anna, write=True) as kitchen:
        with pytest.raises(NotFound):
            async with kitchen.on_behalf_of(bob):
                raise NotFound
        assert await whom(kitchen) == (household, anna) == (kitchen.household, kitchen.person)
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with own.kitchen(household, anna, write=True) as kitchen, kitchen.on_behalf_of(bob):
            await kitchen.execute("SELECT 1 / 0")
    async with own.kitchen(household, anna) as kitchen:
        assert await whom(kitchen) == (household, anna)
        with pytest.raises(RuntimeError):
            async with kitchen.on_behalf_of(bob):
                pass
        assert await whom(kitchen) == (household, anna) == (kitchen.household, kitchen.person)


async def test_an_unset_identity_is_no_error_after_a_transaction(own: Database) -> None:
    """After a transaction PostgreSQL has '' for a setting that was never set in the session, and '' is no UUID."""
    async with own.kitchen(new_id(), new_id(), write=True) as kitchen:
        await insert(kitchen, "x")
    async with own.kitchen(write=True) as kitchen:
        assert await kitchen.fetchval("SELECT current_setting('popote.household', true)") == ""
        assert await count(kitchen) == 0
    async with own.kitchen() as kitchen:
        assert await count(kitchen) == 0


async def test_a_block_that_raises_is_undone(own: Database) -> None:
    household, person = new_id(), new_id()

    async def write_and_raise(error: BaseException) -> None:
        async with own.kitchen(household, person, write=True) as kitchen:
            await insert(kitchen, "x")
            raise error

    for error in (RuntimeError("a bug"), NotFound(), asyncio.CancelledError()):
        with pytest.raises(type(error)):
            await write_and_raise(error)
    async with own.kitchen(household, person) as kitchen:
        assert await count(kitchen) == 0


async def test_a_transaction_that_failed_inside_is_never_taken_for_committed(own: Database) -> None:
    async def carry_on() -> None:
        async with own.kitchen(new_id(), new_id(), write=True) as kitchen:
            await insert(kitchen, "x")
            with suppress(asyncpg.PostgresError):
                await kitchen.execute("SELECT 1 / 0")

    with pytest.raises(RuntimeError, match="rolled back"):
        await carry_on()


async def test_a_row_that_stays_locked_is_waited_for_two_seconds(own: Database) -> None:
    household, person = new_id(), new_id()
    lock = "SELECT words FROM note FOR UPDATE"
    async with own.kitchen(household, person, write=True) as kitchen:
        await insert(kitchen, "x")
    async with own.kitchen(household, person, write=True) as first:
        await first.fetch(lock)
        with pytest.raises(Locked):
            async with own.kitchen(household, person, write=True) as second:
                await second.fetch(lock)
        assert await count(first) == 1


async def test_what_follows_a_commit_is_done_after_it_and_only_then(own: Database, notes: FreshDatabase) -> None:
    household, person = new_id(), new_id()
    seen: list[Any] = []

    async def look() -> None:
        seen.append(len(await notes.rows("SELECT words FROM chat.note")))

    async def fail() -> None:
        raise RuntimeError("Redis is away, say")

    async def work(words: str) -> None:
        async with own.kitchen(household, person, write=True) as kitchen:
            await insert(kitchen, words)
            kitchen.after_commit(fail)
            kitchen.after_commit(look)

    await work("x")
    with pytest.raises(asyncpg.UniqueViolationError):
        await work("x")
    assert seen == [1]


async def test_rows_become_structs(own: Database) -> None:
    async with own.kitchen(new_id(), new_id(), write=True) as kitchen:
        assert maybe(await kitchen.fetchrow("SELECT words FROM note"), Note) is None
        with pytest.raises(NotFound):
            one(await kitchen.fetchrow("SELECT words FROM note"), Note)
        await insert(kitchen, "a")
        await insert(kitchen, "b")
        rows = await kitchen.fetch("SELECT words FROM note ORDER BY words")
        assert many(rows, Note) == [Note("a"), Note("b")]
        assert one(rows[0], Note) == maybe(rows[0], Note) == Note("a")


async def test_a_service_has_its_own_schema_and_the_limits_of_the_house(own: Database) -> None:
    expected = {
        "search_path": "chat, extensions",
        "statement_timeout": "5s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
        "TimeZone": "UTC",
        "application_name": "popote-chat",
        "is_superuser": "off",
    }
    async with own.kitchen() as kitchen:
        found = {name: await kitchen.fetchval("SELECT current_setting($1)", name) for name in expected}
    assert found == expected
