"""Portions of foods: so much of one, as what it holds."""

from collections.abc import Sequence
from typing import Final, Literal, Protocol

from msgspec import Struct

from popote_kit.quantity import DECIMALS, MASS, VOLUME, Amount, Fact, Quantity, TooMuch, UnknownConversion, convert
from popote_kit.units import G, unit
from popote_nutrition.model.foods import Food
from popote_nutrition.model.nutrients import CODES, UNKNOWN, of_amount
from popote_nutrition.model.totals import Portion, portion

Reason = Literal["unmatched_food", "unknown_conversion", "no_quantity", "no_value"]

TOLD: Final = CODES[:9]  # the nutrients of a label; of the others most tables say nothing
TO_TASTE: Final = G  # what a line like "salt" weighs where coverage is worked out, in ng: nothing is known of it


class Weighed(Struct, frozen=True):
    """A portion of a food, and whether a conversion that led to it is approximate."""

    portion: Portion
    is_approximate: bool


class Part(Struct, frozen=True, kw_only=True):
    """What a line adds to a total: its portion, and where that is not all known, why, and for which nutrients.

    `quantity` is the one that counted, of those that the line tells.
    """

    portion: Portion
    quantity: Quantity | None = None
    is_approximate: bool = False
    reason: Reason | None = None
    nutrients: Sequence[str] = ()


class Measured(Protocol):
    """What tells how much of something there is, as a line of a recipe does."""

    @property
    def quantity(self) -> Quantity | None: ...
    @property
    def at_most(self) -> Quantity | None: ...
    @property
    def equivalent(self) -> Quantity | None: ...
    @property
    def is_to_taste(self) -> bool: ...


def of_food(food: Food, quantity: Quantity, facts: Sequence[Fact] | None = None) -> Weighed:
    """Return what a quantity of a food holds. `facts` stand for the food's own, where more is known than it says.

    Raises:
        UnknownUnit, UnknownConversion, TooMuch: see `popote_kit.quantity`.
    """
    known = food.facts if facts is None else facts
    if food.per == "g":
        mass = convert(quantity, MASS, known)
        return Weighed(portion(of_amount(food.nutrients, mass.units, "g"), mass.units), mass.is_approximate)
    volume = convert(quantity, VOLUME, known)
    held = of_amount(food.nutrients, volume.units, "ml")
    try:
        mass = convert(quantity, MASS, known)
    except UnknownConversion:
        return Weighed(portion(held, None), volume.is_approximate)
    return Weighed(portion(held, mass.units), volume.is_approximate or mass.is_approximate)


def of_line(line: Measured, food: Food | None) -> Part:
    """Return what a line adds, given the food that its name means, if any.

    Of a range it is the middle; what the line itself says of the weight, as "1 onion (150 g)", goes before all facts.
    What a conversion makes more of than can be kept counts as not converted.
    """
    quantity = _middle(line)
    if quantity is None:
        return Part(portion=_unknown(TO_TASTE if line.is_to_taste else None), reason="no_quantity")
    if food is None:
        mass = weight(line.equivalent) or weight(quantity)
        return Part(portion=_unknown(mass), quantity=quantity, reason="unmatched_food")
    for each in (line.equivalent, quantity):
        try:
            weighed = of_food(food, each) if each else None
        except (UnknownConversion, TooMuch):
            continue
        if weighed:
            return valued(weighed, each)
    return Part(portion=_unknown(weight(quantity)), quantity=quantity, reason="unknown_conversion")


def valued(weighed: Weighed, quantity: Quantity | None = None) -> Part:
    """Return a portion of one food as a part: it lacks the values that the food does not tell."""
    values = dict(weighed.portion.nutrients.items())
    missing = [code for code in TOLD if values[code] is None]
    return Part(
        portion=weighed.portion,
        quantity=quantity,
        is_approximate=weighed.is_approximate,
        reason="no_value" if missing else None,
        nutrients=missing,
    )


def _middle(line: Measured) -> Quantity | None:
    if line.quantity is None or line.at_most is None or line.quantity.unit != line.at_most.unit:
        return line.quantity
    middle = round((line.quantity.amount + line.at_most.amount) / 2, DECIMALS)
    return Quantity(Amount(middle), line.quantity.unit)


def weight(quantity: Quantity | None) -> int | None:
    """Return the nanograms that a quantity says by itself: None where it counts otherwise."""
    if quantity is None or unit(quantity.unit).measure != MASS:
        return None
    return convert(quantity, MASS).units


def _unknown(mass: int | None) -> Portion:
    return portion(UNKNOWN, mass)
