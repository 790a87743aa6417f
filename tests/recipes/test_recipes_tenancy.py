"""What is another household's, or another person's, is as if it were not there; PostgreSQL itself sees to that too."""

from typing import Any
from uuid import UUID

import pytest

from popote_kit.testing import FreshDatabase, new_id
from popote_recipes.testing import Cook

OF_THE_PERSON = ("opinion",)
OF_THE_HOUSEHOLD = ("recipe", "part", "need", "revision", "substitute", "plan_entry", "cook")


@pytest.fixture
async def crepes(anna: Cook) -> dict[str, Any]:
    """Crêpes that somebody changed, likes, has planned and cooked, with butter that margarine stands in for."""
    await anna.stocked("Farine", 500, "g")
    batter = await anna.recipe("Pâte", "250 g de farine", servings=4, language="fr")
    recipe = await anna.recipe("Crêpes", {"line": "pâte", "recipe_id": batter["id"]}, servings=4)
    path = f"/api/recipes/{recipe['id']}"
    await anna.edit(path, {"description": "Celles de Mamie"})
    await anna.put(f"{path}/opinion", {"is_favourite": True, "note": "avec du cidre", "rating": 5})
    pair = {"food_id": await anna.food("butter"), "instead_id": await anna.food("margarine")}
    await anna.post("/api/recipes/substitutes", pair)
    await anna.post("/api/recipes/plan", {"date": "2026-12-01", "meal": "dinner", "recipe_id": recipe["id"]})
    await anna.post(f"{path}/cook", {"eaters": [{"user_id": str(anna.person), "portions": 1}]})
    return recipe


async def test_row_level_security_alone_hides_what_is_a_persons_and_a_households(
    anna: Cook, crepes: dict[str, Any], database: FreshDatabase
) -> None:
    every = OF_THE_PERSON + OF_THE_HOUSEHOLD
    assert not await seen(database, every, anna.household, anna.person) & {0}
    assert await seen(database, OF_THE_PERSON, anna.household, new_id()) == {0}
    assert await seen(database, every, new_id(), anna.person) == {0}
    async with database.kitchen("recipes", new_id(), anna.person) as kitchen:
        assert await kitchen.fetch("SELECT * FROM search_recipes('crêpes', 10)") == []


async def test_no_table_of_a_household_is_forgotten_here(database: FreshDatabase) -> None:
    rows = await database.rows(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'recipes'::regnamespace AND c.relforcerowsecurity"
    )
    kits = {"counter", "tombstone"}
    assert {row["relname"] for row in rows} - kits == {*OF_THE_PERSON, *OF_THE_HOUSEHOLD}


async def seen(database: FreshDatabase, tables: tuple[str, ...], household: UUID, person: UUID) -> set[int]:
    """Return how many rows of each table somebody sees who asks for all."""
    async with database.kitchen("recipes", household, person) as kitchen:
        return {await kitchen.fetchval(f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608


async def test_nobody_else_of_the_household_sees_an_opinion(anna: Cook, crepes: dict[str, Any]) -> None:
    mate, path = anna.beside(), f"/api/recipes/{crepes['id']}"
    assert (await anna.get("/api/recipes", favourite=True))["items"][0]["is_favourite"] is True
    assert (await mate.get("/api/recipes", favourite=True))["items"] == []
    assert {each["is_favourite"] for each in (await mate.get("/api/recipes"))["items"]} == {False}
    assert (await mate.get(f"{path}/opinion"))["note"] == ""
    assert (await mate.get("/api/recipes/opinions"))["items"] == []
    assert (await mate.get("/api/recipes/opinions/changes"))["changes"] == []
    for feed in ("/api/recipes/changes", path):
        assert "cidre" not in (await mate.ask("GET", feed)).text
    await mate.put(f"{path}/opinion", {"rating": 1})
    assert (await anna.get(f"{path}/opinion"))["rating"] == 5


async def test_nothing_of_another_household_goes_into_a_cook(anna: Cook, crepes: dict[str, Any]) -> None:
    bob = anna.elsewhere()
    await bob.stocked("Farine", 500, "g")
    own = await bob.recipe("Bouillie", "100 g de farine", servings=4, language="fr")
    planned = (await anna.get("/api/recipes/plan", **{"from": "2026-12-01"}))["items"][0]["id"]
    freezer = await anna.post("/api/stock/locations", {"name": "Congélateur", "is_freezer": True})
    for asked, expected in (
        ({"plan_id": planned}, 404),
        ({"leftovers": {"servings": 1, "location_id": freezer["id"]}}, 404),
    ):
        answer = await bob.ask("POST", f"/api/recipes/{own['id']}/cook", json=asked)
        assert (answer.status_code, asked) == (expected, asked), answer.text
    assert (await bob.get("/api/recipes/cooked"))["items"] == []
    assert (await bob.get("/api/stock/on-hand"))["items"][0]["total"] == {"amount": 500, "unit": "g"}


async def test_a_part_or_a_stand_in_of_another_household_is_none(anna: Cook, crepes: dict[str, Any]) -> None:
    bob = anna.elsewhere()
    jam = (await anna.post("/api/nutrition/foods", {"name": "Mamie's jam"}))["id"]
    body = {"title": "x", "servings": 1, "ingredients": [{"line": "x", "recipe_id": crepes["id"]}]}
    assert (await bob.ask("POST", "/api/recipes", json=body)).status_code == 404
    pair = {"food_id": await bob.food("butter"), "instead_id": jam}
    assert (await bob.ask("POST", "/api/recipes/substitutes", json=pair)).status_code == 404
    chosen = await bob.recipe("Tarte", {"line": "10 g jam", "food_id": jam}, servings=1)
    assert "Mamie" not in str(chosen)
