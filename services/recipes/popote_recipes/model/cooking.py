"""Cooking: what is taken for a recipe, what is left over, who eats how much."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from msgspec import Struct

from popote_kit import quantity
from popote_kit.quantity import Amount, Quantity
from popote_recipes.model.needs import Line
from popote_recipes.model.pantry import COVERED, Served
from popote_recipes.model.plan import Meal
from popote_recipes.model.recipes import Ingredient, StoredQuantity
from popote_recipes.model.supply import Supply

State = Literal["begun", "done", "undoing", "undone"]

MAX_TAKES: Final = 200  # what stock does in one action
MAX_ITEM_NAME: Final = 120
FRIDGE_DAYS: Final = 3  # Source: Anses and the FSA advise to eat leftovers within two to three days
FREEZER_DAYS: Final = 90  # Source: USDA FSIS, Leftovers and Food Safety: three to four months for quality
MEALS_UNTIL: Final[Sequence[tuple[int, Meal]]] = ((11, "breakfast"), (15, "lunch"), (18, "snack"), (24, "dinner"))


class Eater(Struct, frozen=True):
    """Somebody of the household, and how many servings they ate."""

    user_id: UUID
    portions: Decimal


class StockTake(Struct, frozen=True):
    """What stock is asked to take of an item, from its lots in their order."""

    item_id: UUID
    quantity: StoredQuantity


class StockAdd(Struct, frozen=True, kw_only=True):
    """What stock is asked to put down as a lot."""

    name: str
    lot_id: UUID
    quantity: StoredQuantity
    location_id: UUID | None = None
    use_by: dt.date | None = None
    best_before: dt.date | None = None


class Order(Struct, frozen=True):
    """The one action that stock is asked for; it has the cook's id."""

    takes: list[StockTake]
    adds: list[StockAdd] = []
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.takes and not self.adds


class ToldPart(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line as nutrition is told of it: without its words, so that any recipe fits into an event."""

    food_id: UUID | None = None
    quantity: StoredQuantity | None = None
    equivalent: StoredQuantity | None = None
    is_to_taste: bool = False


class Lacking(Struct, frozen=True, kw_only=True):
    """A line that stock does not have, or nobody can say so; `missing` is how much, where that is known."""

    line: str
    name: str
    status: str
    missing: StoredQuantity | None = None


class Taken(Struct, frozen=True):
    """What stock took out of a lot, as it told."""

    lot_id: UUID
    item_id: UUID
    quantity: StoredQuantity
    is_approximate: bool = False


class Cook(Struct, frozen=True, kw_only=True):
    """That a recipe was cooked, or is about to be."""

    id: UUID
    recipe_id: UUID
    title: str
    servings: Decimal
    day: dt.date
    meal: Meal
    plan_id: UUID | None = None
    state: State = "begun"
    request_hash: bytes
    stock_order: Order
    meal_parts: list[ToldPart]
    cooked_mass_g: Decimal | None = None
    eaters: list[Eater]
    lacking: list[Lacking]
    takes: list[Taken] = []
    leftover_lot_id: UUID | None = None
    person_id: UUID
    held_until: dt.datetime
    version: int = 0
    created_at: dt.datetime


def takes_of(served: Sequence[Served], supply: Supply) -> list[StockTake]:
    """Return what is taken of each item, all lines together.

    Stock takes from an item's lots in the order in which the pantry does: it need not be told from which.
    """
    totals: defaultdict[UUID, int] = defaultdict(int)
    for each in served:
        for take in each.takes:
            totals[take.item_id] += take.units
    items = {item.id: item for item in supply.items}
    return [StockTake(item, stored(quantity.show(units, items[item].unit))) for item, units in totals.items()]


def lacking_of(served: Sequence[Served]) -> list[Lacking]:
    """Return the lines that are not known to be there."""
    return [
        Lacking(
            line=each.line,
            name=each.option.name if each.option else each.line,
            status=each.status,
            missing=stored(each.short) if each.short else None,
        )
        for each in served
        if each.status not in COVERED
    ]


def leftover(  # noqa: PLR0913 - what is known of it, by name
    cook_id: UUID,
    title: str,
    language: str,
    *,
    servings: Decimal,
    location_id: UUID | None,
    use_by: dt.date | None,
    today: dt.date,
    freezers: Sequence[UUID],
) -> StockAdd:
    """Return what is left over as stock is to put it down.

    Without a date it keeps three days; in a freezer it is best within ninety.
    """
    is_frozen = location_id in freezers
    words = "restes" if language == "fr" else "leftovers"
    name = f"{title[: MAX_ITEM_NAME - len(words) - 3]} ({words})"
    return StockAdd(
        name=name,
        lot_id=uuid5(cook_id, "leftover"),
        quantity=StoredQuantity(servings, "portion"),
        location_id=location_id,
        use_by=use_by or (None if is_frozen else today + dt.timedelta(FRIDGE_DAYS)),
        best_before=today + dt.timedelta(FREEZER_DAYS) if is_frozen and use_by is None else None,
    )


def meal_at(now: dt.datetime, zone: str) -> Meal:
    """Return the meal that people have at this time of the day."""
    hour = now.astimezone(ZoneInfo(zone)).hour
    return next(meal for until, meal in MEALS_UNTIL if hour < until)


def told_parts(lines: Sequence[Line], factor: Fraction, used: Mapping[int, Served]) -> list[ToldPart]:
    """Return the lines as nutrition is told of them, with what stood in for their foods.

    `used` has, by the number of a line, what was there for it.
    """
    return [_told(line, factor, used.get(number)) for number, line in enumerate(lines)]


def _told(line: Line, factor: Fraction, served: Served | None) -> ToldPart:
    ingredient, food = line.ingredient, line.ingredient.food_id
    if served and served.instead and served.option:
        food = served.option.thing_id if served.option.is_food else None
    return ToldPart(
        food_id=food,
        quantity=_times(_middle(ingredient), line.factor * factor),
        equivalent=_times(ingredient.equivalent, line.factor * factor),
        is_to_taste=ingredient.is_to_taste,
    )


def _middle(ingredient: Ingredient) -> StoredQuantity | None:
    """Return how much a line says; of a range the middle, as in analyses."""
    low, high = ingredient.quantity, ingredient.at_most
    if low is None or high is None or low.unit != high.unit:
        return low
    return StoredQuantity((low.amount + high.amount) / 2, low.unit)


def _times(of: StoredQuantity | None, factor: Fraction) -> StoredQuantity | None:
    return stored(of.times(factor)) if of else None


def meal_cooked(cook: Cook) -> Mapping[str, Any]:
    """Return the fact that it was cooked, as it is announced: amounts are numbers."""
    return {
        "cook_id": cook.id,
        "recipe_id": cook.recipe_id,
        "title": cook.title,
        "date": cook.day,
        "meal": cook.meal,
        "servings": Amount(cook.servings),
        "cooked_mass_g": None if cook.cooked_mass_g is None else Amount(cook.cooked_mass_g),
        "parts": [_plain(part) for part in cook.meal_parts],
        "eaters": [{"user_id": each.user_id, "portions": Amount(each.portions)} for each in cook.eaters],
    }


def _plain(part: ToldPart) -> Mapping[str, Any]:
    quantities = {"quantity": part.quantity, "equivalent": part.equivalent}
    return {
        **({"food_id": part.food_id} if part.food_id else {}),
        **({"is_to_taste": True} if part.is_to_taste else {}),
        **{name: each.quantity for name, each in quantities.items() if each},
    }


def stored(of: Quantity) -> StoredQuantity:
    return StoredQuantity(Decimal(of.amount), of.unit)
