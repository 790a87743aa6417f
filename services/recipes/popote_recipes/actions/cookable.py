"""What can be cooked with what there is."""

from typing import Final
from uuid import UUID

from popote_kit.database import Kitchen
from popote_recipes import queries
from popote_recipes.model.cookable import Dish, judge
from popote_recipes.model.needs import slots
from popote_recipes.model.recipes import MAX_RECIPES, Recipe
from popote_recipes.model.supply import Supply
from popote_recipes.model.things import WATER
from popote_recipes.queries.cookable import Wanted
from popote_recipes.wire.cookable import CookableShown

USUAL_DAYS: Final = 7


async def rank(kitchen: Kitchen, supply: Supply, *, all_there: bool, saving: bool) -> list[UUID]:
    """Return the ids of the recipes for which all is there, or that save something from spoiling, the best first."""
    wanted = Wanted(max_missing=0 if all_there else None)
    columns = supply.columns(supply.today, USUAL_DAYS)
    ranked = await queries.cookable.rank(kitchen, columns, [*WATER, *supply.staples], wanted, MAX_RECIPES)
    return [each.recipe_id for each in ranked if each.saves_expiring or not saving]


async def find_cookable(  # noqa: PLR0913 - of what, and how, by name
    kitchen: Kitchen, supply: Supply, wanted: Wanted, *, days: int, staples: bool, limit: int
) -> list[CookableShown]:
    """Return the recipes that save most of what expires within `days`, each with what is there for its lines.

    With `max_missing`, only those that the pantry, too, finds to lack no more.

    Where `staples` do not count as always there, they are looked for like anything else.
    """
    always = [*WATER, *(supply.staples if staples else ())]
    ranked = await queries.cookable.rank(kitchen, supply.columns(supply.today, days), always, wanted, limit)
    known = await queries.recipes.read_used(kitchen, [each.recipe_id for each in ranked]) if ranked else {}
    instead = queries.substitutes.by_food(await queries.substitutes.list_substitutes(kitchen)) if ranked else {}

    def judged(recipe: Recipe) -> Dish:
        return judge(
            slots(recipe, known, instead),
            supply,
            supply.today,
            servings=recipe.servings,
            wanted=wanted.servings,
            staples=staples,
        )

    found = [(each, known[each.recipe_id]) for each in ranked if each.recipe_id in known]
    dishes = [(each, recipe, judged(recipe)) for each, recipe in found]
    return [
        CookableShown.of(recipe, wanted.servings, dish, each.saves_expiring, supply)
        for each, recipe, dish in dishes
        if wanted.max_missing is None or dish.missing <= wanted.max_missing
    ]
