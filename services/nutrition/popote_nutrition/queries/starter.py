"""The starter table, loaded as the owner of the schema."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final, get_args

import asyncpg
from msgspec.structs import asdict

from popote_kit import codec
from popote_nutrition import starter
from popote_nutrition.model.foods import STARTER, Keeping, Language
from popote_nutrition.model.names import key
from popote_nutrition.model.nutrients import CODES
from popote_nutrition.starter import StarterFood

RANK: Final = 0
_COLUMNS: Final = ("source_id", "name_en", "name_fr", "per", *CODES, "facts", *Keeping.__struct_fields__)
_ALL: Final = ", ".join(("id", "source", "rank", *_COLUMNS))


async def seed(connection: asyncpg.Connection) -> None:
    """Store the starter table where it differs from the one that is stored; foods that it no longer has stay."""
    table = starter.read()
    foods = codec.exact_json([_food(each) for each in table])
    names = codec.exact_json([name for each in table for name in _names(each)])
    checksum = sha256(f"{foods}{names}".encode()).hexdigest()
    if checksum != await connection.fetchval("SELECT checksum FROM starter"):
        await _store(connection, foods, names)
        await connection.execute("DELETE FROM starter")
        await connection.execute("INSERT INTO starter (checksum) VALUES ($1)", checksum)


async def _store(connection: asyncpg.Connection, foods: str, names: str) -> None:
    await connection.execute(
        f"""
        INSERT INTO food ({_ALL})
        SELECT {_ALL} FROM jsonb_populate_recordset(NULL::food, $1::text::jsonb)
            ON CONFLICT (id) DO UPDATE
           SET ({", ".join(_COLUMNS)}) = ROW ({", ".join(f"excluded.{column}" for column in _COLUMNS)})
        """,  # noqa: S608 - fixed columns
        foods,
    )
    await connection.execute("DELETE FROM food_name USING food WHERE food.id = food_id AND food.source = $1", STARTER)
    await connection.execute(
        """
        INSERT INTO food_name (food_id, language, key, name, is_alias, rank)
        SELECT food_id, language, key, name, is_alias, rank
          FROM jsonb_populate_recordset(NULL::food_name, $1::text::jsonb)
        """,
        names,
    )


def _food(food: StarterFood) -> dict[str, Any]:
    return {
        "id": food.id,
        "source": STARTER,
        "source_id": food.source,
        "rank": RANK,
        "name_en": food.name_en,
        "name_fr": food.name_fr,
        "per": food.per,
        "facts": food.stored_facts,
        **asdict(food.nutrients),
        **asdict(food.keeping),
    }


def _names(food: StarterFood) -> Iterator[dict[str, Any]]:
    for language in get_args(Language):
        keys: dict[str, dict[str, Any]] = {}
        for number, name in enumerate(food.names(language)):
            about = {"food_id": food.id, "language": language, "key": key(name), "name": name}
            keys.setdefault(key(name), {**about, "is_alias": number > 0, "rank": RANK})
        yield from keys.values()
