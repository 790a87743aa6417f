"""Analyses on the wire."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct

from popote_kit.problems import Invalid
from popote_kit.quantity import MASS, PositiveAmount, PositiveQuantity, convert
from popote_nutrition.actions.analysis import Told
from popote_nutrition.model import label, totals
from popote_nutrition.model.foods import Language
from popote_nutrition.model.label import Line as LabelLine
from popote_nutrition.model.nutrients import Nutrients, rounded
from popote_nutrition.model.portions import TOLD, Reason
from popote_nutrition.model.totals import Portion
from popote_nutrition.wire.names import FoodBrief, Lines

MAX_SERVINGS = 1000

Servings = Annotated[PositiveAmount, Meta(description="How many equal servings it makes, at most 1000.")]


class Analyse(Struct, forbid_unknown_fields=True, kw_only=True):
    """What to analyse: lines, or a quantity of a food or an item, or a day of the diary.

    `cooked` is what it weighs once cooked: what 100 g hold then follows from that.
    """

    lines: Lines | None = None
    food_id: UUID | None = None
    item_id: UUID | None = None
    date: dt.date | None = None
    quantity: PositiveQuantity | None = None
    servings: Servings | None = None
    cooked: PositiveQuantity | None = None
    language: Language | None = None

    def check(self) -> None:
        """Let only what is one thing through.

        Raises:
            Invalid: it names none, several, or no quantity of a food; or the servings are too many.
        """
        named = [name for name in ("lines", "food_id", "item_id", "date") if getattr(self, name) is not None]
        if len(named) != 1:
            raise _invalid("", "it has either lines or food_id or item_id or date")
        if (named[0] in ("food_id", "item_id")) != (self.quantity is not None):
            raise _invalid("/quantity", "it goes with a food_id or an item_id")
        if self.servings is not None and self.servings > MAX_SERVINGS:
            raise _invalid("/servings", f"Expected a number of at most {MAX_SERVINGS}")

    @property
    def cooked_mass(self) -> int | None:
        return convert(self.cooked, MASS).units if self.cooked else None


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(errors=[{"pointer": pointer, "message": message}])


class Missing(Struct, kw_only=True):
    """What a total does not hold, and why; with `no_value` for which nutrients."""

    line: str
    reason: Reason
    nutrients: list[str]


class PartShown(Struct, kw_only=True):
    """One line's share. `mass_g` is null where the mass is unknown."""

    line: str
    food: FoodBrief | None
    mass_g: Decimal | None
    nutrients: Nutrients
    is_approximate: bool


class Analysis(Struct, kw_only=True):
    """Totals over what is known; what is unknown everywhere is null, never zero.

    `coverage` is, for each nutrient, the share of the mass with a known value; a part without a known mass weighs as
    much as the average of the others, and one "to taste" a gram. `missing` lists what lacks. `per_100g` is null where
    the mass is unknown.
    """

    total: Nutrients
    per_serving: Nutrients | None
    per_100g: Nutrients | None
    mass_g: Decimal | None
    coverage: dict[str, Decimal]
    missing: list[Missing]
    parts: list[PartShown]
    is_approximate: bool

    @classmethod
    def of(cls, told: Sequence[Told], asked: Analyse, language: str) -> Self:
        whole = totals.total([each.part.portion for each in told])
        serving = serving_of(whole, asked)
        hundred = totals.per_100_g(whole, asked.cooked_mass)
        return cls(
            total=rounded(whole.nutrients),
            per_serving=rounded(serving.nutrients) if serving else None,
            per_100g=rounded(hundred.nutrients) if hundred else None,
            mass_g=grams(whole.mass),
            coverage=coverage_of(whole),
            missing=[missing for each in told if (missing := missing_of(each))],
            parts=[_shown(each, language) for each in told],
            is_approximate=any(each.part.is_approximate for each in told),
        )


def coverage_of(whole: Portion) -> dict[str, Decimal]:
    """Return the coverage of the nutrients that a label has, to four places."""
    shares = totals.rounded_coverage(whole.coverage)
    return {code: shares[code] for code in TOLD}


def missing_of(told: Told) -> Missing | None:
    if told.part.reason is None:
        return None
    return Missing(line=told.text, reason=told.part.reason, nutrients=list(told.part.nutrients))


def serving_of(whole: Portion, asked: Analyse) -> Portion | None:
    return totals.per_serving(whole, Fraction(asked.servings)) if asked.servings else None


def grams(mass: int | None) -> Decimal | None:
    """Return ng as grams, to a tenth of a milligram."""
    return None if mass is None else round(Decimal(mass) / 10**9, 4)


def _shown(told: Told, language: str) -> PartShown:
    return PartShown(
        line=told.text,
        food=FoodBrief.of(told.food, language) if told.food else None,
        mass_g=grams(told.part.portion.mass),
        nutrients=rounded(told.part.portion.nutrients),
        is_approximate=told.part.is_approximate,
    )


class Label(Struct, kw_only=True):
    """The label of the European Union: rounded as its guidance says, with percents of an adult's reference intakes.

    `per_100g` is null where the mass is unknown, `per_serving` without servings.
    """

    per_100g: list[LabelLine] | None
    per_serving: list[LabelLine] | None
    statement: str
    coverage: dict[str, Decimal]
    missing: list[Missing]

    @classmethod
    def of(cls, told: Sequence[Told], asked: Analyse, language: Language) -> Self:
        whole = totals.total([each.part.portion for each in told])
        hundred, serving = totals.per_100_g(whole, asked.cooked_mass), serving_of(whole, asked)
        return cls(
            per_100g=label.label(hundred, language) if hundred else None,
            per_serving=label.label(serving, language) if serving else None,
            statement=label.REFERENCE_STATEMENT[language],
            coverage=coverage_of(whole),
            missing=[missing for each in told if (missing := missing_of(each))],
        )
