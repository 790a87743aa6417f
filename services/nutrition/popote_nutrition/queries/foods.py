"""Foods, those that all share under those that are the household's own."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from popote_kit import codec
from popote_kit.database import Kitchen, Record
from popote_kit.problems import NotFound
from popote_nutrition.model.foods import HOUSEHOLD, Alias, Food, Keeping, Named, Own, StoredFact
from popote_nutrition.model.nutrients import CODES, Nutrients

KEEPING: Final = Keeping.__struct_fields__
_NUTRIENTS: Final = ", ".join(
    f"CASE WHEN h.has_nutrients OR f.id IS NULL THEN h.{code} ELSE f.{code} END AS {code}" for code in CODES
)
_KEEPING: Final = ", ".join(f"coalesce(h.{name}, f.{name}) AS {name}" for name in KEEPING)
# `f` is the food that all share, `h` the household's: one of them may be missing.
COLUMNS: Final = f"""
    coalesce(f.id, h.id) AS id, coalesce(h.name_en, f.name_en) AS name_en, coalesce(h.name_fr, f.name_fr) AS name_fr,
    f.source, coalesce(nullif(h.source_id, ''), f.source_id, '') AS source_id,
    CASE WHEN h.has_nutrients OR f.id IS NULL THEN h.per ELSE f.per END AS per, {_NUTRIENTS}, {_KEEPING},
    coalesce(h.facts, '[]') AS own_facts, coalesce(f.facts, '[]') AS shared_facts,
    coalesce(h.version, 0) AS version, h.id IS NOT NULL AS is_own, h.created_at,
    coalesce(h.has_nutrients, false) AS has_own_nutrients,
    ARRAY(SELECT DISTINCT n.name FROM household_name n
           WHERE n.household_id = h.household_id AND n.food_id = h.id AND n.is_alias ORDER BY 1) AS own_aliases,
    ARRAY(SELECT DISTINCT n.name FROM food_name n WHERE n.food_id = f.id AND n.is_alias ORDER BY 1) AS aliases
"""  # noqa: S608 - fixed columns
Tier = Annotated[int, Meta(ge=-1, le=1)]


class Place(Struct, frozen=True):
    """Where a page of foods ended: the household's own come first."""

    tier: Tier
    name: Annotated[str, Meta(max_length=400)]
    id: UUID


def food_of(row: Record | dict[str, Any]) -> Food:
    """Return the food that a row of `COLUMNS` is."""
    return Food(
        id=row["id"],
        name_en=row["name_en"],
        name_fr=row["name_fr"],
        source=row["source"] or HOUSEHOLD,
        source_id=row["source_id"],
        per=row["per"],
        nutrients=_nutrients(row),
        own_facts=_facts(row["own_facts"]),
        shared_facts=_facts(row["shared_facts"]),
        own_aliases=row["own_aliases"],
        aliases=row["aliases"],
        keeping=_keeping(row),
        is_own=row["is_own"],
        is_override=row["is_own"] and row["source"] is not None,
        has_own_nutrients=row["has_own_nutrients"],
        version=row["version"],
        created_at=row["created_at"],
    )


def _nutrients(row: Record | dict[str, Any]) -> Nutrients:
    return msgspec.convert({code: row[code] for code in CODES}, Nutrients, dec_hook=codec.from_plain)


def _keeping(row: Record | dict[str, Any]) -> Keeping:
    return Keeping(**{name: row[name] for name in KEEPING})


def _facts(stored: Sequence[dict[str, Any]]) -> list[StoredFact]:
    return [msgspec.convert(each, StoredFact) for each in stored]


async def read_foods(kitchen: Kitchen, ids: Iterable[UUID]) -> dict[UUID, Food]:
    """Read those of the foods that there are, by id."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM unnest($2::uuid[]) AS wanted (id)
          LEFT JOIN food f ON f.id = wanted.id
          LEFT JOIN household_food h ON h.household_id = $1 AND h.id = wanted.id
         WHERE f.id IS NOT NULL OR h.id IS NOT NULL
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        list(dict.fromkeys(ids)),
    )
    return {row["id"]: food_of(row) for row in rows}


async def read_food(kitchen: Kitchen, id: UUID) -> Food:
    """Read a food.

    Raises:
        NotFound: nobody knows one with this id, as far as this household goes.
    """
    found = await read_foods(kitchen, [id])
    if id not in found:
        raise NotFound
    return found[id]


async def list_foods(kitchen: Kitchen, limit: int, after: Place | None, language: str) -> list[tuple[Place, Food]]:
    """Read foods, the household's own first, then the starter table's, then those imported; each part by name."""
    shown = "plain(coalesce(name_fr, name_en))" if language == "fr" else "plain(coalesce(name_en, name_fr))"
    rows = await kitchen.fetch(
        f"""
        WITH page AS (
            (SELECT id, -1 AS tier, {shown} AS place
               FROM household_food
              WHERE household_id = $1 AND NOT is_override AND (-1, {shown}, id) > ($2, $3, $4)
              ORDER BY place, id
              LIMIT $5)
             UNION ALL
            (SELECT id, rank, {shown}
               FROM food
              WHERE (rank, {shown}, id) > ($2, $3, $4)
              ORDER BY rank, {shown}, id
              LIMIT $5)
             ORDER BY tier, place, id
             LIMIT $5
        )
        SELECT page.tier, page.place, {COLUMNS}
          FROM page
          LEFT JOIN food f ON f.id = page.id
          LEFT JOIN household_food h ON h.household_id = $1 AND h.id = page.id
         ORDER BY page.tier, page.place, page.id
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        after.tier if after else -1,
        after.name if after else "",
        after.id if after else UUID(int=0),
        limit,
    )
    return [(Place(row["tier"], row["place"], row["id"]), food_of(row)) for row in rows]


