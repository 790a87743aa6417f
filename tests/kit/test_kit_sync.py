"""Delta sync: a phone that asks for changes misses nothing and never goes back."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import pytest

from popote_kit import sync
from popote_kit.database import Database, Kitchen
from popote_kit.sync import Changes, Kind, bury, next_version
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
