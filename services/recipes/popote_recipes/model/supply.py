"""The supply: what a household has, as stock tells it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache
from operator import is_
from typing import Final, NamedTuple, Self
from uuid import UUID

from msgspec import Struct

from popote_kit import quantity
from popote_kit.quantity import Fact, Rate
from popote_recipes.model.things import thing


class Lot(Struct, frozen=True, array_like=True, gc=False):
    """What is left of one purchase; `amount` is in base units of its item's measure."""

    id: UUID
    amount: int
    expires_on: date | None = None
    is_use_by: bool = False
    is_opened: bool = False

    def is_good(self, day: date) -> bool:
        """Whether it may be eaten on a day: past a use-by date it may not."""
        return not (self.is_use_by and self.is_past(day))

    def is_past(self, day: date) -> bool:
        """Whether its date, of either kind, is over."""
        return self.expires_on is not None and self.expires_on < day


class Item(Struct, frozen=True, dict=True, kw_only=True):
    """Something that a household knows, with its lots in the order in which stock takes them.

    `facts` are those by which it counts, the ones that win first.
    """

    id: UUID
    name: str
    food_id: UUID | None = None
    unit: str
    measure: str
    is_staple: bool = False
    facts: list[Fact] = []
    lots: list[Lot] = []

    @cached_property
    def thing(self) -> UUID:
        return thing(self.food_id, self.name)

    @cached_property
    def rates(self) -> Mapping[str, Rate]:
        """What a base unit of each measure that leads to the item's own comes to in it."""
        return _rates(self.measure, tuple(self.facts))

    @cached_property
    def ratios(self) -> Mapping[str, float]:
        """The rates, as far as floating-point numbers tell them."""
        return _ratios(self.measure, tuple(self.facts))

    @property
    def tolerance(self) -> int:
        """Lacking less than this, in its base units, is lacking nothing."""
        return quantity.TOLERANCE[self.measure]


class Stored(NamedTuple):
    """A lot, and the item that it is of."""

    item: Item
    lot: Lot


class Found(NamedTuple):
    """What of a thing may be eaten on a day and counts in a measure: lots in the order in which they are taken.

    Of each lot it has the rate by which the measure counts in it, and what is left in it, in base units of its item;
    `whole` is what all of it comes to, in base units of the measure.
    """

    lots: Sequence[tuple[Stored, Rate, int]]
    whole: Fraction

    @classmethod
    def of(cls, lots: Sequence[tuple[Stored, Rate, int]]) -> Self:
        amounts: defaultdict[Fraction, int] = defaultdict(int)
        for _, rate, amount in lots:
            amounts[rate.ratio] += amount
        return cls(lots, sum((amount / ratio for ratio, amount in amounts.items()), Fraction(0)))


@lru_cache(maxsize=8192)  # what is told of a food is told of many items, and again whenever the stock changes
def _rates(measure: str, facts: tuple[Fact, ...]) -> Mapping[str, Rate]:
    return quantity.rates(measure, facts)


@lru_cache(maxsize=8192)
def _ratios(measure: str, facts: tuple[Fact, ...]) -> Mapping[str, float]:
    return {each: float(rate.ratio) for each, rate in _rates(measure, facts).items()}


ANY: Final = ""  # the measure of what is asked for without an amount


class _Row(Struct):
    have: float = 0.0
    soon: float = 0.0
    slack: float = 0.0


class Columns(NamedTuple):
    """What there is of each thing, once for each measure that facts lead from, in base units of that.

    `soon` is what of it expires soon, `enough` how much may be asked for before it lacks what a scale would show.
    Under the measure `ANY` stands, once for each thing, that there is some.
    """

    things: Sequence[UUID]
    measures: Sequence[str]
    have: Sequence[float]
    soon: Sequence[float]
    enough: Sequence[float]


