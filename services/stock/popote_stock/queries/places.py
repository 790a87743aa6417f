"""Where things are kept, and in which aisles they are bought: locations and categories."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from popote_kit.database import Kitchen, many, maybe, one
from popote_kit.problems import NotFound

LOCATION: Final = "id, name, is_freezer, version, created_at"
CATEGORY: Final = "id, name, position, version, created_at"


class Location(Struct, frozen=True):
    """A place where food is kept; what is put into a freezer is frozen."""

    id: UUID
    name: str
    is_freezer: bool
    version: int
    created_at: datetime


class Category(Struct, frozen=True):
    """A kind of goods, and with it an aisle of the shop; `position` is its place in the household's order."""

    id: UUID
    name: str
    position: int
    version: int
    created_at: datetime


async def list_locations(kitchen: Kitchen) -> list[Location]:
    rows = await kitchen.fetch(
        f"SELECT {LOCATION} FROM location WHERE household_id = $1 ORDER BY name_key, id",  # noqa: S608 - fixed columns
        kitchen.household,
    )
    return many(rows, Location)


async def read_location(kitchen: Kitchen, id: UUID) -> Location:
    """Read a location.

    Raises:
        NotFound: the household has no such location.
    """
    row = await kitchen.fetchrow(
        f"SELECT {LOCATION} FROM location WHERE household_id = $1 AND id = $2",  # noqa: S608 - fixed columns
        kitchen.household,
        id,
    )
    return one(row, Location)


async def put_locations(kitchen: Kitchen, locations: Sequence[Location]) -> None:
    """Store locations, new or changed."""
    await kitchen.execute(
        """
        INSERT INTO location (household_id, id, name, is_freezer, version, created_at)
        SELECT $1, new.* FROM unnest($2::uuid[], $3::text[], $4::boolean[], $5::bigint[], $6::timestamptz[]) AS new
            ON CONFLICT (household_id, id) DO UPDATE
           SET name = excluded.name, is_freezer = excluded.is_freezer, version = excluded.version
        """,
        kitchen.household,
        *(
            [getattr(each, name) for each in locations]
            for name in ("id", "name", "is_freezer", "version", "created_at")
        ),
    )


async def put_categories(kitchen: Kitchen, categories: Sequence[Category]) -> None:
    """Store categories, new or changed."""
    await kitchen.execute(
        """
        INSERT INTO category (household_id, id, name, position, version, created_at)
        SELECT $1, new.* FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::bigint[], $6::timestamptz[]) AS new
            ON CONFLICT (household_id, id) DO UPDATE
           SET name = excluded.name, position = excluded.position, version = excluded.version
        """,
        kitchen.household,
        *([getattr(each, name) for each in categories] for name in ("id", "name", "position", "version", "created_at")),
    )


async def find_named(kitchen: Kitchen, table: str, name: str) -> UUID | None:
    """Return the id of the location, category or list (`table`) that has this name, as people read it."""
    return await kitchen.fetchval(  # type: ignore[no-any-return]  # the column's type
        f"SELECT id FROM {table} WHERE household_id = $1 AND name_key = plain($2)",  # noqa: S608 - fixed names
        kitchen.household,
        name,
    )


async def count(kitchen: Kitchen, table: str) -> int:
    """Count the household's rows of `table`; deleted items do not count."""
    living = "deleted_at IS NULL" if table == "item" else "true"
    return int(
        await kitchen.fetchval(
            f"SELECT count(*) FROM {table} WHERE household_id = $1 AND {living}",  # noqa: S608 - fixed names
            kitchen.household,
        )
    )


async def has_had_locations(kitchen: Kitchen) -> bool:
    """Tell whether the household has a location, or deleted one."""
    return bool(
        await kitchen.fetchval(
            """
            SELECT EXISTS (SELECT FROM location WHERE household_id = $1)
                OR EXISTS (SELECT FROM tombstone WHERE household_id = $1 AND kind = 'location')
            """,
            kitchen.household,
        )
    )


async def is_location_in_use(kitchen: Kitchen, id: UUID) -> bool:
    """Tell whether something lies there."""
    return bool(
        await kitchen.fetchval(
            "SELECT EXISTS (SELECT FROM lot WHERE household_id = $1 AND location_id = $2 AND amount > 0)",
            kitchen.household,
            id,
        )
    )


async def release_items(kitchen: Kitchen, column: str, id: UUID, version: int) -> None:
    """Take a location or category (`column`) that is about to go off the items that name it."""
    await kitchen.execute(
        f"UPDATE item SET {column} = NULL, version = $3 WHERE household_id = $1 AND {column} = $2",  # noqa: S608 - two fixed names
        kitchen.household,
        id,
        version,
    )


async def touch_items(kitchen: Kitchen, category: UUID, version: int) -> None:
    """Let phones hear of the items of a category that has another name, which items show."""
    await kitchen.execute(
        "UPDATE item SET version = $3 WHERE household_id = $1 AND category_id = $2",
        kitchen.household,
        category,
        version,
    )


async def delete(kitchen: Kitchen, table: str, id: UUID) -> None:
    await kitchen.execute(
        f"DELETE FROM {table} WHERE household_id = $1 AND id = $2",  # noqa: S608 - two fixed names
        kitchen.household,
        id,
    )


async def list_categories(kitchen: Kitchen) -> list[Category]:
    """Read the categories in the order of the aisles."""
    rows = await kitchen.fetch(
        f"SELECT {CATEGORY} FROM category WHERE household_id = $1 ORDER BY position, name_key, id",  # noqa: S608 - fixed columns
        kitchen.household,
    )
    return many(rows, Category)


async def find_category(kitchen: Kitchen, id: UUID) -> Category | None:
    row = await kitchen.fetchrow(
        f"SELECT {CATEGORY} FROM category WHERE household_id = $1 AND id = $2",  # noqa: S608 - fixed columns
        kitchen.household,
        id,
    )
    return maybe(row, Category)


async def read_category(kitchen: Kitchen, id: UUID) -> Category:
    """Read a category.

    Raises:
        NotFound: the household has no such category.
    """
    found = await find_category(kitchen, id)
    if found is None:
        raise NotFound
    return found


async def order_categories(kitchen: Kitchen, ids: Sequence[UUID], version: int) -> None:
    """Put the categories in this order; those that are already in their place keep their version."""
    await kitchen.execute(
        """
        UPDATE category c SET position = new.position, version = $2
          FROM unnest($3::uuid[]) WITH ORDINALITY AS new (id, position)
         WHERE c.household_id = $1 AND c.id = new.id AND c.position <> new.position
        """,
        kitchen.household,
        version,
        ids,
    )


async def read_freezers(kitchen: Kitchen) -> dict[UUID, bool]:
    """Return the household's locations, and whether each is a freezer."""
    rows = await kitchen.fetch("SELECT id, is_freezer FROM location WHERE household_id = $1", kitchen.household)
    return {row["id"]: row["is_freezer"] for row in rows}
