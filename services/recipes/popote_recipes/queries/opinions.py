"""What one person thinks of recipes."""

from uuid import UUID

from msgspec import Struct

from popote_kit.database import Kitchen, many, maybe


class Opinion(Struct, frozen=True):
    """What a person thinks of the recipe `id`."""

    id: UUID
    is_favourite: bool = False
    note: str = ""
    rating: int | None = None
    version: int = 0


async def find_opinion(kitchen: Kitchen, id: UUID) -> Opinion | None:
    row = await kitchen.fetchrow(
        """
        SELECT id, is_favourite, note, rating, version
          FROM opinion WHERE household_id = $1 AND person_id = $2 AND id = $3
        """,
        kitchen.household,
        kitchen.person,
        id,
    )
    return maybe(row, Opinion)


async def put_opinion(kitchen: Kitchen, opinion: Opinion) -> None:
    await kitchen.execute(
        """
        INSERT INTO opinion (household_id, person_id, id, is_favourite, note, rating, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (household_id, person_id, id) DO UPDATE
           SET is_favourite = excluded.is_favourite, note = excluded.note, rating = excluded.rating,
               version = excluded.version
        """,
        kitchen.household,
        kitchen.person,
        opinion.id,
        opinion.is_favourite,
        opinion.note,
        opinion.rating,
        opinion.version,
    )


async def list_opinions(kitchen: Kitchen, limit: int, after: UUID | None) -> list[Opinion]:
    """Read a page of what the person thinks, in the order of ids."""
    rows = await kitchen.fetch(
        """
        SELECT id, is_favourite, note, rating, version
          FROM opinion
         WHERE household_id = $1 AND person_id = $2 AND ($3::uuid IS NULL OR id > $3)
         ORDER BY id
         LIMIT $4
        """,
        kitchen.household,
        kitchen.person,
        after,
        limit,
    )
    return many(rows, Opinion)
