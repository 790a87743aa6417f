"""Delta sync: what has changed in a household since a phone last asked, and what is gone.

Each row carries the version of the transaction that wrote it last. Versions come from the household's counter, which is
also its write lock, so they are in the order of commits and a reader who has seen one has seen all before it.

Rows of one person draw from that person's own counter, `of="person"`, which nobody else sees or waits for. Who writes
both takes the household's version first.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from litestar.params import QueryParameter
from msgspec import Meta

from popote_kit import pages
from popote_kit.database import Database, Kitchen, Record, one
from popote_kit.identity import NOBODY
from popote_kit.problems import Malformed, Problem

KEPT: Final = timedelta(days=180)  # tombstones
MAX_LIMIT: Final = 500
MAX_VERSION: Final = 2**63 - 1
_LAST_KIND: Final = "~"  # sorts behind every name
_LAST_ID: Final = UUID(int=2**128 - 1)

Since = Annotated[
    int,
    QueryParameter(ge=0, le=MAX_VERSION, description="`version` of the last answer; 0: all there is."),
]
Epoch = Annotated[UUID | None, QueryParameter(name="epoch", description="`epoch` of the last answer.")]
Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="How many changes at most.")]
Version = Annotated[int, Meta(ge=0, le=MAX_VERSION)]
Of = Literal["household", "person"]  # whose rows


class Resync(Problem):
    """What the phone has can't be brought up to date by changes."""

    type = "/problems/resync"
    title = "Start anew from since=0"
    kind = "gone"
    en = "What this device holds is too old, or from before a backup was restored. Fetch everything again."
    fr = "Ce que contient cet appareil est trop ancien, ou d'avant une restauration. Rechargez tout."


class Kind(msgspec.Struct, frozen=True):
    """Rows that are synced.

    `select` is a SELECT of `id uuid, version bigint, deleted boolean, data jsonb` from one table
    `WHERE household_id = $1`, and `AND person_id = $2` where they are one person's, of a form that PostgreSQL can add
    further conditions to (no LIMIT, no GROUP BY): with an index on (household_id, version, id), or on (household_id,
    person_id, version, id), a page then costs what it holds. `render` makes what is sent out of `data`.
    """

    name: Annotated[str, Meta(pattern="^[a-z_]{1,32}$")]
    select: str
    render: Callable[[dict[str, Any]], object]


class Change(msgspec.Struct):
    """One row as it is now, or with `deleted` that it is gone and `data` is null."""

    kind: str
    id: UUID
    version: int
    deleted: bool
    data: Any = None


class Changes(msgspec.Struct):
    """One page. `version` is the next `since`: it moves on only with the last page, whose `next_cursor` is null."""

    epoch: UUID
    changes: list[Change]
    version: int
    next_cursor: str | None = None


class _Place(msgspec.Struct, frozen=True):
    """Where a page ended, in which walk: what died up to version `known_dead`, the phone knows or never heard of."""

    epoch: UUID | None
    since: Version
    known_dead: Version
    version: Version
    kind: Annotated[str, Meta(pattern="^[a-z_]{0,32}$")]
    id: UUID


class _Standing(msgspec.Struct):
    """What the page is measured against, read in the same snapshot."""

    epoch: UUID
    counter: int
    floor: int

    def refuses(self, place: _Place) -> bool:
        is_from_elsewhere = place.epoch not in (None, self.epoch) or place.since > self.counter
        return is_from_elsewhere or place.known_dead < self.floor


def owner(kitchen: Kitchen, of: Of) -> tuple[UUID, UUID]:
    """Return household and person whose counter it is; the household's own is that of `NOBODY`.

    Raises:
        LookupError: the kitchen works for no person.
    """
    if of == "household":
        return kitchen.household, NOBODY
    if kitchen.person == NOBODY:
        raise LookupError("this kitchen works for no person")
    return kitchen.household, kitchen.person


async def next_version(kitchen: Kitchen, *, of: Of = "household") -> int:
    """Return the version of everything that this transaction writes `of` the household, or of the kitchen's person.

    Its counter is the write lock, held until commit: take it once a transaction, before all other writes.
    """
    version: int = await kitchen.fetchval(
        """
        INSERT INTO counter (household_id, person_id, version) VALUES ($1, $2, 1)
            ON CONFLICT (household_id, person_id) DO UPDATE SET version = counter.version + 1
        RETURNING version
        """,
        *owner(kitchen, of),
    )
    return version


async def standing(kitchen: Kitchen, *, before_mine: bool = False) -> str:
    """Return a text that changes whenever any of the household's rows does; rows that are read after it are as new.

    In a transaction that took its version, `before_mine` gives what it was until then.
    """
    told: str = await kitchen.fetchval(
        """
        SELECT epoch.id || '.' || coalesce(counter.version, 0) - $3::integer
          FROM epoch
          LEFT JOIN counter ON counter.household_id = $1 AND counter.person_id = $2
        """,
        *owner(kitchen, "household"),
        int(before_mine),
    )
    return told


async def bury(kitchen: Kitchen, kind: str, ids: Sequence[UUID], version: int, *, of: Of = "household") -> None:
    """Leave tombstones for rows that are deleted in this transaction."""
    await kitchen.execute(
        """
        INSERT INTO tombstone (household_id, person_id, kind, id, version, buried_at)
        SELECT DISTINCT $1::uuid, $2::uuid, $3, id, $5::bigint, $6::timestamptz FROM unnest($4::uuid[]) AS id
            ON CONFLICT (household_id, person_id, kind, id)
            DO UPDATE SET version = excluded.version, buried_at = excluded.buried_at
        """,
        *owner(kitchen, of),
        kind,
        ids,
        version,
        kitchen.now,
    )


