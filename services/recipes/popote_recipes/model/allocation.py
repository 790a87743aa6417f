"""The allocation: what there is for each meal of the plan, when those before it have had theirs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from uuid import UUID

from msgspec import Struct

from popote_recipes.model.pantry import COVERED, UNKNOWN, Pantry, Served, Slot
from popote_recipes.model.plan import PlanEntry
from popote_recipes.model.shopping import Counted, Food, Lack, ToBuy, to_buy
from popote_recipes.model.supply import Supply


class Dish(Struct, frozen=True, kw_only=True):
    """What is planned, and what it takes: each slot `scale` times. What has no recipe takes nothing."""

    entry: PlanEntry
    slots: Sequence[Slot] = ()
    scale: Fraction = Fraction(1)


class Allotted(Struct, frozen=True):
    """What there is for each line of a dish."""

    dish: Dish
    lines: Sequence[Served]

    @property
    def lacking(self) -> list[Served]:
        return [line for line in self.lines if line.status not in COVERED]


class Allocation(Struct, frozen=True):
    """What there is for dishes, in the order in which they are had, and what is to be bought for them."""

    dishes: Sequence[Allotted]
    to_buy: Sequence[ToBuy]

    @property
    def unknown(self) -> list[tuple[Allotted, Served]]:
        """Lines of which nobody can tell what lacks."""
        return [(dish, line) for dish in self.dishes for line in dish.lacking if line.status in UNKNOWN]


def allocate(dishes: Iterable[Dish], supply: Supply, foods: Mapping[UUID, Food], first: date) -> Allocation:
    """Serve dishes in the order in which they are had, each from what those before it leave.

    What was cooked has had its lots, and what was to be had before today is not had any more: both are left out. It
    tells of what is had from `first` on.
    """
    pantry = Pantry(supply)
    waiting = [dish for dish in dishes if dish.entry.cook_id is None and dish.entry.day >= supply.today]
    allotted = [_serve(pantry, dish) for dish in sorted(waiting, key=lambda dish: dish.entry.place)]
    told = [each for each in allotted if each.dish.entry.day >= first]
    return Allocation(told, to_buy(_lacks(told), supply, foods))


def _serve(pantry: Pantry, dish: Dish) -> Allotted:
    return Allotted(dish, [pantry.serve(slot, dish.entry.day, dish.scale) for slot in dish.slots])


def _lacks(allotted: Iterable[Allotted]) -> Iterable[Lack]:
    for each in allotted:
        for slot, line in zip(each.dish.slots, each.lines, strict=True):
            if line.status in {"short", "missing"} and line.option:
                yield Lack(
                    thing_id=line.option.thing_id,
                    is_food=line.option.is_food,
                    name=line.option.name,
                    day=each.dish.entry.day,
                    amounts=_amounts(slot, line, each.dish.scale),
                )


def _amounts(slot: Slot, line: Served, scale: Fraction) -> Sequence[Counted]:
    """Return what a line lacks: where all of it does, in every measure in which it says how much that is."""
    option = line.option
    if option is None or option.unit is None or line.lacks is None:
        return ()
    if line.takes:
        return [Counted(option.unit, line.lacks)]
    return [
        Counted(each.unit, each.units * scale)
        for each in slot.options
        if each.thing_id == option.thing_id and each.unit and each.units is not None
    ]
