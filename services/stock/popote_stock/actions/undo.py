"""Taking actions back."""

from uuid import UUID

from msgspec.structs import replace

from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.problems import Forbidden, NotFound
from popote_stock import queries
from popote_stock.actions.scene import begin, write
from popote_stock.errors import AlreadyUndone
from popote_stock.model.items import Item
from popote_stock.model.journal import Change, plan_undo
from popote_stock.model.lots import keeping
from popote_stock.queries.ledger import Action, NewAction
from popote_stock.wire.ledger import Asked


async def undo(kitchen: Kitchen, caller: Caller, id: UUID, as_id: UUID | None = None) -> NewAction:
    """Take an action back, by another action, which can be undone in turn.

    Raises:
        NotFound: there is no such action.
        AlreadyUndone: it was taken back before.
        UndoBlocked: later actions used its result.
        Forbidden: a child takes back only what it did itself.
    """
    action = await begin(kitchen, "undo", Asked(id=as_id))
    target = await queries.ledger.find_action(kitchen, id)
    if target is None:
        raise NotFound
    _check_may_undo(caller, target)
    lines = await queries.ledger.read_lines(kitchen, target.sequence)
    named = {line.lot_id for line in lines}
    lots = await queries.lots.read_some(kitchen, named)
    later = await queries.ledger.read_later(kitchen, target.sequence, named)
    changes = plan_undo(lines, lots, later)
    items = await queries.items.read_items(kitchen, {change.lot.item_id for change in changes})
    action = replace(action, undoes=target.id, stands=not target.stands, shopping=target.shopping)
    await write(kitchen, action, [_kept(kitchen, change, items) for change in changes])
    return action


def _check_may_undo(caller: Caller, target: Action) -> None:
    if caller.role == "child" and target.person_id != caller.person:
        raise Forbidden
    if target.undone_by:
        raise AlreadyUndone(undone_by=target.undone_by)


def _kept(kitchen: Kitchen, change: Change, items: dict[UUID, Item]) -> Change:
    if change.after is None:
        return change
    item = items.get(change.lot.item_id)
    if item is None:
        raise NotFound
    return replace(change, after=keeping(change.after, item.shelf_life, kitchen.zone))
