"""What other services do for a household."""

from uuid import UUID

from msgspec.structs import replace

from popote_kit import quantity
from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_stock import queries
from popote_stock.actions.consumption import stores, take_out
from popote_stock.actions.purchases import bring_in
from popote_stock.actions.scene import Recorded, begin, finish
from popote_stock.errors import IdTaken
from popote_stock.wire.ledger import Asked, ServiceAction, ServiceDone, TakeShown
from popote_stock.wire.lots import LotShown


async def serve(kitchen: Kitchen, caller: Caller, asked: ServiceAction) -> Recorded | None:
    """Do what another service asks for, in one action with one undo; None: it was done before, under the same id.

    Raises:
        NotFound, NotEnough, Invalid: as for `consume` and `purchase`.
    """
    try:
        action = await begin(kitchen, "service", Asked(id=asked.id, note=asked.note))
    except IdTaken:
        return None
    action = replace(action, reason=asked.reason, service=caller.service)
    scene = await stores(kitchen, asked.takes)
    take_out(kitchen, scene, asked.takes, asked.reason)
    await bring_in(kitchen, scene, asked.adds, action.sequence)
    return await finish(kitchen, action, scene)


async def tell_again(kitchen: Kitchen, id: UUID) -> ServiceDone:
    """Return what the action of a service was answered with, from the journal.

    Raises:
        IdTaken: a person did that action.
    """
    action = await queries.ledger.find_action(kitchen, id)
    if action is None or action.kind != "service":
        raise IdTaken(id=id)
    entries = await queries.ledger.read_journal(kitchen, 1, action.sequence + 1, None)
    taken = [entry for entry in entries if entry.kind == "take"]
    added = {entry.lot_id: entry.item_unit for entry in entries if entry.kind == "add"}
    lots = await queries.lots.read_some(kitchen, added)
    return ServiceDone(
        id,
        [TakeShown(each.lot_id, each.item_id, quantity.show(-each.delta, each.item_unit)) for each in taken],
        [LotShown.of(lot, added[lot.id]) for lot in lots.values()],
    )
