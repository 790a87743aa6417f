"""What a GS1 barcode tells beside the product: its dates, its lot, its weight.

It comes as an element string (GS1-128, DataMatrix, DataBar) or as a Digital Link, the URL in a GS1 QR code.
Source: GS1 General Specifications, sections 3 (application identifiers) and 7.12 (centuries); GS1 Digital Link 1.4.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from popote_kit.quantity import Amount, Quantity
from popote_stock.errors import NoGtin, WrongCharacters, WrongDate, WrongLength
from popote_stock.model.barcode import LENGTHS, gtin

MAX_SCAN: Final = 500  # characters
MAX_LOT: Final = 20  # characters
MAX_PARAMETERS: Final = 50  # of a Digital Link
SEPARATOR: Final = "\x1d"  # FNC1, as scanners write it

PRODUCT: Final = "01"
CONTENT: Final = "02"  # the product inside of a case or on a pallet
LOT: Final = "10"
BEST_BEFORE: Final = "15"
USE_BY: Final = "17"
COUNTS: Final = ("30", "37")
# The unit of a net amount, and how many of them one is. The last digit of the identifier counts the decimals.
MEASURES: Final[Mapping[str, tuple[str, int]]] = {
    "310": ("kg", 1),
    "315": ("l", 1),
    "316": ("l", 1000),
    "320": ("lb", 1),
}

# How long an element is, identifier and all, by its first two digits; others end at a separator.
FIXED: Final[Mapping[str, int]] = {
    "00": 20,
    **dict.fromkeys(("01", "02", "03"), 16),
    "04": 18,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 8),
    "20": 4,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 10),
    "41": 16,
}
_SYMBOLOGY: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")  # what a scanner may put in front: "]C1", "]d2"
_MEASURE: Final = re.compile(r"(310|315|316|320)([0-9])")
_NET: Final = re.compile(r"[0-9]{6}")
_COUNT: Final = re.compile(r"[0-9]{1,8}")
_DATE: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")
_LINK: Final = re.compile(r"https?://", re.IGNORECASE)
_LINKED_PRODUCT: Final = re.compile(r"/(?:01|gtin)/(?P<gtin>[^/]+)(?P<rest>(?:/[^/]+/[^/]+)*)/?$")


class Scan(msgspec.Struct, frozen=True):
    """What one barcode tells; `quantity` is the net weight, volume or count of what bears it."""

    gtin: str
    best_before: date | None = None
    use_by: date | None = None
    lot: str | None = None
    quantity: Quantity | None = None


def read(text: str, today: date) -> Scan:
    """Return what the scanned `text` tells: plain digits, a GS1 element string, or a Digital Link on any host.

    Its years have two digits, and are those within 49 years before and 50 years after `today`.

    Raises:
        BadBarcode: it is none of these; the kind tells why.
    """
    if _LINK.match(text):
        return _scan(dict(_linked(text)), today)
    bare = text[3:] if _SYMBOLOGY.match(text) else text
    if bare.isdigit() and len(bare) in LENGTHS:
        return Scan(gtin(bare))
    return _scan(dict(_elements(bare)), today)


def _elements(text: str) -> Iterator[tuple[str, str]]:
    """Give the elements of an element string; those that are not read here come under a shortened identifier."""
    if not (text.isascii() and text.replace(SEPARATOR, "").isprintable()):
        raise WrongCharacters
    rest = text.lstrip(SEPARATOR)
    while rest:
        start = rest[:2]
        if not start.isdigit():
            raise WrongCharacters
        length = FIXED.get(start) or max(rest.find(SEPARATOR), 0) or len(rest)
        element, rest = rest[:length], rest[length:].lstrip(SEPARATOR)
        cut = 4 if start.startswith("3") and start in FIXED else 2
        if len(element) < FIXED.get(start, cut + 1) or SEPARATOR in element:
            raise WrongLength
        yield element[:cut], element[cut:]


def _linked(text: str) -> Iterator[tuple[str, str]]:
    """Give the elements of a Digital Link: those of its path, then those of its query."""
    try:
        link = urlsplit(text)
        parameters = parse_qsl(link.query, max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise WrongCharacters from error
    product = _LINKED_PRODUCT.search(link.path)
    if product is None:
        raise NoGtin
    yield from parameters
    steps = product["rest"].split("/")[1:]
    yield from ((key, unquote(value)) for key, value in zip(steps[::2], steps[1::2], strict=True))
    yield PRODUCT, product["gtin"]


def _scan(elements: Mapping[str, str], today: date) -> Scan:
    number = elements.get(PRODUCT) or elements.get(CONTENT)
    if number is None:
        raise NoGtin
    return Scan(
        gtin=gtin(number),
        best_before=_date(elements.get(BEST_BEFORE), today),
        use_by=_date(elements.get(USE_BY), today),
        lot=_lot(elements.get(LOT)),
        quantity=_measure(elements) or _count(elements),
    )


def _lot(text: str | None) -> str | None:
    if text is not None and len(text) > MAX_LOT:
        raise WrongLength
    if text is not None and not (text.isascii() and text.isprintable()):
        raise WrongCharacters
    return text or None


def _date(text: str | None, today: date) -> date | None:
    """Return the date written YYMMDD; the day 00 is the last of its month."""
    if text is None:
        return None
    if not (written := _DATE.fullmatch(text)):
        raise WrongDate
    short, month, day = map(int, written.groups())
    year = _full_year(short, today.year)
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError as error:  # also what a month that is none raises
        raise WrongDate from error


def _full_year(short: int, current: int) -> int:
    """Return the year ending in `short` that lies within 49 years before and 50 years after `current`."""
    ahead = (short - current) % 100
    return current + (ahead if ahead <= 50 else ahead - 100)  # noqa: PLR2004 - the rule's own number


def _measure(elements: Mapping[str, str]) -> Quantity | None:
    for identifier, text in elements.items():
        if found := _MEASURE.fullmatch(identifier):
            unit, factor = MEASURES[found[1]]
            return _quantity(_number(text, _NET).scaleb(-int(found[2])) * factor, unit)
    return None


def _count(elements: Mapping[str, str]) -> Quantity | None:
    text = next((elements[identifier] for identifier in COUNTS if identifier in elements), None)
    return None if text is None else _quantity(_number(text, _COUNT), "piece")


def _number(text: str, form: re.Pattern[str]) -> Decimal:
    if not (text.isascii() and text.isdigit()):
        raise WrongCharacters
    if not form.fullmatch(text):
        raise WrongLength
    return Decimal(text)


def _quantity(amount: Decimal, unit: str) -> Quantity | None:
    """Return the quantity, or None where there is nothing: a scale that was not asked prints zeros."""
    return Quantity(Amount(amount), unit) if amount else None
