"""Days of a diary, and stretches of them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from popote_kit.problems import Invalid

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2200, 12, 31)
MAX_DAYS: Final = 366
USUAL_DAYS: Final = 30


def check_days(days: Mapping[str, date | None]) -> None:
    """Let only days through that a diary may have; each is told by its name.

    Raises:
        Invalid: a day is of another century.
    """
    if wrong := [name for name, day in days.items() if day is not None and not FIRST_DAY <= day <= LAST_DAY]:
        message = f"Expected a day from {FIRST_DAY} to {LAST_DAY}"
        raise Invalid(errors=[{"pointer": f"/{name}", "message": message} for name in wrong])


class Period(Struct, frozen=True):
    """The days from `first` to `last`, with both."""

    first: date
    last: date


def period(first: date | None, last: date | None, days: int | None, today: date) -> Period:
    """Return a stretch of at most 366 days. Left out, the last is `today`, and the first such that there are `days`.

    Raises:
        Invalid: a day is of another century, the first comes after the last or too long before it, or both `first` and
            `days` say where it begins.
    """
    check_days({"from": first, "to": last})
    if first is not None and days is not None:
        raise Invalid(errors=[{"pointer": "/days", "message": "it has either from or days"}])
    end = last or today
    begin = first or end - timedelta(days=(days or USUAL_DAYS) - 1)
    if not 0 <= (end - begin).days < MAX_DAYS:
        message = f"Expected a day not after the last, and at most {MAX_DAYS - 1} days before it"
        raise Invalid(errors=[{"pointer": "/from", "message": message}])
    return Period(begin, end)
