"""Cooks: what was cooked, and what is being driven to its end."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct

from popote_kit.codec import exact_json
from popote_kit.database import Kitchen, Record
from popote_kit.problems import NotFound
from popote_recipes.model.cooking import Cook, State, Taken

COLUMNS: Final = (
    "id, recipe_id, title, servings, day, meal, plan_id, state, request_hash, stock_order, meal_parts, cooked_mass_g, "
    "eaters, lacking, takes, leftover_lot_id, person_id, held_until, version, created_at"
)


class Place(Struct, frozen=True):
    """Where a page of cooks ended."""

    created_at: dt.datetime
    id: UUID


class Unfinished(NamedTuple):
    """A cook that nobody drives to its end."""

    household: UUID
    id: UUID
    person: UUID


def cook_of(row: Record | dict[str, Any]) -> Cook:
    """Return a row of `COLUMNS` as a cook."""
    return msgspec.convert(dict(row), Cook)


async def begin(kitchen: Kitchen, cook: Cook) -> bool:
    """Write a cook down before stock is asked; tell whether there was none of that id."""
    return bool(
        await kitchen.execute(
            """
            INSERT INTO cook (household_id, id, recipe_id, title, servings, day, meal, plan_id, state, request_hash,
                              stock_order, meal_parts, cooked_mass_g, eaters, lacking, takes, person_id, held_until,
                              version, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'begun', $9, $10::text::jsonb, $11::text::jsonb, $12,
                    $13::text::jsonb, $14::text::jsonb, '[]', $15, $16, 0, $17)
                ON CONFLICT (household_id, id) DO NOTHING
            """,
            kitchen.household,
            cook.id,
            cook.recipe_id,
            cook.title,
            cook.servings,
            cook.day,
            cook.meal,
            cook.plan_id,
            cook.request_hash,
            exact_json(cook.stock_order),
            exact_json(cook.meal_parts),
            cook.cooked_mass_g,
            exact_json(cook.eaters),
            exact_json(cook.lacking),
            cook.person_id,
            cook.held_until,
            cook.created_at,
        )
    )


async def find_cook(kitchen: Kitchen, id: UUID) -> Cook | None:
    row = await kitchen.fetchrow(
        f"SELECT {COLUMNS} FROM cook WHERE household_id = $1 AND id = $2",  # noqa: S608 - fixed columns
        kitchen.household,
        id,
    )
    return None if row is None else cook_of(row)


async def read_cook(kitchen: Kitchen, id: UUID) -> Cook:
    """Read what was cooked.

    Raises:
        NotFound: the household has nothing of this id, or nothing that has happened yet.
    """
    found = await find_cook(kitchen, id)
    if found is None or found.state == "begun":
        raise NotFound
    return found


async def hold(kitchen: Kitchen, id: UUID, until: dt.datetime) -> Cook | None:
    """Take a cook that nobody drives to its end; None where somebody does, or it is there already."""
    row = await kitchen.fetchrow(
        f"""
        UPDATE cook SET held_until = $3
         WHERE household_id = $1 AND id = $2 AND state IN ('begun', 'undoing') AND held_until < $4
        RETURNING {COLUMNS}
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        id,
        until,
        kitchen.now,
    )
    return None if row is None else cook_of(row)


async def finish(
    kitchen: Kitchen, id: UUID, takes: Sequence[Taken], leftover: UUID | None, version: int
) -> Cook | None:
    """Note that stock did its part; None where that was known."""
    row = await kitchen.fetchrow(
        f"""
        UPDATE cook SET state = 'done', takes = $3::text::jsonb, leftover_lot_id = $4, version = $5
         WHERE household_id = $1 AND id = $2 AND state = 'begun'
        RETURNING {COLUMNS}
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        id,
        exact_json(takes),
        leftover,
        version,
    )
    return None if row is None else cook_of(row)


async def turn(  # noqa: PLR0913 - from what to what, by name
    kitchen: Kitchen, id: UUID, *, before: Sequence[State], after: State, version: int, until: dt.datetime | None = None
) -> Cook | None:
    """Let a cook be `after` where it is one of `before`, held `until` then; None where it is not."""
    row = await kitchen.fetchrow(
        f"""
        UPDATE cook SET state = $4, version = $5, held_until = coalesce($6, held_until)
         WHERE household_id = $1 AND id = $2 AND state = ANY($3)
        RETURNING {COLUMNS}
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        id,
        list(before),
        after,
        version,
        until,
    )
    return None if row is None else cook_of(row)


async def forget(kitchen: Kitchen, cook: Cook) -> None:
    """Forget a cook that never happened, unless somebody else drives it by now."""
    await kitchen.execute(
        "DELETE FROM cook WHERE household_id = $1 AND id = $2 AND state = 'begun' AND held_until = $3",
        kitchen.household,
        cook.id,
        cook.held_until,
    )


async def list_cooks(kitchen: Kitchen, limit: int, after: Place | None, recipe: UUID | None) -> list[Cook]:
    """Read a page of what was cooked, the last first."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM cook
         WHERE household_id = $1 AND state IN ('done', 'undone') AND ($2::uuid IS NULL OR recipe_id = $2)
           AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4))
         ORDER BY created_at DESC, id DESC
         LIMIT $5
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        recipe,
        after.created_at if after else None,
        after.id if after else None,
        limit,
    )
    return [cook_of(row) for row in rows]


async def find_unfinished(kitchen: Kitchen, limit: int) -> list[Unfinished]:
    """Find cooks of all households that nobody drives to their end."""
    rows = await kitchen.fetch("SELECT household, id, person FROM cooks_to_finish($1, $2)", kitchen.now, limit)
    return [Unfinished(row["household"], row["id"], row["person"]) for row in rows]
