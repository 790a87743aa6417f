"""What is short, put on a shopping list."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch
from popote_kit.identity import Caller, Language
from popote_stock import queries
from popote_stock.actions.list_lines import Placed, keep, read_wanted, unticked_now
from popote_stock.actions.lists import make_list
from popote_stock.model.lists import Listed, Sheet, ToBuy, Wanted
from popote_stock.queries.lists import Stocked
from popote_stock.wire.lists import Buy, Fill

FIRST_LIST: Final[Mapping[Language, str]] = {"en": "Shopping", "fr": "Courses"}


async def fill(kitchen: Kitchen, list_id: UUID, asked: Fill) -> Placed:
    """Put on a list what is short: what there should be, less what is on hand and what is unticked on any list.

    Raises:
        NotFound: the household has no such list or item.
        UnknownUnit, UnknownConversion, TooMuch, TooMany, Invalid: a need can't be counted.
    """
    version = await sync.next_version(kitchen)
    sheet = Sheet(list_id, await queries.lists.read_lines(kitchen, list_id))
    needs = await read_wanted(kitchen, "needs", asked.needs)
    ids = {need.item.id for need in needs if need.item}
    stocked = await queries.lists.read_stocked(kitchen, ids, kitchen.today, with_short=asked.from_minimum)
    minimums = [Wanted.of_item(item, item.minimum) for item in stocked.values() if asked.from_minimum and item.minimum]
    needs += minimums
    _put_short(kitchen, sheet, needs, await _read_to_buy(kitchen, needs), stocked)
    return Placed.on(await keep(kitchen, list_id, sheet, version), sheet)


async def buy(kitchen: Kitchen, caller: Caller, asked: Buy, if_match: IfMatch) -> tuple[UUID, list[Listed]]:
    """Put on a list what is to be bought, less what stands on any list; what is on hand was counted already.

    What is ticked is in the trolley: it counts too, until the trip brings it home and it is on hand.

    Return the list, and the lines of any list on which it stands by now. Asked again, nothing changes.

    Raises:
        NotFound: the household has no such list or item.
        UnknownUnit, UnknownConversion, TooMuch, TooMany, Invalid: a need can't be counted.
        Stale: what there is has changed since it was counted.
    """
    version = await sync.next_version(kitchen)
    if if_match.is_given:
        if_match.check(await queries.supply.read_tag(kitchen, before_mine=True))
    list_id = asked.list_id or await _list_called(kitchen, caller, asked.list_name, version)
    sheet = Sheet(list_id, await queries.lists.read_lines(kitchen, list_id))
    needs = await read_wanted(kitchen, "needs", asked.needs)
    _put_short(kitchen, sheet, needs, await _read_to_buy(kitchen, needs, with_ticked=True), {})
    await keep(kitchen, list_id, sheet, version)
    to_buy = await _read_to_buy(kitchen, needs, with_ticked=True)
    lines = {line.id: line for need in needs for line in to_buy.lines_of(need)}
    return list_id, list(lines.values())


async def _list_called(kitchen: Kitchen, caller: Caller, name: str | None, version: int) -> UUID:
    """Return the list with that name, or without one the first; where there is none it is made."""
    if name is not None:
        known = await queries.places.find_named(kitchen, "list", name.strip())
    else:
        known = next((each.id for each in await queries.lists.list_lists(kitchen)), None)
    if known:
        return known
    made = await make_list(kitchen, uuid_utils.uuid7(), (name or FIRST_LIST[caller.language]).strip(), version)
    return made.id


def _put_short(
    kitchen: Kitchen, sheet: Sheet, needs: Sequence[Wanted], to_buy: ToBuy, stocked: Mapping[UUID, Stocked]
) -> None:
    """Put on the sheet what is needed, less what is `stocked` of it and what is `to_buy` already."""
    for wanted, amount in _sums(needs):
        on_hand = stocked[wanted.item.id].on_hand if wanted.item and wanted.item.id in stocked else 0
        missing = amount - on_hand - to_buy.amount_of(wanted)
        if missing > 0 or not (amount or to_buy.lines_of(wanted)):
            sheet.add(replace(wanted, amount=missing if amount else None), uuid_utils.uuid7(), unticked_now(kitchen))


async def _read_to_buy(kitchen: Kitchen, needs: Sequence[Wanted], *, with_ticked: bool = False) -> ToBuy:
    items, keys = {need.item.id for need in needs if need.item}, {need.key for need in needs}
    return ToBuy(await queries.lists.read_to_buy(kitchen, items, keys, with_ticked=with_ticked))


def _sums(wanted: Sequence[Wanted]) -> Iterator[tuple[Wanted, int]]:
    """Give each thing once, with how much of it is wanted in all."""
    totals: Counter[tuple[object, ...]] = Counter()
    for each in wanted:
        totals[each.what] += each.amount or 0
    for what, one in {each.what: each for each in wanted}.items():
        yield one, totals[what]
