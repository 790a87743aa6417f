"""Shopping lists: what is put on them, and ticked in the shop."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import UNSET
from msgspec.structs import replace

from popote_kit import quantity, sync
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.problems import Invalid, NotFound
from popote_kit.quantity import PositiveQuantity, UnknownConversion
from popote_stock import events, queries
from popote_stock.actions.items import items_with, refuse_more
from popote_stock.errors import NameTaken
from popote_stock.model.items import Item
from popote_stock.model.lists import MAX_LISTS, Listed, Mark, Sheet, ShoppingList, Wanted, mark
from popote_stock.queries.lists import Counted
from popote_stock.wire.lists import EditLine, EditList, Fill, Need, NewLine, Tick


async def create_list(kitchen: Kitchen, id: UUID, name: str) -> Counted:
    """Make a list; an id that is used already gives that one, unchanged.

    Raises:
        NameTaken: another list has the name.
        TooMany: the household has 50.
    """
    version = await sync.next_version(kitchen)
    if known := await queries.lists.list_lists(kitchen, id):
        return known[0]
    await refuse_more(kitchen, "list", MAX_LISTS)
    await _store(kitchen, ShoppingList(id, name, [], version, kitchen.now))
    return await queries.lists.read_list(kitchen, id)


async def edit_list(kitchen: Kitchen, id: UUID, edit: EditList, if_match: IfMatch) -> Counted:
    """Change a list.

    Raises:
        NotFound: there is no such list, or no such category.
        Stale, PreconditionRequired: it is not in that version.
        NameTaken: another list has the name.
        Invalid: an aisle stands there twice.
    """
    version = await sync.next_version(kitchen)
    known = await queries.lists.read_list(kitchen, id)
    if_match.check(etag(known.version))
    changed = replace(known, version=version)
    if edit.name is not UNSET:
        changed = replace(changed, name=edit.name.strip())
    if edit.aisles is not UNSET:
        await _check_aisles(kitchen, edit.aisles)
        changed = replace(changed, aisles=edit.aisles)
    await _store(kitchen, changed)
    return changed


async def _check_aisles(kitchen: Kitchen, aisles: Sequence[UUID]) -> None:
    if len(set(aisles)) < len(aisles):
        raise Invalid(errors=[{"pointer": "/aisles", "message": "each category stands in the order once"}])
    if not {each.id for each in await queries.places.list_categories(kitchen)}.issuperset(aisles):
        raise NotFound


async def _store(kitchen: Kitchen, shopping_list: ShoppingList) -> None:
    taken = await queries.places.find_named(kitchen, "list", shopping_list.name)
    if taken not in (None, shopping_list.id):
        raise NameTaken(id=taken)
    await queries.lists.put_list(kitchen, shopping_list)
    await events.list_changed(kitchen, shopping_list.version, shopping_list.id)


async def delete_list(kitchen: Kitchen, id: UUID, if_match: IfMatch) -> None:
    """Forget a list, and what stands on it.

    Raises:
        NotFound, Stale, PreconditionRequired: there is none, or not in that version.
    """
    version = await sync.next_version(kitchen)
    if_match.check(etag((await queries.lists.read_list(kitchen, id)).version))
    lines = await queries.lists.delete_list(kitchen, id)
    await sync.bury(kitchen, "list_line", lines, version)
    await sync.bury(kitchen, "list", [id], version)
    await events.list_changed(kitchen, version, id)


async def add(kitchen: Kitchen, list_id: UUID, asked: Sequence[NewLine]) -> list[Listed]:
    """Put things on a list, where it can be on the line that is there already; return those lines.

    Raises:
        NotFound: the household has no such list or item.
        UnknownUnit, UnknownConversion, TooMuch, TooMany, Invalid: a line can't be put there.
    """
    version = await sync.next_version(kitchen)
    lines = await queries.lists.read_lines(kitchen, list_id)
    sent = [line.id for line in asked if line.id]
    known = await _known_lines(kitchen, sent) if sent else set()
    names = await _names(kitchen, asked)
    sheet = Sheet(list_id, lines, known)
    now = _unticked_now(kitchen)
    places = [sheet.add(_wanted(line, names), now) for line in asked]
    await _keep(kitchen, list_id, sheet, version)
    if merged := [each for each in sheet.absorbed if each in sent]:
        await sync.bury(kitchen, "list_line", merged, version)
    shown = {line.id: line for line in lines} | _at(sheet.changed.values(), version)
    return [shown[place] for place in dict.fromkeys(places) if place]


async def _known_lines(kitchen: Kitchen, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the ids that are or were lines of any list."""
    return await queries.lists.find_lines(kitchen, ids) | await sync.buried(kitchen, "list_line", ids)


