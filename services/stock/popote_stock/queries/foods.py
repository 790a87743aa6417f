"""What items are: which of them nutrition is to be asked about, and what it told."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from popote_kit.codec import exact_json
from popote_kit.database import Kitchen, many
from popote_stock.model.items import Item
from popote_stock.queries.items import COLUMNS

FIRST: Final = UUID(int=0)


async def find_household_to_ask_for(kitchen: Kitchen, after: UUID) -> UUID | None:
    """Return the next household, in the order of ids, with items that nutrition is to be asked about."""
    household: UUID | None = await kitchen.fetchval("SELECT household_to_ask_for($1)", after)
    return household


async def read_due(kitchen: Kitchen, limit: int, after: UUID) -> list[Item]:
    """Read the items after `after`, in the order of ids, that nutrition is to be asked about."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM item i
         WHERE i.household_id = $1 AND i.food_due > 0 AND i.deleted_at IS NULL AND i.id > $2
         ORDER BY i.id
         LIMIT $3
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        after,
        limit,
    )
    return many(rows, Item)


async def put_foods(kitchen: Kitchen, items: Sequence[Item], version: int) -> None:
    """Store which food each of these items is, and what its minimum counts as by that."""
    await kitchen.execute(
        """
        UPDATE item
           SET food_id = told.food_id, food_facts = told.food_facts::jsonb, food_names = told.food_names,
               food_due = told.food_due, minimum = told.minimum, version = $2
          FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::integer[], $8::bigint[])
               AS told (id, food_id, food_facts, food_names, food_due, minimum)
         WHERE item.household_id = $1 AND item.id = told.id
        """,
        kitchen.household,
        version,
        [item.id for item in items],
        [item.food_id for item in items],
        [exact_json(item.food_facts) for item in items],
        [item.food_names for item in items],
        [item.food_due for item in items],
        [item.minimum for item in items],
    )


async def set_asked(kitchen: Kitchen, ids: Sequence[UUID]) -> None:
    """Note that nutrition was asked about these items, and that all is as it was."""
    await kitchen.execute(
        "UPDATE item SET food_due = 0 WHERE household_id = $1 AND id = ANY($2)", kitchen.household, ids
    )


async def ask_about_foods(kitchen: Kitchen, foods: Sequence[UUID]) -> None:
    """Have nutrition asked again about the items that are one of the foods, and those that might be by their names."""
    await kitchen.execute(
        """
        UPDATE item SET food_due = food_due + 1
         WHERE household_id = $1 AND deleted_at IS NULL
           AND (food_id = ANY($2) OR food_id IS NULL AND NOT is_food_chosen)
        """,
        kitchen.household,
        foods,
    )


async def ask_about_names(kitchen: Kitchen, names: Sequence[str]) -> None:
    """Have nutrition asked again about the items that might be called so, unless their food was chosen.

    What counts as the same name is nutrition's to say; here the beginning of one word in common is enough.
    """
    await kitchen.execute(
        """
        UPDATE item SET food_due = food_due + 1
         WHERE household_id = $1 AND deleted_at IS NULL AND NOT is_food_chosen
           AND EXISTS (SELECT
                         FROM unnest($2::text[]) AS name,
                              regexp_split_to_table(plain(name), '[^[:alnum:]]+') AS word
                        WHERE plain(name) = item.name_key
                           OR length(word) > 2 AND position(left(word, 4) IN item.name_key) > 0)
        """,
        kitchen.household,
        names,
    )


async def ask_about_all(kitchen: Kitchen) -> None:
    """Have nutrition asked again about every item of every household."""
    await kitchen.execute("SELECT ask_about_all_items()")
