"""Items: what a household knows."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct

from popote_kit.codec import exact_json
from popote_kit.database import Kitchen, many, maybe
from popote_kit.problems import NotFound
from popote_stock.model.items import Item
from popote_stock.queries.cursors import NameKey

# Decimals as texts: through JSON, too, they stay exact.
BARCODES: Final = """
    jsonb_agg(jsonb_build_object('gtin', b.gtin, 'amount', b.amount::text, 'unit', b.unit) ORDER BY b.gtin)
"""
COLUMNS: Final = f"""
    i.id, i.name, i.name_key, i.unit, i.measure, i.category_id, i.food_id, i.location_id, i.minimum,
    i.minimum_amount::text AS minimum_amount, i.minimum_unit, i.is_staple, i.date_kind, i.purchased_days, i.opened_days,
    i.frozen_days, i.thawed_days, i.conversions, i.food_facts, i.food_names, i.is_food_chosen, i.food_due, i.note,
    i.version, i.created_at, i.deleted_at,
    (SELECT c.name FROM category c WHERE c.household_id = i.household_id AND c.id = i.category_id) AS category,
    coalesce((SELECT {BARCODES}
                FROM item_barcode b WHERE b.household_id = i.household_id AND b.item_id = i.id), '[]') AS barcodes
"""  # noqa: S608 - fixed columns


class Place(Struct, frozen=True):
    """Where a page of items ended."""

    name_key: NameKey
    id: UUID


async def list_items(kitchen: Kitchen, limit: int, after: Place | None, category: UUID | None) -> list[Item]:
    """Read items in the order of their names."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM item i
         WHERE i.household_id = $1 AND i.deleted_at IS NULL
           AND ($2::text IS NULL OR (i.name_key, i.id) > ($2, $3))
           AND ($5::uuid IS NULL OR i.category_id = $5)
         ORDER BY i.name_key, i.id
         LIMIT $4
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        after.name_key if after else None,
        after.id if after else None,
        limit,
        category,
    )
    return many(rows, Item)


async def search_items(kitchen: Kitchen, words: str, limit: int) -> list[Item]:
    """Read the items whose names hold the words, or else are like them, the best first."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM search_items($2, $3) WITH ORDINALITY AS found (id, place)
          JOIN item i ON i.household_id = $1 AND i.id = found.id
         ORDER BY found.place
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        words,
        limit,
    )
    return many(rows, Item)


async def read_item(kitchen: Kitchen, id: UUID) -> Item:
    """Read an item.

    Raises:
        NotFound: the household knows no such item.
    """
    found = await read_items(kitchen, [id])
    if id not in found:
        raise NotFound
    return found[id]


async def read_items(kitchen: Kitchen, ids: Iterable[UUID], *, deleted: bool = False) -> dict[UUID, Item]:
    """Read those of the items that there are, by id; with `deleted` also those that were deleted."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM item i
         WHERE i.household_id = $1 AND i.id = ANY($2) AND (i.deleted_at IS NULL OR $3)
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        list(ids),
        deleted,
    )
    return {item.id: item for item in many(rows, Item)}


async def read_keys(kitchen: Kitchen, names: Sequence[str]) -> dict[str, str]:
    """Return what two spellings of one name share, by each of the names."""
    rows = await kitchen.fetch("SELECT name, plain(name) AS key FROM unnest($1::text[]) AS name", names)
    return {row["name"]: row["key"] for row in rows}


async def find_by_keys(kitchen: Kitchen, keys: Sequence[str]) -> list[Item]:
    """Read the items whose names have one of these keys."""
    rows = await kitchen.fetch(
        f"SELECT {COLUMNS} FROM item i WHERE i.household_id = $1 AND i.name_key = ANY($2) AND i.deleted_at IS NULL",  # noqa: S608 - fixed columns
        kitchen.household,
        keys,
    )
    return many(rows, Item)


