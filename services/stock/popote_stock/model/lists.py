"""Shopping lists: lines that add up, ticks that agree whatever order they come in, aisles that are learned."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Self
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from popote_kit import quantity
from popote_kit.problems import TooMany
from popote_kit.quantity import MAX_BASE, Quantity, TooMuch, UnknownConversion
from popote_stock.model.items import Item

MAX_LISTS: Final = 50
MAX_LIST_LINES: Final = 500
MAX_NOTE: Final = 500  # characters


class ShoppingList(Struct, frozen=True):
    """A list; `aisles` are categories in the order in which its shop has them."""

    id: UUID
    name: str
    aisles: list[UUID]
    version: int
    created_at: datetime


class Mark(Struct, frozen=True, order=True):
    """A line was ticked, or was not, at a moment. The greatest mark counts: the last, and of one moment the tick."""

    at: datetime
    is_ticked: bool
    by: UUID


NEVER: Final = Mark(datetime(1970, 1, 1, tzinfo=UTC), is_ticked=False, by=UUID(int=0))


class Line(Struct, frozen=True, kw_only=True):
    """Something to buy: an item, or what is only known by its `name`.

    `amount` is in base units of the measure of `unit`; None: some.
    """

    id: UUID
    list_id: UUID
    item_id: UUID | None = None
    name: str | None = None
    amount: int | None = None
    unit: str | None = None
    note: str = ""
    is_ticked: bool = False
    marked_at: datetime | None = None
    marked_by: UUID | None = None
    created_at: datetime

    @property
    def measure(self) -> str | None:
        return _measure(self.unit)

    @property
    def quantity(self) -> Quantity | None:
        return quantity.show(self.amount, self.unit) if self.amount and self.unit else None

    @property
    def mark(self) -> Mark:
        if self.marked_at is None or self.marked_by is None:
            return NEVER
        return Mark(self.marked_at, self.is_ticked, self.marked_by)


class Listed(Line, frozen=True, kw_only=True):
    """A line with what is to be told of its item; `title` is its name, `key` what spellings of that share."""

    title: str
    key: str
    category_id: UUID | None = None
    version: int = 0

    def marked(self, mark: Mark) -> "Listed":
        """Return the line with the greater of its mark and this one."""
        last = max(self.mark, mark)
        if last == NEVER:
            return self
        return replace(self, is_ticked=last.is_ticked, marked_at=last.at, marked_by=last.by)


def mark(*, is_ticked: bool, at: datetime, by: UUID, now: datetime) -> Mark:
    """Return a mark of a moment that has been: a clock that is fast does not outdo everyone else."""
    return Mark(max(NEVER.at, min(at, now)).astimezone(UTC), is_ticked, by)


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to be on a list: an item, or what is only known by its name; amounts as a line's.

    Where not `is_countable` it is called like an item that can't be counted in this unit.
    """

    title: str
    key: str
    item: Item | None = None
    amount: int | None = None
    unit: str | None = None
    note: str = ""
    is_countable: bool = True

    @classmethod
    def of_item(cls, item: Item, amount: int | None) -> Self:
        return cls(title=item.name, key=item.name_key, item=item, amount=amount, unit=item.unit if amount else None)

    @property
    def measure(self) -> str | None:
        return _measure(self.unit)

    @property
    def what(self) -> tuple[object, ...]:
        """What it has in common with everything that adds up with it."""
        return (self.item.id,) if self.item else (self.key, self.measure)


def _measure(unit: str | None) -> str | None:
    return quantity.unit(unit).measure if unit else None