def _unticked_now(kitchen: Kitchen) -> Mark:
    return mark(is_ticked=False, at=kitchen.now, by=kitchen.person, now=kitchen.now)


async def _keep(kitchen: Kitchen, list_id: UUID, sheet: Sheet, version: int) -> None:
    if sheet.changed:
        await queries.lists.put_lines(kitchen, sheet.changed.values(), version)
        await events.list_changed(kitchen, version, list_id)


def _at(lines: Iterable[Listed], version: int) -> dict[UUID, Listed]:
    return {line.id: replace(line, version=version) for line in lines}


class Names(NamedTuple):
    """What the lines of a request name: items by id, items by what the spellings of a name share, and that by name."""

    by_id: dict[UUID, Item]
    by_key: dict[str, Item]
    keys: dict[str, str]

    def item(self, line: NewLine | Need) -> Item | None:
        if line.item_id:
            return self.by_id[line.item_id]
        return self.by_key.get(self.keys[(line.name or "").strip()])


async def _names(kitchen: Kitchen, asked: Sequence[NewLine | Need]) -> Names:
    for number, line in enumerate(asked):
        if (line.item_id is None) == (line.name is None):
            message = "a line has either an item_id or a name"
            raise Invalid(errors=[{"pointer": f"/{number}", "message": message}])
    items = await items_with(kitchen, [line.item_id for line in asked if line.item_id])
    names = list({line.name.strip() for line in asked if line.name})
    if not names:
        return Names(items, {}, {})
    keys = await queries.items.read_keys(kitchen, names)
    known = {item.name_key: item for item in await queries.items.find_by_keys(kitchen, list(keys.values()))}
    return Names(items, known, keys)


def _wanted(line: NewLine, names: Names) -> Wanted:
    """Return what a line asks for. A name means the item that is called so, where it can be counted in that unit."""
    item = names.item(line)
    if item and line.name and line.quantity:
        try:
            item.in_base(line.quantity)
        except UnknownConversion:
            item = None
    return _counted(item, (line.name or "").strip(), line.quantity, names, line.id, line.note)


def _counted(  # noqa: PLR0913, PLR0917 - what a line is made of
    item: Item | None,
    name: str,
    wanted: PositiveQuantity | None,
    names: Names,
    id: UUID | None = None,
    note: str = "",
) -> Wanted:
    units = unit = None
    if wanted and item:
        units, unit = item.in_base(wanted), item.unit
    elif wanted:
        units, unit = _whole(wanted), quantity.unit(wanted.unit).code
    return Wanted(
        id=id or uuid_utils.uuid7(),
        title=item.name if item else name,
        key=item.name_key if item else names.keys[name],
        item=item,
        amount=units,
        unit=unit,
        note=note,
    )


def _whole(wanted: PositiveQuantity) -> int:
    units = quantity.in_base(wanted)
    if not units:
        raise Invalid(errors=[{"pointer": "/quantity", "message": "it is less than can be counted"}])
    return units


async def edit_line(kitchen: Kitchen, list_id: UUID, id: UUID, edit: EditLine, if_match: IfMatch) -> Listed:
    """Change how much a line asks for, or its note.

    Raises:
        NotFound, Stale, PreconditionRequired: there is no such line, or not in that version.
        UnknownUnit, UnknownConversion, TooMuch, Invalid: the quantity is wrong.
    """
    version = await sync.next_version(kitchen)
    line = await queries.lists.read_line(kitchen, list_id, id)
    if_match.check(etag(line.version))
    changed = replace(line, version=version)
    if edit.note is not UNSET:
        changed = replace(changed, note=edit.note)
    if edit.quantity is None:
        changed = replace(changed, amount=None, unit=None)
    elif edit.quantity is not UNSET:
        changed = await _requantified(kitchen, changed, edit.quantity)
    await queries.lists.put_lines(kitchen, [changed], version)
    await events.list_changed(kitchen, version, list_id)
    return changed


