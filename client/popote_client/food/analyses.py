"""What things hold: analyses and labels."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from popote_client.food.names import FoodBrief
from popote_client.food.nutrients import Nutrients
from popote_client.food.part import FoodPart
from popote_client.language import Language
from popote_client.stock.quantities import Quantity

Reason = Literal["unmatched_food", "unknown_conversion", "no_quantity", "no_value"]


class Subject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to analyse: `lines`, or a `quantity` of a food or an item, or a day of the diary.

    `servings` is how many it makes, `cooked` what it weighs once cooked.
    """

    lines: Sequence[str] | None = None
    food_id: UUID | None = None
    item_id: UUID | None = None
    date: dt.date | None = None
    quantity: Quantity | None = None
    servings: Decimal | None = None
    cooked: Quantity | None = None
    language: Language | None = None


class Missing(msgspec.Struct, frozen=True):
    """What a total does not hold, and why; with `no_value` for which nutrients."""

    line: str
    reason: Reason
    nutrients: list[str] = []


class AnalysedPart(msgspec.Struct, frozen=True, kw_only=True):
    """One line's share; `mass_g` is None where the mass is unknown."""

    line: str
    food: FoodBrief | None = None
    mass_g: Decimal | None = None
    nutrients: Nutrients
    is_approximate: bool = False


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """Totals over what is known; `coverage` is for each nutrient the share of the mass of which it is known."""

    total: Nutrients
    per_serving: Nutrients | None = None
    per_100g: Nutrients | None = None
    mass_g: Decimal | None = None
    coverage: dict[str, Decimal]
    missing: list[Missing] = []
    parts: list[AnalysedPart] = []
    is_approximate: bool = False


class LabelLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a label: `text` says the amount, rounded, with its unit; `percent` is of the reference intake."""

    code: str
    name: str
    amount: Decimal | None = None
    is_below: bool = False
    is_at_least: bool = False
    text: str
    percent: int | None = None


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """The label of the European Union; `statement` must be shown with percents."""

    per_100g: list[LabelLine] | None = None
    per_serving: list[LabelLine] | None = None
    statement: str
    coverage: dict[str, Decimal]
    missing: list[Missing] = []


class Analyses(FoodPart):
    async def analyse(self, subject: Subject) -> Analysis:
        """Work out what something holds, and say what is not known."""
        return await self._post("/analyse", subject, Analysis)

    async def label(self, subject: Subject) -> Label:
        """Show the same as a label does: rounded, with percents of reference intakes."""
        return await self._post("/label", subject, Label)
