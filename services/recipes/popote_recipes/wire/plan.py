"""The plan on the wire."""

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Self
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from popote_kit.problems import Invalid
from popote_kit.quantity import Amount
from popote_recipes.model.plan import MAX_COPIED, USUAL_DAYS, Meal, Period, PlanEntry, check_days
from popote_recipes.model.recipes import MAX_NOTE
from popote_recipes.wire.recipes import Servings, Title

PlanNote = Annotated[str, Meta(max_length=MAX_NOTE)]


class NewPlanEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """A dish of a meal: a recipe, for as many as it is for unless `servings` says otherwise, or a mere `title`."""

    id: UUID | None = None
    date: dt.date
    meal: Meal
    recipe_id: UUID | None = None
    title: Title | None = None
    servings: Servings | None = None
    note: PlanNote = ""

    def check(self) -> None:
        """Let only what is one thing through.

        Raises:
            Invalid: its date is out of range, or it is neither a recipe nor has a title, or both.
        """
        check_days({"date": self.date})
        if (self.recipe_id is None) == (self.title is None):
            raise Invalid(errors=[{"pointer": "", "message": "it has either recipe_id or title"}])


class EditPlanEntry(Struct, forbid_unknown_fields=True, kw_only=True):
    """Whatever is left out stays. With a `recipe_id` it is that recipe, with a `title` a dish without one."""

    date: dt.date | UnsetType = UNSET
    meal: Meal | UnsetType = UNSET
    recipe_id: UUID | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    servings: Servings | UnsetType = UNSET
    note: PlanNote | UnsetType = UNSET

    def check(self) -> None:
        """Let what makes sense through.

        Raises:
            Invalid: its date is out of range, or it is to be a recipe and a dish without one.
        """
        if self.date is not UNSET:
            check_days({"date": self.date})
        if self.recipe_id is not UNSET and self.title is not UNSET:
            raise Invalid(errors=[{"pointer": "/title", "message": "it has either recipe_id or title"}])


class CopyPlan(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which days are planned again, `days` from `from_date` on, and on which: from `to_date` on."""

    from_date: dt.date
    to_date: dt.date
    days: Annotated[int, Meta(ge=1, le=MAX_COPIED)] = USUAL_DAYS

    @property
    def copied(self) -> tuple[dt.date, dt.date]:
        return self.from_date, self.from_date + self._more

    @property
    def _more(self) -> dt.timedelta:
        return dt.timedelta(days=self.days - 1)

    def check(self) -> None:
        """Let what makes sense through.

        Raises:
            Invalid: a date is out of range, or both are the same.
        """
        check_days({"from_date": self.from_date, "to_date": self.to_date})
        check_days({"days": self.from_date + self._more})
        check_days({"days": self.to_date + self._more})
        if self.from_date == self.to_date:
            raise Invalid(errors=[{"pointer": "/to_date", "message": "Expected another date than from_date"}])


class PlanEntryShown(Struct, kw_only=True):
    """A dish of a meal. `title` is the recipe's, where it is one; with a `cook_id` it has been cooked."""

    id: UUID
    date: dt.date
    meal: Meal
    recipe_id: UUID | None
    title: str
    servings: Amount | None
    note: str
    cook_id: UUID | None
    version: int
    created_by: UUID
    created_at: dt.datetime

    @classmethod
    def of(cls, entry: PlanEntry) -> Self:
        same = set(cls.__struct_fields__) & set(PlanEntry.__struct_fields__) - {"servings"}
        servings = None if entry.servings is None else Amount(entry.servings)
        return cls(**{name: getattr(entry, name) for name in same}, date=entry.day, servings=servings)


class PlanShown(Struct, kw_only=True):
    """What is planned from one day to another, in the order of days and meals."""

    first: dt.date = field(name="from")
    last: dt.date = field(name="to")
    items: list[PlanEntryShown]

    @classmethod
    def of(cls, period: Period, entries: Iterable[PlanEntry]) -> Self:
        return cls(first=period.first, last=period.last, items=[PlanEntryShown.of(entry) for entry in entries])


class PlanCopied(Struct):
    """Entries that were made, in the order of days and meals."""

    items: list[PlanEntryShown]
