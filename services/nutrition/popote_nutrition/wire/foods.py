"""Foods on the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from popote_kit.quantity import Fact, PositiveAmount, PositiveQuantity
from popote_nutrition.model.foods import (
    MAX_ALIASES,
    MAX_DAYS,
    MAX_FACTS,
    MAX_NAME,
    Conversion,
    Food,
    Keeping,
    Language,
    Storage,
    StoredFact,
)
from popote_nutrition.model.nutrients import Nutrients, Per

MAX_IDS = 200

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME, pattern=r"[^\W_]")]
Names = Annotated[list[Name], Meta(max_length=MAX_ALIASES)]
Conversions = Annotated[list[Conversion], Meta(max_length=MAX_FACTS)]
Days = Annotated[int, Meta(ge=0, le=MAX_DAYS)]
SourceText = Annotated[str, Meta(max_length=80, description="Where the values were read: a label, a book.")]


class KeepingDays(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where it is usually kept, and for how many days: after it was bought, opened, frozen."""

    storage: Storage | None = None
    keeps_days: Days | None = None
    opened_days: Days | None = None
    frozen_days: Days | None = None


class NutrientValues(Nutrients, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Amounts in 100 g or 100 ml; what is left out or null is unknown, and never counts as zero."""


class NewFood(Struct, forbid_unknown_fields=True, kw_only=True):
    """A food of the household's own. Without an energy it follows from the rest, where all of that is known."""

    id: UUID | None = None
    name: Name
    language: Language | None = None
    aliases: Names = []
    per: Per = "g"
    nutrients: NutrientValues = field(default_factory=NutrientValues)
    conversions: Conversions = []
    keeping: KeepingDays = field(default_factory=KeepingDays)
    source_note: SourceText = ""


class EditFood(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays; lists and nutrients are replaced whole. Of a shared food it is the household's view."""

    name: Name | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    aliases: Names | UnsetType = UNSET
    per: Per | UnsetType = UNSET
    nutrients: NutrientValues | UnsetType = UNSET
    conversions: Conversions | UnsetType = UNSET
    keeping: KeepingDays | UnsetType = UNSET
    source_note: SourceText | UnsetType = UNSET


class FoodShown(Struct, kw_only=True):
    """A food as it is shown. `per_100g` are its nutrients in 100 g, or in 100 ml where `per` says so.

    `source` is where it comes from (`starter`, `household`, a table that was imported), `source_id` its id there.
    `aliases` and `conversions` are the household's own; `also_called` are all its other names, `facts` all that is
    known of how it counts, the ones that win first.
    """

    id: UUID
    name: str
    names: Mapping[str, str]
    aliases: list[str]
    also_called: list[str]
    source: str
    source_id: str
    is_own: bool
    is_override: bool
    per: Per
    per_100g: Nutrients
    conversions: list[Conversion]
    facts: list[Fact]
    keeping: Keeping
    version: int
    created_at: datetime | None = None

    @classmethod
    def of(cls, food: Food, language: str) -> Self:
        same = ("id", "source", "source_id", "is_own", "is_override", "per", "keeping", "version", "created_at")
        return cls(
            **{name: getattr(food, name) for name in same},
            name=food.named(language),
            names=food.names,
            aliases=list(food.own_aliases),
            also_called=list(dict.fromkeys([*food.own_aliases, *food.aliases])),
            per_100g=food.nutrients,
            conversions=[_conversion(each) for each in food.own_facts],
            facts=food.facts,
        )


def _conversion(fact: StoredFact) -> Conversion:
    return Conversion(fact.unit, PositiveQuantity(PositiveAmount(fact.amount), fact.equals), fact.is_approximate)


class FoodFacts(Struct, frozen=True, kw_only=True):
    """How amounts of a food count: the facts that win come first. `per` is the measure that its nutrients go by."""

    food_id: UUID
    name: str
    names: Mapping[str, str]
    per: Per
    facts: list[Fact]

    @classmethod
    def of(cls, food: Food, language: str) -> Self:
        return cls(food_id=food.id, name=food.named(language), names=food.names, per=food.per, facts=food.facts)


def given(edit: Struct) -> dict[str, object]:
    """Return the members of an edit that were sent."""
    return {name: value for name, value in msgspec.structs.asdict(edit).items() if value is not UNSET}
