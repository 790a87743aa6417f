"""Shopping lists and their lines."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from popote_kit.database import Kitchen, many
from popote_kit.problems import NotFound
from popote_stock.model.items import Item
from popote_stock.model.lists import Line, Listed, ShoppingList
from popote_stock.model.trips import Bought
from popote_stock.queries import items

LIST: Final = "id, name, aisles, version, created_at"
COLUMNS: Final = (
    "id", "list_id", "item_id", "name", "amount", "unit", "note", "is_ticked", "marked_at", "marked_by", "created_at",
)  # fmt: skip
LISTED: Final = f"""
    {", ".join(f"l.{name}" for name in COLUMNS)}, l.version, i.category_id,
    coalesce(i.name, l.name) AS title, coalesce(i.name_key, l.name_key) AS key
"""


class Counted(ShoppingList, frozen=True):
    """A list, and how many of its lines are open and ticked."""

    open: int
    ticked: int


class Stocked(Item, frozen=True, kw_only=True):
    """An item, and how much of it is on hand and fit to eat, in base units."""

    on_hand: int


async def list_lists(kitchen: Kitchen, id: UUID | None = None) -> list[Counted]:
    """Read the lists in the order of their names; or the one with that id."""
    rows = await kitchen.fetch(
        f"""
        SELECT {LIST}, lines.open, lines.ticked
          FROM list
         CROSS JOIN LATERAL (
                   SELECT count(*) FILTER (WHERE NOT is_ticked) AS open, count(*) FILTER (WHERE is_ticked) AS ticked
                     FROM list_line l
                    WHERE l.household_id = list.household_id AND l.list_id = list.id
               ) AS lines
         WHERE household_id = $1 AND ($2::uuid IS NULL OR id = $2)
         ORDER BY name_key
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        id,
    )
    return many(rows, Counted)


async def read_list(kitchen: Kitchen, id: UUID) -> Counted:
    """Read a list.

    Raises:
        NotFound: the household has no such list.
    """
    found = await list_lists(kitchen, id)
    if not found:
        raise NotFound
    return found[0]


async def put_list(kitchen: Kitchen, shopping_list: ShoppingList) -> None:
    """Store a list, new or changed."""
    await kitchen.execute(
        """
        INSERT INTO list (household_id, id, name, aisles, version, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (household_id, id) DO UPDATE
           SET name = excluded.name, aisles = excluded.aisles, version = excluded.version
        """,
        kitchen.household,
        shopping_list.id,
        shopping_list.name,
        shopping_list.aisles,
        shopping_list.version,
        shopping_list.created_at,
    )


async def read_lines(kitchen: Kitchen, list_id: UUID, only: Iterable[UUID] | None = None) -> list[Listed]:
    """Read the lines of a list, or those `only`: as one goes through the shop, what is in the trolley last.

    Raises:
        NotFound: the household has no such list.
    """
    rows = await kitchen.fetch(
        f"""
        SELECT {LISTED}
          FROM list
          LEFT JOIN list_line l ON l.household_id = list.household_id AND l.list_id = list.id
                               AND ($3::uuid[] IS NULL OR l.id = ANY($3))
          LEFT JOIN item i ON i.household_id = l.household_id AND i.id = l.item_id
          LEFT JOIN category c ON c.household_id = i.household_id AND c.id = i.category_id
         WHERE list.household_id = $1 AND list.id = $2
         ORDER BY l.is_ticked, array_position(list.aisles, c.id), c.position, c.name_key, key, l.created_at, l.id
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        list_id,
        None if only is None else list(only),
    )
    if not rows:
        raise NotFound
    return many((row for row in rows if row["id"]), Listed)


async def read_line(kitchen: Kitchen, list_id: UUID, id: UUID) -> Listed:
    """Read a line of a list.

    Raises:
        NotFound: the household has no such list, or the list no such line.
    """
    found = await read_lines(kitchen, list_id, [id])
    if not found:
        raise NotFound
    return found[0]


async def read_to_buy(
    kitchen: Kitchen, items: Collection[UUID], keys: Collection[str], *, with_ticked: bool = False
) -> list[Listed]:
    """Read what stands on any list of these items, and under names with these keys: unticked, or whatever it is."""
    rows = await kitchen.fetch(
        f"""
        SELECT {LISTED}
          FROM list_line l
          LEFT JOIN item i ON i.household_id = l.household_id AND i.id = l.item_id
         WHERE l.household_id = $1 AND (NOT l.is_ticked OR $4)
           AND (l.item_id = ANY($2) OR l.item_id IS NULL AND l.name_key = ANY($3))
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        list(items),
        list(keys),
        with_ticked,
    )
    return many(rows, Listed)


