"""What lines mean: told by nutrition at once, or later, and anew when it changes."""

import json
from typing import Any

from popote_kit.testing import FreshDatabase
from popote_recipes.testing import Cook


async def link(anna: Cook, id: str) -> tuple[str, str | None]:
    """Return how the food of the first line is known, and what it is called."""
    first = (await anna.get(f"/api/recipes/{id}"))["ingredients"][0]
    return first["link"], first["food_name"]


async def test_without_nutrition_a_recipe_is_kept_and_understood_later(street: Any, anna: Cook) -> None:
    street.gates["nutrition"].is_shut = True
    made = await anna.recipe("Tarte", "Pour la pâte :", "200 g de farine", language="fr")
    assert [(each["line"], each["link"]) for each in made["ingredients"]] == [
        ("Pour la pâte :", "waiting"),
        ("200 g de farine", "waiting"),
    ]
    street.gates["nutrition"].is_shut = False
    await street.catch_up()
    now = await anna.get(f"/api/recipes/{made['id']}")
    assert [(each["section"], each["line"], each["link"]) for each in now["ingredients"]] == [
        ("Pour la pâte", "200 g de farine", "matched")
    ]
    assert now["version"] > made["version"]
    assert now["revision"] == made["revision"]


async def test_what_a_household_teaches_changes_its_recipes(street: Any, anna: Cook) -> None:
    made = await anna.recipe("Gratin", "200 g de poudre magique", language="fr")
    assert (await link(anna, made["id"]))[0] == "ask"
    await street.catch_up()
    flour = await anna.food("farine de blé")
    await anna.put("/api/nutrition/names", {"name": "poudre magique", "food_id": flour})
    await street.catch_up()
    assert (await link(anna, made["id"]))[0] == "matched"
    changes = await anna.get("/api/recipes/changes", since=made["version"])
    assert [each["id"] for each in changes["changes"]] == [made["id"]]


async def test_a_corrected_conversion_reaches_the_recipes_with_that_food(
    street: Any, database: FreshDatabase, anna: Cook
) -> None:
    butter = await anna.food("butter")
    await anna.recipe("Cake", "2 tbsp butter", language="en")
    untouched = await anna.recipe("Salad", "1 lettuce", language="en")
    await street.catch_up()
    await anna.edit(
        f"/api/nutrition/foods/{butter}", {"conversions": [{"unit": "tbsp", "equals": {"amount": 20, "unit": "g"}}]}
    )
    await street.catch_up()
    first = await database.rows("SELECT content #>> '{ingredients,0,facts,0}' FROM recipes.recipe WHERE title = 'Cake'")
    assert {"unit": "tbsp", "amount": "20", "equals": "g"}.items() <= json.loads(first[0][0]).items()
    assert (await anna.get(f"/api/recipes/{untouched['id']}"))["version"] == untouched["version"]
