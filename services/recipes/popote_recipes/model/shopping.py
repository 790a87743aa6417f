"""What is to be bought: of each thing one difference, as far as its amounts can be added up."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple, Self
from uuid import UUID

from msgspec import Struct

from popote_kit.quantity import MAX_BASE, Fact, Quantity, Rate, rates, unit
from popote_kit.units import exact_unit
from popote_recipes.model.pantry import shown
from popote_recipes.model.recipes import Ingredient, Recipe
from popote_recipes.model.supply import Item, Supply


class Counted(NamedTuple):
    """Base units of what the unit `code` measures."""

    code: str
    units: Fraction

    @property
    def measure(self) -> str:
        return unit(self.code).measure


class Lack(Struct, frozen=True, kw_only=True):
    """What a line lacks of a thing on a day, in each of the measures in which it says that; in none: some of it."""

    thing_id: UUID
    is_food: bool
    name: str
    day: date
    amounts: Sequence[Counted] = ()


class Food(Struct, frozen=True, kw_only=True):
    """What recipes know of a food: a name that means it, and how it counts."""

    name: str
    facts: Sequence[Fact]

    @classmethod
    def of(cls, ingredient: Ingredient) -> Self:
        """Return what a line knows of its food; what a person had to say that it means, is no name for it."""
        is_name = ingredient.link != "chosen" or not ingredient.food_name
        name = (ingredient.name or ingredient.line) if is_name else ingredient.food_name
        return cls(name=name or "", facts=[each.fact for each in ingredient.facts])


def foods_of(recipes: Iterable[Recipe]) -> dict[UUID, Food]:
    """Return what recipes know of the foods in their lines."""
    lines = (line for recipe in recipes for line in recipe.content.ingredients)
    return {line.food_id: Food.of(line) for line in lines if line.food_id}


class ToBuy(Struct, frozen=True, kw_only=True):
    """How much of a thing is to be bought, and when it is needed first; without a quantity some of it.

    Where the household has an item that counts it, it is in that item's unit. `is_approximate` says so of a conversion.
    """

    item_id: UUID | None
    food_id: UUID | None
    name: str
    quantity: Quantity | None
    is_approximate: bool
    needed_on: date


class _Sum(Struct):
    """What lacks come to in base units of one measure, and the units in which they say it."""

    total: Fraction = Fraction(0)
    codes: set[str] = set()
    is_approximate: bool = False

    def add(self, amount: Counted, rate: Rate) -> None:
        self.total += amount.units * rate.ratio
        self.codes.add(amount.code)
        self.is_approximate |= rate.is_approximate

    def code(self, measure: str) -> str:
        """Return the unit in which it is told: the one in which all lacks are, else that for any amount."""
        return min(self.codes) if len(self.codes) == 1 else exact_unit(measure).code


def to_buy(lacks: Iterable[Lack], supply: Supply, foods: Mapping[UUID, Food]) -> list[ToBuy]:
    """Return what all that is lacking comes to, a difference a thing, in the order in which things lack first.

    A thing stands there more than once only where nothing leads from one measure to another.
    """
    by_thing: dict[UUID, list[Lack]] = {}
    for lack in lacks:
        by_thing.setdefault(lack.thing_id, []).append(lack)
    found = [
        each for thing, some in by_thing.items() for each in _of_thing(some, supply.items_of(thing), foods.get(thing))
    ]
    return [each for each in found if each.quantity is None or each.quantity.amount]


def _of_thing(lacks: Sequence[Lack], items: Sequence[Item], food: Food | None) -> list[ToBuy]:
    item = max(items, key=lambda each: sum(_way(lack, each.rates) is not None for lack in lacks), default=None)
    name = item.name if item else food.name if food else lacks[0].name
    rest = [lack for lack in lacks if lack.amounts]
    found = []
    if item:
        whole, rest = _add_up(rest, item.rates)
        if whole.codes:
            found.append(_bought(lacks[0], name, item, whole, item.unit))
    while rest:
        measure = rest[0].amounts[0].measure
        whole, rest = _add_up(rest, rates(measure, food.facts if food else ()))
        found.append(_bought(lacks[0], name, None, whole, whole.code(measure)))
    return found or [_bought(lacks[0], name, item)]


def _bought(first: Lack, name: str, item: Item | None, whole: _Sum | None = None, code: str | None = None) -> ToBuy:
    return ToBuy(
        item_id=item.id if item else None,
        food_id=first.thing_id if first.is_food else None,
        name=name,
        quantity=shown(min(whole.total, Fraction(MAX_BASE)), code) if whole else None,
        is_approximate=whole is not None and whole.is_approximate,
        needed_on=first.day,
    )


def _add_up(lacks: Sequence[Lack], rates: Mapping[str, Rate]) -> tuple[_Sum, list[Lack]]:
    """Return what those of the lacks come to that can be counted so, and the others."""
    whole, rest = _Sum(), []
    for lack in lacks:
        if way := _way(lack, rates):
            whole.add(*way)
        else:
            rest.append(lack)
    return whole, rest


def _way(lack: Lack, rates: Mapping[str, Rate]) -> tuple[Counted, Rate] | None:
    return next(((each, rates[each.measure]) for each in lack.amounts if each.measure in rates), None)
