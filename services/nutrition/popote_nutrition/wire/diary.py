"""The diary on the wire."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from popote_kit.problems import Invalid, at
from popote_kit.quantity import Amount, PositiveAmount, PositiveQuantity, Quantity, in_base
from popote_nutrition.model.days import check_days
from popote_nutrition.model.diary import MAX_NAME, MEALS, TYPED, Day, Entry, Kind, Meal
from popote_nutrition.model.foods import Language
from popote_nutrition.model.goals import Standing, senseless, standings
from popote_nutrition.model.nutrients import Nutrients, rounded
from popote_nutrition.model.portions import Reason
from popote_nutrition.model.totals import Portion
from popote_nutrition.queries.diary import Used
from popote_nutrition.wire.analysis import coverage_of, grams

Text = Annotated[str, Meta(min_length=1, max_length=MAX_NAME, pattern=r"\S")]
Meals = Annotated[list[Meal], Meta(min_length=1, max_length=4)]


class EatenNutrients(Nutrients, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Amounts of all that was eaten; what is left out or null is unknown, and never counts as zero."""


class NewEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """What was eaten: a quantity of a food, an item or a recipe, or `portions` of it, or free text.

    Free text with `nutrients` is taken as it is said; without, it is read as a line of a recipe is: "200 g of rice".
    """

    id: UUID | None = None
    date: dt.date
    meal: Meal
    food_id: UUID | None = None
    item_id: UUID | None = None
    recipe_id: UUID | None = None
    free: Text | None = None
    quantity: PositiveQuantity | None = None
    portions: PositiveAmount | None = None
    nutrients: EatenNutrients | None = None
    name: Text | None = None
    language: Language | None = None

    @property
    def kind(self) -> Kind:
        """What it is of; `check` lets only one thing through."""
        if self.recipe_id:
            return "recipe"
        return "food" if self.food_id else "item" if self.item_id else "free"

    def check(self) -> None:
        """Let only what is one thing through.

        Raises:
            Invalid: it names none or several; or it lacks a quantity, has two, or has values that can't be.
            UnknownUnit, TooMuch: see `popote_kit.quantity`.
        """
        check_days({"date": self.date})
        if self.quantity is not None:
            with at("quantity"):
                in_base(self.quantity)
        if sum(each is not None for each in (self.food_id, self.item_id, self.recipe_id, self.free)) != 1:
            raise _invalid("", "it has either food_id or item_id or recipe_id or free")
        if self.quantity is not None and self.portions is not None:
            raise _invalid("/portions", "it has either quantity or portions")
        if self.free is None:
            self._check_known()
        else:
            self._check_free()

    def _check_known(self) -> None:
        if self.quantity is None and self.portions is None:
            raise _invalid("/quantity", "a food, an item or a recipe has a quantity or portions")
        if self.nutrients is not None:
            raise _invalid("/nutrients", "they go with free")

    def _check_free(self) -> None:
        if self.portions is not None:
            raise _invalid("/portions", "they go with a food_id, an item_id or a recipe_id")
        if self.nutrients is None:
            return
        if self.nutrients == EatenNutrients():
            raise _invalid("/nutrients", "at least one is told")
        with at("nutrients"):
            if wrong := senseless(self.nutrients):
                raise Invalid(errors=[{"pointer": f"/{each.code}", "message": each.message} for each in wrong])


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(errors=[{"pointer": pointer, "message": message}])


class EditEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays. Another quantity, or portions, changes the values with it; foods are not read again."""

    date: dt.date | UnsetType = UNSET
    meal: Meal | UnsetType = UNSET
    name: Text | UnsetType = UNSET
    quantity: PositiveQuantity | UnsetType = UNSET
    portions: PositiveAmount | UnsetType = UNSET

    def check(self) -> None:
        """Let what makes sense through.

        Raises:
            Invalid: its date is out of range, or it has both a quantity and portions.
        """
        if self.date is not UNSET:
            check_days({"date": self.date})
        if self.quantity is not UNSET and self.portions is not UNSET:
            raise _invalid("/portions", "it has either quantity or portions")


class CopyEntries(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which day's entries are eaten again on which; without `meals`, those of all."""

    from_date: dt.date
    to_date: dt.date
    meals: Meals | None = None

    def check(self) -> None:
        """Let what makes sense through.

        Raises:
            Invalid: a date is out of range, or both are the same.
        """
        check_days({"from_date": self.from_date, "to_date": self.to_date})
        if self.from_date == self.to_date:
            raise _invalid("/to_date", "Expected another date than from_date")


