"""What lines, foods and items hold: totals that say what they don't know."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from popote_kit.database import Kitchen
from popote_kit.problems import at
from popote_kit.quantity import Quantity
from popote_nutrition import queries
from popote_nutrition.actions.matching import understand
from popote_nutrition.model import recipes
from popote_nutrition.model.analysis import Told, Whole
from popote_nutrition.model.diary import MAX_A_DAY, Entry
from popote_nutrition.model.foods import HOUSEHOLD, Food, Language
from popote_nutrition.model.nutrients import UNKNOWN, completed, with_energy
from popote_nutrition.model.portions import Part, of_food, of_line, valued
from popote_nutrition.model.recipes import Foods, Recipe
from popote_nutrition.peers import ItemFacts, nutrients_of


async def of_lines(kitchen: Kitchen, lines: Sequence[str], language: Language) -> list[Told]:
    """Analyse lines of a recipe; titles of sections are left out."""
    understood = await understand(kitchen, lines, language)
    told = []
    for line, match in zip(understood.lines, understood.matched.matches, strict=True):
        if not line.is_section and line.raw.strip():
            food = understood.matched.food(match)
            told.append(Told(line.raw, of_line(line, food), food))
    return told


async def of_known_food(kitchen: Kitchen, id: UUID, quantity: Quantity, language: str) -> Told:
    """Analyse a quantity of a food.

    Raises:
        NotFound: there is no such food.
        UnknownUnit, UnknownConversion, TooMuch: see `popote_kit.quantity`.
    """
    food = await queries.foods.read_food(kitchen, id)
    with at("quantity"):
        return Told(food.named(language), valued(of_food(food, quantity)), food)


async def of_item(kitchen: Kitchen, item: ItemFacts, quantity: Quantity) -> Told:
    """Analyse a quantity of an item: by the label of its product, and where that says nothing, by its food.

    Raises:
        UnknownUnit, UnknownConversion, TooMuch: see `popote_kit.quantity`.
    """
    food = await as_food(kitchen, item)
    with at("quantity"):
        return Told(item.name, valued(of_food(food, quantity, item.facts)), food)


async def of_recipe(kitchen: Kitchen, recipe: Recipe, cooked_mass: int | None = None) -> Whole:
    """Analyse a recipe, with its sub-recipes; a `cooked_mass` in ng goes before the one that it tells."""
    return recipes.of_recipe(recipe, await foods_of(kitchen, [recipe]), cooked_mass)


async def of_meals(kitchen: Kitchen, meals: list[Recipe]) -> Whole:
    """Analyse what is planned for a day; one person has one serving of each meal."""
    return recipes.of_meals(meals, await foods_of(kitchen, meals))


async def foods_of(kitchen: Kitchen, every: Sequence[Recipe]) -> Foods:
    """Read the foods of some recipes, in one statement."""
    ids = {id for recipe in every for id in recipe.food_ids()}  # noqa: A001 - as everywhere
    return await queries.foods.read_foods(kitchen, ids)


async def of_day(kitchen: Kitchen, date: dt.date) -> list[Told]:
    """Analyse what the person has eaten in a day, by the values that the entries have."""
    entries = await queries.diary.list_entries(kitchen, date, date, MAX_A_DAY)
    return [Told(entry.name, _part(entry)) for entry in entries]


def _part(entry: Entry) -> Part:
    return Part(
        portion=entry.portion,
        quantity=entry.quantity,
        is_approximate=entry.is_approximate,
        reason=entry.reason,
        nutrients=entry.lacking,
    )


async def as_food(kitchen: Kitchen, item: ItemFacts) -> Food:
    """Return an item as a food: what its label says goes before what its food is known to hold."""
    known = await queries.foods.read_foods(kitchen, [item.food_id]) if item.food_id else {}
    food = known.get(item.food_id) if item.food_id else None
    base = food or Food(id=item.item_id, source=HOUSEHOLD, nutrients=UNKNOWN)
    named = replace(base, name_en=item.name, name_fr=item.name)
    if item.product is None:
        return named
    label = nutrients_of(item.product)
    named = replace(named, source=item.product.source, has_own_nutrients=False)
    if base.per != item.product.per:  # values of 100 g don't complete those of 100 ml
        return replace(named, per=item.product.per, nutrients=with_energy(label))
    return replace(named, nutrients=completed(label, base.nutrients))
