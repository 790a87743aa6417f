"""The outbox: facts that a service announces, in the transaction that made them true.

Whoever listens is told to look, here and through Redis; what there is to see stands in PostgreSQL, so a lost "look"
costs a few seconds and nothing else. Other services read the events of all households; phones, through `live`, those of
their own.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, NamedTuple
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from msgspec import Meta

from popote_kit import pages
from popote_kit.database import Database, Kitchen, Record, many, one
from popote_kit.identity import Caller
from popote_kit.pages import Limit
from popote_kit.problems import Invalid, Malformed, Unauthenticated, Unavailable, documented
from popote_kit.sync import Resync

KEPT: Final = timedelta(days=30)
MAX_NUMBER: Final = 2**63 - 1
EPOCH_DIGITS: Final = 8

After = Annotated[
    str | None,
    QueryParameter(max_length=1024, description="`next` of the last answer; none: from the first kept."),
]
Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]


class Place(NamedTuple):
    """How far somebody has read a household's events: the beginning of the epoch, and the number of the last."""

    epoch: str
    number: int


class Standing(msgspec.Struct):
    """How far a household's events go: the epoch, and the numbers of the first and the last that is kept."""

    epoch: UUID
    first: int
    last: int

    @property
    def place(self) -> Place:
        return Place(self.epoch.hex[:EPOCH_DIGITS], self.last)

    def leads_on_from(self, place: Place) -> bool:
        """Tell whether every event after `place` is still there."""
        return place.epoch == self.place.epoch and self.first - 1 <= place.number <= self.last


class Told(msgspec.Struct):
    """An event as phones get it; the payload is JSON."""

    number: int
    kind: str
    payload: str


class Event(msgspec.Struct):
    """A fact of one household; its events are in the order of their versions, and of their ids within one."""

    id: int
    household_id: UUID
    kind: str
    version: int
    at: datetime
    payload: Any


class Events(msgspec.Struct):
    """One page; `next` is where to go on, also when there was nothing new."""

    events: list[Event]
    next: str


class _End(msgspec.Struct):
    """Where a page of all events ended, in which epoch: transaction ids of another mean nothing."""

    epoch: UUID
    xid: Number
    id: Number


async def announce(kitchen: Kitchen, kind: str, version: int, payload: object) -> None:
    """Write an event of the household, with the version that `sync.next_version` gave this transaction.

    `kind` is 1 to 64 of `a-z_.`; `payload` is an object of at most 64 KiB of JSON.
    """
    await kitchen.execute(
        """
        INSERT INTO outbox (household_id, number, version, kind, payload, at)
        SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5 FROM outbox WHERE household_id = $1
        """,
        kitchen.household,
        version,
        kind,
        payload,
        kitchen.now,
    )
    kitchen.after_commit(kitchen.wake)


async def read_standing(kitchen: Kitchen) -> Standing:
    row = await kitchen.fetchrow(
        """
        SELECT id AS epoch, coalesce((SELECT min(number) FROM outbox WHERE household_id = $1), 1) AS first,
               coalesce((SELECT max(number) FROM outbox WHERE household_id = $1), 0) AS last
          FROM epoch
        """,
        kitchen.household,
    )
    return one(row, Standing)


async def read_after(kitchen: Kitchen, place: Place, limit: int) -> list[Told]:
    """Read the household's next events, in the order of commits."""
    rows = await kitchen.fetch(
        """
        SELECT number, kind, payload::text AS payload
          FROM outbox
         WHERE household_id = $1 AND number > $2
         ORDER BY number
         LIMIT $3
        """,
        kitchen.household,
        place.number,
        limit,
    )
    return many(rows, Told)


async def read_newest(kitchen: Kitchen, seen: Mapping[UUID, int]) -> dict[UUID, int]:
    """Return the number of the newest event for each household that has one newer than it has `seen`."""
    rows = await kitchen.fetch(
        """
        SELECT listening.household_id, newest.number
          FROM unnest($1::uuid[], $2::bigint[]) AS listening (household_id, number)
         CROSS JOIN LATERAL (
                   SELECT number
                     FROM outbox
                    WHERE outbox.household_id = listening.household_id AND outbox.number > listening.number
                    ORDER BY number DESC
                    LIMIT 1
               ) AS newest
        """,
        list(seen.keys()),
        list(seen.values()),
    )
    return {row["household_id"]: row["number"] for row in rows}


async def read_page(kitchen: Kitchen, after: str | None, limit: int) -> Events:
    """Read the next events of all households, in the order of transaction ids.

    They end below the oldest transaction that still runs, so nothing can come to stand before what was read.

    Raises:
        Malformed: `after` is not one of our places.
        Resync: it is from another epoch, or events behind it are no longer kept.
    """
    end = pages.place(after, _End)
    rows = await kitchen.fetch(
        """
        WITH page AS (
            SELECT *
              FROM outbox
             WHERE (xid, id) > ($1::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
             ORDER BY xid, id
             LIMIT $3
        )
        SELECT epoch.id AS epoch, epoch.swept,
               page.xid::text, page.id, page.household_id, page.kind, page.version, page.at, page.payload::text
          FROM epoch LEFT JOIN page ON true
         ORDER BY page.xid, page.id
        """,
        str(end.xid if end else 0),
        end.id if end else 0,
        limit,
    )
    epoch = rows[0]["epoch"]
    if end and (end.epoch != epoch or end.id < rows[0]["swept"]):
        raise Resync
    found = [row for row in rows if row["id"]]
    last = _End(epoch, int(found[-1]["xid"]), found[-1]["id"]) if found else end or _End(epoch, 0, 0)
    return Events([_event(row) for row in found], pages.cursor(last))


def _event(row: Record) -> Event:
    payload = msgspec.Raw(row["payload"])
    return Event(row["id"], row["household_id"], row["kind"], row["version"], row["at"], payload)


def routes(service: str) -> list[HTTPRouteHandler]:
    """Return the route on which other services read what `service` announces."""

    @get(
        "/internal/events",
        operation_id=f"{service}_outbox",
        responses=documented(Unauthenticated, Malformed, Invalid, Resync, Unavailable),
    )
    async def read_events(
        caller: NamedDependency[Caller],  # noqa: ARG001 - there must be one, and on /internal/ it is a service
        database: NamedDependency[Database],
        after: After = None,
        limit: Limit = 100,
    ) -> Events:
        """Read what happened, in all households."""
        async with database.kitchen() as kitchen:
            return await read_page(kitchen, after, limit)

    return [read_events]


async def sweep(database: Database, now: datetime) -> int:
    """Forget the events older than `KEPT`, but not the last of a household; return how many.

    So the first number that a household keeps tells whether a phone that was away has missed some, and `swept` whether
    a service has.
    """
    async with database.kitchen(write=True) as kitchen:
        swept: int = await kitchen.fetchval(
            """
            WITH swept AS (
                DELETE FROM outbox AS old
                 WHERE id < coalesce((SELECT id FROM outbox WHERE at >= $1 ORDER BY id LIMIT 1), $2)
                   AND EXISTS (SELECT FROM outbox
                                WHERE household_id = old.household_id AND number > old.number)
                RETURNING id
            ), raised AS (
                UPDATE epoch SET swept = greatest(swept, (SELECT max(id) FROM swept))
            )
            SELECT count(*) FROM swept
            """,
            now - KEPT,
            MAX_NUMBER,
        )
    return swept
