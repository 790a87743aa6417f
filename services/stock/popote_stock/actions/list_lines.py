"""What stands on shopping lists: put there, changed, ticked in the shop."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Self
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import UNSET
from msgspec.structs import replace

from popote_kit import quantity, sync
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.problems import at
from popote_kit.quantity import PositiveQuantity, UnknownConversion
from popote_stock import events, queries
from popote_stock.actions.items import items_with
from popote_stock.model.items import Item, countable
from popote_stock.model.lists import Line, Listed, Mark, Sheet, Wanted, mark
from popote_stock.wire.common import check_one_of
from popote_stock.wire.lists import EditLine, NewLine, Something, Tick


class Names(NamedTuple):
    """What a request names: items by id, items by what the spellings of a name share, and that by name."""

    by_id: dict[UUID, Item]
    by_key: dict[str, Item]
    keys: dict[str, str]

    def item(self, asked: Something) -> Item | None:
        if asked.item_id:
            return self.by_id[asked.item_id]
        return self.by_key.get(self.keys[(asked.name or "").strip()])

    def wanted(self, asked: Something) -> Wanted:
        """Return what is asked for. A name means the item that is called so, where it can be counted in that unit."""
        item = self.item(asked)
        with at("quantity"):
            if item is None:
                return self._named(asked)
            try:
                return Wanted.of_item(item, item.in_base(asked.quantity) if asked.quantity else None)
            except UnknownConversion:
                if asked.item_id:
                    raise
            return replace(self._named(asked), is_countable=False)

    def _named(self, asked: Something) -> Wanted:
        units, unit = _counted(asked.quantity) if asked.quantity else (None, None)
        name = (asked.name or "").strip()
        return Wanted(title=name, key=self.keys[name], amount=units, unit=unit)


async def read_wanted(kitchen: Kitchen, member: str, asked: Sequence[Something]) -> list[Wanted]:
    """Look up what the things in the `member` of a request are.

    Raises:
        NotFound: the household knows no such item.
        Invalid: something has neither an item nor a name, or both.
        UnknownUnit, UnknownConversion, TooMuch: something can't be counted; its place is told.
    """
    names = await _read_names(kitchen, member, asked)
    wanted = []
    for number, each in enumerate(asked):
        with at(member, number):
            wanted.append(names.wanted(each))
    return wanted


async def _read_names(kitchen: Kitchen, member: str, asked: Sequence[Something]) -> Names:
    for number, each in enumerate(asked):
        with at(member, number):
            check_one_of(item_id=each.item_id, name=each.name)
    by_id = await items_with(kitchen, [each.item_id for each in asked if each.item_id])
    names = list({each.name.strip() for each in asked if each.name})
    if not names:
        return Names(by_id, {}, {})
    keys = await queries.items.read_keys(kitchen, names)
    by_key = {item.name_key: item for item in await queries.items.find_by_keys(kitchen, list(keys.values()))}
    return Names(by_id, by_key, keys)


def _counted(wanted: PositiveQuantity) -> tuple[int, str]:
    """Return a quantity of no item in particular: its base units, and the code of its unit."""
    return countable(wanted, quantity.in_base(wanted)), quantity.unit(wanted.unit).code


class Placed(NamedTuple):
    """Lines that things were put on, and those of them that are called like an item that can't be counted so."""

    lines: list[Listed]
    uncountable: list[UUID]

    @classmethod
    def on(cls, lines: list[Listed], sheet: Sheet) -> Self:
        return cls(lines, [line.id for line in lines if line.id in sheet.uncountable])


async def add(kitchen: Kitchen, list_id: UUID, asked: Sequence[NewLine]) -> Placed:
    """Put things on a list, where it can be on the line that is there already; return those lines.

    Raises:
        NotFound: the household has no such list or item.
        UnknownUnit, UnknownConversion, TooMuch, TooMany, Invalid: a line can't be put there.
    """
    version = await sync.next_version(kitchen)
    lines = await queries.lists.read_lines(kitchen, list_id)
    sent = [line.id for line in asked if line.id]
    known = await _known_lines(kitchen, sent) if sent else set()
    wanted = await read_wanted(kitchen, "lines", asked)
    sheet = Sheet(list_id, lines, known)
    now = unticked_now(kitchen)
    places = []
    for number, (line, each) in enumerate(zip(asked, wanted, strict=True)):
        with at("lines", number):
            places.append(sheet.add(replace(each, note=line.note), line.id or uuid_utils.uuid7(), now))
    added = await keep(kitchen, list_id, sheet, version)
    if merged := [each for each in sheet.absorbed if each in sent]:
        await sync.bury(kitchen, "list_line", merged, version)
    shown = {line.id: line for line in (*lines, *added)}
    return Placed.on([shown[place] for place in dict.fromkeys(places) if place], sheet)


