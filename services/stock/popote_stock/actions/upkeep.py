"""What happens to lots while they are kept: opened, moved, frozen, thawed."""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from popote_kit.database import Kitchen
from popote_kit.problems import Invalid, NotFound
from popote_stock import queries
from popote_stock.actions.items import items_with
from popote_stock.actions.scene import Recorded, Scene, begin, finish, known_place
from popote_stock.errors import NotEnough
from popote_stock.model.journal import ActionKind
from popote_stock.model.lots import Lot
from popote_stock.model.takes import in_order
from popote_stock.queries.ledger import NewAction
from popote_stock.wire.ledger import Correct, Freeze, Move, Open, OpenLine


async def open_lots(kitchen: Kitchen, asked: Open) -> Recorded:
    """Open lots, or parts of them, which become lots of their own.

    Raises:
        NotFound, NotEnough: there is no such lot, or not that much in it.
        NothingToDo: they are open.
    """
    action = await begin(kitchen, "open", asked)

    def act(scene: Scene) -> None:
        for line in asked.lines:
            lot = scene.lot(line.lot_id) if line.lot_id else _next_closed(kitchen, scene, line)
            if lot.opened_at is None:
                scene.part(lot, line.quantity, opened_at=kitchen.now)

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
        for line in asked.lines:
            lot, place = scene.lot(line.lot_id), line.location_id
            facts: dict[str, Any] = {"location_id": known_place(place, freezers)}
            if place and freezers[place] and not lot.is_frozen:
                facts |= {"frozen_at": kitchen.now, "thawed_at": None}
            elif lot.is_frozen and lot.location_id and freezers[lot.location_id] and not (place and freezers[place]):
                facts |= {"thawed_at": kitchen.now}
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


def _next_closed(kitchen: Kitchen, scene: Scene, line: OpenLine) -> Lot:
    if line.item_id is None:
        raise Invalid(errors=[{"pointer": "/lines", "message": "a line names a lot or an item"}])
    closed = [lot for lot in in_order(scene.of_item(line.item_id), "used", kitchen.today) if not lot.opened_at]
    if not closed:
        item = scene.items[line.item_id]
        raise NotEnough(short=[{"item_id": item.id, "missing": line.quantity or item.show(0)}])
    return closed[0]


async def _set_cold(
    kitchen: Kitchen, kind: ActionKind, asked: Freeze, facts: dict[str, Any], *, is_frozen: bool
) -> Recorded:
    action = await begin(kitchen, kind, asked)
    freezers = await queries.places.read_freezers(kitchen)

    def act(scene: Scene) -> None:
        for line in asked.lines:
            lot = scene.lot(line.lot_id)
            place = {} if line.location_id is UNSET else {"location_id": known_place(line.location_id, freezers)}
            scene.part(lot, line.quantity, **(place if lot.is_frozen == is_frozen else {**facts, **place}))

    return await upon_lots(kitchen, action, asked, act)
