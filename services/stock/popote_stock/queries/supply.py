"""What there is of everything, for those who reckon with it."""

from uuid import UUID

from msgspec import Struct

from popote_kit import sync
from popote_kit.database import Kitchen, many
from popote_kit.etags import etag
from popote_stock.queries.items import BARCODES


class Supplied(Struct, frozen=True, kw_only=True):
    """An item with, as JSON, what tells how it counts, and the lots of it that hold something.

    Lots are in the order in which to take from them. Of each lot: its id, base units, until when it keeps, whether that
    is a use-by date, whether it is opened.
    """

    id: UUID
    name: str
    food_id: UUID | None
    unit: str
    measure: str
    is_staple: bool
    conversions: str
    barcodes: str
    food_facts: str
    lots: str


async def read_tag(kitchen: Kitchen, *, before_mine: bool = False) -> str:
    """Return the entity tag of what there is, or `before_mine` of what there was before this transaction."""
    return etag(f"{await sync.standing(kitchen, before_mine=before_mine)}.{kitchen.today}")


async def read_supply(kitchen: Kitchen) -> list[Supplied]:
    """Read every item in the order of names, also those of which there is nothing."""
    rows = await kitchen.fetch(
        f"""
        SELECT i.id, i.name, i.food_id, i.unit, i.measure, i.is_staple, i.conversions::text AS conversions,
               i.food_facts::text AS food_facts, coalesce(pack.barcodes::text, '[]') AS barcodes,
               coalesce(there.lots::text, '[]') AS lots
          FROM item i
          LEFT JOIN (SELECT item_id,
                            json_agg(json_build_array(id, amount, expires_on, is_use_by, opened_at IS NOT NULL)
                                     ORDER BY opened_at IS NULL, expires_on NULLS LAST, added_at, id) AS lots
                       FROM lot
                      WHERE household_id = $1 AND amount > 0
                      GROUP BY item_id) AS there ON there.item_id = i.id
          LEFT JOIN (SELECT b.item_id, {BARCODES} AS barcodes
                       FROM item_barcode b
                      WHERE b.household_id = $1
                      GROUP BY b.item_id) AS pack ON pack.item_id = i.id
         WHERE i.household_id = $1 AND i.deleted_at IS NULL
         ORDER BY i.name_key, i.id
        """,  # noqa: S608 - fixed columns
        kitchen.household,
    )
    return many(rows, Supplied)
