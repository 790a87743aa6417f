"""Recipes, and what they need."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from popote_kit.codec import exact_json
from popote_kit.database import Kitchen, Record, many
from popote_kit.problems import NotFound
from popote_recipes.model.needs import Need
from popote_recipes.model.recipes import Content, Language, Recipe

COLUMNS: Final = (
    "r.id, r.title, r.language, r.servings, r.minutes, r.tags, r.content::text AS content, r.image, r.due, r.revision, "
    "r.version, r.created_by, r.created_at, r.updated_at"
)
LISTED: Final = """
        SELECT r.id, r.title, r.title_key, r.language, r.servings, r.minutes, r.tags, r.image, r.version, r.updated_at,
               coalesce(o.is_favourite, false) AS is_favourite
          FROM recipe r
          LEFT JOIN opinion o ON o.household_id = r.household_id AND o.person_id = $2 AND o.id = r.id
         WHERE r.household_id = $1
           AND ($3::text IS NULL OR r.tags @> ARRAY[$3])
           AND ($4::integer IS NULL OR r.minutes <= $4)
           AND ($5::text IS NULL OR r.language = $5)
           AND ($6 IS FALSE OR o.is_favourite)"""
_CONTENT: Final = msgspec.json.Decoder(Content)


class Place(Struct, frozen=True):
    """Where a page of recipes ended."""

    title_key: str
    id: UUID


class Wanted(Struct, frozen=True, kw_only=True):
    """Which recipes are listed; whatever is None does not matter."""

    tag: str | None = None
    max_minutes: int | None = None
    language: Language | None = None
    is_favourite: bool = False


class Listed(Struct, frozen=True, kw_only=True):
    """A recipe as lists have it."""

    id: UUID
    title: str
    title_key: str
    language: Language
    servings: Decimal
    minutes: int | None
    tags: list[str]
    image: str | None
    is_favourite: bool
    version: int
    updated_at: datetime


class Tag(Struct, frozen=True):
    """A tag, and how many recipes have it."""

    tag: str
    recipes: int


def recipe_of(row: Record | dict[str, Any]) -> Recipe:
    """Return a row of `COLUMNS` as a recipe."""
    return msgspec.convert({**dict(row), "content": _CONTENT.decode(row["content"])}, Recipe)


async def find_recipes(kitchen: Kitchen, ids: Iterable[UUID]) -> dict[UUID, Recipe]:
    """Read those of the recipes that there are, by id."""
    rows = await kitchen.fetch(
        f"SELECT {COLUMNS} FROM recipe r WHERE r.household_id = $1 AND r.id = ANY($2)",  # noqa: S608 - fixed columns
        kitchen.household,
        list(ids),
    )
    return {row["id"]: recipe_of(row) for row in rows}


async def read_recipe(kitchen: Kitchen, id: UUID) -> Recipe:
    """Read a recipe.

    Raises:
        NotFound: the household has none with this id.
    """
    found = await find_recipes(kitchen, [id])
    if id not in found:
        raise NotFound
    return found[id]


async def read_used(kitchen: Kitchen, ids: Iterable[UUID]) -> dict[UUID, Recipe]:
    """Read recipes and all that they use, to a depth of ten, by id."""
    rows = await kitchen.fetch(
        f"""
        WITH RECURSIVE used (id, depth) AS (
            SELECT id, 1 FROM unnest($2::uuid[]) AS id
             UNION
            SELECT part.part_id, used.depth + 1
              FROM used
              JOIN part ON part.household_id = $1 AND part.recipe_id = used.id
             WHERE used.depth < 10
        )
        SELECT {COLUMNS} FROM recipe r WHERE r.household_id = $1 AND r.id IN (SELECT id FROM used)
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        list(ids),
    )
    return {row["id"]: recipe_of(row) for row in rows}


