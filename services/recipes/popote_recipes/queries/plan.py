"""The plan's entries."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from popote_kit.database import Kitchen, many
from popote_kit.problems import NotFound
from popote_recipes.model.plan import MEALS, PlanEntry

# The title is the recipe's, also in what is synced: who renames a recipe changes its entries too.
COLUMNS: Final = (
    "e.id, e.day, e.meal, e.recipe_id, coalesce(e.title, (SELECT r.title FROM recipe r WHERE r.household_id = "
    "e.household_id AND r.id = e.recipe_id)) AS title, e.servings, e.note, e.cook_id, e.version, e.created_by, "
    "e.created_at"
)
_ORDER: Final = f"e.day, array_position(ARRAY{list(MEALS)}, e.meal), e.created_at, e.id"


async def find_entry(kitchen: Kitchen, id: UUID) -> PlanEntry | None:
    """Read an entry, if the household has one with this id."""
    rows = await kitchen.fetch(
        f"SELECT {COLUMNS} FROM plan_entry e WHERE e.household_id = $1 AND e.id = $2",  # noqa: S608 - fixed columns
        kitchen.household,
        id,
    )
    return next(iter(many(rows, PlanEntry)), None)


async def read_entry(kitchen: Kitchen, id: UUID) -> PlanEntry:
    """Read an entry.

    Raises:
        NotFound: the household has none with this id.
    """
    if (entry := await find_entry(kitchen, id)) is None:
        raise NotFound
    return entry


async def list_entries(kitchen: Kitchen, first: date, last: date) -> list[PlanEntry]:
    """Read the entries of some days, in the order of days, meals, and when they were made."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM plan_entry e
         WHERE e.household_id = $1 AND e.day BETWEEN $2 AND $3
         ORDER BY {_ORDER}
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        first,
        last,
    )
    return many(rows, PlanEntry)


async def list_day(kitchen: Kitchen, day: date) -> list[PlanEntry]:
    """Read the entries of a day, in the order of meals, and when they were made."""
    return await list_entries(kitchen, day, day)


async def list_to_cook(kitchen: Kitchen, first: date, last: date, limit: int) -> list[PlanEntry]:
    """Read the entries of some days that were not cooked yet, in the order of days, meals, and when they were made."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM plan_entry e
         WHERE e.household_id = $1 AND e.day BETWEEN $2 AND $3 AND e.cook_id IS NULL
         ORDER BY {_ORDER}
         LIMIT $4
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        first,
        last,
        limit,
    )
    return many(rows, PlanEntry)


async def count_on(kitchen: Kitchen, days: Collection[date]) -> Mapping[date, int]:
    """Count the entries of each of the days that have some."""
    rows = await kitchen.fetch(
        "SELECT day, count(*) AS entries FROM plan_entry WHERE household_id = $1 AND day = ANY($2) GROUP BY day",
        kitchen.household,
        list(days),
    )
    return {row["day"]: row["entries"] for row in rows}


async def put_entries(kitchen: Kitchen, entries: Sequence[PlanEntry]) -> None:
    """Store entries, new or changed, each with the version that it has."""
    await kitchen.execute(
        """
        INSERT INTO plan_entry (household_id, id, day, meal, recipe_id, title, servings, note, cook_id, version,
                                created_by, created_at)
        SELECT $1, new.*
          FROM unnest($2::uuid[], $3::date[], $4::text[], $5::uuid[], $6::text[], $7::numeric[], $8::text[],
                      $9::uuid[], $10::bigint[], $11::uuid[], $12::timestamptz[]) AS new
            ON CONFLICT (household_id, id) DO UPDATE
           SET day = excluded.day, meal = excluded.meal, recipe_id = excluded.recipe_id, title = excluded.title,
               servings = excluded.servings, note = excluded.note, cook_id = excluded.cook_id,
               version = excluded.version
        """,
        kitchen.household,
        [each.id for each in entries],
        [each.day for each in entries],
        [each.meal for each in entries],
        [each.recipe_id for each in entries],
        [None if each.recipe_id else each.title for each in entries],
        [each.servings for each in entries],
        [each.note for each in entries],
        [each.cook_id for each in entries],
        [each.version for each in entries],
        [each.created_by for each in entries],
        [each.created_at for each in entries],
    )


async def mark_cooked(kitchen: Kitchen, id: UUID, recipe: UUID, cook: UUID, version: int) -> date | None:
    """Note which cooking made an entry; return its day, None where it is gone, or something else by now."""
    day: date | None = await kitchen.fetchval(
        """
        UPDATE plan_entry SET cook_id = $4, version = $5
         WHERE household_id = $1 AND id = $2 AND recipe_id = $3
        RETURNING day
        """,
        kitchen.household,
        id,
        recipe,
        cook,
        version,
    )
    return day


async def unmark_cooked(kitchen: Kitchen, id: UUID, cook: UUID, version: int) -> date | None:
    """Note that a cooking did not make an entry after all, but another that stands, if any; return its day.

    None where that was not noted.
    """
    day: date | None = await kitchen.fetchval(
        """
        UPDATE plan_entry AS entry
           SET version = $4,
               cook_id = (SELECT cook.id
                            FROM cook
                           WHERE cook.household_id = $1 AND cook.plan_id = $2 AND cook.recipe_id = entry.recipe_id
                             AND cook.state = 'done'
                           ORDER BY cook.created_at DESC, cook.id DESC
                           LIMIT 1)
         WHERE household_id = $1 AND id = $2 AND cook_id = $3
        RETURNING day
        """,
        kitchen.household,
        id,
        cook,
        version,
    )
    return day


async def delete_entry(kitchen: Kitchen, id: UUID) -> None:
    await kitchen.execute("DELETE FROM plan_entry WHERE household_id = $1 AND id = $2", kitchen.household, id)


async def delete_of_recipe(kitchen: Kitchen, recipe: UUID) -> dict[UUID, date]:
    """Delete the entries of a recipe; return the days that they were for, by id."""
    rows = await kitchen.fetch(
        "DELETE FROM plan_entry WHERE household_id = $1 AND recipe_id = $2 RETURNING id, day",
        kitchen.household,
        recipe,
    )
    return {row["id"]: row["day"] for row in rows}


async def touch_of_recipe(kitchen: Kitchen, recipe: UUID, version: int) -> list[date]:
    """Give the entries of a recipe another version; return the days that they are for."""
    rows = await kitchen.fetch(
        "UPDATE plan_entry SET version = $3 WHERE household_id = $1 AND recipe_id = $2 RETURNING day",
        kitchen.household,
        recipe,
        version,
    )
    return [row["day"] for row in rows]
