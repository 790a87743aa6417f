"""The diary as a table (RFC 4180): a row an entry."""

import csv
import io
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from popote_nutrition.model.diary import Entry
from popote_nutrition.model.nutrients import CODES
from popote_nutrition.model.portions import TOLD

HEADER: Final = ("date", "meal", "name", "amount", "unit", "portions", "mass_g", *CODES, "complete", "reason", "source")
# What a spreadsheet would take for a formula.
_FORMULA: Final = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - just these


def header() -> str:
    """Return the first row."""
    return _written([HEADER])


def rows(entries: Iterable[Entry]) -> str:
    """Return a row an entry. An unknown value is an empty cell; `complete` tells whether all of a label is known."""
    return _written(_cells(entry) for entry in entries)


def _cells(entry: Entry) -> list[str]:
    quantity, portion = entry.quantity, entry.portion
    mass = None if entry.mass is None else round(Decimal(entry.mass) / 10**9, 4)
    is_complete = all(portion.coverage[code] == 1 for code in TOLD)
    texts = (entry.name, quantity.unit if quantity else "", entry.reason or "", entry.source or "")
    name, unit, reason, source = map(_harmless, texts)
    numbers = [
        quantity.amount if quantity else None,
        entry.portions,
        mass,
        *(each for _, each in portion.nutrients.items()),
    ]
    amount, portions, grams, *values = map(_number, numbers)
    complete = "yes" if is_complete else "no"
    return [entry.day.isoformat(), entry.meal, name, amount, unit, portions, grams, *values, complete, reason, source]


def _number(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize() + 0:f}"


def _harmless(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _written(table: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue()
