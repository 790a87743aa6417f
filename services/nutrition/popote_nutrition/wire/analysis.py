"""Analyses on the wire."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct

from popote_kit.problems import Invalid
from popote_kit.quantity import MASS, PositiveAmount, PositiveQuantity, convert
from popote_nutrition.model import label, totals
from popote_nutrition.model.analysis import Told, Whole
from popote_nutrition.model.days import check_days
from popote_nutrition.model.foods import Language
from popote_nutrition.model.label import Line as LabelLine
from popote_nutrition.model.nutrients import Nutrients, rounded
from popote_nutrition.model.portions import TOLD, Reason
from popote_nutrition.model.totals import Portion
from popote_nutrition.wire.names import FoodBrief, Lines

MAX_SERVINGS = 1000
KINDS = ("lines", "food_id", "item_id", "recipe_id", "date", "planned")

Servings = Annotated[
    PositiveAmount,
    Meta(description="How many equal servings it makes, at most 1000; a recipe is scaled to so many."),
]
Planned = Annotated[dt.date, Meta(description="A day of the meal plan: all that is planned for it.")]


class Analyse(Struct, forbid_unknown_fields=True, kw_only=True):
    """What to analyse: lines, a quantity of a food or an item, a recipe, a day of the diary, or one of the meal plan.

    `cooked` is what it weighs once cooked: what 100 g hold then follows from that. Of a planned day, a serving is one
    of each meal.
    """

    lines: Lines | None = None
    food_id: UUID | None = None
    item_id: UUID | None = None
    recipe_id: UUID | None = None
    date: dt.date | None = None
    planned: Planned | None = None
    quantity: PositiveQuantity | None = None
    servings: Servings | None = None
    cooked: PositiveQuantity | None = None
    language: Language | None = None

    def check(self) -> None:
        """Let only what is one thing through.

        Raises:
            Invalid: it names none, several, or no quantity of a food; or the servings are too many, or no matter.
        """
        named = [name for name in KINDS if getattr(self, name) is not None]
        if len(named) != 1:
            raise _invalid("", f"it has either {' or '.join(KINDS)}")
        if (named[0] in ("food_id", "item_id")) != (self.quantity is not None):
            raise _invalid("/quantity", "it goes with a food_id or an item_id")
        if self.planned is not None:
            check_days({"planned": self.planned})
            self._check_planned()
        if self.servings is not None and self.servings > MAX_SERVINGS:
            raise _invalid("/servings", f"Expected a number of at most {MAX_SERVINGS}")

    def _check_planned(self) -> None:
        for name in ("servings", "cooked"):
            if getattr(self, name) is not None:
                raise _invalid(f"/{name}", "each meal of the plan has its own")

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
    much as the average of the others, and one "to taste" a gram. `missing` lists what lacks, of recipes also the lines
    of those in them. `per_100g` is null where the mass is unknown. A part that is a recipe weighs what it does once
    cooked, where that is known.
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
    def of(cls, whole: Whole, language: str) -> Self:
        total, serving, hundred = whole.total, whole.serving, whole.hundred
        return cls(
            total=rounded(total.nutrients),
            per_serving=rounded(serving.nutrients) if serving else None,
            per_100g=rounded(hundred.nutrients) if hundred else None,
            mass_g=grams(total.mass),
            coverage=coverage_of(total),
            missing=_missing(whole),
            parts=[_shown(each, language) for each in whole.parts],
            is_approximate=any(each.part.is_approximate for each in whole.parts),
        )


def coverage_of(whole: Portion) -> dict[str, Decimal]:
    """Return the coverage of the nutrients that a label has, to four places."""
    shares = totals.rounded_coverage(whole.coverage)
    return {code: shares[code] for code in TOLD}


def _missing(whole: Whole) -> list[Missing]:
    return [
        Missing(line=told.text, reason=told.part.reason, nutrients=list(told.part.nutrients))
        for told in whole.lacking
        if told.part.reason
    ]


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
    def of(cls, whole: Whole, language: Language) -> Self:
        hundred, serving = whole.hundred, whole.serving
        return cls(
            per_100g=label.label(hundred, language) if hundred else None,
            per_serving=label.label(serving, language) if serving else None,
            statement=label.REFERENCE_STATEMENT[language],
            coverage=coverage_of(whole.total),
            missing=_missing(whole),
        )
