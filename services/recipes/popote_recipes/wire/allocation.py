"""The allocation of the plan on the wire."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal, Self
from uuid import UUID

from msgspec import Struct, field

from popote_kit import quantity
from popote_kit.quantity import Amount, Quantity
from popote_recipes.model.allocation import Allocation, Allotted
from popote_recipes.model.pantry import Served
from popote_recipes.model.plan import Meal
from popote_recipes.model.shopping import ToBuy
from popote_recipes.model.supply import Supply
from popote_recipes.peers import Put, PutLine
from popote_recipes.wire.cookable import LineShown


class LotUse(Struct, kw_only=True):
    """What a line takes out of a lot of the item `name`; `instead` is what stands in for what it asks for."""

    line: str
    item_id: UUID
    name: str
    lot_id: UUID
    quantity: Quantity
    instead: str | None
    is_past_best_before: bool
    is_approximate: bool


class AllottedMeal(Struct, kw_only=True):
    """What there is for a meal when those before it have had theirs.

    It is `ok` when nothing lacks; `short` has the lines of which something does, or of which nobody can tell. `uses` is
    what it takes, lot by lot; some of that may be past its best-before date by then, and some is about right only.
    """

    plan_id: UUID
    meal: Meal
    recipe_id: UUID | None
    title: str
    servings: Amount | None
    ok: bool
    short: list[LineShown]
    uses: list[LotUse]
    is_past_best_before: bool
    is_approximate: bool

    @classmethod
    def of(cls, allotted: Allotted, supply: Supply) -> Self:
        entry = allotted.meal.entry
        lacking = allotted.lacking
        return cls(
            plan_id=entry.id,
            meal=entry.meal,
            recipe_id=entry.recipe_id,
            title=entry.title,
            servings=None if entry.servings is None else Amount(entry.servings),
            ok=not lacking,
            short=[LineShown.of(line, supply) for line in lacking],
            uses=[use for line in allotted.lines for use in _uses(line, supply)],
            is_past_best_before=any(line.is_past_best_before for line in allotted.lines),
            is_approximate=any(line.is_approximate for line in allotted.lines),
        )


class AllottedDay(Struct):
    """The meals of a day, in the order in which they are had."""

    date: dt.date
    meals: list[AllottedMeal]


class UnknownLine(Struct, kw_only=True):
    """A line of which nobody can tell what lacks: no conversion leads to what is there, or nobody knows what it is."""

    plan_id: UUID
    date: dt.date
    line: str
    name: str
    food_id: UUID | None
    reason: Literal["unknown_conversion", "unmatched"]
    need: Quantity | None

    @classmethod
    def of(cls, meal: Allotted, line: Served) -> Self:
        option = line.option
        return cls(
            plan_id=meal.meal.entry.id,
            date=meal.meal.entry.day,
            line=line.line,
            name=option.name if option else line.line,
            food_id=option.thing_id if option and option.is_food else None,
            reason="unmatched" if line.status == "unmatched" else "unknown_conversion",
            need=line.need,
        )


class AllocationShown(Struct, kw_only=True):
    """The days with meals that are yet to be had, what is to be bought for them, and the lines nobody can tell of.

    `to_buy` is one difference a thing, in the unit of the household's item where that counts it, else in that of the
    recipes; without a quantity it is some. A thing stands there twice only where nothing leads from one measure to the
    other.
    """

    days: list[AllottedDay]
    to_buy: Sequence[ToBuy]
    unknown: list[UnknownLine]

    @classmethod
    def of(cls, allocation: Allocation, supply: Supply) -> Self:
        by_day = groupby(allocation.meals, lambda each: each.meal.entry.day)
        return cls(
            days=[AllottedDay(day, [AllottedMeal.of(each, supply) for each in meals]) for day, meals in by_day],
            to_buy=allocation.to_buy,
            unknown=_unknown(allocation),
        )


class ShopForPlan(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which days are bought for, and on which list that goes: unless told a week from today, on the first list."""

    first: dt.date | None = field(name="from", default=None)
    last: dt.date | None = field(name="to", default=None)
    list_id: UUID | None = None


class PlanShopped(Struct, kw_only=True):
    """The list, and the lines of it and of others on which what is `to_buy` stands by now.

    Where nothing is to be bought no list is needed.
    """

    list_id: UUID | None
    items: Sequence[PutLine]
    to_buy: Sequence[ToBuy]
    unknown: list[UnknownLine]

    @classmethod
    def of(cls, allocation: Allocation, put: Put) -> Self:
        return cls(list_id=put.list_id, items=put.items, to_buy=allocation.to_buy, unknown=_unknown(allocation))


def _unknown(allocation: Allocation) -> list[UnknownLine]:
    return [UnknownLine.of(meal, line) for meal, line in allocation.unknown]


def _uses(line: Served, supply: Supply) -> Iterable[LotUse]:
    for take in line.takes:
        item = supply.by_id[take.item_id]
        yield LotUse(
            line=line.line,
            item_id=item.id,
            name=item.name,
            lot_id=take.lot_id,
            quantity=quantity.show(take.units, item.unit),
            instead=line.instead,
            is_past_best_before=line.is_past_best_before,
            is_approximate=line.is_approximate,
        )
