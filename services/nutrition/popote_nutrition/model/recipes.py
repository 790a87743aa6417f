"""Recipes as the recipes service tells of them: how much of which food, as one dish."""

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final
from uuid import UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from popote_kit.quantity import Amount, PositiveAmount, Quantity
from popote_kit.units import G
from popote_nutrition.model import totals
from popote_nutrition.model.analysis import Told, Whole
from popote_nutrition.model.diary import PORTION, Meal, share
from popote_nutrition.model.foods import Food
from popote_nutrition.model.portions import Part, Reason, of_line

RECIPE: Final = "recipe"  # where values come from that a recipe's foods come to

Foods = Mapping[UUID, Food]


class Ingredient(Struct, frozen=True, kw_only=True):
    """A line of a recipe, understood. With a `recipe` it is so much of another one, whose amounts are for just that."""

    line: str = ""
    food_id: UUID | None = None
    quantity: Quantity | None = None
    at_most: Quantity | None = None
    equivalent: Quantity | None = None
    is_to_taste: bool = False
    recipe: "Dish | None" = None


class Dish(Struct, frozen=True, kw_only=True):
    """So much of a recipe: what that is made of, and what it weighs once cooked, where that is known."""

    parts: list[Ingredient]
    cooked_mass_g: Amount | None = None

    @property
    def cooked_mass(self) -> int | None:
        """The cooked mass in ng."""
        return None if self.cooked_mass_g is None else round(Fraction(self.cooked_mass_g) * G)

    def food_ids(self) -> Iterator[UUID]:
        """Give the foods that it is made of, also those in its sub-recipes."""
        for part in self.parts:
            if part.recipe is not None:
                yield from part.recipe.food_ids()
            elif part.food_id is not None:
                yield part.food_id


class Recipe(Dish, frozen=True, kw_only=True):
    """A recipe, its amounts for `servings`."""

    recipe_id: UUID
    title: str
    servings: PositiveAmount


class Eater(Struct, frozen=True):
    """Somebody who ate so many servings of a meal."""

    user_id: UUID
    portions: PositiveAmount


class Cooked(Recipe, frozen=True, kw_only=True):
    """A recipe that was cooked, and who ate of it."""

    cook_id: UUID
    date: dt.date
    meal: Meal
    eaters: list[Eater]


class Uncooked(Struct, frozen=True):
    """A cooking was undone: nobody has eaten of it."""

    cook_id: UUID


def entry_id(cook_id: UUID, person: UUID) -> UUID:
    """Return the id of a person's entry of a cooked meal: the same however often the meal is told of."""
    return uuid5(cook_id, str(person))


def of_recipe(recipe: Recipe, foods: Foods, cooked_mass: int | None = None) -> Whole:
    """Analyse a recipe; a `cooked_mass` goes before the one that it tells."""
    mass = recipe.cooked_mass if cooked_mass is None else cooked_mass
    return Whole.of(_parts(recipe, foods), Fraction(recipe.servings), mass)


def of_meals(meals: list[Recipe], foods: Foods) -> Whole:
    """Analyse meals together. One person has one serving of each."""
    dishes = [as_part(meal.title, meal, foods) for meal in meals]
    servings = [
        totals.per_serving(dish.part.portion, Fraction(meal.servings)) for meal, dish in zip(meals, dishes, strict=True)
    ]
    return Whole(parts=dishes, serving=totals.total(servings))


def as_part(text: str, dish: Dish, foods: Foods) -> Told:
    """Analyse a dish as one part of something. It weighs what it does once cooked, where that is known."""
    parts = _parts(dish, foods)
    raw = totals.total([each.part.portion for each in parts])
    portion = raw if dish.cooked_mass is None else replace(raw, mass=dish.cooked_mass)
    part = Part(portion=portion, is_approximate=any(each.part.is_approximate for each in parts))
    return Told(text, part, within=parts)


def helping(recipe: Recipe, foods: Foods, wanted: Quantity) -> Part:
    """Return what so much of a recipe holds: servings of it, which are portions, or a mass.

    Raises:
        UnknownUnit, UnknownConversion, TooMuch: see `popote_kit.quantity`.
    """
    whole = as_part(recipe.title, recipe, foods)
    portion = share(whole.part.portion, Quantity(recipe.servings, PORTION), wanted)
    reason: Reason | None = "no_value" if any(whole.lacking()) else None
    return Part(portion=portion, is_approximate=whole.part.is_approximate, reason=reason)


def _parts(dish: Dish, foods: Foods) -> list[Told]:
    return [_told(ingredient, foods) for ingredient in dish.parts]


def _told(ingredient: Ingredient, foods: Foods) -> Told:
    if ingredient.recipe is not None:
        return as_part(ingredient.line, ingredient.recipe, foods)
    food = foods.get(ingredient.food_id) if ingredient.food_id else None
    part = of_line(ingredient, food)
    if ingredient.is_to_taste and ingredient.quantity is None:
        part = replace(part, reason=None)
    return Told(ingredient.line, part, food)
