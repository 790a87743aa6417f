"""Names: which food is meant by one, and what households taught."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta, Struct

from popote_kit.database import Kitchen, many, maybe
from popote_nutrition.model.foods import MAX_NAME
from popote_nutrition.model.matching import Candidate, Exact

MAX_KEY: Final = 6 * MAX_NAME  # one letter may stand for as many: “㎯” is “rad s2”


class Learned(Struct, frozen=True):
    """A name, and the food that the household means by it."""

    id: UUID
    name: str
    food_id: UUID
    created_at: datetime
    version: int
    key: str = ""


class Place(Struct, frozen=True):
    """Where a page of learned names ended."""

    key: Annotated[str, Meta(max_length=MAX_KEY)]


async def find_exact(kitchen: Kitchen, keys: Sequence[str]) -> list[Exact]:
    """Read which foods go by one of these keys: what was learned, the household's, and what all share."""
    rows = await kitchen.fetch(
        """
        SELECT key, 0 AS tier, food_id, NULL AS language, false AS is_alias
          FROM learned_name WHERE household_id = $1 AND key = ANY($2)
         UNION ALL
        SELECT key, 1, food_id, language, is_alias FROM household_name WHERE household_id = $1 AND key = ANY($2)
         UNION ALL
        SELECT key, rank + 2, food_id, language, is_alias FROM food_name WHERE key = ANY($2)
        """,
        kitchen.household,
        keys,
    )
    return many(rows, Exact)


async def find_alike(kitchen: Kitchen, keys: Sequence[str], at_most: int) -> list[Candidate]:
    """Read, for each key, the foods with a name that is like it: of each table so many, the likest first."""
    rows = await kitchen.fetch(
        """
        SELECT key, food_id, language, likeness FROM like_names($1, $2)
         UNION ALL
        SELECT key, food_id, language, likeness FROM like_imported_names($1, $2)
        """,
        keys,
        at_most,
    )
    return many(rows, Candidate)


async def list_learned(kitchen: Kitchen, limit: int, after: Place | None) -> list[Learned]:
    """Read what the household taught, in the order of the names."""
    rows = await kitchen.fetch(
        """
        SELECT id, name, food_id, created_at, version, key
          FROM learned_name
         WHERE household_id = $1 AND ($2::text IS NULL OR key > $2)
         ORDER BY key
         LIMIT $3
        """,
        kitchen.household,
        after.key if after else None,
        limit,
    )
    return many(rows, Learned)


async def find_learned(kitchen: Kitchen, id: UUID) -> Learned | None:
    row = await kitchen.fetchrow(
        "SELECT id, name, food_id, created_at, version FROM learned_name WHERE household_id = $1 AND id = $2",
        kitchen.household,
        id,
    )
    return maybe(row, Learned)


async def count_others(kitchen: Kitchen, key: str) -> int:
    """Count the names that the household taught, but for the one with this key."""
    statement = "SELECT count(*) FROM learned_name WHERE household_id = $1 AND key <> $2"
    return await kitchen.fetchval(statement, kitchen.household, key)  # type: ignore[no-any-return]  # what count() gives


async def learn(kitchen: Kitchen, new: Learned) -> Learned:
    """Store a name; one with the same key now means the new food, and keeps its id."""
    row = await kitchen.fetchrow(
        """
        INSERT INTO learned_name (household_id, id, name, key, food_id, version, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (household_id, key)
            DO UPDATE SET name = excluded.name, food_id = excluded.food_id, version = excluded.version
        RETURNING id, name, food_id, created_at, version
        """,
        kitchen.household,
        new.id,
        new.name,
        new.key,
        new.food_id,
        new.version,
        new.created_at,
    )
    learned = maybe(row, Learned)
    assert learned is not None  # noqa: S101 - an upsert returns its row
    return learned


async def forget(kitchen: Kitchen, id: UUID) -> None:
    await kitchen.execute("DELETE FROM learned_name WHERE household_id = $1 AND id = $2", kitchen.household, id)


async def forget_food(kitchen: Kitchen, food: UUID) -> list[UUID]:
    """Forget the names that mean a food; return their ids."""
    rows = await kitchen.fetch(
        "DELETE FROM learned_name WHERE household_id = $1 AND food_id = $2 RETURNING id", kitchen.household, food
    )
    return [row["id"] for row in rows]