class EntryShown(Struct, kw_only=True):
    """An entry, with the values that it had when it was written; those that are unknown are null, never zero.

    `coverage` is the share of the entry that each nutrient is known of. `food_id` is the food that the values are of,
    `source` where they came from; `reason` is why some lack.
    """

    id: UUID
    date: dt.date
    meal: Meal
    kind: Kind
    food_id: UUID | None
    item_id: UUID | None
    recipe_id: UUID | None
    cook_id: UUID | None
    free: str | None
    name: str
    quantity: Quantity | None
    portions: Amount | None
    mass_g: Decimal | None
    nutrients: Nutrients
    coverage: dict[str, Decimal]
    is_approximate: bool
    reason: Reason | None
    source: str | None
    version: int
    created_at: dt.datetime

    @classmethod
    def of(cls, entry: Entry) -> Self:
        same = set(cls.__struct_fields__) & set(Entry.__struct_fields__)
        return cls(
            **{name: getattr(entry, name) for name in same},
            date=entry.day,
            mass_g=grams(entry.mass),
            nutrients=entry.portion.nutrients,
            coverage=coverage_of(entry.portion),
        )


class EntriesShown(Struct):
    """Entries, in the order of the meals."""

    items: list[EntryShown]


class Again(Struct, kw_only=True, omit_defaults=True):
    """What to post, beside `date` and `meal`, to enter the same once more."""

    food_id: UUID | None = None
    item_id: UUID | None = None
    recipe_id: UUID | None = None
    free: str | None = None
    quantity: Quantity | None = None
    portions: Amount | None = None
    nutrients: Nutrients | None = None
    name: str | None = None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        same = cls(name=entry.name, quantity=entry.quantity, portions=entry.portions)
        if entry.recipe_id:
            return replace(same, recipe_id=entry.recipe_id)
        if entry.item_id:
            return replace(same, item_id=entry.item_id)
        if entry.food_id and entry.measured and entry.reason in {None, "no_value"}:
            return replace(same, food_id=entry.food_id)
        typed = entry.portion.nutrients if entry.source == TYPED else None
        return cls(free=entry.name, quantity=entry.quantity, nutrients=typed)


class UsedShown(Struct, kw_only=True):
    """Something that was eaten before: when last, how often, and what to post to enter it once more."""

    name: str
    last_date: dt.date
    times: int
    energy_kcal: Amount | None
    again: Again

    @classmethod
    def of(cls, used: Used) -> Self:
        entry = used.entry
        return cls(
            name=entry.name,
            last_date=entry.day,
            times=used.times,
            energy_kcal=entry.portion.nutrients.energy_kcal,
            again=Again.of(entry),
        )


class UsedList(Struct):
    """Things, those first that were meant."""

    items: list[UsedShown]


class MissingEntry(Struct, kw_only=True):
    """What a day's total does not hold, and why, and of which nutrients."""

    entry_id: UUID
    name: str
    reason: Reason
    nutrients: list[str]


class Sum(Struct):
    """What entries come to, over what is known, and the share of their mass that each nutrient is known of."""

    total: Nutrients
    coverage: dict[str, Decimal]

    @classmethod
    def of(cls, portion: Portion) -> Self:
        return cls(rounded(portion.nutrients), coverage_of(portion))


class DayShown(Struct, kw_only=True):
    """A day: what it comes to, each meal, what lacks; and how it stands against its goals, if there are any."""

    date: dt.date
    total: Nutrients
    coverage: dict[str, Decimal]
    missing: list[MissingEntry]
    meals: dict[Meal, Sum]
    entries: list[EntryShown]
    goals: Nutrients | None
    left: list[Standing] | None

    @classmethod
    def of(cls, day: Day) -> Self:
        whole = day.total
        return cls(
            date=day.date,
            total=rounded(whole.nutrients),
            coverage=coverage_of(whole),
            missing=[
                MissingEntry(entry_id=entry.id, name=entry.name, reason=entry.reason, nutrients=entry.lacking)
                for entry in day.entries
                if entry.reason
            ],
            meals={meal: Sum.of(day.meal(meal)) for meal in MEALS},
            entries=[EntryShown.of(entry) for entry in day.entries],
            goals=day.goals,
            left=standings(day.goals, whole) if day.goals else None,
        )
