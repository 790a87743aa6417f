"""Foods that a household takes for others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from popote_kit.database import Kitchen, many, maybe


class Substitute(Struct, frozen=True, kw_only=True):
    """Where `food_id` is asked for, `instead_id` will do, as much of it."""

    id: UUID
    food_id: UUID
    food_name: str
    instead_id: UUID
    instead_name: str
    created_at: datetime
    version: int


async def list_substitutes(kitchen: Kitchen) -> list[Substitute]:
    """Read all that the household has, there are at most 500, by the names of the foods."""
    rows = await kitchen.fetch(
        """
        SELECT id, food_id, food_name, instead_id, instead_name, created_at, version
          FROM substitute
         WHERE household_id = $1
         ORDER BY plain(food_name), plain(instead_name), id
        """,
        kitchen.household,
    )
    return many(rows, Substitute)


async def find_substitute(kitchen: Kitchen, id: UUID) -> Substitute | None:
    row = await kitchen.fetchrow(
        """
        SELECT id, food_id, food_name, instead_id, instead_name, created_at, version
          FROM substitute WHERE household_id = $1 AND id = $2
        """,
        kitchen.household,
        id,
    )
    return maybe(row, Substitute)


async def find_pair(kitchen: Kitchen, food: UUID, instead: UUID) -> Substitute | None:
    row = await kitchen.fetchrow(
        """
        SELECT id, food_id, food_name, instead_id, instead_name, created_at, version
          FROM substitute WHERE household_id = $1 AND food_id = $2 AND instead_id = $3
        """,
        kitchen.household,
        food,
        instead,
    )
    return maybe(row, Substitute)


async def count_substitutes(kitchen: Kitchen) -> int:
    count: int = await kitchen.fetchval("SELECT count(*) FROM substitute WHERE household_id = $1", kitchen.household)
    return count


async def add_substitute(kitchen: Kitchen, substitute: Substitute) -> None:
    await kitchen.execute(
        """
        INSERT INTO substitute (household_id, id, food_id, food_name, instead_id, instead_name, created_at, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        kitchen.household,
        substitute.id,
        substitute.food_id,
        substitute.food_name,
        substitute.instead_id,
        substitute.instead_name,
        substitute.created_at,
        substitute.version,
    )


async def delete_substitute(kitchen: Kitchen, id: UUID) -> None:
    await kitchen.execute("DELETE FROM substitute WHERE household_id = $1 AND id = $2", kitchen.household, id)


def by_food(substitutes: Sequence[Substitute]) -> Mapping[UUID, Sequence[tuple[UUID, str]]]:
    """Return, for each food that has any, ids and names of what the household takes for it."""
    found: defaultdict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for each in substitutes:
        found[each.food_id].append((each.instead_id, each.instead_name))
    return found