async def find_lines(kitchen: Kitchen, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the ids that are lines, on whichever list."""
    rows = await kitchen.fetch(
        "SELECT id FROM list_line WHERE household_id = $1 AND id = ANY($2)", kitchen.household, list(ids)
    )
    return {row["id"] for row in rows}


async def put_lines(kitchen: Kitchen, lines: Collection[Line], version: int) -> None:
    """Store lines, new or changed."""
    await kitchen.execute(
        """
        INSERT INTO list_line (household_id, version, id, list_id, item_id, name, amount, unit, note, is_ticked,
                               marked_at, marked_by, created_at)
        SELECT $1, $2, new.*
          FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::text[], $9::text[],
                      $10::boolean[], $11::timestamptz[], $12::uuid[], $13::timestamptz[]) AS new
            ON CONFLICT (household_id, id) DO UPDATE
           SET version = excluded.version, amount = excluded.amount, unit = excluded.unit, note = excluded.note,
               is_ticked = excluded.is_ticked, marked_at = excluded.marked_at, marked_by = excluded.marked_by
        """,
        kitchen.household,
        version,
        *([getattr(line, name) for line in lines] for name in COLUMNS),
    )


async def delete_lines(kitchen: Kitchen, ids: Collection[UUID]) -> list[Line]:
    """Take lines away; return those that there were, as they were."""
    rows = await kitchen.fetch(
        f"DELETE FROM list_line WHERE household_id = $1 AND id = ANY($2) RETURNING {', '.join(COLUMNS)}",  # noqa: S608 - fixed columns
        kitchen.household,
        list(ids),
    )
    return many(rows, Line)


async def touch_lines(kitchen: Kitchen, item: UUID, version: int) -> None:
    """Let phones hear of the lines of an item that has another name or category."""
    await kitchen.execute(
        "UPDATE list_line SET version = $3 WHERE household_id = $1 AND item_id = $2", kitchen.household, item, version
    )


async def release_lines(kitchen: Kitchen, item: UUID, version: int) -> None:
    """Let the lines of an item that is about to go keep its name."""
    await kitchen.execute(
        """
        UPDATE list_line l SET item_id = NULL, name = i.name, version = $3
          FROM item i
         WHERE l.household_id = $1 AND l.item_id = $2 AND i.household_id = $1 AND i.id = $2
        """,
        kitchen.household,
        item,
        version,
    )


async def release_category(kitchen: Kitchen, category: UUID, version: int) -> None:
    """Take a category that is about to go out of the aisles, and let phones hear of the lines that were in it."""
    await kitchen.execute(
        """
        WITH line AS (
            UPDATE list_line l SET version = $3
              FROM item i
             WHERE l.household_id = $1 AND i.household_id = $1 AND i.id = l.item_id AND i.category_id = $2
        )
        UPDATE list SET aisles = array_remove(aisles, $2), version = $3 WHERE household_id = $1 AND $2 = ANY(aisles)
        """,
        kitchen.household,
        category,
        version,
    )


async def read_stocked(
    kitchen: Kitchen, ids: Collection[UUID], today: date, *, with_short: bool
) -> dict[UUID, Stocked]:
    """Read those of the items that there are, and `with_short` also those of which less is on hand than the minimum."""
    rows = await kitchen.fetch(
        f"""
        SELECT {items.COLUMNS}, there.amount AS on_hand
          FROM item i
         CROSS JOIN LATERAL (
                   SELECT least(coalesce(sum(lot.amount), 0), 9e18)::bigint AS amount
                     FROM lot
                    WHERE lot.household_id = $1 AND lot.item_id = i.id AND lot.amount > 0
                      AND (NOT lot.is_use_by OR lot.expires_on >= $3)
               ) AS there
         WHERE i.household_id = $1 AND i.deleted_at IS NULL AND (i.id = ANY($2) OR i.minimum > there.amount)
           AND i.id IN (SELECT unnest($2::uuid[])
                        UNION ALL
                        SELECT m.id FROM item m
                         WHERE $4 AND m.household_id = $1 AND m.minimum IS NOT NULL AND m.deleted_at IS NULL)
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        list(ids),
        today,
        with_short,
    )
    return {item.id: item for item in many(rows, Stocked)}


async def read_bought(kitchen: Kitchen, ids: Sequence[UUID], currency: str) -> dict[UUID, Bought]:
    """Read what was bought last of each item, and the last price in `currency`."""
    rows = await kitchen.fetch(
        """
        SELECT wanted.id AS item_id, bought.amount, paid.price, paid.price_for
          FROM unnest($2::uuid[]) AS wanted (id)
          LEFT JOIN LATERAL (
                   SELECT price_for AS amount
                     FROM lot
                    WHERE household_id = $1 AND item_id = wanted.id AND parent_id IS NULL
                      AND EXISTS (SELECT FROM action_line l
                                   WHERE l.household_id = $1 AND l.lot_id = lot.id AND l.kind = 'add')
                    ORDER BY added_at DESC, id DESC
                    LIMIT 1
               ) AS bought ON true
          LEFT JOIN LATERAL (
                   SELECT price, price_for
                     FROM lot
                    WHERE household_id = $1 AND item_id = wanted.id AND parent_id IS NULL
                      AND price IS NOT NULL AND currency = $3
                    ORDER BY added_at DESC, id DESC
                    LIMIT 1
               ) AS paid ON true
        """,
        kitchen.household,
        ids,
        currency,
    )
    return {each.item_id: each for each in many(rows, Bought)}


async def delete_list(kitchen: Kitchen, id: UUID) -> list[UUID]:
    """Forget a list; return the ids of its lines, which go with it."""
    rows = await kitchen.fetch(
        "DELETE FROM list_line WHERE household_id = $1 AND list_id = $2 RETURNING id", kitchen.household, id
    )
    await kitchen.execute("DELETE FROM list WHERE household_id = $1 AND id = $2", kitchen.household, id)
    return [row["id"] for row in rows]
