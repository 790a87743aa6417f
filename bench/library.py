"""A household that cooks: what it has, its recipes, and what it plans; written straight into the tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import asyncpg
from bench.cuisine import Cuisine
from bench.larder import MAKERS
from bench.pantry import PLACES
from bench.people import Person
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.codec import exact_json
from popote_kit.database import Database, Kitchen
from popote_kit.quantity import unit
from popote_nutrition.starter import StarterFood
from popote_recipes import queries
from popote_recipes.model.needs import needs
from popote_recipes.model.plan import Meal, PlanEntry
from popote_recipes.model.recipes import Language, Recipe, StoredFact
from popote_recipes.peers import Nutrition
from popote_recipes.queries.substitutes import Substitute

RECIPES: Final = 5_000
ITEMS: Final = 1_500  # two of each food that is there
LOTS: Final = 4_000
STAPLES: Final = 12
SPREAD: Final = 100  # of so many foods one has another that stands in for it
MEALS: Final = 28
DAILY: Final[Sequence[Meal]] = ("lunch", "dinner")
BATCH: Final = 250  # recipes written at once
PACKS: Final = {"g": 500, "ml": 1000, "piece": 6}


class Named(NamedTuple):
    """A recipe, by its title and language."""

    id: str
    title: str
    language: Language


class Kept(NamedTuple):
    """An item in stock: its id, and the unit that it is shown in."""

    id: UUID
    unit: str


@dataclass(frozen=True)
class Library:
    """Somebody of a household, its recipes, and the items of which it has something."""

    person: Person
    recipes: Sequence[Named]
    on_hand: Sequence[Kept]


async def fill(dsn: str, database: Database, nutrition: Nutrition, person: Person, number: int = RECIPES) -> Library:
    """Give the household its stock, so many recipes, foods that stand in for others, and a plan for two weeks."""
    cuisine = Cuisine()
    await cuisine.learn(nutrition, UUID(person.household))
    written = await _write(database, person, cuisine, number)
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "stock, extensions"})
    try:
        on_hand = await _stock(connection, UUID(person.household), cuisine.kept(ITEMS // 2))
        await connection.execute("VACUUM ANALYZE", timeout=300)  # as PostgreSQL does by itself within a minute
    finally:
        await connection.close()
    return Library(person, [Named(str(each.id), each.title, each.language) for each in written], on_hand)


async def _write(database: Database, person: Person, cuisine: Cuisine, number: int) -> list[Recipe]:
    household, me = UUID(person.household), UUID(person.id)
    recipes = list(cuisine.recipes(number, person))
    for start in range(0, number, BATCH):
        async with database.kitchen(household, me, write=True) as kitchen:
            version = await sync.next_version(kitchen)
            some = [replace(each, version=version) for each in recipes[start : start + BATCH]]
            found = [(each.id, need) for each in some for need in needs(each, {})]
            await queries.recipes.put_recipes(kitchen, some)
            await queries.recipes.put_needs(kitchen, found, [each.id for each in some])
    async with database.kitchen(household, me, write=True) as kitchen:
        version = await sync.next_version(kitchen)
        for substitute in _substitutes(cuisine.foods, kitchen.now, version):
            await queries.substitutes.add_substitute(kitchen, substitute)
        await queries.plan.put_entries(kitchen, list(_plan(kitchen, recipes, version)))
    return recipes


def _substitutes(foods: Sequence[StarterFood], now: datetime, version: int) -> Iterator[Substitute]:
    for food, instead in zip(foods[5::SPREAD], foods[6::SPREAD], strict=True):
        yield Substitute(
            id=uuid4(), food_id=food.id, food_name=food.name_fr, instead_id=instead.id, instead_name=instead.name_fr,
            created_at=now, version=version,
        )  # fmt: skip


def _plan(kitchen: Kitchen, recipes: Sequence[Recipe], version: int) -> Iterator[PlanEntry]:
    for number, recipe in enumerate(recipes[:MEALS]):
        yield PlanEntry(
            id=uuid4(), day=kitchen.today + timedelta(days=number // len(DAILY)), meal=DAILY[number % len(DAILY)],
            recipe_id=recipe.id, title=recipe.title, servings=Decimal(4), version=version,
            created_by=kitchen.person, created_at=kitchen.now,
        )  # fmt: skip


async def _stock(connection: asyncpg.Connection, household: UUID, foods: Sequence[StarterFood]) -> list[Kept]:
    """Write two items of each food, and packs of them that expire from five days ago to two months from now."""
    await connection.execute(PLACES, household)
    await connection.execute("INSERT INTO counter (household_id, version) VALUES ($1, 1)", household)
    now = await connection.fetchval("SELECT now()")
    items = [_item(household, number, foods, now) for number in range(2 * len(foods))]
    lots = [_lot(household, number, items[number * 7 % len(items)], now) for number in range(LOTS)]
    await _copy(connection, "item", items)
    await _copy(connection, "lot", lots)
    return [Kept(item["id"], item["unit"]) for item in items]


async def _copy(connection: asyncpg.Connection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    await connection.copy_records_to_table(table, columns=list(rows[0]), records=[tuple(row.values()) for row in rows])


def _item(household: UUID, number: int, foods: Sequence[StarterFood], now: datetime) -> dict[str, Any]:
    food = foods[number % len(foods)]
    code = "piece" if number % 5 == 0 and any(fact.unit == "piece" for fact in food.facts) else food.per
    return {
        "household_id": household,
        "id": uuid4(),
        "name": f"{food.name_fr} {MAKERS[number // len(foods)]} {number}"[:120],
        "unit": code,
        "measure": unit(code).measure,
        "food_id": food.id,
        "food_facts": exact_json([StoredFact.of(fact) for fact in food.facts]),
        "food_due": 0,
        "is_food_chosen": True,
        "is_staple": number < STAPLES,
        "date_kind": "use_by" if number % 3 == 0 else "best_before",
        "note": "",
        "version": 1,
        "created_at": now,
    }


def _lot(household: UUID, number: int, item: dict[str, Any], now: datetime) -> dict[str, Any]:
    amount = PACKS[item["unit"]] * unit(item["unit"]).base
    day, is_use_by = now.date() + timedelta(days=number % 66 - 5), item["date_kind"] == "use_by"
    return {
        "household_id": household,
        "id": uuid4(),
        "item_id": item["id"],
        "amount": amount,
        "price_for": amount,
        "best_before": None if is_use_by else day,
        "use_by": day if is_use_by else None,
        "expires_on": day,
        "expires_why": item["date_kind"],
        "is_use_by": is_use_by,
        "added_at": now,
        "opened_at": now if number % 7 == 0 else None,
        "version": 1,
    }
