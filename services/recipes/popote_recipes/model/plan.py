"""The plan: which meals a household means to have, and on which days."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, Self
from uuid import UUID

from msgspec import Struct

from popote_kit.problems import Invalid

Meal = Literal["breakfast", "lunch", "dinner", "snack"]

MEALS: Final[tuple[Meal, ...]] = ("breakfast", "lunch", "snack", "dinner")  # in the order of a day
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2200, 12, 31)
MAX_A_DAY: Final = 20  # entries
MAX_DAYS: Final = 92  # of one answer
USUAL_DAYS: Final = 7
MAX_COPIED: Final = 31  # days


class PlanEntry(Struct, frozen=True, kw_only=True):
    """A dish of a meal: a recipe for so many servings, or what is eaten without one.

    `title` is the recipe's, or that of what is eaten without. `cook_id` is the cooking that made it.
    """

    id: UUID
    day: date
    meal: Meal
    recipe_id: UUID | None = None
    title: str
    servings: Decimal | None = None
    note: str = ""
    cook_id: UUID | None = None
    version: int = 0
    created_by: UUID
    created_at: datetime

    @property
    def place(self) -> tuple[date, int, datetime, UUID]:
        """Where it stands in the plan: in the order of days, meals, and when entries were made."""
        return self.day, MEALS.index(self.meal), self.created_at, self.id


class Period(Struct, frozen=True):
    """The days from `first` to `last`, with both."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date | None, last: date | None, today: date) -> Self:
        """Return a stretch of at most 92 days; left out, the first is today, and the last six days after the first.

        Raises:
            Invalid: a day is of another century, or the last comes before the first or too long after it.
        """
        check_days({"from": first, "to": last})
        begin = first or min(today, last or today)
        end = last or min(begin + timedelta(days=USUAL_DAYS - 1), LAST_DAY)
        if not 0 <= (end - begin).days < MAX_DAYS:
            message = f"Expected a day not before the first, and at most {MAX_DAYS - 1} days after it"
            raise Invalid(errors=[{"pointer": "/to", "message": message}])
        return cls(begin, end)


def check_days(days: Mapping[str, date | None]) -> None:
    """Let only days through that a plan may have; each is told by its name.

    Raises:
        Invalid: a day is of another century.
    """
    if wrong := [name for name, day in days.items() if day is not None and not FIRST_DAY <= day <= LAST_DAY]:
        message = f"Expected a day from {FIRST_DAY} to {LAST_DAY}"
        raise Invalid(errors=[{"pointer": f"/{name}", "message": message} for name in wrong])
