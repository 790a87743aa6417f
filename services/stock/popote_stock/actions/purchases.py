"""What comes in."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from popote_kit import quantity
from popote_kit.database import Kitchen
from popote_kit.problems import IdTaken, Invalid, at
from popote_stock import queries
from popote_stock.actions.items import items_named, items_with
from popote_stock.actions.scene import Recorded, Scene, begin, finish, known_place, new_lot
from popote_stock.model.foods import NOTHING, Told
from popote_stock.model.items import Item
from popote_stock.model.lots import Lot
from popote_stock.wire.common import check_days, check_one_of
from popote_stock.wire.ledger import Asked, PurchaseLine


async def purchase(kitchen: Kitchen, asked: Asked, lines: Sequence[PurchaseLine], told: Told = NOTHING) -> Recorded:
    """Add lots; items that are not known yet are made, `told` may say of what food.

    Raises:
        NotFound: an item or a location is none of the household's.
        Invalid, UnknownUnit, UnknownConversion: a line is wrong.
        IdTaken: an id is used already.
    """
    action = await begin(kitchen, "purchase", asked)
    scene = Scene(kitchen, {})
    await bring_in(kitchen, scene, lines, action.sequence, told=told)
    return await finish(kitchen, action, scene)


async def bring_in(  # noqa: PLR0913 - what to bring where, by name
    kitchen: Kitchen,
    scene: Scene,
    lines: Sequence[PurchaseLine],
    version: int,
    *,
    told: Told = NOTHING,
    member: str = "lines",
) -> None:
    """Let the scene have a new lot for each line, which stand in `member`; items that are not known yet are made.

    `told` may say of what food those are.

    Raises:
        NotFound: an item or a location is none of the household's.
        IdTaken: a lot's id is used already.
        Invalid, UnknownUnit, UnknownConversion: a line is wrong.
    """
    _check_purchase(lines, member)
    ids = [line.lot_id for line in lines if line.lot_id]
    if known := await queries.ledger.find_known_lots(kitchen, ids):
        raise IdTaken(id=known)
    scene.items |= await items_with(kitchen, {line.item_id for line in lines if line.item_id} - scene.items.keys())
    named = await items_named(kitchen, {line.name: line.quantity.unit for line in lines if line.name}, version, told)
    scene.items |= {item.id: item for item in named.values()}
    freezers = await queries.places.read_freezers(kitchen)
    for number, line in enumerate(lines):
        item = scene.items[line.item_id] if line.item_id else named[line.name or ""]
        with at(member, number):
            scene.change("add", None, _bought(kitchen, line, item, freezers), line.quantity)


def _check_purchase(lines: Sequence[PurchaseLine], member: str) -> None:
    ids: set[UUID | None] = set()
    for number, line in enumerate(lines):
        with at(member, number):
            check_one_of(item_id=line.item_id, name=line.name)
            check_days(best_before=line.best_before, use_by=line.use_by)
            with at("quantity"):
                quantity.unit(line.quantity.unit)
            if line.lot_id in ids:
                raise Invalid(errors=[{"pointer": "/lot_id", "message": "another line has the same"}])
        ids |= {line.lot_id} - {None}


def _bought(kitchen: Kitchen, line: PurchaseLine, item: Item, freezers: dict[UUID, bool]) -> Lot:
    place = known_place(line.location_id, freezers) or item.location_id
    with at("quantity"):
        amount = item.in_base(line.quantity)
    lot = new_lot(
        kitchen,
        item,
        amount,
        place,
        freezers,
        best_before=line.best_before,
        use_by=line.use_by,
        price=line.price.amount if line.price else None,
        currency=line.price.currency if line.price else None,
    )
    return replace(lot, id=line.lot_id) if line.lot_id else lot
