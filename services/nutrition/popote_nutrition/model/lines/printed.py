"""A line printed anew, in one form."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from popote_kit.quantity import Quantity
from popote_kit.units import unit
from popote_nutrition.model.lines.line import Line, parse
from popote_nutrition.model.lines.text import Language, folded

_SHARES: Final = {
    "5": "1/2", "25": "1/4", "75": "3/4", "333333333": "1/3", "666666667": "2/3", "125": "1/8",
}  # fmt: skip
_METRIC: Final = frozenset({"g", "kg", "mg", "ml", "cl", "dl", "l"})
_TASTE: Final = {"en": "to taste", "fr": "au goût"}
_OR: Final = {"en": "or", "fr": "ou"}
_PIECE: Final = "piece"
_THOUSANDS: Final = 3  # digits


def show(line: Line, language: Language = "en") -> str:
    """Return the line in normal form, “1 1/2 cups flour, sifted”: read again, it says the same.

    The few that would be read otherwise are returned as they were written.
    """
    if line.is_section:
        return f"{line.name} :" if language == "fr" else f"{line.name}:"
    return next((text for text in _forms(line, language) if _says(parse(text, language), line)), line.raw)


def _says(one: Line, other: Line) -> bool:
    return (one.quantity, one.at_most, one.name, one.note, one.is_section) == (
        other.quantity, other.at_most, other.name, other.note, other.is_section
    )  # fmt: skip


def _forms(line: Line, language: Language) -> Iterator[str]:
    """Give the line without the word “piece”, and with it."""
    if line.quantity is not None and line.quantity.unit == _PIECE:
        yield _form(line, language, _range(line, language, is_bare=True), "")
    yield _form(line, language, _range(line, language, is_bare=False), _of(line, language))


def _form(line: Line, language: Language, quantity: str, of: str) -> str:
    choices = f" {_OR[language]} ".join([line.name, *line.alternatives])
    named = f"{quantity} {of}{choices}".strip()
    equal = f" ({_quantity(line.equivalent, language)})" if line.equivalent else ""
    taste = _TASTE[language] if line.is_to_taste else None
    return ", ".join(filter(None, [named + equal, line.note, taste]))


def _of(line: Line, language: Language) -> str:
    if language == "en" or line.quantity is None:
        return ""
    return "d'" if folded(line.name)[:1] in "aeiouh" else "de "


def _range(line: Line, language: Language, *, is_bare: bool) -> str:
    low, high = line.quantity, line.at_most
    if low is None:
        return ""
    if high is None:
        return _number(low, language) if is_bare else _quantity(low, language)
    if high.unit != low.unit:
        return f"{_quantity(low, language)} - {_quantity(high, language)}"
    upper = _number(high, language) if is_bare else _quantity(high, language)
    return f"{_number(low, language)} - {upper}"


def _quantity(quantity: Quantity, language: Language) -> str:
    known = unit(quantity.unit)
    word = known.code if known.code in _METRIC else known.name(language, quantity.amount)
    return f"{_number(quantity, language)} {word}"


def _number(quantity: Quantity, language: Language) -> str:
    text = f"{Decimal(quantity.amount):f}"
    whole, _, decimals = text.partition(".")
    if len(decimals) == _THOUSANDS:
        text += "0"  # with three decimals it might be read as thousands
    if quantity.unit not in _METRIC and decimals in _SHARES:
        return f"{whole} {_SHARES[decimals]}" if whole != "0" else _SHARES[decimals]
    return text.replace(".", ",") if language == "fr" else text
