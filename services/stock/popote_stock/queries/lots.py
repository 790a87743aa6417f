"""Lots: what there is of what."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from msgspec import Struct

from popote_kit.database import Kitchen, many, one
from popote_stock.model.lots import Lot
from popote_stock.queries.cursors import NameKey

COLUMNS: Final = (
    "id, item_id, amount, added_at, price_for, parent_id, location_id, best_before, use_by, opened_at, frozen_at, "
    "thawed_at, price, currency, expires_on, expires_why, is_use_by"
)
# The price as a text: through JSON, too, it stays exact.
OF_LOT: Final = ", ".join(f"lot.{name}" for name in COLUMNS.split(", ")).replace(
    "lot.price,", "lot.price::text AS price,"
)


class Place(Struct, frozen=True):
    """Where a page of what is on hand ended."""

    name_key: NameKey
    id: UUID


class Soon(Struct, frozen=True):
    """Where a page of what expires ended."""

    expires_on: date
    id: UUID


class ShownLot(Lot, frozen=True, kw_only=True):
    """A lot with the unit in which it is shown, that of its item."""

    unit: str


class HeldLot(ShownLot, frozen=True, kw_only=True):
    """A lot with what is to be told of its item."""

    name: str
    name_key: str
    version: int


async def read_on_hand(kitchen: Kitchen, limit: int, after: Place | None, location: UUID | None) -> list[HeldLot]:
    """Read the lots of a page of items in the order of their names, the lot that goes first at the front."""
    rows = await kitchen.fetch(
        f"""
        WITH page AS (
            SELECT i.id, i.name, i.name_key, i.unit
              FROM item i
             WHERE i.household_id = $1 AND i.deleted_at IS NULL AND ($2::text IS NULL OR (i.name_key, i.id) > ($2, $3))
               AND EXISTS (SELECT FROM lot WHERE lot.household_id = $1 AND lot.item_id = i.id AND lot.amount > 0
                                             AND ($5::uuid IS NULL OR lot.location_id = $5))
             ORDER BY i.name_key, i.id
             LIMIT $4
        )
        SELECT {OF_LOT}, lot.version, page.name, page.name_key, page.unit
          FROM page
          JOIN lot ON lot.household_id = $1 AND lot.item_id = page.id AND lot.amount > 0
                  AND ($5::uuid IS NULL OR lot.location_id = $5)
         ORDER BY page.name_key, page.id, lot.opened_at IS NULL, lot.expires_on NULLS LAST, lot.added_at, lot.id
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        after.name_key if after else None,
        after.id if after else None,
        limit,
        location,
    )
    return many(rows, HeldLot)


async def read_expiring(kitchen: Kitchen, until: date, limit: int, after: Soon | None) -> list[HeldLot]:
    """Read the lots that keep until `until` at the longest, the soonest first."""
    rows = await kitchen.fetch(
        f"""
        SELECT {OF_LOT}, lot.version, i.name, i.name_key, i.unit
          FROM lot
          JOIN item i ON i.household_id = lot.household_id AND i.id = lot.item_id
         WHERE lot.household_id = $1 AND lot.amount > 0 AND lot.expires_on <= $2
           AND ($3::date IS NULL OR (lot.expires_on, lot.id) > ($3, $4))
         ORDER BY lot.expires_on, lot.id
         LIMIT $5
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        until,
        after.expires_on if after else None,
        after.id if after else None,
        limit,
    )
    return many(rows, HeldLot)


async def read_of_item(kitchen: Kitchen, item: UUID) -> list[HeldLot]:
    """Read the lots of an item that hold something, the one that goes first at the front.

    Raises:
        NotFound: the household knows no such item.
    """
    rows = await kitchen.fetch(
        f"""
        SELECT {OF_LOT}, lot.version, i.name, i.name_key, i.unit
          FROM item i
          LEFT JOIN lot ON lot.household_id = i.household_id AND lot.item_id = i.id AND lot.amount > 0
         WHERE i.household_id = $1 AND i.id = $2 AND i.deleted_at IS NULL
         ORDER BY lot.opened_at IS NULL, lot.expires_on NULLS LAST, lot.added_at, lot.id
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        item,
    )
    one(rows[0] if rows else None, Named)
    return many((row for row in rows if row["id"]), HeldLot)


class Named(Struct, frozen=True):
    name: str


async def read_open(kitchen: Kitchen, items: Iterable[UUID], named: Iterable[UUID] = ()) -> list[Lot]:
    """Read the lots of `items` that hold something, and those that are `named`, whatever they hold.

    The household's counter is held by the transaction: nobody changes them until commit.
    """
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM lot
         WHERE household_id = $1 AND ((item_id = ANY($2) AND amount > 0) OR id = ANY($3))
         ORDER BY id
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        list(items),
        list(named),
    )
    return many(rows, Lot)


async def read_some(kitchen: Kitchen, ids: Iterable[UUID]) -> dict[UUID, Lot]:
    """Read those of the lots that there are, by id."""
    return {lot.id: lot for lot in await read_open(kitchen, (), ids)}


async def set_expiry(kitchen: Kitchen, lots: Sequence[Lot], version: int) -> None:
    """Store until when `lots` keep."""
    await kitchen.execute(
        """
        UPDATE lot SET expires_on = new.expires_on, expires_why = new.why, is_use_by = new.is_use_by, version = $2
          FROM unnest($3::uuid[], $4::date[], $5::text[], $6::boolean[]) AS new (id, expires_on, why, is_use_by)
         WHERE household_id = $1 AND lot.id = new.id
        """,
        kitchen.household,
        version,
        [lot.id for lot in lots],
        [lot.expires_on for lot in lots],
        [lot.expires_why for lot in lots],
        [lot.is_use_by for lot in lots],
    )
