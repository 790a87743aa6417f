"""Amounts as tables of foods write them, and the nutrients of a food put together from them.

0.8   0,8     the amount
< 0,5         below a limit: half of it, since the truth is anywhere between
traces        there, but too little to count: 0
-             unknown, as an empty cell, and not zero
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from popote_kit.quantity import Amount
from popote_nutrition.importing.records import Refusal
from popote_nutrition.model.nutrients import UNKNOWN, Nutrients, Per, impossible, rounded, salt_of_sodium, with_energy

MAX_QUOTED: Final = 40  # characters of a cell that a sentence tells again
SODIUM: Final = "sodium_mg"  # stands in for salt where that is unknown

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{1,18})?|\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,2})?")
_UNKNOWN: Final = frozenset(("", "-", "nd", "n/a"))
_TRACES: Final = frozenset(("traces", "trace", "tr"))

Taken = Mapping[
    str, Sequence[str]
]  # for each code, and sodium, where its amount stands: the first that is known counts


class Value(Struct, frozen=True):
    amount: Amount | None
    is_halved: bool = False
    is_traces: bool = False


class Told(Struct, frozen=True):
    """The nutrients of a food, and how many of its amounts were below a limit, or traces."""

    nutrients: Nutrients
    halved: int
    traces: int


def number(text: str) -> Decimal:
    """Return the number that a cell holds, with a decimal point or comma; it may be negative.

    Raises:
        Refusal: it holds something else.
    """
    digits = text.strip().replace(",", ".")
    if not _NUMBER.fullmatch(digits):
        raise Refusal(f"“{text.strip()[:MAX_QUOTED]}” is not a number")
    return Decimal(digits)


def value(text: str) -> Value:
    """Return what a cell says of an amount.

    Raises:
        Refusal: it is no amount, or one out of all bounds.
    """
    cell = text.strip()
    if cell.lower() in _UNKNOWN:
        return Value(None)
    if cell.lower() in _TRACES:
        return Value(Amount(0), is_traces=True)
    is_limit = cell.startswith("<")
    exact = number(cell.removeprefix("<"))
    try:
        return Value(Amount.read(exact / 2 if is_limit else exact), is_halved=is_limit)
    except ValueError as error:
        raise Refusal(f"“{cell[:MAX_QUOTED]}” is not an amount") from error


def told(texts: Mapping[str, str], taken: Taken, per: Per = "g") -> Told:
    """Return the nutrients that `texts` tell, rounded as they are stored, with an energy where it takes no guess.

    Raises:
        Refusal: an amount can't be read or can't be, or nothing at all is known.
    """
    values = {code: _first(code, texts, places) for code, places in taken.items()}
    sodium = values.pop(SODIUM, Value(None))
    if sodium.amount is not None and values.get("salt_g", Value(None)).amount is None:
        salt = Amount(salt_of_sodium(sodium.amount / 1000))
        values["salt_g"] = Value(salt, is_halved=sodium.is_halved, is_traces=sodium.is_traces)
    nutrients = Nutrients(**{code: each.amount for code, each in values.items()})
    if nutrients == UNKNOWN:
        raise Refusal("nothing is known of what it holds")
    for wrong in impossible(nutrients, per):
        raise Refusal(f"{wrong.code}: {wrong.message}")
    return Told(
        rounded(with_energy(nutrients)),
        halved=sum(each.is_halved for each in values.values()),
        traces=sum(each.is_traces for each in values.values()),
    )


def _first(code: str, texts: Mapping[str, str], places: Sequence[str]) -> Value:
    try:
        values = (value(texts.get(place, "")) for place in places)
        return next((each for each in values if each.amount is not None), Value(None))
    except Refusal as refusal:
        raise Refusal(f"{code}: {refusal}") from refusal