async def _known_lines(kitchen: Kitchen, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the ids that are or were lines of any list."""
    return await queries.lists.find_lines(kitchen, ids) | await sync.buried(kitchen, "list_line", ids)


def unticked_now(kitchen: Kitchen) -> Mark:
    return mark(is_ticked=False, at=kitchen.now, by=kitchen.person, now=kitchen.now)


async def keep(kitchen: Kitchen, list_id: UUID, sheet: Sheet, version: int) -> list[Listed]:
    """Store what changed on a list; return those lines."""
    return await _put(kitchen, list_id, sheet.changed.values(), version)


async def _put(kitchen: Kitchen, list_id: UUID, lines: Collection[Listed], version: int) -> list[Listed]:
    if lines:
        await queries.lists.put_lines(kitchen, lines, version)
        await events.list_changed(kitchen, version, list_id)
    return [replace(line, version=version) for line in lines]


async def edit_line(kitchen: Kitchen, list_id: UUID, id: UUID, edit: EditLine, if_match: IfMatch) -> Listed:
    """Change how much a line asks for, or its note.

    Raises:
        NotFound, Stale, PreconditionRequired: there is no such line, or not in that version.
        UnknownUnit, UnknownConversion, TooMuch, Invalid: the quantity is wrong.
    """
    version = await sync.next_version(kitchen)
    line = await queries.lists.read_line(kitchen, list_id, id)
    if_match.check(etag(line.version))
    changed = line if edit.note is UNSET else replace(line, note=edit.note)
    if edit.quantity is None:
        changed = replace(changed, amount=None, unit=None)
    elif edit.quantity is not UNSET:
        with at("quantity"):
            changed = await _requantified(kitchen, changed, edit.quantity)
    return (await _put(kitchen, list_id, [changed], version))[0]


async def _requantified(kitchen: Kitchen, line: Listed, wanted: PositiveQuantity) -> Listed:
    """Return the line with another quantity; with a greater one, a tick from before this moment spoke of less."""
    if line.item_id is None:
        units, unit = _counted(wanted)
    else:
        item = (await items_with(kitchen, [line.item_id]))[line.item_id]
        units, unit = item.in_base(wanted), item.unit
    changed = replace(line, amount=units, unit=unit)
    is_more = line.measure != changed.measure or units > (line.amount or 0)
    return changed.marked(unticked_now(kitchen)) if is_more and not line.is_ticked else changed


async def delete_line(kitchen: Kitchen, list_id: UUID, id: UUID, if_match: IfMatch) -> None:
    """Take a line off its list.

    Raises:
        NotFound, Stale, PreconditionRequired: there is no such line, or not in that version.
    """
    version = await sync.next_version(kitchen)
    if_match.check(etag((await queries.lists.read_line(kitchen, list_id, id)).version))
    await take_off(kitchen, list_id, [id], version)


async def take_off(kitchen: Kitchen, list_id: UUID, ids: Collection[UUID], version: int) -> list[Line]:
    """Take those of the lines off a list that are there; return them as they were."""
    left = await queries.lists.delete_lines(kitchen, ids)
    if left:
        await sync.bury(kitchen, "list_line", [line.id for line in left], version)
        await events.list_changed(kitchen, version, list_id)
    return left


class Settled(NamedTuple):
    """What came of ticks: lines that changed, lines of which something later was known, ids that are no lines."""

    changed: list[Listed]
    superseded: list[UUID]
    gone: list[UUID]


async def tick(kitchen: Kitchen, list_id: UUID, ticks: Sequence[Tick]) -> Settled:
    """Tick and untick lines: the last word by the phones' clocks counts, whenever it arrives.

    Raises:
        NotFound: the household has no such list.
    """
    version = await sync.next_version(kitchen)
    marks = _last_marks(kitchen, ticks)
    lines = await queries.lists.read_lines(kitchen, list_id, marks)
    changed = [line.marked(marks[line.id]) for line in lines if line.mark < marks[line.id]]
    superseded = [line.id for line in lines if line.mark > marks[line.id]]
    gone = marks.keys() - {line.id for line in lines}
    return Settled(await _put(kitchen, list_id, changed, version), superseded, list(gone))


def _last_marks(kitchen: Kitchen, ticks: Sequence[Tick]) -> dict[UUID, Mark]:
    """Return the last word on each line; words of one request are in the order of its phone's clock, fast or not."""
    last: dict[UUID, Tick] = {}
    for each in ticks:
        last[each.line_id] = max(last.get(each.line_id, each), each, key=lambda tick: (tick.at, tick.is_ticked))
    return {
        line: mark(is_ticked=each.is_ticked, at=each.at, by=kitchen.person, now=kitchen.now)
        for line, each in last.items()
    }
