"""Trends on the wire."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Self

from msgspec import Struct, field

from popote_kit.quantity import Amount
from popote_nutrition.model.days import Period
from popote_nutrition.model.nutrients import Nutrients
from popote_nutrition.model.trends import Average, TrendDay, WeightTrend, average
from popote_nutrition.model.weights import in_kg


class TrendDayShown(Struct, kw_only=True):
    """A day: what is known of its entries, how much of their mass that covers, the weight, and the goal of energy."""

    date: dt.date
    entries: int
    total: Nutrients
    coverage: Mapping[str, Decimal]
    weight_kg: Decimal | None
    goal_energy_kcal: Amount | None

    @classmethod
    def of(cls, day: TrendDay) -> Self:
        return cls(
            date=day.day,
            entries=day.entries,
            total=day.total,
            coverage=day.coverage,
            weight_kg=None if day.mass is None else in_kg(day.mass),
            goal_energy_kcal=day.goal_energy_kcal,
        )


class Trends(Struct, kw_only=True):
    """The days from a day to a day on which something was eaten or weighed, and what they come to."""

    first: dt.date = field(name="from")
    last: dt.date = field(name="to")
    days: list[TrendDayShown]
    average: Average
    weight: WeightTrend | None

    @classmethod
    def of(cls, period: Period, days: Sequence[TrendDay]) -> Self:
        return cls(
            first=period.first,
            last=period.last,
            days=[TrendDayShown.of(each) for each in days],
            average=average(days),
            weight=WeightTrend.of(days),
        )
