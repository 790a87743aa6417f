"""The outbox: facts that a service announces, in the transaction that made them true.

Whoever listens is told to look, here and through Redis; what there is to see stands in PostgreSQL, so a lost "look"
costs a few seconds and nothing else. Other services read the events of all households; phones, through `live`, those of
their household and those of their person.
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
from popote_kit.identity import NOBODY, Caller
from popote_kit.pages import Limit
from popote_kit.problems import Invalid, Malformed, Unauthenticated, Unavailable, documented
from popote_kit.sync import Of, Resync, owner

KEPT: Final = timedelta(days=30)
MAX_NUMBER: Final = 2**63 - 1
EPOCH_DIGITS: Final = 8

After = Annotated[
    str | None,
    QueryParameter(max_length=1024, description="`next` of the last answer; none: from the first kept."),
]
Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
Owner = tuple[UUID, UUID]  # household and person, `NOBODY` for what is the household's


class Told(msgspec.Struct):
    """An event as phones get it, the household's or the person's `own`; the payload is JSON."""

    number: int
    is_own: bool
    kind: str
    payload: str


class Place(NamedTuple):
    """How far somebody has read: the beginning of the epoch, the last number of the household's and of their own."""

    epoch: str
    number: int
    own: int = 0

    def past(self, event: Told) -> "Place":
        return self._replace(own=event.number) if event.is_own else self._replace(number=event.number)


class Standing(msgspec.Struct):
    """How far events go: the epoch, and the first and the last number kept, of the household's and of one's own."""

    epoch: UUID
    first: int
    last: int
    own_first: int
    own_last: int

    @property
    def place(self) -> Place:
        return Place(self.epoch.hex[:EPOCH_DIGITS], self.last, self.own_last)

    def leads_on_from(self, place: Place) -> bool:
        """Tell whether every event after `place` is still there."""
        is_kept = self.first - 1 <= place.number <= self.last and self.own_first - 1 <= place.own <= self.own_last
        return is_kept and place.epoch == self.place.epoch


class Event(msgspec.Struct):
    """A fact of one household, or of one person in it: in the order of their versions, and of their ids within one.

    `place` is where to go on after it.
    """

    id: int
    household_id: UUID
    person_id: UUID | None
    kind: str
    version: int
    at: datetime
    payload: Any
    place: str


class Events(msgspec.Struct):
    """One page; `next` is where to go on, also when there was nothing new."""

    events: list[Event]
    next: str


class _End(msgspec.Struct):
    """Where a page of all events ended, in which epoch: transaction ids of another mean nothing."""

    epoch: UUID
    xid: Number
    id: Number


async def announce(kitchen: Kitchen, kind: str, version: int, payload: object, *, of: Of = "household") -> None:
    """Write an event `of` the household or of the kitchen's person, with the version that `sync.next_version` gave.

    `kind` is 1 to 64 of `a-z0-9_.`, a letter first; `payload` is an object of at most 64 KiB of JSON.
    """
    await kitchen.execute(
        """
        INSERT INTO outbox (household_id, person_id, number, version, kind, payload, at)
        SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6
          FROM outbox
         WHERE household_id = $1 AND person_id = $2
        """,
        *owner(kitchen, of),
        version,
        kind,
        payload,
        kitchen.now,
    )
    kitchen.after_commit(kitchen.wake)


async def read_standing(kitchen: Kitchen) -> Standing:
    row = await kitchen.fetchrow(
        """
        SELECT epoch.id AS epoch, coalesce(home.first, 1) AS first, coalesce(home.last, 0) AS last,
               coalesce(own.first, 1) AS own_first, coalesce(own.last, 0) AS own_last
          FROM epoch,
               (SELECT min(number) AS first, max(number) AS last
                  FROM outbox WHERE household_id = $1 AND person_id = $3) AS home,
               (SELECT min(number) AS first, max(number) AS last
                  FROM outbox WHERE household_id = $1 AND person_id = $2) AS own
        """,
        *owner(kitchen, "person"),
        NOBODY,
    )
    return one(row, Standing)


async def read_after(kitchen: Kitchen, place: Place, limit: int) -> list[Told]:
    """Read the next events of the household and of the kitchen's person, each in the order of commits."""
    rows = await kitchen.fetch(
        """
        (SELECT number, false AS is_own, kind, payload::text AS payload
           FROM outbox
          WHERE household_id = $1 AND person_id = $3 AND number > $4
          ORDER BY number
          LIMIT $6)
        UNION ALL
        (SELECT number, true, kind, payload::text
           FROM outbox
          WHERE household_id = $1 AND person_id = $2 AND number > $5
          ORDER BY number
          LIMIT $6)
        ORDER BY is_own, number
        LIMIT $6
        """,
        *owner(kitchen, "person"),
        NOBODY,
        place.number,
        place.own,
        limit,
    )
    return many(rows, Told)


async def read_newest(kitchen: Kitchen, seen: Mapping[Owner, int]) -> dict[Owner, int]:
    """Return the number of the newest event for each household or person that has one newer than it has `seen`."""
    rows = await kitchen.fetch(
        """
        SELECT listening.household_id, listening.person_id, newest.number
          FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS listening (household_id, person_id, number)
         CROSS JOIN LATERAL (
                   SELECT number
                     FROM outbox
                    WHERE outbox.household_id = listening.household_id AND outbox.person_id = listening.person_id
                      AND outbox.number > listening.number
                    ORDER BY number DESC
                    LIMIT 1
               ) AS newest
        """,
        [household for household, _ in seen],
        [person for _, person in seen],
        list(seen.values()),
    )
    return {(row["household_id"], row["person_id"]): row["number"] for row in rows}


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
               page.xid::text, page.id, page.household_id, nullif(page.person_id, $4) AS person_id, page.kind,
               page.version, page.at, page.payload::text
          FROM epoch LEFT JOIN page ON true
         ORDER BY page.xid, page.id
        """,
        str(end.xid if end else 0),
        end.id if end else 0,
        limit,
        NOBODY,
    )
    epoch = rows[0]["epoch"]
    if end and (end.epoch != epoch or end.id < rows[0]["swept"]):
        raise Resync
    events = [_event(row) for row in rows if row["id"]]
    return Events(events, events[-1].place if events else pages.cursor(end or _End(epoch, 0, 0)))


def _event(row: Record) -> Event:
    return Event(
        id=row["id"],
        household_id=row["household_id"],
        person_id=row["person_id"],
        kind=row["kind"],
        version=row["version"],
        at=row["at"],
        payload=msgspec.Raw(row["payload"]),
        place=pages.cursor(_End(row["epoch"], int(row["xid"]), row["id"])),
    )


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
    """Forget the events older than `KEPT`, but not the last of a household or person; return how many.

    So the first number that is kept tells whether a phone that was away has missed some, and `swept` whether
    a service has.
    """
    async with database.kitchen(write=True) as kitchen:
        swept: int = await kitchen.fetchval(
            """
            WITH swept AS (
                DELETE FROM outbox AS old
                 WHERE id < coalesce((SELECT id FROM outbox WHERE at >= $1 ORDER BY id LIMIT 1), $2)
                   AND EXISTS (SELECT FROM outbox
                                WHERE household_id = old.household_id AND person_id = old.person_id
                                  AND number > old.number)
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