async def find_users(kitchen: Kitchen, id: UUID) -> list[UUID]:
    """Return the ids of the recipes that use a recipe, directly or through others."""
    rows = await kitchen.fetch(
        """
        WITH RECURSIVE users (id, depth) AS (
            SELECT recipe_id, 1 FROM part WHERE household_id = $1 AND part_id = $2
             UNION
            SELECT part.recipe_id, users.depth + 1
              FROM users
              JOIN part ON part.household_id = $1 AND part.part_id = users.id
             WHERE users.depth < 10
        )
        SELECT DISTINCT id FROM users
        """,
        kitchen.household,
        id,
    )
    return [row["id"] for row in rows]


async def find_direct_users(kitchen: Kitchen, id: UUID) -> list[tuple[UUID, str]]:
    """Return id and title of the recipes in which a recipe stands, at most twenty."""
    rows = await kitchen.fetch(
        """
        SELECT r.id, r.title
          FROM part
          JOIN recipe r ON r.household_id = part.household_id AND r.id = part.recipe_id
         WHERE part.household_id = $1 AND part.part_id = $2
         ORDER BY r.title_key
         LIMIT 20
        """,
        kitchen.household,
        id,
    )
    return [(row["id"], row["title"]) for row in rows]


async def count_recipes(kitchen: Kitchen) -> int:
    count: int = await kitchen.fetchval("SELECT count(*) FROM recipe WHERE household_id = $1", kitchen.household)
    return count


async def put_recipes(kitchen: Kitchen, recipes: Sequence[Recipe]) -> None:
    """Store recipes, new or changed, each with the version that it has."""
    await kitchen.execute(
        """
        INSERT INTO recipe (household_id, id, title, language, servings, minutes, tags, words, content, has_unknown,
                            image, due, revision, version, created_by, created_at, updated_at)
        SELECT $1, new.id, new.title, new.language, new.servings, new.minutes,
               ARRAY(SELECT jsonb_array_elements_text(new.tags)), new.words, new.content, new.has_unknown, new.image,
               new.due, new.revision, new.version, new.created_by, new.created_at, new.updated_at
          FROM unnest($2::uuid[], $3::text[], $4::text[], $5::numeric[], $6::integer[], $7::text[]::jsonb[], $8::text[],
                      $9::text[]::jsonb[], $10::boolean[], $11::text[], $12::integer[], $13::integer[], $14::bigint[],
                      $15::uuid[], $16::timestamptz[], $17::timestamptz[])
               AS new (id, title, language, servings, minutes, tags, words, content, has_unknown, image, due, revision,
                       version, created_by, created_at, updated_at)
            ON CONFLICT (household_id, id) DO UPDATE
           SET title = excluded.title, language = excluded.language, servings = excluded.servings,
               minutes = excluded.minutes, tags = excluded.tags, words = excluded.words, content = excluded.content,
               has_unknown = excluded.has_unknown, image = excluded.image, due = excluded.due,
               revision = excluded.revision, version = excluded.version, updated_at = excluded.updated_at
        """,
        kitchen.household,
        [each.id for each in recipes],
        [each.title for each in recipes],
        [each.language for each in recipes],
        [each.servings for each in recipes],
        [each.minutes for each in recipes],
        [exact_json(each.tags) for each in recipes],
        [each.words for each in recipes],
        [exact_json(each.content) for each in recipes],
        [each.has_unknown for each in recipes],
        [each.image for each in recipes],
        [each.due for each in recipes],
        [each.revision for each in recipes],
        [each.version for each in recipes],
        [each.created_by for each in recipes],
        [each.created_at for each in recipes],
        [each.updated_at for each in recipes],
    )


async def put_parts(kitchen: Kitchen, recipe: Recipe) -> None:
    """Store which recipes a recipe uses."""
    await kitchen.execute(
        "DELETE FROM part WHERE household_id = $1 AND recipe_id = $2 AND part_id <> ALL($3)",
        kitchen.household,
        recipe.id,
        list(recipe.parts),
    )
    await kitchen.execute(
        """
        INSERT INTO part (household_id, recipe_id, part_id)
        SELECT $1, $2, id FROM unnest($3::uuid[]) AS id
            ON CONFLICT DO NOTHING
        """,
        kitchen.household,
        recipe.id,
        list(recipe.parts),
    )


