"""Shopping trips: what was ticked becomes stock."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from popote_kit import quantity, sync
from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.problems import Invalid, NotFound, TooMany, at
from popote_kit.quantity import Amount, PositiveAmount, PositiveQuantity, Quantity
from popote_stock import events, queries
from popote_stock.actions.items import items_named, items_with
from popote_stock.actions.list_lines import take_off
from popote_stock.actions.purchases import bring_in
from popote_stock.actions.scene import Recorded, Scene, begin, finish
from popote_stock.errors import NothingToDo, telling
from popote_stock.model.foods import NOTHING, Told
from popote_stock.model.items import Item
from popote_stock.model.lists import MAX_LIST_LINES, Line, Listed
from popote_stock.model.lots import MAX_PRICE
from popote_stock.model.trips import Bought, learn
from popote_stock.queries.ledger import NewAction
from popote_stock.wire.common import Price, check_days
from popote_stock.wire.ledger import PurchaseLine
from popote_stock.wire.lists import Commit, TripLine

PIECE: Final = "piece"


async def bring_home(kitchen: Kitchen, caller: Caller, list_id: UUID, asked: Commit, known: Told = NOTHING) -> Recorded:
    """Turn each ticked line into a lot, and take it off the list: one action with one undo.

    What the request leaves open follows from the last purchase and from the item. The list learns the order of its
    aisles. `known` may say of what food those items are that are made.

    Raises:
        NotFound: the household has no such list, line or location.
        NothingToDo: nothing is ticked.
        Invalid: the request tells of a line that is not ticked.
        UnknownUnit, UnknownConversion, TooMuch: a line can't be counted; `line_id` tells which.
        TooMany: there may not be more items.
    """
    action = await begin(kitchen, "shopping", asked)
    lines = await queries.lists.read_lines(kitchen, list_id)
    told = _told(asked.lines, lines)
    trip = sorted((line for line in lines if line.is_ticked), key=lambda line: line.mark.at)
    if not trip:
        raise NothingToDo
    items = await _items(kitchen, trip, told, known, action.sequence)
    bought = await queries.lists.read_bought(kitchen, [item.id for item in items], caller.currency)
    scene = Scene(kitchen, {item.id: item for item in items})
    numbers = {line.line_id: number for number, line in enumerate(asked.lines)}
    purchases = []
    for line, item in zip(trip, items, strict=True):
        with at("lines", numbers[line.id], "quantity") if line.id in numbers else nullcontext():
            purchases.append(_purchase(caller, line, told[line.id], item, bought[item.id]))
    await bring_in(kitchen, scene, purchases, action.sequence)
    left = await take_off(kitchen, list_id, [line.id for line in trip], action.sequence)
    await _learn(kitchen, list_id, trip, action.sequence)
    return await finish(kitchen, replace(action, shopping=left), scene)


def _told(asked: Sequence[TripLine], lines: Sequence[Listed]) -> dict[UUID, TripLine]:
    """Return what is told of each line of the list, also where that is nothing."""
    there = {line.id: line for line in lines}
    told = {line.line_id: line for line in asked}
    if told.keys() - there.keys():
        raise NotFound
    for number, line in enumerate(asked):
        with at("lines", number):
            if told[line.line_id] is not line or not there[line.line_id].is_ticked:
                raise Invalid(errors=[{"pointer": "/line_id", "message": "a line that is ticked, once"}])
            check_days(best_before=line.best_before, use_by=line.use_by)
            if line.quantity:
                with at("quantity"), telling(line_id=line.line_id, name=there[line.line_id].name):
                    quantity.unit(line.quantity.unit)
    return {id: TripLine(line_id=id) for id in there} | told  # noqa: A001 - as everywhere


async def _items(
    kitchen: Kitchen, trip: Sequence[Line], told: dict[UUID, TripLine], known: Told, version: int
) -> list[Item]:
    """Return the item of each line; where only a name is known, that of this name, which may be new."""
    there = await items_with(kitchen, [line.item_id for line in trip if line.item_id])
    units: dict[str, str] = {}
    for line in trip:
        if line.name:
            units.setdefault(line.name, _unit(line, told[line.id]))
    named = await items_named(kitchen, units, version, known)
    return [there[line.item_id] if line.item_id else named[line.name or ""] for line in trip]


def _unit(line: Line, told: TripLine) -> str:
    wanted = told.quantity or line.quantity
    with telling(line_id=line.id, name=line.name):
        return quantity.unit(wanted.unit).code if wanted else PIECE


def _purchase(caller: Caller, line: Line, told: TripLine, item: Item, bought: Bought) -> PurchaseLine:
    wanted = told.quantity or _positive(line.quantity or _usual(item, bought))
    with telling(line_id=line.id, name=item.name):
        usual_price = _usual_price(caller, bought, item.in_base(wanted))
    return PurchaseLine(
        quantity=wanted,
        item_id=item.id,
        best_before=told.best_before,
        use_by=told.use_by,
        location_id=told.location_id,
        price=told.price or usual_price,
    )


def _usual(item: Item, bought: Bought) -> Quantity:
    return item.show(bought.amount) if bought.amount else Quantity(Amount(1), item.unit)


def _positive(wanted: Quantity) -> PositiveQuantity:
    return PositiveQuantity(PositiveAmount(wanted.amount), wanted.unit)


def _usual_price(caller: Caller, bought: Bought, amount: int) -> Price | None:
    cost = bought.cost(amount)
    return None if cost is None or cost >= MAX_PRICE else Price(Amount(cost), caller.currency)


async def _learn(kitchen: Kitchen, list_id: UUID, trip: Sequence[Listed], version: int) -> None:
    known = await queries.lists.read_list(kitchen, list_id)
    aisles = learn(known.aisles, [line.category_id for line in trip if line.category_id])
    if aisles != known.aisles:
        await queries.lists.put_list(kitchen, replace(known, aisles=aisles, version=version))


async def turn(kitchen: Kitchen, undo: NewAction, lines: Sequence[Line]) -> NewAction:
    """Let the lines of a trip come back to their list where it is undone, or leave it where the undo is.

    Return the undo with those lines. Where the list is gone, there are none.

    Raises:
        TooMany: the list has no room for them.
    """
    if not lines:
        return undo
    list_id = lines[0].list_id
    if undo.stands:
        moved = await take_off(kitchen, list_id, [line.id for line in lines], undo.sequence)
    else:
        moved = await _put_back(kitchen, list_id, lines, undo.sequence)
    return replace(undo, shopping=moved)


async def _put_back(kitchen: Kitchen, list_id: UUID, lines: Sequence[Line], version: int) -> list[Line]:
    found = await queries.lists.list_lists(kitchen, list_id)
    if not found:
        return []
    if found[0].open + found[0].ticked + len(lines) > MAX_LIST_LINES:
        raise TooMany(limit=MAX_LIST_LINES)
    await queries.lists.put_lines(kitchen, lines, version)
    await sync.unbury(kitchen, "list_line", [line.id for line in lines])
    await events.list_changed(kitchen, version, list_id)
    return list(lines)
