"""What the person wants to eat in a day, weighs, and ate over weeks. Nobody else sees it."""

import datetime as dt
from decimal import Decimal
from http import HTTPStatus
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import field

from popote_client.food.nutrients import Nutrients
from popote_client.food.part import FoodPart
from popote_client.language import Language
from popote_client.problems import Problem
from popote_client.stock.quantities import Quantity
from popote_client.wire import Page

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Sex = Literal["female", "male"]
Activity = Literal["sedentary", "light", "moderate", "active", "very_active"]


class NewGoals(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wanted from a day on, today where it is left out; those of a weekday go before those of every day."""

    from_day: dt.date | None = field(name="from", default=None)
    every_day: Nutrients = Nutrients()
    weekdays: dict[Weekday, Nutrients] = {}


class Goals(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted from a day on: `weekdays` has the days of the week that have goals."""

    id: UUID
    from_day: dt.date = field(name="from")
    weekdays: dict[Weekday, Nutrients]
    version: int
    created_at: dt.datetime


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an estimate follows from: either an age or a year of birth; without a weight, the last one that is known."""

    sex: Sex
    age: int | None = None
    birth_year: int | None = None
    height_cm: Decimal
    weight_kg: Decimal | None = None
    activity: Activity


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """The energy that an adult needs in a day; `limitation` must be shown with it."""

    energy_kcal: int
    energy_kj: int
    activity: str
    limitation: str


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """What the person weighed on a day."""

    id: UUID
    date: dt.date
    weight: Quantity
    weight_kg: Decimal
    note: str = ""
    version: int
    created_at: dt.datetime


class TrendDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which something was eaten or weighed."""

    date: dt.date
    entries: int
    total: Nutrients
    coverage: dict[str, Decimal]
    weight_kg: Decimal | None = None
    goal_energy_kcal: Decimal | None = None


class Average(msgspec.Struct, frozen=True, kw_only=True):
    """What a day with entries, of which there are `days`, comes to."""

    days: int
    total: Nutrients
    coverage: dict[str, Decimal]


class WeightOn(msgspec.Struct, frozen=True):
    date: dt.date
    weight_kg: Decimal


class WeightTrend(msgspec.Struct, frozen=True, kw_only=True):
    """The first and the last weight, and what lies between; `kg_per_week` is None where there is only one."""

    first: WeightOn
    last: WeightOn
    change_kg: Decimal
    kg_per_week: Decimal | None = None


class Trends(msgspec.Struct, frozen=True, kw_only=True):
    """The days on which something was eaten or weighed, and what they come to."""

    first: dt.date = field(name="from")
    last: dt.date = field(name="to")
    days: list[TrendDay]
    average: Average
    weight: WeightTrend | None = None


class Wishes(FoodPart):
    """Goals, weights and trends. What replaces or deletes something names the version that was read."""

    async def get_goals(self, on: dt.date | None = None) -> Goals | None:
        """Read the goals that hold on a day, today where it is left out; None: there are none."""
        try:
            return await self._get("/goals", Goals, on=on)
        except Problem as problem:
            if problem.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def set_goals(self, goals: NewGoals, version: int | None = None) -> Goals:
        """Set the goals from a day on; `version` is that of the goals which hold on that day, if any do."""
        return await self._put("/goals", goals, Goals, version)

    async def list_goals(self, *, limit: int = 50, cursor: str | None = None) -> Page[Goals]:
        """List all goals, those from the latest day on first."""
        return await self._get("/goals/history", Page[Goals], limit=limit, cursor=cursor)

    async def delete_goals(self, id: UUID, version: int) -> None:
        await self._delete(f"/goals/{id}", version)

    async def estimate_need(self, body: Body, language: Language | None = None) -> Need:
        """Estimate the energy that an adult needs in a day; nothing is stored."""
        params = {"lang": language}
        answer = await self._backend.post(f"{self.root}/goals/estimate", body, params=params)
        return self._backend.decode(answer, Need)

    async def list_weights(
        self, first: dt.date | None = None, last: dt.date | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Weight]:
        """List weights in the order of their days."""
        return await self._get("/weights", Page[Weight], **{"from": first, "to": last}, limit=limit, cursor=cursor)

    async def get_weight(self, day: dt.date) -> Weight:
        return await self._get(f"/weights/{day}", Weight)

    async def put_weight(self, day: dt.date, weight: Quantity, *, note: str = "", version: int | None = None) -> Weight:
        """Store the weight of a day; `version` is that of the one which stands there, if any does."""
        return await self._put(f"/weights/{day}", {"weight": weight, "note": note}, Weight, version)

    async def delete_weight(self, day: dt.date, version: int) -> None:
        await self._delete(f"/weights/{day}", version)

    async def read_trends(
        self, first: dt.date | None = None, last: dt.date | None = None, *, days: int | None = None
    ) -> Trends:
        """Read what was eaten and weighed: from a day to a day, or on so many `days` up to the last, which is today."""
        return await self._get("/trends", Trends, **{"from": first, "to": last}, days=days)