class Shelf:
    """The items that are one thing, and what was found among them: what is told of a day is kept until another's is."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self._found: dict[tuple[date, str], Found] = {}
        self._rows: dict[tuple[date, date], Mapping[str, _Row]] = {}

    def is_of(self, items: Sequence[Item]) -> bool:
        """Whether it has these very items."""
        return len(items) == len(self.items) and all(map(is_, items, self.items))

    @cached_property
    def lots(self) -> Sequence[Stored]:
        """The lots of all its items, in the order in which they are taken.

        What is opened goes first, then what keeps least long; what has no date goes last.
        """
        return sorted((Stored(item, lot) for item in self.items for lot in item.lots), key=_soonest)

    def found(self, measure: str, day: date) -> Found:
        """Return what may be eaten on a day, as far as facts lead to it from `measure`."""
        if (day, measure) not in self._found:
            self._found = {key: found for key, found in self._found.items() if key[0] == day}
            self._found[day, measure] = self._find(measure, day)
        return self._found[day, measure]

    def _find(self, measure: str, day: date) -> Found:
        return Found.of(
            [
                (stored, rate, stored.lot.amount)
                for stored in self.lots
                if stored.lot.is_good(day) and (rate := stored.item.rates.get(measure))
            ]
        )

    def rows(self, day: date, end: date) -> Mapping[str, _Row]:
        """Return what may be eaten on a day, by measure; what expires before `end` expires soon."""
        if (day, end) not in self._rows:
            self._rows = {(day, end): _rows(self.items, day, end)}
        return self._rows[day, end]


_EMPTY: Final = Shelf(())


class Supply(Struct, frozen=True, dict=True, kw_only=True):
    """All that a household has on its date `today`; `freezers` are the ids of its places that freeze."""

    today: date
    freezers: list[UUID] = []
    items: list[Item] = []

    def items_of(self, thing_id: UUID) -> Sequence[Item]:
        """Return the items that are a thing, in stock or not."""
        return self._shelf(thing_id).items

    def stored(self, thing_id: UUID) -> Sequence[Stored]:
        """Return the lots of a thing, of all its items, in the order in which they are taken."""
        return self._shelf(thing_id).lots

    def found(self, thing_id: UUID, measure: str, day: date) -> Found:
        """Return what of a thing may be eaten on a day, as far as facts lead to it from `measure`."""
        return self._shelf(thing_id).found(measure, day)

    def capacity(self, thing_id: UUID, measure: str | None, day: date) -> Fraction:
        """Return how many base units of `measure` of a thing may be eaten on a day, as far as facts lead there.

        Without a measure it is how many lots.
        """
        if measure is not None:
            return self.found(thing_id, measure, day).whole
        return Fraction(sum(stored.lot.is_good(day) for stored in self.stored(thing_id)))

    def take_over(self, before: Self) -> None:
        """Take over what was found in an earlier supply among items that are in this one too, those very ones."""
        for thing_id, shelf in before._shelves.items():
            if thing_id in self._shelves and shelf.is_of(self.items_of(thing_id)):
                self._shelves[thing_id] = shelf

    @cached_property
    def by_id(self) -> Mapping[UUID, Item]:
        return {item.id: item for item in self.items}

    def columns(self, day: date, days: int) -> Columns:
        """Return what may be eaten on a day, and what of it expires within `days` of it; the last answer is kept."""
        if (day, days) not in self._columns:
            self._columns.clear()
            self._columns[day, days] = self._compute_columns(day, days)
        return self._columns[day, days]

    def _compute_columns(self, day: date, days: int) -> Columns:
        end = day + timedelta(days + 1)
        rows = [
            (thing_id, measure, row)
            for thing_id, shelf in self._shelves.items()
            for measure, row in shelf.rows(day, end).items()
        ]
        return Columns(
            [thing_id for thing_id, _, _ in rows],
            [measure for _, measure, _ in rows],
            [row.have for _, _, row in rows],
            [row.soon for _, _, row in rows],
            [row.have + row.slack for _, _, row in rows],
        )

    @cached_property
    def staples(self) -> list[UUID]:
        """What the household always has."""
        return list({item.thing for item in self.items if item.is_staple})

    def _shelf(self, thing_id: UUID) -> Shelf:
        return self._shelves.get(thing_id, _EMPTY)

    @cached_property
    def _shelves(self) -> dict[UUID, Shelf]:
        items = defaultdict(list)
        for item in self.items:
            items[item.thing].append(item)
        return {thing_id: Shelf(some) for thing_id, some in items.items()}

    @cached_property
    def _columns(self) -> dict[tuple[date, int], Columns]:
        return {}


def _rows(items: Sequence[Item], day: date, end: date) -> Mapping[str, _Row]:
    rows: dict[str, _Row] = {}
    for item in items:
        good = [lot for lot in item.lots if lot.is_good(day)]
        if amount := sum(lot.amount for lot in good):
            soon, tolerance = sum(lot.amount for lot in good if lot.is_past(end)), item.tolerance
            rows.setdefault(ANY, _Row(have=1, slack=tolerance / amount))
            for measure, ratio in item.ratios.items():
                row = rows.setdefault(measure, _Row())
                row.have += amount / ratio
                row.soon += soon / ratio
                row.slack = max(row.slack, tolerance / ratio)
    return rows


def _soonest(stored: Stored) -> tuple[bool, date]:
    return not stored.lot.is_opened, stored.lot.expires_on or date.max
