"""The pantry: what is there for the lines of recipes, and which lots they take."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from popote_kit.quantity import Amount, Quantity, Rate, unit
from popote_recipes.model.supply import Found, Stored, Supply
from popote_recipes.model.things import WATER

Status = Literal["enough", "short", "missing", "unknown_conversion", "unmatched", "staple", "to_taste"]

# Which of a line's options serves: the first that is whole, else what is always there, else the nearest to it.
_PREFERENCE: Final[Sequence[Status]] = ("enough", "staple", "short", "unknown_conversion")
COVERED: Final[frozenset[Status]] = frozenset({"enough", "staple", "to_taste"})
UNKNOWN: Final[frozenset[Status]] = frozenset({"unknown_conversion", "unmatched"})
_DECIMALS: Final = 6  # of what is shown: a millionth of a cup is less than can be taken
_ONCE: Final = Fraction(1)


class Option(Struct, frozen=True, kw_only=True):
    """What a line asks for, or what may stand for it: so many base units of what `unit` measures, or some of it.

    `unit` is the one that it is written in; `is_food` tells that the thing is a food, and no mere name.
    """

    thing_id: UUID
    name: str
    is_food: bool = True
    unit: str | None = None
    units: int | None = None

    @property
    def measure(self) -> str | None:
        return unit(self.unit).measure if self.unit else None


class Slot(Struct, frozen=True, kw_only=True):
    """A line of a recipe with its options, what it names first; without any it is to taste."""

    line: str
    options: Sequence[Option] = ()


class Take(Struct, frozen=True):
    """So many base units out of a lot."""

    item_id: UUID
    lot_id: UUID
    units: int


class Served(Struct, frozen=True, kw_only=True):
    """What is there for a line: of `option`, which is `instead` of what it names if that says so.

    `need`, `have` and `short` are in the unit of that option, None where they can't be told; `lacks` is what is short
    in base units of its measure, exactly.
    """

    line: str
    status: Status
    option: Option | None = None
    need: Quantity | None = None
    have: Quantity | None = None
    short: Quantity | None = None
    lacks: Fraction | None = None
    takes: Sequence[Take] = ()
    is_past_best_before: bool = False
    is_approximate: bool = False
    instead: str | None = None


class _Part(Struct, frozen=True):
    """What may be taken of a lot, by which rate, and what is in it, both in base units of its item."""

    stored: Stored
    rate: Rate
    units: int
    left: int


class _Offer(Struct, frozen=True, kw_only=True):
    """What there is for an option; amounts are in base units of its measure."""

    option: Option
    status: Status
    need: Fraction | None = None
    have: Fraction | None = None
    lacks: Fraction = Fraction(0)
    parts: Sequence[_Part] = ()
    is_past: bool = False


class Pantry:
    """A supply of which each line that is served reserves what it takes, so that the next finds less.

    With `staples`, what the household always has covers what is short of it. Water is there whatever happens.
    """

    def __init__(self, supply: Supply, *, staples: bool = True) -> None:
        self._supply = supply
        self._staples = staples
        self._left: dict[UUID, int] = {}  # in lots, and of which things that is less than there was
        self._touched: set[UUID] = set()

    def serve(self, slot: Slot, day: date, scale: Fraction = _ONCE) -> Served:
        """Take `scale` times what a line asks for: what is opened first, then what keeps least long on that day.

        What is past its use-by date is left alone. Of several options the first that is there whole is taken, and
        never two together; where none is, what is there of the first that is there at all.
        """
        if not slot.options:
            return Served(line=slot.line, status="to_taste")
        offer = min((self._offer(option, day, scale) for option in slot.options), key=_preference)
        for part in offer.parts:
            self._reserve(part)
        return _served(slot, offer)

    def _offer(self, option: Option, day: date, scale: Fraction) -> _Offer:
        need = None if option.units is None else option.units * scale
        if option.thing_id in WATER:
            return _Offer(option=option, status="staple", need=need, have=need)
        if need is None:
            return self._some(option, day)
        found = self._found(option, day)
        parts, lacks = _share_out(need, found.lots)
        why = "short" if found.lots else self._absent(option, day)
        return _Offer(
            option=option,
            status="enough" if not lacks else "staple" if self._is_staple(option) else why,
            need=need,
            have=None if why in UNKNOWN else found.whole,
            lacks=lacks,
            parts=parts,
            is_past=any(part.stored.lot.is_past(day) for part in parts),
        )

    def _some(self, option: Option, day: date) -> _Offer:
        """Look for a thing of which nobody said how much: any of it is enough, and none is taken."""
        first = next(self._good(option, day), None)
        if first:
            return _Offer(option=option, status="enough", is_past=first[0].lot.is_past(day))
        return _Offer(option=option, status="staple" if self._is_staple(option) else self._absent(option, day))

    def _absent(self, option: Option, day: date) -> Status:
        """Say why nothing that counts is there for an option."""
        if next(self._good(option, day), None):
            return "unknown_conversion"
        if option.is_food or self._supply.items_of(option.thing_id):
            return "missing"
        return "unmatched"

    def _is_staple(self, option: Option) -> bool:
        return self._staples and any(item.is_staple for item in self._supply.items_of(option.thing_id))

    def _found(self, option: Option, day: date) -> Found:
        found = self._supply.found(option.thing_id, option.measure or "", day)
        if option.thing_id not in self._touched:
            return found
        kept = [(stored, rate, self._left.get(stored.lot.id, amount)) for stored, rate, amount in found.lots]
        return Found.of([each for each in kept if each[2]])

    def _good(self, option: Option, day: date) -> Iterator[tuple[Stored, int]]:
        for stored in self._supply.stored(option.thing_id):
            left = self._left.get(stored.lot.id, stored.lot.amount)
            if left and stored.lot.is_good(day):
                yield stored, left

    def _reserve(self, part: _Part) -> None:
        left = part.left - part.units
        self._touched.add(part.stored.item.thing)
        self._left[part.stored.lot.id] = left if left >= part.stored.item.tolerance else 0


def _share_out(need: Fraction, found: Sequence[tuple[Stored, Rate, int]]) -> tuple[list[_Part], Fraction]:
    """Return the parts that come to `need`, and what is lacking; what a scale would not show is nothing."""
    parts = []
    for stored, rate, left in found:
        if not need:
            break
        wanted = need * rate.ratio
        units = min(left, round(wanted))
        if units:
            parts.append(_Part(stored, rate, units, left))
        if units < left or wanted - units < stored.item.tolerance:
            need = Fraction(0)
        else:
            need -= units / rate.ratio
    return parts, need


def _preference(offer: _Offer) -> int:
    return _PREFERENCE.index(offer.status) if offer.status in _PREFERENCE else len(_PREFERENCE)


def _served(slot: Slot, offer: _Offer) -> Served:
    is_covered, is_known = offer.status in COVERED, offer.have is not None
    lacks = Fraction(0) if is_covered else offer.lacks
    option, code = offer.option, offer.option.unit
    is_instead = option.thing_id != slot.options[0].thing_id and offer.status in _PREFERENCE
    return Served(
        line=slot.line,
        status=offer.status,
        option=option,
        need=shown(offer.need, code),
        have=shown(offer.have, code),
        short=shown(lacks, code) if is_known or is_covered else None,
        lacks=lacks if is_known or is_covered else None,
        takes=[Take(part.stored.item.id, part.stored.lot.id, part.units) for part in offer.parts],
        is_past_best_before=offer.is_past,
        is_approximate=any(part.rate.is_approximate for part in offer.parts),
        instead=option.name if is_instead else None,
    )


def shown(units: Fraction | None, code: str | None) -> Quantity | None:
    """Return base units in the unit `code`, rounded half-even to six decimals; None where one of both is."""
    if units is None or code is None:
        return None
    amount = round(Fraction(units.numerator * 10**_DECIMALS, units.denominator * unit(code).base))
    return Quantity(Amount(Decimal(amount).scaleb(-_DECIMALS).normalize() + 0), code)