async def unbury(kitchen: Kitchen, kind: str, ids: Sequence[UUID], *, of: Of = "household") -> None:
    """Take the tombstones away of rows that are there again; those rows have this transaction's version."""
    await kitchen.execute(
        "DELETE FROM tombstone WHERE household_id = $1 AND person_id = $2 AND kind = $3 AND id = ANY($4)",
        *owner(kitchen, of),
        kind,
        ids,
    )


async def buried(kitchen: Kitchen, kind: str, ids: Sequence[UUID], *, of: Of = "household") -> set[UUID]:
    """Return those of the ids that are of rows that were deleted, as far back as tombstones are kept."""
    rows = await kitchen.fetch(
        "SELECT id FROM tombstone WHERE household_id = $1 AND person_id = $2 AND kind = $3 AND id = ANY($4)",
        *owner(kitchen, of),
        kind,
        ids,
    )
    return {row["id"] for row in rows}


async def changes(  # noqa: PLR0913 - what a phone may say, by name
    kitchen: Kitchen,
    kinds: Sequence[Kind],
    *,
    since: int,
    epoch: UUID | None,
    cursor: str | None,
    limit: int,
    of: Of = "household",
) -> Changes:
    """Read a page of what changed after version `since`, in the order of (version, kind, id).

    `kinds` are rows `of` the household, or of the kitchen's person. With `since=0` it is what is there, without what
    was deleted before the first page.

    Raises:
        Malformed: `cursor` is none of ours, or belongs to another `since`.
        Resync: the epoch is not ours, or `since` is ahead of the counter or older than the tombstones.
    """
    place = pages.place(cursor, _Place) or _Place(
        epoch, since, known_dead=since or MAX_VERSION, version=since, kind=_LAST_KIND, id=_LAST_ID
    )
    if place.since != since:
        raise Malformed(reason="the cursor belongs to another `since`")
    rows = await kitchen.fetch(_statement(kinds), *owner(kitchen, of), *_arguments(kinds, place, limit))
    standing = one(rows[0], _Standing)
    if standing.refuses(place) or epoch not in (None, standing.epoch):
        raise Resync
    found = [_change(row, kinds) for row in rows if row["id"]]
    if len(found) <= limit:
        return Changes(standing.epoch, found, standing.counter)
    last = found[limit - 1]
    known_dead = min(place.known_dead, standing.counter)
    end = _Place(standing.epoch, since, known_dead, last.version, last.kind, last.id)
    return Changes(standing.epoch, found[:limit], since, pages.cursor(end))


def _change(row: Record, kinds: Sequence[Kind]) -> Change:
    data = row["data"]
    if row["deleted"]:
        return Change(row["kind"], row["id"], row["version"], deleted=True)
    kind = next(kind for kind in kinds if kind.name == row["kind"])
    return Change(kind.name, row["id"], row["version"], deleted=False, data=kind.render(data))


def _statement(kinds: Sequence[Kind]) -> str:
    """Return the one statement that reads the page, and what it is measured against: one snapshot for all."""
    living = "".join(_living(kind, 8 + 2 * number) for number, kind in enumerate(kinds))
    return f"""
        WITH page AS (
            {living}
            (SELECT kind, id, version, true AS deleted, NULL::jsonb AS data
               FROM tombstone
              WHERE household_id = $1 AND person_id = $2 AND (version, kind, id) > ($5, $6, $7) AND version > $4
              ORDER BY version, kind, id
              LIMIT $3)
            ORDER BY version, kind, id
            LIMIT $3
        )
        SELECT epoch.id AS epoch, coalesce(counter.version, 0) AS counter, coalesce(counter.floor, 0) AS floor,
               page.kind, page.id, page.version, page.deleted, page.data
          FROM epoch
          LEFT JOIN counter ON counter.household_id = $1 AND counter.person_id = $2
          LEFT JOIN page ON true
         ORDER BY page.version, page.kind, page.id
    """  # noqa: S608 - the services' own texts


def _living(kind: Kind, parameter: int) -> str:
    return f"""
            (SELECT '{kind.name}' COLLATE "C" AS kind, id, version, deleted, data
               FROM ({kind.select}) AS living
              WHERE (version, id) > (${parameter}::bigint, ${parameter + 1}::uuid) AND (version > $4 OR NOT deleted)
              ORDER BY version, id
              LIMIT $3)
            UNION ALL"""  # noqa: S608 - the services' own texts


def _arguments(kinds: Sequence[Kind], place: _Place, limit: int) -> list[object]:
    """Return what follows household and person."""
    after: list[object] = []
    for kind in kinds:
        if kind.name == place.kind:
            after += [place.version, place.id]
        else:  # the rows of the place's own version come all before it, or all behind it
            after += [place.version if kind.name < place.kind else place.version - 1, _LAST_ID]
    return [limit + 1, place.known_dead, place.version, place.kind, place.id, *after]


async def sweep(database: Database, now: datetime) -> int:
    """Clear the tombstones away that are older than `KEPT`; return how many. Who has not synced since starts anew."""
    swept = 0
    async with database.kitchen() as kitchen:
        while count := await kitchen.fetchval("SELECT sweep_tombstones($1)", now - KEPT):
            swept += count
    return swept