async def search_foods(kitchen: Kitchen, words: str, language: str, limit: int) -> list[Food]:
    """Read the foods with a name that holds the words (keys of `names.key`), or else is like them, the best first."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM search_foods($2, $3, $4) WITH ORDINALITY AS found (id, place)
          LEFT JOIN food f ON f.id = found.id
          LEFT JOIN household_food h ON h.household_id = $1 AND h.id = found.id
         ORDER BY found.place
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        words,
        language,
        limit,
    )
    return [food_of(row) for row in rows]


async def count_own(kitchen: Kitchen) -> int:
    """Count the foods that the household has made or changed."""
    count: int = await kitchen.fetchval(
        "SELECT count(*) FROM household_food WHERE household_id = $1", kitchen.household
    )
    return count


async def read_own(kitchen: Kitchen, id: UUID) -> Own | None:
    """Read what is the household's of a food."""
    row = await kitchen.fetchrow(
        f"""
        SELECT id, is_override, name_en, name_fr, has_nutrients, per, facts, source_id, created_at,
               {", ".join((*CODES, *KEEPING))},
               ARRAY(SELECT jsonb_build_object('name', n.name, 'language', n.language) FROM household_name n
                      WHERE n.household_id = $1 AND n.food_id = $2 AND n.is_alias ORDER BY n.name) AS aliases
          FROM household_food
         WHERE household_id = $1 AND id = $2
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        id,
    )
    if row is None:
        return None
    plain = ("id", "is_override", "name_en", "name_fr", "has_nutrients", "per", "source_id", "created_at")
    return Own(
        **{name: row[name] for name in plain},
        aliases=msgspec.convert(row["aliases"], list[Alias]),
        nutrients=_nutrients(row),
        facts=_facts(row["facts"]),
        keeping=_keeping(row),
    )


async def find_own_named(kitchen: Kitchen, id: UUID, keys: Sequence[str]) -> UUID | None:
    """Return the id of another food of the household's that goes by one of the keys."""
    return await kitchen.fetchval(  # type: ignore[no-any-return]  # the column's type
        "SELECT food_id FROM household_name WHERE household_id = $1 AND key = ANY($2) AND food_id <> $3 LIMIT 1",
        kitchen.household,
        keys,
        id,
    )


async def put_own(kitchen: Kitchen, own: Own, version: int) -> None:
    """Store what is the household's of a food."""
    columns = (*CODES, *KEEPING)
    places = ", ".join(f"${number}" for number in range(12, 12 + len(columns)))
    same = ", ".join(f"{name} = excluded.{name}" for name in columns)
    await kitchen.execute(
        f"""
        INSERT INTO household_food (household_id, id, name_en, name_fr, is_override, has_nutrients, per, facts,
                                    source_id, version, created_at, {", ".join(columns)})
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9, $10, $11, {places})
            ON CONFLICT (household_id, id) DO UPDATE
           SET name_en = excluded.name_en, name_fr = excluded.name_fr, has_nutrients = excluded.has_nutrients,
               per = excluded.per, facts = excluded.facts, source_id = excluded.source_id, version = excluded.version,
               {same}
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        own.id,
        own.name_en,
        own.name_fr,
        own.is_override,
        own.has_nutrients,
        own.per,
        codec.exact_json(own.facts),
        own.source_id,
        version,
        own.created_at,
        *(getattr(own.nutrients, code) for code in CODES),
        *(getattr(own.keeping, name) for name in KEEPING),
    )
    await _put_names(kitchen, own.id, own.named())


async def _put_names(kitchen: Kitchen, food: UUID, named: Sequence[Named]) -> None:
    await kitchen.execute(
        "DELETE FROM household_name WHERE household_id = $1 AND food_id = $2", kitchen.household, food
    )
    await kitchen.execute(
        """
        INSERT INTO household_name (household_id, food_id, name, language, key, is_alias)
        SELECT $1, $2, new.* FROM unnest($3::text[], $4::text[], $5::text[], $6::boolean[]) AS new
            ON CONFLICT DO NOTHING
        """,
        kitchen.household,
        food,
        [each.name for each in named],
        [each.language for each in named],
        [each.key for each in named],
        [each.is_alias for each in named],
    )


async def delete_food(kitchen: Kitchen, id: UUID) -> None:
    """Forget what is the household's of a food."""
    await kitchen.execute("DELETE FROM household_food WHERE household_id = $1 AND id = $2", kitchen.household, id)
