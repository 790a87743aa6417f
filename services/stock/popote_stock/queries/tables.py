"""What is on hand, as a table tells it."""

from typing import Final, NamedTuple
from uuid import UUID

from popote_kit.database import Kitchen, many
from popote_stock.model.lots import Lot
from popote_stock.queries.lots import OF_LOT


class KeptLot(Lot, frozen=True, kw_only=True):
    """A lot, with what a table tells of its item and of where it is kept."""

    name: str
    name_key: str
    unit: str
    note: str
    location: str | None
    category: str | None
    gtin: str | None


class Place(NamedTuple):
    """Where a page of lots ended."""

    name_key: str
    item_id: UUID
    id: UUID


START: Final = Place("", UUID(int=0), UUID(int=0))


async def read_kept(kitchen: Kitchen, limit: int, after: Place) -> list[KeptLot]:
    """Read the lots that hold something and come after a place, in the order of the names of their items."""
    rows = await kitchen.fetch(
        f"""
        SELECT {OF_LOT}, i.name, i.name_key, i.unit, i.note, l.name AS location, c.name AS category,
               (SELECT min(b.gtin) FROM item_barcode b WHERE b.household_id = $1 AND b.item_id = i.id) AS gtin
          FROM item i
          JOIN lot ON lot.household_id = $1 AND lot.item_id = i.id AND lot.amount > 0
          LEFT JOIN location l ON l.household_id = $1 AND l.id = lot.location_id
          LEFT JOIN category c ON c.household_id = $1 AND c.id = i.category_id
         WHERE i.household_id = $1 AND i.deleted_at IS NULL
           AND i.name_key >= $2          -- an index tells this, and not the next, which is over two tables
           AND (i.name_key, i.id, lot.id) > ($2, $3, $4)
         ORDER BY i.name_key, i.id, lot.id
         LIMIT $5
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        *after,
        limit,
    )
    return many(rows, KeptLot)
