"""What an action is made of.

It begins by holding the household's counter, so that nobody else changes its lots; then the lots change, one after the
other; then it is written down.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import Struct
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.problems import IdTaken, NotFound, at
from popote_kit.quantity import Quantity
from popote_stock import events, queries
from popote_stock.errors import NotEnough, NothingToDo
from popote_stock.model.items import Item
from popote_stock.model.journal import ActionKind, Change, LineKind
from popote_stock.model.lots import Lot, keeping, split
from popote_stock.model.takes import Take
from popote_stock.queries.ledger import NewAction
from popote_stock.wire.ledger import Asked


class Recorded(Struct):
    """An action that was done, the changes that it made, and the items that it was about."""

    action: NewAction
    changes: list[Change]
    items: dict[UUID, Item]

    @property
    def units(self) -> dict[UUID, str]:
        """The unit in which each item is shown."""
        return {item.id: item.unit for item in self.items.values()}

    @property
    def new_lots(self) -> list[Lot]:
        return [change.after for change in self.changes if change.before is None and change.after]


class Scene:
    """The lots as an action goes on; each change follows on the one before."""

    def __init__(self, kitchen: Kitchen, items: dict[UUID, Item], lots: Iterable[Lot] = ()) -> None:
        self._kitchen = kitchen
        self.items = items
        self.lots = {lot.id: lot for lot in lots}
        self.changes: list[Change] = []

    def lot(self, id: UUID) -> Lot:
        """Return a lot as it is by now.

        Raises:
            NotFound: the household has none with that id.
        """
        if id not in self.lots:
            raise NotFound
        return self.lots[id]

    def of_item(self, item: UUID) -> list[Lot]:
        return [lot for lot in self.lots.values() if lot.item_id == item]

    def change(
        self,
        kind: LineKind,
        before: Lot | None,
        after: Lot,
        typed: Quantity | None = None,
        wanted: Quantity | None = None,
    ) -> None:
        """Note what becomes of a lot, as `typed`, or as a part of what was `wanted`; until when it keeps follows."""
        item, wanted = self.items[after.item_id], wanted or typed
        kept = keeping(after, item.shelf_life, self._kitchen.zone)
        is_approximate = wanted is not None and item.approximates(wanted)
        change = Change(kind=kind, before=before, after=kept, typed=typed, is_approximate=is_approximate)
        self.changes.append(change)
        self.lots[kept.id] = kept

    def take(self, take: Take, typed: Quantity | None, wanted: Quantity | None) -> None:
        """Take from a lot a part of what is `wanted`; None: all there is."""
        lot = take.lot
        if take.rounding:
            rounded = replace(lot, amount=lot.amount + take.rounding)
            self.change("rounding", lot, rounded)
            lot = self.lots[lot.id]
        self.change("take", lot, replace(lot, amount=lot.amount - take.amount), typed, wanted)

    def part(self, lot: Lot, typed: Quantity | None, **facts: Any) -> None:
        """Let `facts` hold of a lot, or of the `typed` part of it, which becomes a lot of its own, unless they do.

        Raises:
            NotEnough: the part is more than the lot holds.
        """
        with at("quantity"):
            amount = self.items[lot.item_id].in_base(typed) if typed else lot.amount
        self.set_apart(lot, amount, typed, **facts)

    def set_apart(self, lot: Lot, amount: int, typed: Quantity | None, **facts: Any) -> None:
        """Let `facts` hold of `amount` base units of a lot, as `part` does."""
        item = self.items[lot.item_id]
        if amount - lot.amount >= item.tolerance or not lot.amount:
            raise NotEnough(short=[{"item_id": item.id, "missing": item.show(amount - lot.amount)}])
        changed = replace(lot, **facts)
        if not lot.changed(changed):
            return
        if lot.amount - amount < item.tolerance:
            self.change("change", lot, changed, typed)
            return
        rest, part = split(lot, amount, uuid_utils.uuid7())
        self.change("split", lot, rest, typed)
        self.change("split", None, replace(part, **facts))


async def begin(kitchen: Kitchen, kind: ActionKind, asked: Asked) -> NewAction:
    """Begin an action: hold the household's counter, and give the action its place in the journal.

    Raises:
        IdTaken: the journal has an action with the id that the client made.
    """
    sequence = await sync.next_version(kitchen)
    if asked.id and await queries.ledger.find_action(kitchen, asked.id):
        raise IdTaken(id=asked.id)
    return NewAction(id=asked.id or uuid_utils.uuid7(), sequence=sequence, kind=kind, note=asked.note)


async def finish(kitchen: Kitchen, action: NewAction, scene: Scene) -> Recorded:
    """Record what happened in the scene.

    Raises:
        NothingToDo: nothing did.
    """
    if not scene.changes:
        raise NothingToDo
    await write(kitchen, action, scene.changes)
    return Recorded(action, scene.changes, scene.items)


async def write(kitchen: Kitchen, action: NewAction, changes: list[Change]) -> None:
    await queries.ledger.record(kitchen, action, changes)
    if gone := [change.lot.id for change in changes if change.after is None]:
        await sync.bury(kitchen, "lot", gone, action.sequence)
    if again := [change.lot.id for change in changes if change.before is None and change.kind == "undo"]:
        await sync.unbury(kitchen, "lot", again)
    await events.stock_changed(kitchen, action, changes)


def new_lot(
    kitchen: Kitchen, item: Item, amount: int, place: UUID | None, freezers: dict[UUID, bool], **facts: Any
) -> Lot:
    """Return a lot that has just come to a place; in a freezer it is frozen."""
    return Lot(
        id=uuid_utils.uuid7(),
        item_id=item.id,
        amount=amount,
        price_for=amount,
        added_at=kitchen.now,
        location_id=place,
        frozen_at=kitchen.now if place and freezers.get(place) else None,
        **facts,
    )


def known_place(place: UUID | None, freezers: dict[UUID, bool]) -> UUID | None:
    if place is not None and place not in freezers:
        raise NotFound
    return place