async def find_by_barcode(kitchen: Kitchen, gtin: str) -> Item | None:
    """Read the item that a barcode names."""
    row = await kitchen.fetchrow(
        f"""
        SELECT {COLUMNS}
          FROM item_barcode found
          JOIN item i ON i.household_id = $1 AND i.id = found.item_id
         WHERE found.household_id = $1 AND found.gtin = $2 AND i.deleted_at IS NULL
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        gtin,
    )
    return maybe(row, Item)


async def find_name(kitchen: Kitchen, name: str) -> UUID | None:
    """Return the id of the item that has this name, as people read it."""
    return await kitchen.fetchval(  # type: ignore[no-any-return]  # the column's type
        "SELECT id FROM item WHERE household_id = $1 AND name_key = plain($2) AND deleted_at IS NULL",
        kitchen.household,
        name,
    )


async def put_items(kitchen: Kitchen, items: Sequence[Item], version: int) -> None:
    """Store items, new or changed, without their barcodes."""
    plain = (
        "id", "name", "unit", "measure", "category_id", "food_id", "location_id", "minimum", "minimum_amount",
        "minimum_unit", "is_staple", "date_kind", "purchased_days", "opened_days", "frozen_days", "thawed_days", "note",
        "created_at", "food_names", "is_food_chosen", "food_due",
    )  # fmt: skip
    await kitchen.execute(
        """
        INSERT INTO item (household_id, version, id, name, unit, measure, category_id, food_id, location_id, minimum,
                          minimum_amount, minimum_unit, is_staple, date_kind, purchased_days, opened_days, frozen_days,
                          thawed_days, note, created_at, food_names, is_food_chosen, food_due, conversions,
                          food_facts)
        SELECT $1, $2, new.id, new.name, new.unit, new.measure, new.category_id, new.food_id, new.location_id,
               new.minimum, new.minimum_amount, new.minimum_unit, new.is_staple, new.date_kind, new.purchased_days,
               new.opened_days, new.frozen_days, new.thawed_days, new.note, new.created_at, new.food_names,
               new.is_food_chosen, new.food_due, new.conversions::jsonb, new.food_facts::jsonb
          FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[], $10::bigint[],
                      $11::numeric[], $12::text[], $13::boolean[], $14::text[], $15::smallint[], $16::smallint[],
                      $17::smallint[], $18::smallint[], $19::text[], $20::timestamptz[], $21::text[],
                      $22::boolean[], $23::integer[], $24::text[], $25::text[])
               AS new (id, name, unit, measure, category_id, food_id, location_id, minimum, minimum_amount,
                       minimum_unit, is_staple, date_kind, purchased_days, opened_days, frozen_days, thawed_days, note,
                       created_at, food_names, is_food_chosen, food_due, conversions, food_facts)
            ON CONFLICT (household_id, id) DO UPDATE
           SET version = excluded.version, name = excluded.name, unit = excluded.unit, measure = excluded.measure,
               category_id = excluded.category_id, food_id = excluded.food_id, location_id = excluded.location_id,
               minimum = excluded.minimum, minimum_amount = excluded.minimum_amount,
               minimum_unit = excluded.minimum_unit, is_staple = excluded.is_staple, date_kind = excluded.date_kind,
               purchased_days = excluded.purchased_days, opened_days = excluded.opened_days,
               frozen_days = excluded.frozen_days, thawed_days = excluded.thawed_days, note = excluded.note,
               food_names = excluded.food_names, is_food_chosen = excluded.is_food_chosen,
               food_due = excluded.food_due, conversions = excluded.conversions,
               food_facts = excluded.food_facts, deleted_at = NULL
        """,
        kitchen.household,
        version,
        *([getattr(item, name) for item in items] for name in plain),
        [exact_json(item.conversions) for item in items],
        [exact_json(item.food_facts) for item in items],
    )


async def put_barcodes(kitchen: Kitchen, items: Sequence[Item]) -> None:
    """Let each item have exactly its barcodes; none of them is another item's."""
    barcodes = [(item.id, barcode) for item in items for barcode in item.barcodes]
    await kitchen.execute(
        """
        WITH gone AS (
            DELETE FROM item_barcode WHERE household_id = $1 AND item_id = ANY($2) AND gtin <> ALL ($4::text[])
        )
        INSERT INTO item_barcode (household_id, item_id, gtin, amount, unit)
        SELECT $1, new.* FROM unnest($3::uuid[], $4::text[], $5::numeric[], $6::text[]) AS new
            ON CONFLICT (household_id, gtin) DO UPDATE SET amount = excluded.amount, unit = excluded.unit
        """,
        kitchen.household,
        [item.id for item in items],
        [item for item, _ in barcodes],
        [barcode.gtin for _, barcode in barcodes],
        [barcode.amount for _, barcode in barcodes],
        [barcode.unit for _, barcode in barcodes],
    )


async def find_barcodes_of_others(kitchen: Kitchen, item: UUID, gtins: Sequence[str]) -> list[tuple[str, UUID]]:
    """Return those of the barcodes that belong to another item, each with that item."""
    rows = await kitchen.fetch(
        "SELECT gtin, item_id FROM item_barcode WHERE household_id = $1 AND gtin = ANY($2) AND item_id <> $3",
        kitchen.household,
        gtins,
        item,
    )
    return [(row["gtin"], row["item_id"]) for row in rows]


async def delete_item(kitchen: Kitchen, id: UUID, version: int) -> None:
    """Forget an item; its row stays for the journal, without barcodes."""
    await kitchen.execute(
        """
        WITH freed AS (DELETE FROM item_barcode WHERE household_id = $1 AND item_id = $2)
        UPDATE item SET deleted_at = $4, version = $3 WHERE household_id = $1 AND id = $2
        """,
        kitchen.household,
        id,
        version,
        kitchen.now,
    )


async def has_past(kitchen: Kitchen, id: UUID) -> bool:
    """Tell whether the journal knows the item."""
    return bool(
        await kitchen.fetchval(
            "SELECT EXISTS (SELECT FROM action_line WHERE household_id = $1 AND item_id = $2)", kitchen.household, id
        )
    )
