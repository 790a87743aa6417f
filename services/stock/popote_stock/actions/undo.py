"""Taking actions back."""

from collections.abc import Container, Sequence
from uuid import UUID

from msgspec.structs import replace

from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.problems import Forbidden, NotFound
from popote_stock import queries
from popote_stock.actions.items import restore_items
from popote_stock.actions.scene import begin, write
from popote_stock.actions.trips import turn
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
        Forbidden: a child takes back only what it did itself.
        AlreadyUndone: it was taken back before.
        UndoBlocked, NameTaken, TooMuch, TooMany: it can't be taken back now.
    """
    action = await begin(kitchen, "undo", Asked(id=as_id))
    target = await queries.ledger.find_action(kitchen, id)
    if target is None:
        raise NotFound
    if caller.role == "child" and target.person_id != caller.person:
        raise Forbidden
    return await _take_back(kitchen, caller, action, target)


async def undo_served(kitchen: Kitchen, caller: Caller, id: UUID) -> NewAction:
    """Take back what a service did, where that stands: also when somebody had taken it back, and that in turn.

    Raises:
        NotFound: the service did no such action.
        AlreadyUndone: it does not stand; `undone_by` is the action that took it back last.
        UndoBlocked, NameTaken, TooMuch, TooMany: it can't be taken back now.
    """
    action = await begin(kitchen, "undo", Asked())
    served = await queries.ledger.find_action(kitchen, id)
    if served is None or (served.kind, served.service) != ("service", caller.service):
        raise NotFound
    last = await queries.ledger.read_last_of_chain(kitchen, id)
    if not last.stands:
        raise AlreadyUndone(undone_by=last.id)
    return await _take_back(kitchen, caller, action, last)


async def _take_back(kitchen: Kitchen, caller: Caller, action: NewAction, target: Action) -> NewAction:
    """Let `action` take `target` back.

    Raises:
        AlreadyUndone: it was taken back before.
        UndoBlocked: later actions used its result.
        NameTaken: another item has by now the name of one that comes back.
        TooMuch: a lot would hold more than can be kept.
        TooMany: a list has no room for what a trip took off it.
    """
    if target.undone_by:
        raise AlreadyUndone(undone_by=target.undone_by)
    lines = await queries.ledger.read_lines(kitchen, target.sequence)
    named = {line.lot_id for line in lines}
    lots = await queries.lots.read_some(kitchen, named)
    later = await queries.ledger.read_later(kitchen, target.sequence, named)
    changes = plan_undo(lines, lots, later)
    action = replace(action, undoes=target.id, stands=not target.stands, service=caller.service)
    if target.shopping is not None:
        action = await turn(kitchen, action, target.shopping)
    await write(kitchen, action, await _fitted(kitchen, changes, action.sequence))
    return action


async def _fitted(kitchen: Kitchen, changes: Sequence[Change], version: int) -> list[Change]:
    """Return the changes as they fit what there is now: places that are gone are left, deleted items come back."""
    items = await queries.items.read_items(kitchen, {change.lot.item_id for change in changes}, deleted=True)
    places = await queries.places.read_freezers(kitchen)
    back = {change.after.item_id for change in changes if change.after and items[change.after.item_id].deleted_at}
    await restore_items(kitchen, [items[item] for item in back], version)
    return [_fit(kitchen, change, items[change.lot.item_id], places) for change in changes]


def _fit(kitchen: Kitchen, change: Change, item: Item, places: Container[UUID]) -> Change:
    lot = change.after
    if lot is None:
        return change
    if lot.location_id not in places:
        lot = replace(lot, location_id=None)
    return replace(change, after=keeping(lot, item.shelf_life, kitchen.zone))
