"""The allocation: what there is for each meal of the plan, when those before it have had theirs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from uuid import UUID

from msgspec import Struct

from popote_recipes.model.needs import slots
from popote_recipes.model.pantry import COVERED, UNKNOWN, Pantry, Served, Slot
from popote_recipes.model.plan import PlanEntry
from popote_recipes.model.recipes import Recipe
from popote_recipes.model.shopping import Counted, Food, Lack, ToBuy, to_buy
from popote_recipes.model.supply import Supply


class Planned(Struct, frozen=True, kw_only=True):
    """What is planned, and what it takes: each slot `scale` times. What has no recipe takes nothing."""

    entry: PlanEntry
    slots: Sequence[Slot] = ()
    scale: Fraction = Fraction(1)


class Allotted(Struct, frozen=True):
    """What there is for each line of a meal."""

    meal: Planned
    lines: Sequence[Served]

    @property
    def lacking(self) -> list[Served]:
        return [line for line in self.lines if line.status not in COVERED]


class Allocation(Struct, frozen=True):
    """What there is for meals, in the order in which they are had, and what is to be bought for them."""

    meals: Sequence[Allotted]
    to_buy: Sequence[ToBuy]

    @property
    def unknown(self) -> list[tuple[Allotted, Served]]:
        """Lines of which nobody can tell what lacks."""
        return [(meal, line) for meal in self.meals for line in meal.lacking if line.status in UNKNOWN]


def as_planned(
    entries: Iterable[PlanEntry],
    known: Mapping[UUID, Recipe],
    substitutes: Mapping[UUID, Sequence[tuple[UUID, str]]],
) -> list[Planned]:
    """Return what entries take; `known` are their recipes and those that these use, `substitutes` as for `slots`."""

    @cache
    def slots_of(id: UUID) -> Sequence[Slot]:
        return slots(known[id], known, substitutes)

    def of(entry: PlanEntry) -> Planned:
        recipe = known.get(entry.recipe_id) if entry.recipe_id else None
        if recipe is None:
            return Planned(entry=entry)
        return Planned(entry=entry, slots=slots_of(recipe.id), scale=recipe.factor(entry.servings))

    return [of(entry) for entry in entries]


def effort(meals: Iterable[Planned], supply: Supply) -> int:
    """Return how often a lot would be looked at, or found lacking, to serve meals."""
    options = (option for meal in meals for slot in meal.slots for option in slot.options)
    return sum(1 + len(supply.stored(option.thing_id)) for option in options)


def allocate(meals: Iterable[Planned], supply: Supply, foods: Mapping[UUID, Food], first: date) -> Allocation:
    """Serve meals in the order in which they are had, each from what those before it leave.

    What was cooked has had its lots, and what was to be had before today is not had any more: both are left out. It
    tells of what is had from `first` on.
    """
    pantry = Pantry(supply)
    waiting = [meal for meal in meals if meal.entry.cook_id is None and meal.entry.day >= supply.today]
    allotted = [_serve(pantry, meal) for meal in sorted(waiting, key=lambda meal: meal.entry.place)]
    told = [each for each in allotted if each.meal.entry.day >= first]
    return Allocation(told, to_buy(_lacks(told), supply, foods))


def _serve(pantry: Pantry, meal: Planned) -> Allotted:
    return Allotted(meal, [pantry.serve(slot, meal.entry.day, meal.scale) for slot in meal.slots])


def _lacks(allotted: Iterable[Allotted]) -> Iterator[Lack]:
    for each in allotted:
        for slot, line in zip(each.meal.slots, each.lines, strict=True):
            if line.status in {"short", "missing"} and line.option:
                yield Lack(
                    thing_id=line.option.thing_id,
                    is_food=line.option.is_food,
                    name=line.option.name,
                    day=each.meal.entry.day,
                    amounts=_amounts(slot, line, each.meal.scale),
                )


def _amounts(slot: Slot, line: Served, scale: Fraction) -> Sequence[Counted]:
    """Return what a line lacks: where all of it does, in every measure in which it says how much that is."""
    option = line.option
    if option is None or option.unit is None or line.lacks is None:
        return ()
    if line.status == "short":
        return [Counted(option.unit, line.lacks)]
    return [
        Counted(each.unit, each.units * scale)
        for each in slot.options
        if each.thing_id == option.thing_id and each.unit and each.units is not None
    ]
