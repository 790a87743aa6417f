"""What is taken out."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from popote_kit.database import Kitchen
from popote_kit.problems import NotFound, at
from popote_stock import queries
from popote_stock.actions.items import items_with
from popote_stock.actions.scene import Recorded, Scene, begin, finish
from popote_stock.errors import NotEnough
from popote_stock.model.lots import Lot
from popote_stock.model.takes import Reason, in_order, plan_takes
from popote_stock.wire.ledger import Asked, ConsumeLine


async def consume(kitchen: Kitchen, asked: Asked, lines: Sequence[ConsumeLine], reason: Reason) -> Recorded:
    """Take from lots, all lines or none.

    Raises:
        NotFound: an item or a lot is none of the household's.
        NotEnough: there is less than was asked for.
    """
    action = replace(await begin(kitchen, "consume", asked), reason=reason)
    scene = await stores(kitchen, lines)
    take_out(kitchen, scene, lines, reason)
    return await finish(kitchen, action, scene)


async def stores(kitchen: Kitchen, lines: Sequence[ConsumeLine]) -> Scene:
    """Return a scene with the items that lines name, and their lots; of empty ones those that are named."""
    items = await items_with(kitchen, {line.item_id for line in lines})
    named = [line.lot_id for line in lines if line.lot_id]
    return Scene(kitchen, items, await queries.lots.read_open(kitchen, items, named) if items else ())


def take_out(
    kitchen: Kitchen, scene: Scene, lines: Sequence[ConsumeLine], reason: Reason, *, member: str = "lines"
) -> None:
    """Take what the lines, which stand in `member`, say out of the scene.

    Raises:
        NotFound: a line names a lot that is none of its item.
        NotEnough: there is less; all that is missing is told, of all lines together.
    """
    short: dict[UUID, int] = {}
    for number, line in enumerate(lines):
        item = scene.items[line.item_id]
        wanted = None if isinstance(line.quantity, str) else line.quantity
        with at(member, number, "quantity"):
            amount = item.in_base(wanted) if wanted else None
        takes, missing = plan_takes(_eligible(kitchen, scene, line, reason), amount, item.tolerance)
        if missing or not takes:
            short[item.id] = short.get(item.id, 0) + missing
        for place, take in enumerate(takes):
            typed = None if place else wanted  # it stands beside the first
            scene.take(take, typed, wanted)
    if short:
        raise _not_enough(kitchen, scene, short)


def _eligible(kitchen: Kitchen, scene: Scene, line: ConsumeLine, reason: Reason) -> list[Lot]:
    if line.lot_id is None:
        return in_order(scene.of_item(line.item_id), reason, kitchen.today)
    lot = scene.lot(line.lot_id)
    if lot.item_id != line.item_id:
        raise NotFound
    return [lot]


def _not_enough(kitchen: Kitchen, scene: Scene, short: dict[UUID, int]) -> NotEnough:
    past = {lot.item_id for lot in scene.lots.values() if lot.amount and lot.is_past_use_by(kitchen.today)}
    return NotEnough(
        short=[{"item_id": item, "missing": scene.items[item].show(missing)} for item, missing in short.items()],
        past_use_by=[item for item in short if item in past],
    )