class Sheet:
    """A list as things are put on it.

    `changed` are lines to store, `absorbed` ids that became part of others; `uncountable` are lines called like an item
    that can't be counted in their unit.
    """

    def __init__(self, list_id: UUID, lines: Iterable[Listed], known: Iterable[UUID] = ()) -> None:
        """`known` are ids of lines that were on this list, or are on another."""
        self._list_id = list_id
        self._lines = {line.id: line for line in lines}
        self._known = set(known)
        self.changed: dict[UUID, Listed] = {}
        self.absorbed: list[UUID] = []
        self.uncountable: set[UUID] = set()

    def add(self, wanted: Wanted, id: UUID, mark: Mark) -> UUID | None:
        """Put something on the list, on an unticked line of the same where there is one; return the id of its line.

        What was put there before, by the same `id`, is not put there again; None: it has left since.

        Raises:
            TooMany: the list has 500 lines.
            TooMuch: a line would come to more than can be counted.
        """
        place = self._place(wanted, id, mark)
        if place and not wanted.is_countable:
            self.uncountable.add(place)
        return place

    def _place(self, wanted: Wanted, id: UUID, mark: Mark) -> UUID | None:
        if id in self._lines:
            return id
        line = next((line for line in self._lines.values() if _adds_up(line, wanted)), None)
        if id in self._known:
            return line.id if line else None
        self._known.add(id)
        if line:
            self.absorbed.append(id)
            self._put(_raised(line, wanted, mark))
            return line.id
        if len(self._lines) >= MAX_LIST_LINES:
            raise TooMany(limit=MAX_LIST_LINES)
        self._put(_new(self._list_id, wanted, id, mark.at))
        return id

    def _put(self, line: Listed) -> None:
        if self._lines.get(line.id) != line:
            self._lines[line.id] = self.changed[line.id] = line


class ToBuy:
    """What stands on lists; a name counts as the item that is called so."""

    def __init__(self, lines: Iterable[Listed]) -> None:
        self._lines: defaultdict[UUID | str, list[Listed]] = defaultdict(list)
        for line in lines:
            self._lines[line.item_id or line.key].append(line)

    def amount_of(self, wanted: Wanted) -> int:
        """Return how much there is of what is wanted, in base units."""
        return sum(_amount_of(line, wanted) for line in self._called(wanted))

    def lines_of(self, wanted: Wanted) -> list[Listed]:
        """Return the lines that some of what is wanted stands on."""
        return [line for line in self._called(wanted) if wanted.amount is None or _amount_of(line, wanted)]

    def _called(self, wanted: Wanted) -> Iterable[Listed]:
        own = self._lines[wanted.item.id] if wanted.item else []
        return (*own, *self._lines[wanted.key])


def _adds_up(line: Listed, wanted: Wanted) -> bool:
    if line.is_ticked or line.item_id != (wanted.item.id if wanted.item else None):
        return False
    is_same = wanted.item is not None or line.key == wanted.key
    return is_same and (None in (line.measure, wanted.measure) or line.measure == wanted.measure)


def _raised(line: Listed, wanted: Wanted, mark: Mark) -> Listed:
    """Return the line with what is wanted beside; a tick from before this moment spoke of less."""
    line = replace(line, note=_together(line.note, wanted.note))
    if wanted.amount is None:
        return line
    amount = (line.amount or 0) + wanted.amount
    if amount > MAX_BASE:
        raise TooMuch
    return replace(line, amount=amount, unit=line.unit or wanted.unit).marked(mark)


def _together(note: str, more: str) -> str:
    """Return both notes; where that would be too long, the first."""
    if not more or more in note.split("\n"):
        return note
    both = f"{note}\n{more}" if note else more
    return both if len(both) <= MAX_NOTE else note


def _new(list_id: UUID, wanted: Wanted, id: UUID, now: datetime) -> Listed:
    return Listed(
        id=id,
        list_id=list_id,
        item_id=wanted.item.id if wanted.item else None,
        name=None if wanted.item else wanted.title,
        amount=wanted.amount,
        unit=wanted.unit,
        note=wanted.note,
        created_at=now,
        title=wanted.title,
        key=wanted.key,
        category_id=wanted.item.category_id if wanted.item else None,
    )


def _amount_of(line: Listed, wanted: Wanted) -> int:
    """Return how much the line holds of what is wanted, which it is called; 0 where that can't be counted."""
    if line.amount is None or line.quantity is None:
        return 0
    if wanted.item is None:
        return line.amount if line.measure == wanted.measure else 0
    try:
        return wanted.item.in_base(line.quantity)
    except UnknownConversion:
        return 0
