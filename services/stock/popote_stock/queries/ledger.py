"""The journal: actions and their lines, only ever added to, and the lots that follow from them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from popote_kit.codec import exact_json
from popote_kit.database import Kitchen, many, maybe, one
from popote_kit.sync import Version
from popote_stock.model.journal import ActionKind, Change, Later, Line
from popote_stock.model.lists import Line as ShoppingLine
from popote_stock.model.lots import Lot
from popote_stock.model.takes import Reason

LOT_COLUMNS: Final = (
    "id", "item_id", "parent_id", "amount", "location_id", "best_before", "use_by", "added_at", "opened_at",
    "frozen_at", "thawed_at", "price", "currency", "price_for", "expires_on", "expires_why", "is_use_by",
)  # fmt: skip

ACTION: Final = """
    a.id, a.sequence, a.kind, a.reason, a.undoes, a.stands, a.service, a.request_hash, a.note, a.shopping, a.person_id,
    a.at, u.id AS undone_by
      FROM action a
      LEFT JOIN action u ON u.household_id = a.household_id AND u.undoes = a.id
"""

MAX_PAGE_LINES: Final = 2000
MAX_CHAIN: Final = 1000  # an action, its undo, the undo of that, and so on


class NewAction(Struct, frozen=True, kw_only=True):
    """An action to record; `sequence` is the household's version in this transaction."""

    id: UUID
    sequence: int
    kind: ActionKind
    reason: Reason | None = None
    undoes: UUID | None = None
    stands: bool = True
    service: str | None = None
    request_hash: bytes | None = None
    note: str = ""
    shopping: list[ShoppingLine] | None = None


class Action(NewAction, frozen=True, kw_only=True):
    """An action of the journal; `undone_by` is the one that took it back."""

    person_id: UUID
    at: datetime
    undone_by: UUID | None = None


class Entry(Struct, frozen=True, kw_only=True):
    """A line of the journal with its action, as it is shown; `lines_before` are those of later actions on the page."""

    action_id: UUID
    sequence: int
    lines_before: int
    action_kind: ActionKind
    reason: Reason | None
    undoes: UUID | None
    undone_by: UUID | None
    person_id: UUID
    service: str | None
    note: str
    at: datetime
    kind: str
    lot_id: UUID
    item_id: UUID
    name: str
    item_unit: str
    delta: int
    amount: Decimal | None
    unit: str | None
    is_approximate: bool


class ShownLine(Struct, frozen=True, kw_only=True):
    """A line of one action, with the unit in which its item is shown; `after` is there where the lot is new."""

    kind: str
    lot_id: UUID
    item_id: UUID
    item_unit: str
    delta: int
    is_new: bool
    is_approximate: bool
    after: Lot | None


class Place(Struct, frozen=True):
    """Where a page of the journal ended."""

    sequence: Version


class Difference(Struct, frozen=True):
    """A lot whose balance is not the sum of its lines, in base units."""

    lot_id: UUID
    journal: int
    on_hand: int


async def record(kitchen: Kitchen, action: NewAction, changes: Sequence[Change]) -> None:
    """Add an action with its lines to the journal, and store the lots as they are afterwards; one statement."""
    last = {change.lot.id: change for change in changes}
    stored = [change.after for change in last.values() if change.after]
    await kitchen.execute(
        """
        WITH new_action AS (
            INSERT INTO action (household_id, sequence, id, kind, reason, undoes, stands, service, request_hash,
                                note, shopping, person_id, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            RETURNING sequence
        ), new_line AS (
            INSERT INTO action_line (household_id, sequence, number, kind, lot_id, item_id, delta, amount, unit,
                                     price, currency, is_new, is_gone, is_approximate, before, after)
            SELECT $1, a.sequence, l.number, l.kind, l.lot_id, l.item_id, l.delta, l.amount, l.unit,
                   l.price, l.currency, l.is_new, l.is_gone, l.is_approximate, l.before::jsonb, l.after::jsonb
              FROM new_action a,
                   unnest($14::text[], $15::uuid[], $16::uuid[], $17::bigint[], $18::numeric[], $19::text[],
                          $20::numeric[], $21::text[], $22::boolean[], $23::boolean[], $44::boolean[], $24::text[],
                          $25::text[])
                   WITH ORDINALITY AS l (kind, lot_id, item_id, delta, amount, unit, price, currency, is_new, is_gone,
                                         is_approximate, before, after, number)
        ), gone AS (
            DELETE FROM lot WHERE household_id = $1 AND id = ANY($43)
        )
        INSERT INTO lot (household_id, version, id, item_id, parent_id, amount, location_id, best_before, use_by,
                         added_at, opened_at, frozen_at, thawed_at, price, currency, price_for, expires_on, expires_why,
                         is_use_by)
        SELECT $1, $2, new.*
          FROM unnest($26::uuid[], $27::uuid[], $28::uuid[], $29::bigint[], $30::uuid[], $31::date[], $32::date[],
                      $33::timestamptz[], $34::timestamptz[], $35::timestamptz[], $36::timestamptz[], $37::numeric[],
                      $38::text[], $39::bigint[], $40::date[], $41::text[], $42::boolean[]) AS new
            ON CONFLICT (household_id, id) DO UPDATE
           SET version = excluded.version, amount = excluded.amount, location_id = excluded.location_id,
               best_before = excluded.best_before, use_by = excluded.use_by, opened_at = excluded.opened_at,
               frozen_at = excluded.frozen_at, thawed_at = excluded.thawed_at, price = excluded.price,
               currency = excluded.currency, price_for = excluded.price_for, expires_on = excluded.expires_on,
               expires_why = excluded.expires_why, is_use_by = excluded.is_use_by
        """,
        kitchen.household,
        *(action.sequence, action.id, action.kind, action.reason, action.undoes, action.stands, action.service),
        *(action.request_hash, action.note, action.shopping, kitchen.person, kitchen.now),
        *_line_columns(changes),
        *([getattr(lot, name) for lot in stored] for name in LOT_COLUMNS),
        [change.lot.id for change in last.values() if change.after is None],
        [change.is_approximate for change in changes],
    )


