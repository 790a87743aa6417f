"""Cooked meals: which of them were heard of, and which of a person's entries went when they were undone."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from popote_kit.database import Kitchen


async def follow(
    kitchen: Kitchen, cook_id: UUID, event: int, *, is_cooked: bool, eaters: Sequence[UUID] | None = None
) -> list[UUID] | None:
    """Note that a meal was cooked, or undone, and lock it; return who ate of it.

    None where that is no news: it was so already, or the event is older than what was heard of the meal.
    """
    return await kitchen.fetchval(  # type: ignore[no-any-return]  # the column's type
        """
        INSERT INTO meal AS known (household_id, cook_id, event, is_cooked, eaters)
        VALUES ($1, $2, $3, $4, coalesce($5::uuid[], '{}'))
            ON CONFLICT (household_id, cook_id) DO UPDATE
           SET event = excluded.event, is_cooked = excluded.is_cooked, eaters = coalesce($5, known.eaters)
         WHERE known.event < excluded.event AND known.is_cooked <> excluded.is_cooked
        RETURNING eaters
        """,
        kitchen.household,
        cook_id,
        event,
        is_cooked,
        eaters,
    )


async def withdraw(kitchen: Kitchen, id: UUID, cook_id: UUID) -> dt.date | None:
    """Delete the person's entry of a meal, and note that it was not them; return its day, None where there is none."""
    return await kitchen.fetchval(  # type: ignore[no-any-return]  # the column's type
        """
        WITH gone AS (
            DELETE FROM diary_entry
             WHERE household_id = $1 AND person_id = $2 AND id = $3 AND cook_id = $4
            RETURNING household_id, person_id, id, day
        ), noted AS (
            INSERT INTO withdrawn_entry SELECT household_id, person_id, id FROM gone
        )
        SELECT day FROM gone
        """,
        kitchen.household,
        kitchen.person,
        id,
        cook_id,
    )


async def take_back(kitchen: Kitchen, id: UUID) -> bool:
    """Forget that an entry was withdrawn; tell whether it was."""
    count = await kitchen.execute(
        "DELETE FROM withdrawn_entry WHERE household_id = $1 AND person_id = $2 AND id = $3",
        kitchen.household,
        kitchen.person,
        id,
    )
    return count > 0
