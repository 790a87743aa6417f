"""Actions upon lots, and the journal of them."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from popote_kit import pages
from popote_kit.database import Kitchen
from popote_kit.idempotency import KeyMissing
from popote_kit.identity import Caller
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import IdTaken, NameTaken, TooMany, documented
from popote_kit.quantity import TooMuch
from popote_kit.rules import COUNTED, KEYED, READ, WRITE, adults_only, no_guests
from popote_stock import actions, queries
from popote_stock.actions.scene import Recorded
from popote_stock.errors import AlreadyUndone, NotEnough, NothingToDo, UndoBlocked
from popote_stock.peers import Nutrition
from popote_stock.queries.ledger import Place
from popote_stock.wire.ledger import (
    ActionShown,
    Check,
    Consume,
    Consumed,
    Correct,
    Done,
    Freeze,
    Move,
    Open,
    Purchase,
    Purchased,
    ServiceAction,
    ServiceDone,
    Undo,
    shown,
    takes,
)
from popote_stock.wire.lots import LotShown

ACT = (*WRITE, *COUNTED, KeyMissing, IdTaken)
UPON = (*ACT, NotEnough, NothingToDo)

OfItem = Annotated[UUID | None, QueryParameter(description="Only actions upon this item.")]


@post(
    "/api/stock/purchases", operation_id="purchase", guards=[adults_only], opt=KEYED,
    responses=documented(*ACT, TooMany),
)  # fmt: skip
async def purchase(
    data: JSONBody[Purchase], kitchen: NamedDependency[Kitchen], nutrition: NamedDependency[Nutrition]
) -> Purchased:
    """Add what was bought, a lot for each line; items that are not known yet are made."""
    told = await actions.foods.of_new_names(kitchen, nutrition, [line.name for line in data.lines])
    done = await actions.purchases.purchase(kitchen, data, data.lines, told)
    return Purchased(done.action.id, _lots(done))


@post(
    "/api/stock/consume", operation_id="consume", status_code=200, guards=[no_guests], opt=KEYED,
    responses=documented(*ACT, NotEnough),
)  # fmt: skip
async def consume(data: JSONBody[Consume], kitchen: NamedDependency[Kitchen]) -> Consumed:
    """Take from the stock, all lines or none: what is opened first, then the soonest to spoil."""
    done = await actions.consumption.consume(kitchen, data, data.lines, data.reason)
    return Consumed(done.action.id, takes(done.changes, done.units))


@post(
    "/api/stock/open", operation_id="open_lots", status_code=200, guards=[adults_only], opt=KEYED,
    responses=documented(*UPON),
)  # fmt: skip
async def open_lots(data: JSONBody[Open], kitchen: NamedDependency[Kitchen]) -> Purchased:
    """Open lots, or parts of them, which become lots of their own."""
    return _changed(await actions.upkeep.open_lots(kitchen, data))


@post(
    "/api/stock/move", operation_id="move_lots", status_code=200, guards=[adults_only], opt=KEYED,
    responses=documented(*UPON),
)  # fmt: skip
async def move_lots(data: JSONBody[Move], kitchen: NamedDependency[Kitchen]) -> Purchased:
    """Put lots, or parts of them, elsewhere; what gets into a freezer is frozen, what leaves one thaws."""
    return _changed(await actions.upkeep.move(kitchen, data))


@post(
    "/api/stock/freeze", operation_id="freeze_lots", status_code=200, guards=[adults_only], opt=KEYED,
    responses=documented(*UPON),
)  # fmt: skip
async def freeze_lots(data: JSONBody[Freeze], kitchen: NamedDependency[Kitchen]) -> Purchased:
    """Freeze lots, or parts of them, wherever they lie."""
    return _changed(await actions.upkeep.freeze(kitchen, data))


@post(
    "/api/stock/thaw", operation_id="thaw_lots", status_code=200, guards=[adults_only], opt=KEYED,
    responses=documented(*UPON),
)  # fmt: skip
async def thaw_lots(data: JSONBody[Freeze], kitchen: NamedDependency[Kitchen]) -> Purchased:
    """Thaw lots, or parts of them."""
    return _changed(await actions.upkeep.thaw(kitchen, data))


@post(
    "/api/stock/correct", operation_id="correct_lots", status_code=200, guards=[adults_only], opt=KEYED,
    responses=documented(*UPON),
)  # fmt: skip
async def correct_lots(data: JSONBody[Correct], kitchen: NamedDependency[Kitchen]) -> Purchased:
    """Put down what is really there: of a lot its quantity, dates or price; or of an item its quantity in all."""
    return _changed(await actions.corrections.correct(kitchen, data))


@post(
    "/api/stock/undo", operation_id="undo_action", status_code=200, guards=[no_guests], opt=KEYED,
    responses=documented(*WRITE, KeyMissing, IdTaken, UndoBlocked, AlreadyUndone, NameTaken, TooMuch, TooMany),
)  # fmt: skip
async def undo_action(data: JSONBody[Undo], kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]) -> Done:
    """Take any action back, exactly; the undo is an action too, and can be undone. A child takes back its own."""
    return Done((await actions.undo.undo(kitchen, caller, data.action_id, data.id)).id)


@get("/api/stock/journal", operation_id="list_journal", responses=documented(*READ))
async def list_journal(
    kitchen: NamedDependency[Kitchen], item_id: OfItem = None, limit: Limit = 50, cursor: CursorText = None
) -> Page[ActionShown]:
    """Read what was done to the stock, the last action first; where actions have many lines, fewer on a page."""
    entries = await queries.ledger.read_journal(kitchen, limit + 1, pages.place(cursor, Place), item_id)
    places = {entry.action_id: Place(entry.sequence) for entry in entries}
    whole = {entry.action_id for entry in entries if entry.lines_before < queries.ledger.MAX_PAGE_LINES}
    return pages.page(shown(entries), min(limit, len(whole)), lambda last: places[last.id])


@get("/api/stock/check", operation_id="check_stock", responses=documented(*READ))
async def check_stock(kitchen: NamedDependency[Kitchen]) -> Check:
    """Add the whole journal up, and compare it with what is on hand."""
    lots, differences = await queries.ledger.check(kitchen)
    return Check(lots, [each.lot_id for each in differences])


@post(
    "/internal/actions", operation_id="serve_action", status_code=200, opt=KEYED,
    responses=documented(*UPON, TooMany),
)  # fmt: skip
async def serve_action(
    data: JSONBody[ServiceAction],
    kitchen: NamedDependency[Kitchen],
    caller: NamedDependency[Caller],
    nutrition: NamedDependency[Nutrition],
) -> ServiceDone:
    """Take and add for another service, in one action with one undo; asked again: the same answer."""
    told = await actions.foods.of_new_names(kitchen, nutrition, [line.name for line in data.adds])
    return await actions.services.serve(kitchen, caller, data, told)


@post(
    "/internal/actions/{id:uuid}/undo", operation_id="undo_served_action", status_code=200, opt=KEYED,
    responses=documented(*WRITE, KeyMissing, UndoBlocked, AlreadyUndone, NameTaken, TooMuch, TooMany),
)  # fmt: skip
async def undo_served_action(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]
) -> Done:
    """Take back what the service that asks did, where it stands; else `undone_by` tells what took it back."""
    return Done((await actions.undo.undo_served(kitchen, caller, id)).id)


def _lots(done: Recorded) -> list[LotShown]:
    return [LotShown.of(lot, done.units[lot.item_id]) for lot in done.new_lots]


def _changed(done: Recorded) -> Purchased:
    """Return every lot that an action changed, as it is now."""
    last = {change.lot.id: change.lot for change in done.changes}
    return Purchased(done.action.id, [LotShown.of(lot, done.units[lot.item_id]) for lot in last.values()])


ROUTES = [
    purchase, consume, open_lots, move_lots, freeze_lots, thaw_lots, correct_lots, undo_action, list_journal,
    check_stock, serve_action, undo_served_action,
]  # fmt: skip
