"""Amounts as lines write them: 1 1/2, ½, “une demi-”, 2 to 3, each with its unit."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from popote_kit.quantity import DECIMALS, MAX_BASE, Amount, Quantity
from popote_kit.quantity import show as from_base
from popote_kit.units import unit
from popote_nutrition.model.lines import tables
from popote_nutrition.model.lines.reader import Reader

MAX_DIGITS: Final = 9
MAX_DENOMINATOR: Final = 16
PIECE: Final = "piece"


class Measure(Struct, frozen=True):
    """An amount as it was read; `code` is None without a unit, `words` are those around the unit (“heaped”)."""

    amount: Fraction
    code: str | None = None
    upper: Fraction | None = None
    upper_code: str | None = None
    words: tuple[str, ...] = ()
    is_guessed: bool = False

    @property
    def kind(self) -> str:
        """What it measures: mass, volume, or what is counted."""
        return unit(self.code or PIECE).measure

    @property
    def is_weighed(self) -> bool:
        return self.kind in tables.MEASURED

    @property
    def base(self) -> Fraction:
        return self.amount * unit(self.code or PIECE).base

    def times(self, count: Fraction) -> "Measure":
        return replace(self, amount=self.amount * count, upper=self.upper and self.upper * count)

    def plus(self, other: "Measure") -> "Measure":
        """Return both together, in the unit of this one where that is exact."""
        total = from_base(round(self.base + other.base), self.code or PIECE)
        return replace(self, amount=Fraction(total.amount), code=total.unit, words=(*self.words, *other.words))

    def quantity(self) -> Quantity | None:
        return _quantity(self.amount, self.code)

    def at_most(self) -> Quantity | None:
        """Return the upper end of a range; None where it is none."""
        if self.upper is None:
            return None
        code = self.upper_code or self.code
        is_more = self.upper * unit(code or PIECE).base > self.base
        return _quantity(self.upper, code) if is_more else None


def _quantity(amount: Fraction, code: str | None) -> Quantity | None:
    """Return it to nine decimals; None where that is nothing or more than can be kept."""
    known = unit(code or PIECE)
    if amount * known.base > MAX_BASE or amount >= 10**MAX_DIGITS:
        return None
    whole = round(amount * 10**DECIMALS)
    if amount and not whole:
        return None
    text = f"{whole // 10**DECIMALS}.{whole % 10**DECIMALS:0{DECIMALS}}".rstrip("0").rstrip(".")
    return Quantity(Amount(text), known.code)


def attempt(reader: Reader, read: Callable[[Reader], Measure | None]) -> Measure | None:
    """Return what `read` finds; where it finds nothing, nothing is passed."""
    start = reader.at
    found = read(reader)
    if found is None:
        reader.at = start
    return found


def take_measure(reader: Reader) -> Measure | None:
    """Return the amount, or the range of amounts, that stands here, with its unit."""
    return attempt(reader, _measure)


def _measure(reader: Reader) -> Measure | None:
    reader.take_phrase(tables.ABOUT_BEFORE)
    is_between = reader.take_phrase(tables.BETWEEN) is not None
    if not is_between and reader.language == "fr" and reader.next.key == "de":
        reader.at += 1
    low = take_one(reader)
    if low is None:
        return None
    reader.take_phrase(tables.ABOUT_AFTER)
    high = attempt(reader, lambda inner: _upper(inner, low, is_between=is_between))
    reader.take_phrase(tables.ABOUT_AFTER)
    return high or low


def _upper(reader: Reader, low: Measure, *, is_between: bool) -> Measure | None:
    """Return `low` with the upper end of its range, which is in the same measure."""
    separators = tables.UP_TO[reader.language] | (tables.AND if is_between else {})
    separator = reader.take_phrase(separators)
    high = take_one(reader) if separator else None
    if high is None or (low.code and not _is_range(low, high, separator)):
        return None
    return replace(
        low,
        code=low.code or high.code,
        upper=high.amount,
        upper_code=high.code,
        words=(*low.words, *high.words),
        is_guessed=low.is_guessed or high.is_guessed,
    )


def _is_range(low: Measure, high: Measure, separator: str | None) -> bool:
    """Tell whether two amounts with units are a range; “225 g / 8 oz” is the same twice."""
    if separator in ("/", "or", "ou"):
        return high.code == low.code
    return high.code is not None and high.kind == low.kind


def take_one(reader: Reader) -> Measure | None:
    """Return the one amount that stands here, with its unit."""
    return attempt(reader, _one)


def _one(reader: Reader) -> Measure | None:
    amount = take_amount(reader)
    if amount is None:
        return None
    start = reader.at
    if amount.denominator > 1 or reader.ahead(-1).is_word:
        reader.take_phrase(tables.OF_UNIT[reader.language])
        start = reader.at = reader.at + (reader.next.text == "-" and reader.touches(0) and reader.ahead(-1).is_word)
    found = attempt(reader, lambda inner: _with_unit(inner, amount))
    if found is None:
        reader.at = start
    return found or Measure(amount)


def _with_unit(reader: Reader, amount: Fraction) -> Measure | None:
    if reader.next.text == "-":
        reader.at += 1
    around = tables.AROUND_UNITS[reader.language]
    before = reader.take_words(around)
    spelling = reader.next.key
    code = reader.take_unit()
    if code is None:
        return None
    if reader.next.text == ".":
        reader.at += 1
    amount += reader.take_phrase(tables.AND_A_HALF) or 0
    behind = [] if code in tables.CONTAINERS else reader.take_words(around)
    return Measure(
        amount, code, words=(*before, *behind), is_guessed=reader.language == "en" and spelling in tables.GUESSED
    )


def take_amount(reader: Reader) -> Fraction | None:
    """Return the number that stands here, in digits or words; None for an hour, a heat, or a name like “5-spice”."""
    if reader.find_phrase(tables.NO_AMOUNTS[reader.language]):
        return None
    start = reader.at
    named = tables.NUMBERS[reader.language]
    amount = _digits(reader) if reader.next.is_number else reader.take_phrase(named)
    if amount is None or _is_something_else(reader):
        reader.at = start
        return None
    return amount + (reader.take_phrase(tables.AND_A_HALF) or 0)


def _is_something_else(reader: Reader) -> bool:
    if reader.next.key in tables.NOT_MEASURED or (reader.next.key in tables.LENGTHS and not reader.is_done):
        return True
    if not (reader.touches(0) and reader.next.text == "-" and reader.touches(1)):
        return False
    if reader.ahead(1).is_number or reader.ahead(-1).is_word:
        return False
    ahead = Reader(reader.text[reader.ahead(1).start :], reader.language)
    return ahead.take_unit() is None and ahead.next.key not in tables.UP_TO_WORDS


def _digits(reader: Reader) -> Fraction | None:
    first = _number(reader)
    if first is None:
        return None
    if first == 1 and (half := reader.take_phrase(tables.HALVES)):
        return half
    if first.denominator > 1:
        return first
    if (share := _over(reader, first)) is not None:
        return share
    return first + (_fraction_behind(reader) or 0)


def _number(reader: Reader) -> Fraction | None:
    text = reader.next.text.replace(",", ".")
    if not reader.next.is_number or len(text) > MAX_DIGITS or not text.replace(".", "").isdecimal():
        return None
    reader.at += 1
    return Fraction(Decimal(text))


def _over(reader: Reader, above: Fraction) -> Fraction | None:
    """Return the fraction that `above` begins: “/2”."""
    start = reader.at
    if reader.skip("/"):
        below = _number(reader)
        if below and below.denominator == 1 and 1 < below <= MAX_DENOMINATOR:
            return above / below
    reader.at = start
    return None


def _fraction_behind(reader: Reader) -> Fraction | None:
    """Return the 1/2 of “1 1/2”, “1 et 1/2”, “1-1/2”."""
    start = reader.at
    reader.take_phrase(tables.JOINS_FRACTION)
    above = _number(reader)
    share = _over(reader, above) if above is not None and above.denominator == 1 else None
    if share is None or share >= 1 or share == 0:
        reader.at = start
        return None
    return share
