"""What is short, put on a shopping list."""

from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.problems import at
from popote_stock import queries
from popote_stock.actions.list_lines import keep, read_names, unticked_now
from popote_stock.model.lists import Listed, Sheet, Wanted
from popote_stock.wire.lists import Fill


async def fill(kitchen: Kitchen, list_id: UUID, asked: Fill) -> list[Listed]:
    """Put on a list what is short: what there should be, less what is on hand and what is on the list unticked.

    Raises:
        NotFound: the household has no such list or item.
        UnknownUnit, UnknownConversion, TooMuch, TooMany, Invalid: a need can't be counted.
    """
    version = await sync.next_version(kitchen)
    sheet = Sheet(list_id, await queries.lists.read_lines(kitchen, list_id))
    names = await read_names(kitchen, "needs", asked.needs)
    needs = []
    for number, need in enumerate(asked.needs):
        with at("needs", number):
            needs.append(names.wanted(need, names.item(need)))
    for wanted in await _shortages(kitchen, sheet, needs, from_minimum=asked.from_minimum):
        sheet.add(wanted, uuid_utils.uuid7(), unticked_now(kitchen))
    return await keep(kitchen, list_id, sheet, version)


async def _shortages(kitchen: Kitchen, sheet: Sheet, needs: Sequence[Wanted], *, from_minimum: bool) -> list[Wanted]:
    ids = {need.item.id for need in needs if need.item}
    stocked = await queries.lists.read_stocked(kitchen, ids, kitchen.today, with_short=from_minimum)
    minimums = [Wanted.of_item(item, item.minimum) for item in stocked.values() if from_minimum and item.minimum]
    short = []
    for wanted, amount in _sums([*needs, *minimums]):
        on_hand = stocked[wanted.item.id].on_hand if wanted.item else 0
        missing = amount - on_hand - sheet.still_to_buy(wanted)
        if missing > 0:
            short.append(replace(wanted, amount=missing))
    return short


def _sums(wanted: Sequence[Wanted]) -> Iterator[tuple[Wanted, int]]:
    """Give each thing once, with how much of it is wanted in all."""
    totals: Counter[tuple[object, ...]] = Counter()
    for each in wanted:
        totals[each.what] += each.amount or 0
    for what, one in {each.what: each for each in wanted}.items():
        yield one, totals[what]
