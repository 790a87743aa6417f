"""Foods that all households share, written as the owner of the schema: the service's own role may only read them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from popote_kit.database import Kitchen
from popote_nutrition.importing.records import ReadFood
from popote_nutrition.model.foods import food_id
from popote_nutrition.model.nutrients import CODES

RANK: Final = 1  # after the starter table
_COLUMNS: Final = ("name_en", "name_fr", "per", *CODES, "facts")
_ALL: Final = ", ".join(("id", "source", "source_id", "rank", *_COLUMNS))
_OLD: Final = ", ".join(f"food.{column}" for column in _COLUMNS)
_NEW: Final = ", ".join(f"excluded.{column}" for column in _COLUMNS)


class Stored(Struct, frozen=True):
    new: int
    changed: int


async def begin(kitchen: Kitchen) -> None:
    """Become the owner until the end of the transaction, and hold other imports off; `Locked` where one is running."""
    await kitchen.execute("SET LOCAL ROLE nutrition_owner")
    await kitchen.fetchval("SELECT pg_advisory_xact_lock(hashtext('popote-import'))")


async def put(kitchen: Kitchen, source: str, foods: Sequence[ReadFood]) -> Stored:
    """Store foods of a source with their names, each of them once, in place of what they were; tell how many differ."""
    ids = {food.source_id: food_id(source, food.source_id) for food in foods}
    rows = await kitchen.fetch(
        f"""
        INSERT INTO food ({_ALL})
        SELECT {_ALL} FROM jsonb_populate_recordset(NULL::food, $1)
            ON CONFLICT (id) DO UPDATE SET ({", ".join(_COLUMNS)}) = ROW ({_NEW})
         WHERE ({_OLD}) IS DISTINCT FROM ({_NEW})
        RETURNING id, xmax = 0 AS is_new
        """,  # noqa: S608 - fixed columns
        [_food(source, ids[food.source_id], food) for food in foods],
    )
    new = {row["id"] for row in rows if row["is_new"]}
    renamed = await _put_names(kitchen, ids, foods)
    return Stored(len(new), len({row["id"] for row in rows} | renamed) - len(new))


async def _put_names(kitchen: Kitchen, ids: dict[str, UUID], foods: Sequence[ReadFood]) -> set[UUID]:
    """Return the foods of which a name came, went or changed."""
    rows = await kitchen.fetch(
        """
        WITH told AS (
            SELECT food_id, language, key, name, is_alias, rank FROM jsonb_populate_recordset(NULL::food_name, $1)
        ), gone AS (
            DELETE FROM food_name n
             WHERE n.food_id = ANY ($2)
               AND (n.food_id, n.language, n.key) NOT IN (SELECT food_id, language, key FROM told)
            RETURNING n.food_id
        ), put AS (
            INSERT INTO food_name (food_id, language, key, name, is_alias, rank)
            SELECT food_id, language, key, name, is_alias, rank FROM told
                ON CONFLICT (food_id, language, key)
                DO UPDATE SET name = excluded.name, is_alias = excluded.is_alias
             WHERE (food_name.name, food_name.is_alias) IS DISTINCT FROM (excluded.name, excluded.is_alias)
            RETURNING food_id
        )
        SELECT food_id FROM gone UNION SELECT food_id FROM put
        """,
        [{"food_id": ids[food.source_id], "rank": RANK, **asdict(name)} for food in foods for name in food.names],
        list(ids.values()),
    )
    return {row["food_id"] for row in rows}


async def count(kitchen: Kitchen, source: str) -> int:
    """Count the foods of a source."""
    found: int = await kitchen.fetchval("SELECT count(*) FROM food WHERE source = $1", source)
    return found


def _food(source: str, id: UUID, food: ReadFood) -> dict[str, Any]:
    proper = {f"name_{name.language}": name.name for name in food.names if not name.is_alias}
    return {
        "id": id,
        "source": source,
        "source_id": food.source_id,
        "rank": RANK,
        "per": food.per,
        "facts": [{**asdict(fact), "amount": f"{fact.amount:f}"} for fact in food.facts],  # a text stays exact
        **proper,
        **asdict(food.nutrients),
    }