async def put_needs(kitchen: Kitchen, needs: Sequence[tuple[UUID, Need]], recipes: Sequence[UUID]) -> None:
    """Store what `recipes` need, each need beside the id of its recipe; what they needed before is forgotten."""
    await kitchen.execute(
        "DELETE FROM need WHERE household_id = $1 AND recipe_id = ANY($2)", kitchen.household, list(recipes)
    )
    await kitchen.execute(
        """
        INSERT INTO need (household_id, recipe_id, slot, rank, thing_id, measure, units, servings, source_id,
                          is_alone)
        SELECT $1, new.*
          FROM unnest($2::uuid[], $3::smallint[], $4::smallint[], $5::uuid[], $6::text[], $7::bigint[], $8::float8[],
                      $9::uuid[], $10::boolean[]) AS new
        """,
        kitchen.household,
        [recipe for recipe, _ in needs],
        [need.slot for _, need in needs],
        [need.rank for _, need in needs],
        [need.thing_id for _, need in needs],
        [need.measure for _, need in needs],
        [need.units for _, need in needs],
        [need.servings for _, need in needs],
        [need.source_id for _, need in needs],
        [need.is_alone for _, need in needs],
    )


async def delete_recipe(kitchen: Kitchen, id: UUID) -> None:
    await kitchen.execute("DELETE FROM recipe WHERE household_id = $1 AND id = $2", kitchen.household, id)


async def list_recipes(kitchen: Kitchen, wanted: Wanted, limit: int, after: Place | None = None) -> list[Listed]:
    """Read a page of recipes, by title."""
    rows = await kitchen.fetch(
        f"""
        {LISTED}
           AND ($7::text IS NULL OR (r.title_key, r.id) > ($7, $8))
         ORDER BY r.title_key, r.id
         LIMIT $9
        """,
        *_asked(kitchen, wanted),
        after.title_key if after else None,
        after.id if after else None,
        limit,
    )
    return many(rows, Listed)


async def list_among(kitchen: Kitchen, ids: Sequence[UUID], wanted: Wanted, limit: int) -> list[Listed]:
    """Read the first of those recipes that are wanted, in the order of `ids`."""
    rows = await kitchen.fetch(
        f"""
        SELECT listed.*
          FROM unnest($7::uuid[]) WITH ORDINALITY AS one (id, place)
          JOIN ({LISTED}) AS listed ON listed.id = one.id
         ORDER BY one.place
         LIMIT $8
        """,  # noqa: S608 - fixed columns
        *_asked(kitchen, wanted),
        list(ids),
        limit,
    )
    return many(rows, Listed)


def _asked(kitchen: Kitchen, wanted: Wanted) -> tuple[object, ...]:
    return (
        kitchen.household, kitchen.person, wanted.tag, wanted.max_minutes, wanted.language, wanted.is_favourite,
    )  # fmt: skip


async def search_recipes(kitchen: Kitchen, words: str, limit: int) -> list[UUID]:
    """Return the ids of the recipes that hold the words, or else are like them, the best first."""
    rows = await kitchen.fetch("SELECT search_recipes($1, $2) AS id", words, limit)
    return [row["id"] for row in rows]


async def list_tags(kitchen: Kitchen, limit: int) -> list[Tag]:
    """Return the tags that recipes have, the most used first."""
    rows = await kitchen.fetch(
        """
        SELECT tag, count(*) AS recipes
          FROM recipe r, unnest(r.tags) AS tag
         WHERE r.household_id = $1
         GROUP BY tag
         ORDER BY count(*) DESC, tag
         LIMIT $2
        """,
        kitchen.household,
        limit,
    )
    return many(rows, Tag)
