"""Trends: what a stretch of days comes to, and where a weight is going."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Self

from msgspec import Struct

from popote_kit.quantity import Amount
from popote_nutrition.model.nutrients import CODES, UNKNOWN, Nutrients, rounded, with_energy
from popote_nutrition.model.portions import TOLD
from popote_nutrition.model.totals import rounded_coverage
from popote_nutrition.model.weights import Weighed, in_kg, per_week


class TrendDay(Struct, frozen=True, kw_only=True):
    """A day on which something was eaten or weighed: how many entries, what is known of them, and the goals that held.

    Coverage is as it is shown, of the nutrients of a label; the mass is in ng.
    """

    day: date
    entries: int = 0
    total: Nutrients = UNKNOWN
    coverage: Mapping[str, Decimal]
    mass: int | None = None
    goals: Nutrients = UNKNOWN

    @property
    def goal_energy_kcal(self) -> Amount | None:
        """The goal of energy, also where it was set in kilojoules; what other goals come to is none."""
        wanted = Nutrients(energy_kj=self.goals.energy_kj, energy_kcal=self.goals.energy_kcal)
        return with_energy(wanted).energy_kcal


class Average(Struct, frozen=True, kw_only=True):
    """What a day with entries, of which there are `days`, comes to: each nutrient over the days that know of it."""

    days: int
    total: Nutrients
    coverage: Mapping[str, Decimal]


def average(days: Sequence[TrendDay]) -> Average:
    """Return the averages of the days with entries, rounded; a nutrient that no day knows stays unknown."""
    logged = [each for each in days if each.entries]
    known = {code: [each for day in logged if (each := getattr(day.total, code)) is not None] for code in CODES}
    means = {code: Amount(sum(amounts) / len(amounts)) for code, amounts in known.items() if amounts}
    shares = {code: Fraction(sum(each.coverage[code] for each in logged)) / (len(logged) or 1) for code in TOLD}
    return Average(days=len(logged), total=rounded(Nutrients(**means)), coverage=rounded_coverage(shares))


class WeightOn(Struct, frozen=True):
    """What somebody weighed on a day."""

    date: date
    weight_kg: Decimal


class WeightTrend(Struct, frozen=True, kw_only=True):
    """The first and the last weight of a stretch of days, and what lies between.

    `kg_per_week` is the slope of the straight line that fits all weights best, null where there is only one.
    """

    first: WeightOn
    last: WeightOn
    change_kg: Decimal
    kg_per_week: Decimal | None

    @classmethod
    def of(cls, days: Sequence[TrendDay]) -> Self | None:
        """Return the trend of the weights of days, which come in order; None where there are none."""
        course = [Weighed(each.day, each.mass) for each in days if each.mass is not None]
        if not course:
            return None
        first, last, slope = course[0], course[-1], per_week(course)
        return cls(
            first=WeightOn(first.day, in_kg(first.mass)),
            last=WeightOn(last.day, in_kg(last.mass)),
            change_kg=in_kg(last.mass - first.mass),
            kg_per_week=None if slope is None else in_kg(slope),
        )
