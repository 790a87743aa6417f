"""PostgreSQL itself keeps people and households apart: statements that forget to ask still see nothing of others."""

from uuid import UUID

from popote_kit.testing import FreshDatabase, new_id
from popote_nutrition.testing import Table

OF_THE_PERSON = ("diary_entry", "goal", "weight")
OF_THE_HOUSEHOLD = ("household_food", "household_name", "learned_name")


async def test_row_level_security_alone_hides_what_is_a_persons_and_a_households(
    anna: Table, database: FreshDatabase
) -> None:
    jam = await anna.food("Mamie's jam", aliases=["the jam"], nutrients={"energy_kcal": 240})
    await anna.put("/names", {"name": "the good one", "food_id": jam})
    quantity = {"amount": 20, "unit": "g"}
    await anna.post("/diary", {"date": "2026-11-24", "meal": "lunch", "food_id": jam, "quantity": quantity})
    await anna.put("/goals", {"every_day": {"energy_kcal": 2000}})
    await anna.put("/weights/2026-11-24", {"weight": {"amount": 70, "unit": "kg"}})
    household, person = anna.household, anna.claims["person"]
    assert not await seen(database, OF_THE_PERSON + OF_THE_HOUSEHOLD, household, person) & {0}
    assert await seen(database, OF_THE_PERSON, household, new_id()) == {0}
    assert await seen(database, OF_THE_PERSON + OF_THE_HOUSEHOLD, new_id(), person) == {0}


async def seen(database: FreshDatabase, tables: tuple[str, ...], household: UUID, person: UUID) -> set[int]:
    """Return how many rows of each table somebody sees who asks for all."""
    async with database.kitchen("nutrition", household, person) as kitchen:
        return {await kitchen.fetchval(f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608
