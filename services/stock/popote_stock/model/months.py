"""Months, as reports count them: those of the household's time zone."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from popote_kit.problems import Invalid

MAX_MONTHS: Final = 60
USUAL_MONTHS: Final = 12
PATTERN: Final = "^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"


class Month(Struct, frozen=True):
    """A month, as "2026-11"; it begins with `starts_at` and is over at `ends_at`."""

    name: str
    starts_at: datetime
    ends_at: datetime


def stretch(first: str | None, last: str | None, today: date, zone: str) -> list[Month]:
    """Return the months from `first` to `last`, as "2026-11", with both, in the time zone `zone`.

    Left out, the last is that of `today`, and the first such that there are twelve.

    Raises:
        Invalid: one is no month, the first comes after the last, or there are more than 60.
    """
    end = today.year * 12 + today.month - 1 if last is None else _number("to", last)
    begin = end - USUAL_MONTHS + 1 if first is None else _number("from", first)
    if not 0 <= end - begin < MAX_MONTHS:
        message = f"it is not after the last month, and at most {MAX_MONTHS - 1} months before it"
        raise Invalid(errors=[{"pointer": "/from", "message": message}])
    return list(_months(begin, end, ZoneInfo(zone)))


def _number(name: str, month: str) -> int:
    if not re.fullmatch(PATTERN, month):
        raise Invalid(errors=[{"pointer": f"/{name}", "message": "a month looks like 2026-11"}])
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _months(begin: int, end: int, zone: ZoneInfo) -> Iterator[Month]:
    firsts = [datetime(number // 12, number % 12 + 1, 1, tzinfo=zone) for number in range(begin, end + 2)]
    for first, following in pairwise(firsts):
        yield Month(f"{first:%Y-%m}", first, following)
