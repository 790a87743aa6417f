"""What happens to lots while they are kept: opened, moved, frozen, thawed."""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from popote_kit.database import Kitchen
from popote_kit.problems import NotFound, at
from popote_kit.quantity import Quantity
from popote_stock import queries
from popote_stock.actions.items import items_with
from popote_stock.actions.scene import Recorded, Scene, begin, finish, known_place
from popote_stock.errors import NotEnough
from popote_stock.model.items import Item
from popote_stock.model.journal import ActionKind
from popote_stock.model.takes import in_order, plan_takes
from popote_stock.queries.ledger import NewAction
from popote_stock.wire.common import check_one_of
from popote_stock.wire.ledger import Correct, Freeze, Move, Open


async def open_lots(kitchen: Kitchen, asked: Open) -> Recorded:
    """Open lots, or parts of them, which become lots of their own.

    Raises:
        NotFound, NotEnough: there is no such lot or item, or not that much that is closed.
        NothingToDo: they are open.
        Invalid: a line names no lot and no item, or both.
    """
    for number, line in enumerate(asked.lines):
        with at("lines", number):
            check_one_of(lot_id=line.lot_id, item_id=line.item_id)
    action = await begin(kitchen, "open", asked)

    def act(scene: Scene) -> None:
        for number, line in enumerate(asked.lines):
            with at("lines", number):
                if line.item_id:
                    _open_item(kitchen, scene, scene.items[line.item_id], line.quantity)
                elif line.lot_id and not scene.lot(line.lot_id).opened_at:
                    scene.part(scene.lot(line.lot_id), line.quantity, opened_at=kitchen.now)

    return await upon_lots(kitchen, action, asked, act)


async def move(kitchen: Kitchen, asked: Move) -> Recorded:
    """Put lots, or parts of them, elsewhere. What gets into a freezer is frozen, what leaves one thaws.

    Raises:
        NotFound, NotEnough: there is no such lot or location, or not that much in it.
        NothingToDo: they are there.
    """
    action = await begin(kitchen, "move", asked)
    freezers = await queries.places.read_freezers(kitchen)

    def act(scene: Scene) -> None:
        for number, line in enumerate(asked.lines):
            lot, place = scene.lot(line.lot_id), line.location_id
            facts: dict[str, Any] = {"location_id": known_place(place, freezers)}
            if place and freezers[place] and not lot.is_frozen:
                facts |= {"frozen_at": kitchen.now, "thawed_at": None}
            elif lot.is_frozen and lot.location_id and freezers[lot.location_id] and not (place and freezers[place]):
                facts |= {"thawed_at": kitchen.now}
            with at("lines", number):
                scene.part(lot, line.quantity, **facts)

    return await upon_lots(kitchen, action, asked, act)


async def freeze(kitchen: Kitchen, asked: Freeze) -> Recorded:
    """Freeze lots, or parts of them; NotFound, NotEnough and NothingToDo as for `move`."""
    facts = {"frozen_at": kitchen.now, "thawed_at": None}
    return await _set_cold(kitchen, "freeze", asked, facts, is_frozen=True)


async def thaw(kitchen: Kitchen, asked: Freeze) -> Recorded:
    """Thaw lots, or parts of them; NotFound, NotEnough and NothingToDo as for `move`."""
    return await _set_cold(kitchen, "thaw", asked, {"thawed_at": kitchen.now}, is_frozen=False)


async def upon_lots(
    kitchen: Kitchen, action: NewAction, asked: Open | Move | Freeze | Correct, act: Callable[[Scene], None]
) -> Recorded:
    """Record what `act` does to the lots and items that the lines of `asked` name, as `action`, which was begun."""
    named = {line.lot_id for line in asked.lines if line.lot_id}
    items = {item for line in asked.lines if (item := getattr(line, "item_id", None))}
    lots = await queries.lots.read_open(kitchen, items, named)
    if named - {lot.id for lot in lots}:
        raise NotFound
    scene = Scene(kitchen, await items_with(kitchen, items | {lot.item_id for lot in lots}), lots)
    act(scene)
    return await finish(kitchen, action, scene)


def _open_item(kitchen: Kitchen, scene: Scene, item: Item, wanted: Quantity | None) -> None:
    """Open the closed lot of an item that goes first, or so much of its closed lots in their order."""
    held = (lot for lot in scene.of_item(item.id) if lot.amount)
    closed = [lot for lot in in_order(held, "used", kitchen.today) if not lot.opened_at]
    with at("quantity"):
        amount = item.in_base(wanted) if wanted else None
    takes, missing = plan_takes(closed if wanted else closed[:1], amount, item.tolerance)
    if missing or not takes:
        raise NotEnough(short=[{"item_id": item.id, "missing": item.show(missing)}])
    for number, take in enumerate(takes):
        typed = None if number else wanted  # it stands beside the first
        scene.set_apart(take.lot, take.amount, typed, opened_at=kitchen.now)


async def _set_cold(
    kitchen: Kitchen, kind: ActionKind, asked: Freeze, facts: dict[str, Any], *, is_frozen: bool
) -> Recorded:
    action = await begin(kitchen, kind, asked)
    freezers = await queries.places.read_freezers(kitchen)

    def act(scene: Scene) -> None:
        for number, line in enumerate(asked.lines):
            lot = scene.lot(line.lot_id)
            place = {} if line.location_id is UNSET else {"location_id": known_place(line.location_id, freezers)}
            with at("lines", number):
                scene.part(lot, line.quantity, **(place if lot.is_frozen == is_frozen else {**facts, **place}))

    return await upon_lots(kitchen, action, asked, act)