async def _requantified(kitchen: Kitchen, line: Listed, wanted: PositiveQuantity) -> Listed:
    if line.item_id is None:
        changed = replace(line, amount=_whole(wanted), unit=quantity.unit(wanted.unit).code)
    else:
        item = (await items_with(kitchen, [line.item_id]))[line.item_id]
        changed = replace(line, amount=item.in_base(wanted), unit=item.unit)
    is_more = line.measure != changed.measure or (changed.amount or 0) > (line.amount or 0)
    return changed.marked(_unticked_now(kitchen)) if is_more and not line.is_ticked else changed


async def delete_line(kitchen: Kitchen, list_id: UUID, id: UUID, if_match: IfMatch) -> None:
    """Take a line off its list.

    Raises:
        NotFound, Stale, PreconditionRequired: there is no such line, or not in that version.
    """
    version = await sync.next_version(kitchen)
    if_match.check(etag((await queries.lists.read_line(kitchen, list_id, id)).version))
    await take_off(kitchen, list_id, [id], version)


async def take_off(kitchen: Kitchen, list_id: UUID, ids: Collection[UUID], version: int) -> None:
    await queries.lists.delete_lines(kitchen, ids)
    await sync.bury(kitchen, "list_line", list(ids), version)
    await events.list_changed(kitchen, version, list_id)


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
    if changed:
        await queries.lists.put_lines(kitchen, changed, version)
        await events.list_changed(kitchen, version, list_id)
    there = {line.id for line in lines}
    return Settled(list(_at(changed, version).values()), superseded, [each for each in marks if each not in there])


def _last_marks(kitchen: Kitchen, ticks: Sequence[Tick]) -> dict[UUID, Mark]:
    marks: dict[UUID, Mark] = {}
    for each in ticks:
        one = mark(is_ticked=each.is_ticked, at=each.at, by=kitchen.person, now=kitchen.now)
        marks[each.line_id] = max(one, marks.get(each.line_id, one))
    return marks


async def fill(kitchen: Kitchen, list_id: UUID, asked: Fill) -> list[Listed]:
    """Put on a list what is short: what there should be, less what is on hand and what is on the list unticked.

    Raises:
        NotFound: the household has no such list or item.
        UnknownUnit, UnknownConversion, TooMuch, TooMany, Invalid: a need can't be counted.
    """
    version = await sync.next_version(kitchen)
    lines = await queries.lists.read_lines(kitchen, list_id)
    names = await _names(kitchen, asked.needs)
    needs = [_counted(names.item(need), (need.name or "").strip(), need.quantity, names) for need in asked.needs]
    sheet = Sheet(list_id, lines)
    for wanted in await _shortages(kitchen, sheet, needs, from_minimum=asked.from_minimum):
        sheet.add(wanted, _unticked_now(kitchen))
    await _keep(kitchen, list_id, sheet, version)
    return list(_at(sheet.changed.values(), version).values())


async def _shortages(kitchen: Kitchen, sheet: Sheet, needs: Sequence[Wanted], *, from_minimum: bool) -> list[Wanted]:
    ids = {need.item.id for need in needs if need.item}
    stocked = await queries.lists.read_stocked(kitchen, ids, kitchen.today, with_short=from_minimum)
    minimums = [_minimum(item) for item in stocked.values() if item.minimum and from_minimum]
    total: dict[tuple[object, ...], Wanted] = {}
    for each in [*needs, *minimums]:
        before = total.get(each.what)
        total[each.what] = replace(each, amount=(each.amount or 0) + (before.amount or 0 if before else 0))
    short = []
    for each in total.values():
        on_hand = stocked[each.item.id].on_hand if each.item else 0
        missing = (each.amount or 0) - on_hand - sheet.still_to_buy(each)
        if missing > 0:
            short.append(replace(each, amount=missing))
    return short


def _minimum(item: Item) -> Wanted:
    return Wanted(
        id=uuid_utils.uuid7(), title=item.name, key=item.name_key, item=item, amount=item.minimum, unit=item.unit
    )
