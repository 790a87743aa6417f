"""What is really there."""

from typing import Any

import uuid_utils.compat as uuid_utils
from msgspec import UNSET
from msgspec.structs import replace

from popote_kit.database import Kitchen
from popote_kit.problems import Invalid
from popote_kit.quantity import Quantity
from popote_stock.actions.scene import Recorded, Scene, begin
from popote_stock.actions.upkeep import upon_lots
from popote_stock.model.items import Item
from popote_stock.model.lots import Lot
from popote_stock.model.takes import in_order, plan_takes
from popote_stock.wire.common import Price, check_days
from popote_stock.wire.ledger import Correct, CorrectLine


async def correct(kitchen: Kitchen, asked: Correct) -> Recorded:
    """Put down what is really there.

    Raises:
        NotFound: there is no such lot or item.
        NothingToDo: it is what the books say.
    """
    for line in asked.lines:
        _check_correction(line)

    def act(scene: Scene) -> None:
        for line in asked.lines:
            if line.lot_id:
                _correct_lot(scene, line)
            elif line.item_id and line.quantity is not UNSET:
                _count_item(kitchen, scene, scene.items[line.item_id], line.quantity)

    return await upon_lots(kitchen, await begin(kitchen, "correct", asked), asked, act)


def _check_correction(line: CorrectLine) -> None:
    if (line.lot_id is None) == (line.item_id is None):
        raise Invalid(errors=[{"pointer": "/lines", "message": "a line names either a lot or an item"}])
    is_counted = line.quantity is not UNSET
    only_counts = line.best_before is line.use_by is line.price is UNSET
    if line.item_id and not (is_counted and only_counts):
        raise Invalid(errors=[{"pointer": "/lines", "message": "of an item only the quantity can be corrected"}])
    check_days(**{name: day for name in ("best_before", "use_by") if (day := getattr(line, name)) is not UNSET})


def _correct_lot(scene: Scene, line: CorrectLine) -> None:
    lot = scene.lot(line.lot_id) if line.lot_id else None
    assert lot is not None  # noqa: S101 - the caller looked
    facts: dict[str, Any] = {
        name: value for name in ("best_before", "use_by") if (value := getattr(line, name)) is not UNSET
    }
    if line.price is not UNSET:
        facts |= _paid(line.price)
    changed = replace(lot, **facts)
    if lot.changed(changed):
        scene.change("change", lot, changed)
        lot = scene.lots[lot.id]
    if line.quantity is not UNSET:
        amount = scene.items[lot.item_id].in_base(line.quantity)
        if amount != lot.amount:
            scene.change("count", lot, replace(lot, amount=amount), line.quantity)


def _paid(price: Price | None) -> dict[str, Any]:
    return {"price": price.amount if price else None, "currency": price.currency if price else None}


def _count_item(kitchen: Kitchen, scene: Scene, item: Item, counted: Quantity) -> None:
    """Let the lots of an item add up to what was counted.

    What is missing was taken from those that keep least long; what is more is a lot of its own, of which no more is
    known.
    """
    there = in_order(scene.of_item(item.id), "spoiled", kitchen.today)
    amount = item.in_base(counted)
    more = amount - sum(lot.amount for lot in there)
    if more > 0:
        found = Lot(
            id=uuid_utils.uuid7(),
            item_id=item.id,
            amount=more,
            price_for=more,
            added_at=kitchen.now,
            location_id=item.location_id,
        )
        scene.change("count", None, found, counted)
    takes, _ = plan_takes(there, max(-more, 0), 0)
    for take in takes:
        scene.change("count", take.lot, replace(take.lot, amount=take.left), counted)
