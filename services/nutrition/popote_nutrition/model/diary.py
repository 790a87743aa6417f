"""The diary: what a person has eaten, each entry with the values that it had when it was written."""

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Final, Literal, get_args
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from popote_kit.problems import Invalid
from popote_kit.quantity import MASS, MAX_BASE, Amount, Quantity, TooMuch, UnknownConversion, in_base
from popote_kit.units import unit
from popote_nutrition.model import totals
from popote_nutrition.model.nutrients import Nutrients, rounded
from popote_nutrition.model.portions import TOLD, Reason
from popote_nutrition.model.totals import Portion

Meal = Literal["breakfast", "lunch", "dinner", "snack"]
Kind = Literal["food", "item", "free", "recipe"]

MEALS: Final[Sequence[Meal]] = get_args(Meal)
MAX_A_DAY: Final = 200  # entries
MAX_NAME: Final = 500
TYPED: Final = "typed"  # where values come from that a person entered
PORTION: Final = "portion"  # the unit that `portions` count
WHOLE: Final = 10_000  # what a coverage of all of it is stored as
MOST: Final = 10**9  # grams, kilojoules: ten tonnes of pure fat have less


class Entry(Struct, frozen=True, kw_only=True):
    """What was eaten once. `portion` is a snapshot: a food that is edited later leaves it alone.

    `food_id` is the food that the values are of, also where an item or a text was taken for one; `free` is the text as
    it was typed. `source` is where the values came from, None where there are none; `reason` is why some lack.
    """

    id: UUID
    day: dt.date
    meal: Meal
    kind: Kind
    food_id: UUID | None = None
    item_id: UUID | None = None
    recipe_id: UUID | None = None
    cook_id: UUID | None = None
    free: str | None = None
    name: str
    quantity: Quantity | None = None
    portions: Amount | None = None
    portion: Portion
    is_approximate: bool = False
    reason: Reason | None = None
    source: str | None = None
    version: int
    created_at: dt.datetime

    @property
    def measured(self) -> Quantity | None:
        """How much it is, as it was typed; portions are a quantity too."""
        return self.quantity if self.portions is None else Quantity(self.portions, PORTION)

    @property
    def mass(self) -> int | None:
        """The mass in ng, None where nothing tells it; what is to taste weighs something in coverage only."""
        return self.portion.mass if self.measured else None

    @property
    def lacking(self) -> list[str]:
        """With `no_value`, the nutrients of a label that are not known of all of it."""
        return [code for code in TOLD if self.portion.coverage[code] < 1] if self.reason == "no_value" else []


def snapshot(portion: Portion) -> Portion:
    """Return a portion as it is stored: its amounts and its coverage rounded to four places, coverage downwards."""
    shares = {code: Fraction(floor(share * WHOLE), WHOLE) for code, share in portion.coverage.items()}
    return Portion(portion.mass, rounded(portion.nutrients), shares)


def resized(entry: Entry, quantity: Quantity | None, portions: Amount | None) -> Entry:
    """Return the entry with another quantity, or so many portions: its values grow or shrink with it.

    Raises:
        Invalid: the entry tells no quantity to start from.
        UnknownUnit, UnknownConversion, TooMuch: see `popote_kit.quantity`.
    """
    wanted = quantity or Quantity(portions or Amount(0), PORTION)
    return replace(entry, quantity=quantity, portions=portions, portion=share(entry.portion, entry.measured, wanted))


def share(whole: Portion, known: Quantity | None, wanted: Quantity) -> Portion:
    """Return so much of a portion that is `known` to be this much, as it is stored.

    Raises:
        Invalid: nothing is known to start from.
        UnknownUnit, UnknownConversion, TooMuch: see `popote_kit.quantity`.
    """
    in_base(wanted)  # which refuses what is too much
    portion = snapshot(totals.times(whole, _ratio(whole, known, wanted)))
    _refuse_too_much(portion)
    return portion


def _refuse_too_much(portion: Portion) -> None:
    amounts = [amount for _, amount in portion.nutrients.items() if amount is not None]
    if (portion.mass or 0) > MAX_BASE or any(amount > MOST for amount in amounts):
        raise TooMuch


def _ratio(whole: Portion, known: Quantity | None, wanted: Quantity) -> Fraction:
    to = unit(wanted.unit)
    if known is None or not known.amount:
        raise Invalid(errors=[{"pointer": "", "message": "The entry tells no quantity to start from"}])
    if unit(known.unit).measure == to.measure:
        return _exact(wanted) / _exact(known)
    if to.measure == MASS and whole.mass:
        return _exact(wanted) / whole.mass
    raise UnknownConversion(unit=wanted.unit, to=unit(known.unit).measure)


def _exact(quantity: Quantity) -> Fraction:
    return Fraction(quantity.amount) * unit(quantity.unit).base


class Day(Struct, frozen=True):
    """What a person has eaten in a day, in the order of the meals; `goals` are None where there are none."""

    date: dt.date
    entries: Sequence[Entry]
    goals: Nutrients | None = None

    @property
    def total(self) -> Portion:
        return totals.total([entry.portion for entry in self.entries])

    def meal(self, meal: Meal) -> Portion:
        """Return what a meal comes to."""
        return totals.total([entry.portion for entry in self.entries if entry.meal == meal])
