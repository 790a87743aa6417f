"""Totals that say what they don't know."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from popote_kit.quantity import Amount
from popote_kit.units import G
from popote_nutrition.model.nutrients import CODES, Nutrients, scaled, summed

Coverage = Mapping[str, Fraction]  # for each code, the share of the mass that it is known of: 0 to 1

PLACES: Final = 4


class Portion(Struct, frozen=True):
    """So much of something: an ingredient, a meal, a day. The mass is in ng; amounts are those of what is known."""

    mass: int | None
    nutrients: Nutrients
    coverage: Coverage


def portion(nutrients: Nutrients, mass: int | None) -> Portion:
    """Return a portion of one food from the amounts that it holds: it covers those that are known."""
    return Portion(mass, nutrients, {code: Fraction(amount is not None) for code, amount in nutrients.items()})


def total(portions: Sequence[Portion]) -> Portion:
    """Return what the portions come to, itself a portion.

    Amounts add up over what is known; a nutrient that none of them knows stays unknown. The mass is unknown as soon as
    one of them is. Coverage is weighed by mass, and a portion without one weighs as much as the average of the others.
    No portions weigh nothing, know nothing and cover nothing.
    """
    masses = [each.mass for each in portions if each.mass is not None]
    return Portion(
        mass=sum(masses) if len(masses) == len(portions) else None,
        nutrients=summed(each.nutrients for each in portions),
        coverage=_coverage(portions, _weights(portions)),
    )


def _weights(portions: Sequence[Portion]) -> list[Fraction]:
    """Return what each portion's coverage counts; where no mass is above zero, all count the same."""
    masses = [each.mass for each in portions if each.mass is not None]
    if not any(masses):
        return [Fraction(1)] * len(portions)
    average = Fraction(sum(masses), len(masses))
    return [average if each.mass is None else Fraction(each.mass) for each in portions]


def _coverage(portions: Sequence[Portion], weights: Sequence[Fraction]) -> Coverage:
    everything = sum(weights)
    if not everything:
        return dict.fromkeys(CODES, Fraction())
    weighed = list(zip(portions, weights, strict=True))
    return {
        code: sum((weight * each.coverage[code] for each, weight in weighed), Fraction()) / everything for code in CODES
    }


def times(whole: Portion, factor: Fraction | int) -> Portion:
    """Return `factor` times a portion; it is covered as well as before. Its mass is rounded to whole ng, half-even."""
    mass = None if whole.mass is None else round(whole.mass * factor)
    return Portion(mass, scaled(whole.nutrients, factor), whole.coverage)


def per_serving(whole: Portion, servings: Fraction | int) -> Portion:
    """Return one of so many equal servings; `servings` is above zero."""
    return times(whole, 1 / Fraction(servings))


def per_100_g(whole: Portion, cooked_mass: int | None = None) -> Portion | None:
    """Return what 100 g hold, of what it weighs once cooked where that is known, else of its parts together.

    None where the mass is unknown or zero: the known part of a mass would give too much per 100 g.
    """
    mass = whole.mass if cooked_mass is None else cooked_mass
    return replace(times(whole, Fraction(100 * G, mass)), mass=100 * G) if mass else None


def rounded_coverage(coverage: Coverage) -> dict[str, Decimal]:
    """Return coverage as it is shown: to four places, downwards, so that 1 means all of it."""
    return {code: Amount(Decimal(floor(share * 10**PLACES)).scaleb(-PLACES)) for code, share in coverage.items()}
