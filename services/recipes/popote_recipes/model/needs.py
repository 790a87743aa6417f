"""What a recipe needs of each thing, the recipes that it uses included."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from popote_kit.quantity import MAX_BASE, unit
from popote_recipes.errors import RecipeLoop, TooManyLines
from popote_recipes.model.pantry import Option, Slot
from popote_recipes.model.recipes import Ingredient, Recipe, StoredQuantity
from popote_recipes.model.things import thing

MAX_SLOTS: Final = 300
MAX_DEPTH: Final = 5


class Need(Struct, frozen=True, kw_only=True):
    """How much of one thing a slot takes for `servings`, in base units of `measure`; without units some of it.

    A slot is a line, that of the recipe `source_id`. Rank 0 is what it says, others may stand in for it.
    What `is_alone` has no other that stands in for it, and no other line of the recipe is about its thing.
    """

    slot: int
    rank: int
    thing_id: UUID
    measure: str | None
    units: int | None
    servings: Decimal
    source_id: UUID
    is_alone: bool = True


class Line(Struct, frozen=True):
    """A line of a recipe, or of one that it uses, and how many times it is taken."""

    recipe: Recipe
    ingredient: Ingredient
    factor: Fraction


def lines(recipe: Recipe, known: Mapping[UUID, Recipe]) -> list[Line]:
    """Return every line of a recipe, and for those that stand for another recipe that one's lines instead.

    `known` has the recipes that it uses, and those that they use; what is not among them has no lines.

    Raises:
        RecipeLoop: a recipe uses itself, or too many use each other.
        TooManyLines: there are more than 300.
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
    for ingredient in recipe.content.ingredients:
        if ingredient.recipe_id is None:
            yield Line(recipe, ingredient, factor)
        elif used := known.get(ingredient.recipe_id):
            share = factor * used.factor(ingredient.recipe_servings)
            yield from _walk(used, known, share, (*above, recipe.id))


def needs(recipe: Recipe, known: Mapping[UUID, Recipe]) -> list[Need]:
    """Return what a recipe needs for its servings; lines to taste need nothing.

    Raises:
        RecipeLoop, TooManyLines: see `lines`.
    """
    asked = (line for line in lines(recipe, known) if not line.ingredient.is_to_taste)
    found = [need for slot, line in enumerate(asked) for need in _of_line(slot, line, recipe.servings)]
    of_thing, of_slot = Counter(need.thing_id for need in found), Counter(need.slot for need in found)
    return [replace(need, is_alone=of_thing[need.thing_id] == of_slot[need.slot] == 1) for need in found]


def slots(
    recipe: Recipe, known: Mapping[UUID, Recipe], substitutes: Mapping[UUID, Sequence[tuple[UUID, str]]]
) -> list[Slot]:
    """Return the lines of a recipe with what each asks for, for its servings, and what may stand in for that.

    `substitutes` has ids and names of the foods that the household takes for others; they come last.

    Raises:
        RecipeLoop, TooManyLines: see `lines`.
    """
    return [_slot(line, substitutes) for line in lines(recipe, known)]


def _slot(line: Line, substitutes: Mapping[UUID, Sequence[tuple[UUID, str]]]) -> Slot:
    if line.ingredient.is_to_taste:
        return Slot(line=line.ingredient.line)
    own = list(_options(line))
    further = [
        replace(option, thing_id=instead, name=name, is_food=True)
        for option in own
        for instead, name in substitutes.get(option.thing_id, ())
    ]
    return Slot(line=line.ingredient.line, options=own + further)


def _of_line(slot: int, line: Line, servings: Decimal) -> Iterator[Need]:
    for rank, option in enumerate(_options(line)):
        yield Need(
            slot=slot,
            rank=rank,
            thing_id=option.thing_id,
            measure=option.measure,
            units=option.units,
            servings=servings,
            source_id=line.recipe.id,
        )


def _options(line: Line) -> Iterator[Option]:
    """Give what a line says and what it says may stand in for that, each as it counts and as it says that this is."""
    ingredient = line.ingredient
    amounts = _amounts(ingredient, line.factor)
    named = [
        (ingredient.food_id, ingredient.name or ingredient.line),
        *((each.food_id, each.name) for each in ingredient.alternatives),
    ]
    for food_id, name in named:
        for code, units in amounts:
            yield Option(thing_id=thing(food_id, name), name=name, is_food=food_id is not None, unit=code, units=units)


def _amounts(ingredient: Ingredient, factor: Fraction) -> Sequence[tuple[str | None, int | None]]:
    """Return units and how many base units of what they measure a line says, rounded half-even, once a measure.

    More than any kitchen holds is as much as that.
    """
    said = {unit(each.unit).measure: each for each in (ingredient.equivalent, ingredient.quantity) if each}
    amounts = [(each.unit, _units(each, factor)) for each in reversed(said.values())]
    return amounts or [(None, None)]


def _units(quantity: StoredQuantity, factor: Fraction) -> int:
    above, below = quantity.amount.as_integer_ratio()
    exact = Fraction(above * unit(quantity.unit).base * factor.numerator, below * factor.denominator)
    return min(round(exact), MAX_BASE)
