"""What a recipe is made of, for whoever adds up what that holds."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from msgspec import Struct

from popote_kit.quantity import Amount, Quantity, unit
from popote_kit.units import G
from popote_recipes.model.recipes import Ingredient, Recipe, StoredQuantity

MAX_DEPTH: Final = 8  # recipes in recipes; what is stored is never as deep


class Part(Struct, frozen=True, kw_only=True):
    """A line, with the food that it means; or with the recipe that it stands for, scaled to what is used of it."""

    line: str
    name: str
    food_id: UUID | None = None
    quantity: Quantity | None = None
    at_most: Quantity | None = None
    equivalent: Quantity | None = None
    is_to_taste: bool = False
    recipe: "Parts | None" = None


class Parts(Struct, frozen=True, kw_only=True):
    """What so many servings of a recipe are made of; `cooked_mass_g` is what they weigh when they are done."""

    recipe_id: UUID
    title: str
    servings: Amount
    cooked_mass_g: Amount | None
    parts: Sequence[Part]


def parts_of(recipe: Recipe, known: Mapping[UUID, Recipe], factor: Fraction = Fraction(1), depth: int = 0) -> Parts:
    """Return what `factor` times a recipe is made of; `known` are the recipes that it uses."""
    return Parts(
        recipe_id=recipe.id,
        title=recipe.title,
        servings=StoredQuantity(recipe.servings, "portion").times(factor).amount,
        cooked_mass_g=grams_of(recipe.content.cooked, factor),
        parts=[_part(each, known, factor, depth) for each in recipe.content.ingredients],
    )


def _part(ingredient: Ingredient, known: Mapping[UUID, Recipe], factor: Fraction, depth: int) -> Part:
    used = known.get(ingredient.recipe_id) if ingredient.recipe_id and depth < MAX_DEPTH else None
    share = factor * used.factor(ingredient.recipe_servings) if used else factor
    return Part(
        line=ingredient.line,
        name=ingredient.name or ingredient.line,
        food_id=ingredient.food_id,
        quantity=_times(ingredient.quantity, factor),
        at_most=_times(ingredient.at_most, factor),
        equivalent=_times(ingredient.equivalent, factor),
        is_to_taste=ingredient.is_to_taste,
        recipe=parts_of(used, known, share, depth + 1) if used else None,
    )


def _times(quantity: StoredQuantity | None, factor: Fraction) -> Quantity | None:
    return quantity.times(factor) if quantity else None


def grams_of(quantity: StoredQuantity | None, factor: Fraction) -> Amount | None:
    """Return so many times a mass in grams, rounded half-even to nine decimals; None where that leaves nothing."""
    if quantity is None:
        return None
    grams = Fraction(quantity.amount) * unit(quantity.unit).base / G
    return StoredQuantity(Decimal(1), "g").times(grams * factor).amount or None
