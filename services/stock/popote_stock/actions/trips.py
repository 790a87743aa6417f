"""Shopping trips: what was ticked becomes stock."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.problems import Invalid
from popote_kit.quantity import Amount, PositiveAmount, PositiveQuantity, Quantity
from popote_stock import events, queries
from popote_stock.actions.items import items_named, items_with
from popote_stock.actions.lists import take_off
from popote_stock.actions.purchases import bring_in
from popote_stock.actions.scene import Recorded, Scene, begin, finish
from popote_stock.errors import NothingToDo
from popote_stock.model.items import Item
from popote_stock.model.lists import NEVER, Bought, Line, Listed, learn
from popote_stock.queries.ledger import NewAction
from popote_stock.wire.common import MAX_PRICE, Price
from popote_stock.wire.ledger import PurchaseLine
from popote_stock.wire.lists import Commit, TripLine

PIECE = "piece"


async def bring_home(kitchen: Kitchen, caller: Caller, list_id: UUID, asked: Commit) -> Recorded:
    """Bring home what was ticked: each line becomes a lot and leaves the list, in one action with one undo.

    Raises:
        NotFound: the household has no such list or location.
        NothingToDo: nothing is ticked.
        Invalid: the request tells of a line that is not ticked.
        UnknownUnit, UnknownConversion, TooMuch, TooMany: a line can't be counted.
    """
    action = await begin(kitchen, "shopping", asked)
    trip = _ticked(await queries.lists.read_lines(kitchen, list_id))
    told = _told(asked.lines, trip)
    items = await _items(kitchen, trip, told, action.sequence)
    bought = await queries.lists.read_bought(kitchen, [item.id for item in items.values()], caller.currency)
    lines = [_purchase(caller, line, told.get(line.id), items[line.id], bought[items[line.id].id]) for line in trip]
    scene = Scene(kitchen, {item.id: item for item in items.values()})
    await bring_in(kitchen, scene, lines, action.sequence)
    done = await finish(kitchen, replace(action, shopping=[_plain(line) for line in trip]), scene)
    await take_off(kitchen, list_id, [line.id for line in trip], action.sequence)
    await _learn(kitchen, list_id, trip, action.sequence)
    return done


def _ticked(lines: Sequence[Listed]) -> list[Listed]:
    """Return the ticked lines in the order in which they were ticked."""
    trip = sorted((line for line in lines if line.is_ticked), key=lambda line: line.marked_at or NEVER.at)
    if not trip:
        raise NothingToDo
    return trip


def _told(lines: Sequence[TripLine], trip: Sequence[Line]) -> dict[UUID, TripLine]:
    ticked = {line.id for line in trip}
    told = {line.line_id: line for line in lines}
    if len(told) < len(lines) or not ticked.issuperset(told):
        raise Invalid(
            errors=[{"pointer": "/lines", "message": "each line is one that is ticked, and stands there once"}]
        )
    return told


async def _items(
    kitchen: Kitchen, trip: Sequence[Listed], told: dict[UUID, TripLine], version: int
) -> dict[UUID, Item]:
    """Return the item of each line; one that only has a name gets an item of that name."""
    names = {line.name: _unit(line, told.get(line.id)) for line in reversed(trip) if line.name}
    named = await items_named(kitchen, names, version)
    known = await items_with(kitchen, [line.item_id for line in trip if line.item_id])
    return {line.id: known[line.item_id] if line.item_id else named[line.name or ""] for line in trip}


def _unit(line: Line, told: TripLine | None) -> str:
    wanted = (told and told.quantity) or line.quantity
    return wanted.unit if wanted else PIECE


def _purchase(caller: Caller, line: Line, told: TripLine | None, item: Item, bought: Bought) -> PurchaseLine:
    wanted = (told and told.quantity) or _positive(line.quantity or _usual(item, bought))
    facts = told or TripLine(line_id=line.id)
    return PurchaseLine(
        quantity=wanted,
        item_id=item.id,
        best_before=facts.best_before,
        use_by=facts.use_by,
        location_id=facts.location_id,
        price=facts.price or _usual_price(caller, bought, item.in_base(wanted)),
    )


def _usual(item: Item, bought: Bought) -> Quantity:
    return item.show(bought.amount) if bought.amount else Quantity(Amount(1), item.unit)


def _positive(wanted: Quantity) -> PositiveQuantity:
    return PositiveQuantity(PositiveAmount(wanted.amount), wanted.unit)


def _usual_price(caller: Caller, bought: Bought, amount: int) -> Price | None:
    cost = bought.cost(amount)
    return None if cost is None or cost >= MAX_PRICE else Price(Amount(cost), caller.currency)


def _plain(line: Listed) -> Line:
    """Return the line as it is stored."""
    return Line(**{name: getattr(line, name) for name in Line.__struct_fields__})


async def _learn(kitchen: Kitchen, list_id: UUID, trip: Sequence[Listed], version: int) -> None:
    shopping_list = await queries.lists.read_list(kitchen, list_id)
    aisles = learn(shopping_list.aisles, [line.category_id for line in trip if line.category_id])
    if aisles != shopping_list.aisles:
        await queries.lists.put_list(kitchen, replace(shopping_list, aisles=aisles, version=version))


async def turn(kitchen: Kitchen, undo: NewAction, lines: Sequence[Line]) -> NewAction:
    """Let the lines of a trip that is undone come back to their list, or leave it again with the undo of that.

    Return the undo with the lines as it found them. Where the list is gone, there are none.
    """
    if undo.stands:
        left = await queries.lists.delete_lines(kitchen, [line.id for line in lines])
        await sync.bury(kitchen, "list_line", [line.id for line in left], undo.sequence)
    elif left := list(lines) if lines and await queries.lists.find_list(kitchen, lines[0].list_id) else []:
        await queries.lists.put_lines(kitchen, left, undo.sequence)
        await sync.unbury(kitchen, "list_line", [line.id for line in left])
    if left:
        await events.list_changed(kitchen, undo.sequence, left[0].list_id)
    return replace(undo, shopping=left)