def _line_columns(changes: Sequence[Change]) -> Iterable[list[Any]]:
    yield [change.kind for change in changes]
    yield [change.lot.id for change in changes]
    yield [change.lot.item_id for change in changes]
    yield [change.delta for change in changes]
    yield [change.typed.amount if change.typed else None for change in changes]
    yield [change.typed.unit if change.typed else None for change in changes]
    yield [change.cost for change in changes]
    yield [change.lot.currency for change in changes]
    yield [change.before is None for change in changes]
    yield [change.after is None for change in changes]
    yield [_json(change.before) if change.tells_facts else None for change in changes]
    yield [_json(change.after) if change.tells_facts else None for change in changes]


def _json(lot: Lot | None) -> str | None:
    return None if lot is None else exact_json(lot)


async def find_action(kitchen: Kitchen, id: UUID) -> Action | None:
    """Read an action of the journal."""
    row = await kitchen.fetchrow(
        f"SELECT {ACTION} WHERE a.household_id = $1 AND a.id = $2",
        kitchen.household,
        id,
    )
    return maybe(row, Action)


async def read_last_of_chain(kitchen: Kitchen, id: UUID) -> Action:
    """Read the last of an action, what took it back, what took that back, and so on; at most `MAX_CHAIN` further.

    Raises:
        NotFound: there is no such action.
    """
    row = await kitchen.fetchrow(
        f"""
        WITH RECURSIVE chain AS (
            SELECT $2::uuid AS id, 1 AS length
             UNION ALL
            SELECT later.id, chain.length + 1
              FROM chain
              JOIN action later ON later.household_id = $1 AND later.undoes = chain.id
             WHERE chain.length < $3
        )
        SELECT {ACTION} WHERE a.household_id = $1 AND a.id = (SELECT id FROM chain ORDER BY length DESC LIMIT 1)
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        id,
        MAX_CHAIN,
    )
    return one(row, Action)


async def find_root(kitchen: Kitchen, id: UUID) -> UUID | None:
    """Return what an undo, or the undo of one, is about in the end; None where more than `MAX_CHAIN` lie between."""
    root: UUID | None = await kitchen.fetchval(
        """
        WITH RECURSIVE chain AS (
            SELECT id, undoes, 1 AS length FROM action WHERE household_id = $1 AND id = $2
             UNION ALL
            SELECT earlier.id, earlier.undoes, chain.length + 1
              FROM chain
              JOIN action earlier ON earlier.household_id = $1 AND earlier.id = chain.undoes
             WHERE chain.length < $3
        )
        SELECT id FROM chain WHERE undoes IS NULL
        """,
        kitchen.household,
        id,
        MAX_CHAIN,
    )
    return root


async def find_known_lots(kitchen: Kitchen, ids: Sequence[UUID]) -> UUID | None:
    """Return one of those ids that the journal knows a lot by."""
    if not ids:
        return None
    return await kitchen.fetchval(  # type: ignore[no-any-return]  # the column's type
        "SELECT lot_id FROM action_line WHERE household_id = $1 AND lot_id = ANY($2) LIMIT 1", kitchen.household, ids
    )


async def read_lines(kitchen: Kitchen, sequence: int) -> list[Line]:
    """Read the lines of an action, in their order."""
    rows = await kitchen.fetch(
        """
        SELECT lot_id, delta, is_new, is_gone, before, after
          FROM action_line
         WHERE household_id = $1 AND sequence = $2
         ORDER BY number
        """,
        kitchen.household,
        sequence,
    )
    return many(rows, Line)


async def read_shown(kitchen: Kitchen, sequence: int) -> list[ShownLine]:
    """Read the lines of an action, in their order, as they are shown."""
    rows = await kitchen.fetch(
        """
        SELECT l.kind, l.lot_id, l.item_id, i.unit AS item_unit, l.delta, l.is_new, l.is_approximate, l.after
          FROM action_line l
          JOIN item i ON i.household_id = $1 AND i.id = l.item_id
         WHERE l.household_id = $1 AND l.sequence = $2
         ORDER BY l.number
        """,
        kitchen.household,
        sequence,
    )
    return many(rows, ShownLine)


async def read_later(kitchen: Kitchen, sequence: int, lots: Iterable[UUID]) -> list[Later]:
    """Read what actions after `sequence` did to `lots`, in their order."""
    rows = await kitchen.fetch(
        """
        SELECT l.lot_id, l.delta, l.is_new, l.is_gone, l.before, l.after, a.id AS action_id, a.kind, a.at,
               a.stands AND u.id IS NULL AS stands, u.id IS NOT NULL AS is_undone
          FROM action_line l
          JOIN action a ON a.household_id = $1 AND a.sequence = l.sequence
          LEFT JOIN action u ON u.household_id = $1 AND u.undoes = a.id
         WHERE l.household_id = $1 AND l.lot_id = ANY($3) AND l.sequence > $2
         ORDER BY l.sequence, l.number
        """,
        kitchen.household,
        sequence,
        list(lots),
    )
    return many(rows, Later)


async def read_journal(kitchen: Kitchen, limit: int, before: Place | None, item: UUID | None) -> list[Entry]:
    """Read the lines of the last `limit` actions before the place `before`, the last action first.

    Of an action with `MAX_PAGE_LINES` or more before it only the first line: it is for another page.
    """
    # Two statements: one with both in it would walk the whole journal for an item that was seldom bought.
    of_item = "a.sequence IN (SELECT l.sequence FROM action_line l WHERE l.household_id = $1 AND l.item_id = $4)"
    rows = await kitchen.fetch(
        f"""
        WITH page AS (
            SELECT a.*, u.id AS undone_by
              FROM action a
              LEFT JOIN action u ON u.household_id = $1 AND u.undoes = a.id
             WHERE a.household_id = $1 AND ($2::bigint IS NULL OR a.sequence < $2)
               AND {of_item if item else "$4::uuid IS NULL"}
             ORDER BY a.sequence DESC
             LIMIT $3
        ), measured AS (
            SELECT page.*, sum(there.lines) OVER (ORDER BY page.sequence DESC) - there.lines AS lines_before
              FROM page
             CROSS JOIN LATERAL (
                       SELECT count(*) AS lines
                         FROM action_line l
                        WHERE l.household_id = $1 AND l.sequence = page.sequence
                   ) AS there
        )
        SELECT page.id AS action_id, page.sequence, page.lines_before::int, page.kind AS action_kind, page.reason,
               page.undoes, page.undone_by, page.person_id, page.service, page.note, page.at,
               l.kind, l.lot_id, l.item_id, i.name, i.unit AS item_unit, l.delta, l.amount, l.unit,
               l.is_approximate
          FROM measured AS page
          JOIN action_line l ON l.household_id = $1 AND l.sequence = page.sequence
                            AND (page.lines_before < $5 OR l.number = 1)
          JOIN item i ON i.household_id = $1 AND i.id = l.item_id
         ORDER BY page.sequence DESC, l.number
        """,  # noqa: S608 - fixed texts
        kitchen.household,
        before.sequence if before else None,
        limit,
        item,
        MAX_PAGE_LINES,
    )
    return many(rows, Entry)


async def check(kitchen: Kitchen) -> tuple[int, list[Difference]]:
    """Count the lots, and find those whose balance is not the sum of the journal: there should be none."""
    rows = await kitchen.fetch(
        """
        WITH journal AS (
            SELECT lot_id, sum(delta)::bigint AS total FROM action_line WHERE household_id = $1 GROUP BY lot_id
        ), compared AS (
            SELECT coalesce(lot.id, journal.lot_id) AS lot_id, coalesce(journal.total, 0) AS journal,
                   coalesce(lot.amount, 0) AS on_hand
              FROM journal
              FULL JOIN (SELECT id, amount FROM lot WHERE household_id = $1) AS lot ON lot.id = journal.lot_id
        )
        SELECT lot_id, journal, on_hand FROM compared WHERE journal <> on_hand
        UNION ALL
        SELECT NULL, NULL, count(*) FROM compared
        """,
        kitchen.household,
    )
    lots: int = next(row["on_hand"] for row in rows if row["lot_id"] is None)
    return lots, many((row for row in rows if row["lot_id"] is not None), Difference)
