"""What a recipe needs of each thing, the recipes that it uses included."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final
from uuid import UUID

from msgspec import Struct

from popote_kit.quantity import MAX_BASE, unit
from popote_recipes.errors import RecipeLoop, TooManyLines
from popote_recipes.model.recipes import Ingredient, Recipe, StoredQuantity
from popote_recipes.model.things import thing

MAX_SLOTS: Final = 500
MAX_DEPTH: Final = 5


class Need(Struct, frozen=True, kw_only=True):
    """How much of one thing a slot takes, in base units of `measure`; without units some of it.

    A slot is a line: the one at `number` of the recipe `source_id`. Rank 0 is what it says, others may stand in for it.
    """

    slot: int
    rank: int
    thing_id: UUID
    is_food: bool
    measure: str | None
    units: int | None
    source_id: UUID
    number: int


class Line(Struct, frozen=True):
    """A line of a recipe, or of one that it uses, and how many times it is taken."""

    recipe: Recipe
    number: int
    ingredient: Ingredient
    factor: Fraction


def lines(recipe: Recipe, known: Mapping[UUID, Recipe]) -> list[Line]:
    """Return every line of a recipe, and for those that stand for another recipe that one's lines instead.

    `known` has the recipes that it uses, and those that they use; what is not among them has no lines.

    Raises:
        RecipeLoop: a recipe uses itself, or too many use each other.
        TooManyLines: there are more than 500.
    """
    found = []
    for line in _walk(recipe, known, Fraction(1), ()):
        found.append(line)
        if len(found) > MAX_SLOTS:
            raise TooManyLines(limit=MAX_SLOTS)
    return found


def _walk(recipe: Recipe, known: Mapping[UUID, Recipe], factor: Fraction, above: tuple[UUID, ...]) -> Iterator[Line]:
    if recipe.id in above or len(above) > MAX_DEPTH:
        raise RecipeLoop(recipe_id=recipe.id)
    for number, ingredient in enumerate(recipe.content.ingredients):
        if ingredient.recipe_id is None:
            yield Line(recipe, number, ingredient, factor)
        elif used := known.get(ingredient.recipe_id):
            share = factor * used.factor(ingredient.recipe_servings)
            yield from _walk(used, known, share, (*above, recipe.id))


def needs(recipe: Recipe, known: Mapping[UUID, Recipe]) -> list[Need]:
    """Return what a recipe needs for its servings; lines to taste need nothing.

    Raises:
        RecipeLoop, TooManyLines: see `lines`.
    """
    asked = (line for line in lines(recipe, known) if not line.ingredient.is_to_taste)
    return [need for slot, line in enumerate(asked) for need in _of_line(slot, line)]


def _of_line(slot: int, line: Line) -> Iterator[Need]:
    ingredient = line.ingredient
    options = [
        (ingredient.food_id, ingredient.name or ingredient.line),
        *((each.food_id, each.name) for each in ingredient.alternatives),
    ]
    measure, units = _counted(ingredient.quantity, line.factor)
    for rank, (food_id, name) in enumerate(options):
        yield Need(
            slot=slot,
            rank=rank,
            thing_id=thing(food_id, name),
            is_food=food_id is not None,
            measure=measure,
            units=units,
            source_id=line.recipe.id,
            number=line.number,
        )


def _counted(quantity: StoredQuantity | None, factor: Fraction) -> tuple[str | None, int | None]:
    """Return a measure and base units, rounded half-even; more than any kitchen holds is as much as that."""
    if quantity is None:
        return None, None
    of = unit(quantity.unit)
    return of.measure, min(round(Fraction(quantity.amount) * of.base * factor), MAX_BASE)
