"""What is really there."""

from typing import Any
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from popote_kit.database import Kitchen
from popote_kit.problems import Invalid, at
from popote_kit.quantity import Quantity
from popote_stock import queries
from popote_stock.actions.scene import Recorded, Scene, begin, new_lot
from popote_stock.actions.upkeep import upon_lots
from popote_stock.model.items import Item
from popote_stock.model.lots import Lot
from popote_stock.model.takes import in_order, plan_takes
from popote_stock.wire.common import check_days, check_one_of
from popote_stock.wire.ledger import Correct, CorrectLine


async def correct(kitchen: Kitchen, asked: Correct) -> Recorded:
    """Put down what is really there.

    Raises:
        NotFound: there is no such lot or item.
        NothingToDo: it is what the books say.
    """
    for number, line in enumerate(asked.lines):
        with at("lines", number):
            _check_correction(line)

    action = await begin(kitchen, "correct", asked)
    freezers = await queries.places.read_freezers(kitchen)

    def act(scene: Scene) -> None:
        for number, line in enumerate(asked.lines):
            with at("lines", number):
                if line.lot_id:
                    _correct_lot(scene, scene.lot(line.lot_id), line)
                elif line.item_id and line.quantity is not UNSET:
                    _count_item(kitchen, scene, scene.items[line.item_id], line.quantity, freezers)

    return await upon_lots(kitchen, action, asked, act)


def _check_correction(line: CorrectLine) -> None:
    check_one_of(lot_id=line.lot_id, item_id=line.item_id)
    is_counted = line.quantity is not UNSET
    only_counts = line.best_before is line.use_by is line.price is UNSET
    if line.item_id and not (is_counted and only_counts):
        raise Invalid(errors=[{"pointer": "", "message": "of an item only the quantity can be corrected"}])
    check_days(**_label(line))


def _correct_lot(scene: Scene, lot: Lot, line: CorrectLine) -> None:
    if line.quantity is not UNSET:
        with at("quantity"):
            amount = scene.items[lot.item_id].in_base(line.quantity)
        if amount != lot.amount:
            scene.change("count", lot, replace(lot, amount=amount), line.quantity)
            lot = scene.lots[lot.id]
    changed = replace(lot, **_label(line))
    if line.price is not UNSET:
        with at("price"):
            changed = changed.priced(*(line.price.amount, line.price.currency) if line.price else (None, None))
    if lot.changed(changed):
        scene.change("change", lot, changed)


def _label(line: CorrectLine) -> dict[str, Any]:
    return {name: day for name in ("best_before", "use_by") if (day := getattr(line, name)) is not UNSET}


def _count_item(kitchen: Kitchen, scene: Scene, item: Item, counted: Quantity, freezers: dict[UUID, bool]) -> None:
    """Let the lots of an item add up to what was counted.

    What is missing was taken from those that keep least long; what is more is a lot of its own, of which no more is
    known.
    """
    there = in_order(scene.of_item(item.id), "spoiled", kitchen.today)
    with at("quantity"):
        amount = item.in_base(counted)
    more = amount - sum(lot.amount for lot in there)
    if more > 0:
        scene.change("count", None, new_lot(kitchen, item, more, item.location_id, freezers), counted)
    takes, _ = plan_takes(there, max(-more, 0), 0)
    for number, take in enumerate(takes):
        typed = None if number else counted  # it stands beside the first
        scene.change("count", take.lot, replace(take.lot, amount=take.left), typed)
