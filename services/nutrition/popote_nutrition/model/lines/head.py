"""The quantity that a line begins with: “2 x 400 g cans”, “1 kg 500”, “225 g (1/2 lb)”, “2 boîtes de 400 g”."""

from fractions import Fraction
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from popote_kit.units import unit
from popote_nutrition.model.lines import tables
from popote_nutrition.model.lines.amounts import Measure, attempt, take_measure, take_one
from popote_nutrition.model.lines.reader import Reader
from popote_nutrition.model.lines.text import Token, folded

GRAMS_DIGITS: Final = 3  # 1 kg 500
SMALLER: Final = {"kg": "g", "l": "ml"}


class Head(Struct, frozen=True):
    """What was read: how much, the same in another measure, and whether packs were multiplied out."""

    measure: Measure
    equivalent: Measure | None = None
    is_multiplied: bool = False


def take_head(reader: Reader) -> Head | None:
    """Return the quantity that stands here with all that belongs to it."""
    first = take_measure(reader)
    if first is None:
        return None
    return _packs(reader, first) or _one_pack(reader, first) or _with_equal(reader, _with_more(reader, first))


def _packs(reader: Reader, count: Measure) -> Head | None:
    """Return “2 x 400 g (cans)”, “1 (14 oz) can”, “2 14-ounce cans”."""
    if count.code is not None or count.upper is not None:
        return None
    start = reader.at
    is_times = reader.take_phrase(tables.TIMES) is not None
    size = _bracketed(reader) or take_measure(reader)
    container = attempt(reader, _container) if size and size.code else None
    if size and size.is_weighed and (is_times or container):
        packs = container and replace(container, amount=count.amount)
        return Head(size.times(count.amount), packs, is_multiplied=count.amount != 1)
    reader.at = start
    if is_times:
        reader.take_phrase(tables.TIMES)
    return None


def _container(reader: Reader) -> Measure | None:
    """Return one of the pack that stands here: “can”, “large tin”."""
    reader.skip("-")
    reader.take_words(tables.AROUND_UNITS[reader.language])
    reader.take_phrase(tables.OF[reader.language])
    code = reader.take_unit()
    return Measure(Fraction(1), code) if code in tables.CONTAINERS else None


def _one_pack(reader: Reader, first: Measure) -> Head | None:
    """Return “400 g tin”, “1 can (14 oz)”, “2 boîtes de 400 g”."""
    if first.is_weighed:
        pack = attempt(reader, _container)
        return Head(first, pack) if pack else None
    if first.code not in tables.CONTAINERS or first.upper is not None:
        return None
    size = attempt(reader, _size)
    if size is None or not size.is_weighed:
        return None
    return Head(size.times(first.amount), replace(first, words=()), is_multiplied=first.amount != 1)


def _size(reader: Reader) -> Measure | None:
    size = _bracketed(reader)
    if size is None:
        is_of = reader.take_phrase(tables.OF[reader.language]) is not None
        size = take_measure(reader) if is_of or reader.language == "en" else None
        reader.take_phrase(tables.EACH)
    return size if size and size.is_weighed else None


def _bracketed(reader: Reader) -> Measure | None:
    """Return the measure that stands here alone in brackets."""
    return attempt(reader, _in_brackets)


def _in_brackets(reader: Reader) -> Measure | None:
    if not reader.skip("("):
        return None
    found = take_measure(reader)
    if found and reader.take_phrase(tables.LIKEWISE):
        take_measure(reader)
    reader.take_phrase(tables.EACH)
    return found if reader.skip(")") else None


def _with_more(reader: Reader, first: Measure) -> Measure:
    """Return `first` with what is added to it in the same measure: “2 lb 4 oz”, “1 cup plus 2 tbsp”, “1 kg 500”."""
    more = attempt(reader, lambda inner: _more(inner, first)) if first.code and first.upper is None else None
    return first.plus(more) if more else first


def _more(reader: Reader, first: Measure) -> Measure | None:
    is_joined = reader.take_phrase(tables.PLUS) is not None
    place = reader.next
    more = take_one(reader)
    if more is None:
        return None
    if more.code is None and not is_joined and first.code in SMALLER and _is_thousandth(place):
        return replace(more, code=SMALLER[first.code])
    is_same = more.code is not None and more.kind == first.kind
    return more if is_same and (is_joined or more.base < first.base) else None


def _is_thousandth(token: Token) -> bool:
    return token.is_number and len(token.text) == GRAMS_DIGITS and token.text.isdecimal()


def _with_equal(reader: Reader, first: Measure) -> Head:
    """Return `first` with the same in another measure behind it: “1 cup (120 g)”, “200 g / 7 oz”."""
    equal = attempt(reader, lambda inner: _equal(inner, first))
    if equal is None or equal.kind == first.kind:
        return Head(first)
    return Head(first, equal)


def _equal(reader: Reader, first: Measure) -> Measure | None:
    if (found := _bracketed(reader)) is not None:
        return found if found.code and found.upper is None else None
    if first.code is None or reader.take_phrase(tables.LIKEWISE) is None:
        return None
    found = take_measure(reader)
    return found if found and found.is_weighed and first.is_weighed and found.upper is None else None


def whole_measure(reader: Reader) -> tuple[Measure, bool] | None:
    """Return the measure that the whole text is, and whether it is that of each piece."""
    reader.take_phrase(tables.EACH)
    head = take_head(reader)
    is_each = reader.take_phrase(tables.EACH) is not None
    reader.take_phrase(tables.ABOUT_AFTER)
    return (head.measure, is_each) if head and reader.is_done else None


def take_implied(reader: Reader) -> Head | None:
    """Return the one unit that “pinch of salt” means."""
    found = attempt(reader, _implied)
    return Head(found) if found else None


def _implied(reader: Reader) -> Measure | None:
    sizes = reader.take_words(tables.AROUND_UNITS[reader.language])
    word = reader.next.key
    code = reader.take_unit()
    if code is None or reader.find_phrase(tables.OF[reader.language]) is None:
        return None
    singulars = {folded(unit(code).en[0]), folded(unit(code).fr[0])}
    return Measure(Fraction(1), code, words=tuple(sizes)) if word in singulars else None
