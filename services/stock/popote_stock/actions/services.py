"""What other services do for a household."""

from msgspec.structs import replace

from popote_kit import codec, quantity
from popote_kit.database import Kitchen
from popote_kit.idempotency import fingerprint
from popote_kit.identity import Caller
from popote_kit.problems import IdTaken
from popote_stock import queries
from popote_stock.actions.consumption import stores, take_out
from popote_stock.actions.purchases import bring_in
from popote_stock.actions.scene import begin, finish
from popote_stock.model.foods import NOTHING, Told
from popote_stock.queries.ledger import NewAction
from popote_stock.wire.ledger import Asked, ServiceAction, ServiceDone, TakeShown
from popote_stock.wire.lots import LotShown


async def serve(kitchen: Kitchen, caller: Caller, asked: ServiceAction, told: Told = NOTHING) -> ServiceDone:
    """Do what another service asks for, in one action with one undo; asked again, it is told what was done then.

    `told` may say of what food those items are that are made.

    Raises:
        IdTaken: the id is that of something else, or of what was asked for otherwise.
        NothingToDo: it asks for nothing.
        NotFound, NotEnough, Invalid, UnknownUnit, UnknownConversion, TooMany: as for `consume` and `purchase`.
    """
    request_hash = fingerprint("serve", codec.encode(asked))
    try:
        action = await begin(kitchen, "service", Asked(id=asked.id, note=asked.note))
    except IdTaken:
        known = await queries.ledger.find_action(kitchen, asked.id)
        if known is None or (known.service, known.request_hash) != (caller.service, request_hash):
            raise
        return await _told(kitchen, known)
    action = replace(action, reason=asked.reason, service=caller.service, request_hash=request_hash)
    scene = await stores(kitchen, asked.takes)
    take_out(kitchen, scene, asked.takes, asked.reason, member="takes")
    await bring_in(kitchen, scene, asked.adds, action.sequence, told=told, member="adds")
    await finish(kitchen, action, scene)
    return await _told(kitchen, action)


async def _told(kitchen: Kitchen, action: NewAction) -> ServiceDone:
    lines = await queries.ledger.read_shown(kitchen, action.sequence)
    takes = [line for line in lines if line.kind == "take"]
    return ServiceDone(
        action.id,
        [
            TakeShown(line.lot_id, line.item_id, quantity.show(-line.delta, line.item_unit), line.is_approximate)
            for line in takes
        ],
        [LotShown.of(line.after, line.item_unit) for line in lines if line.is_new and line.after],
    )
