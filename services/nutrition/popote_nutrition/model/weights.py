"""What a person weighs, and where that is going."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from msgspec import Struct

from popote_kit.problems import Invalid
from popote_kit.quantity import Amount
from popote_kit.units import G

KG: Final = 1000 * G  # in ng, as masses are
LIGHTEST: Final = KG // 10
HEAVIEST: Final = 700 * KG
DAYS_IN_WEEK: Final = 7


class Weight(Struct, frozen=True, kw_only=True):
    """What a person weighed on a day: the mass in ng, and the unit that it is shown in."""

    id: UUID
    day: date
    mass: int
    unit: str
    note: str
    version: int
    created_at: datetime

    @property
    def kg(self) -> Amount:
        return Amount(in_kg(self.mass))


def in_kg(mass: int) -> Decimal:
    """Return ng as kilograms, to the gram."""
    return Amount(round(Decimal(mass) / KG, 3))


def check_mass(mass: int) -> None:
    """Let only through what a person may weigh.

    Raises:
        Invalid: nobody weighs that.
    """
    if not LIGHTEST <= mass <= HEAVIEST:
        raise Invalid(errors=[{"pointer": "/amount", "message": "Expected a weight from 0.1 to 700 kg"}])


class Weighed(Struct, frozen=True):
    """One point of a course: the day, and the mass in ng."""

    day: date
    mass: int


def per_week(course: Sequence[Weighed]) -> int | None:
    """Return the slope, in ng a week, of the straight line that fits the weights best: least squares.

    None where there are fewer than two days.
    """
    days = [each.day.toordinal() for each in course]
    if len(set(days)) < 2:  # noqa: PLR2004 - a line takes two points
        return None
    middle = Fraction(sum(days), len(days))
    spread = sum((day - middle) ** 2 for day in days)
    slope = sum((day - middle) * each.mass for day, each in zip(days, course, strict=True)) / spread
    return round(slope * DAYS_IN_WEEK)
