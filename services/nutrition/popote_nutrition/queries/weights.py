"""Weights of a person, one a day."""

from datetime import date

from msgspec import Struct

from popote_kit.database import Kitchen, many, maybe, one
from popote_nutrition.model.weights import Weight

COLUMNS = "id, day, mass, unit, note, version, created_at"


class Place(Struct, frozen=True):
    """Where a page of weights ended."""

    day: date


async def find_weight(kitchen: Kitchen, day: date) -> Weight | None:
    """Read what the person weighed on a day."""
    row = await kitchen.fetchrow(
        f"SELECT {COLUMNS} FROM weight WHERE household_id = $1 AND person_id = $2 AND day = $3",  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        day,
    )
    return maybe(row, Weight)


async def last_weight(kitchen: Kitchen) -> Weight | None:
    """Read what the person weighed last."""
    row = await kitchen.fetchrow(
        f"""
        SELECT {COLUMNS} FROM weight WHERE household_id = $1 AND person_id = $2 ORDER BY day DESC LIMIT 1
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
    )
    return maybe(row, Weight)


async def list_weights(
    kitchen: Kitchen, limit: int, after: Place | None, first: date | None, last: date | None
) -> list[Weight]:
    """Read what the person weighed from a day to a day, with both, in the order of the days."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM weight
         WHERE household_id = $1 AND person_id = $2
           AND day >= coalesce($3, '-infinity'::date) AND day <= coalesce($4, 'infinity'::date)
           AND ($5::date IS NULL OR day > $5)
         ORDER BY day
         LIMIT $6
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        first,
        last,
        after.day if after else None,
        limit,
    )
    return many(rows, Weight)


async def put_weight(kitchen: Kitchen, new: Weight) -> Weight:
    """Store a weight; that of the same day is replaced, and keeps its id."""
    row = await kitchen.fetchrow(
        f"""
        INSERT INTO weight (household_id, person_id, id, day, mass, unit, note, version, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (household_id, person_id, day)
            DO UPDATE SET mass = excluded.mass, unit = excluded.unit, note = excluded.note, version = excluded.version
        RETURNING {COLUMNS}
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        new.id,
        new.day,
        new.mass,
        new.unit,
        new.note,
        new.version,
        new.created_at,
    )
    return one(row, Weight)


async def delete_weight(kitchen: Kitchen, day: date) -> None:
    """Forget what the person weighed on a day."""
    await kitchen.execute(
        "DELETE FROM weight WHERE household_id = $1 AND person_id = $2 AND day = $3",
        kitchen.household,
        kitchen.person,
        day,
    )
