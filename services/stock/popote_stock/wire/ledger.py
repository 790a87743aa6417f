"""Actions on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from popote_kit import quantity
from popote_kit.quantity import PositiveQuantity, Quantity
from popote_stock.model.journal import ActionKind, Change
from popote_stock.model.takes import Reason
from popote_stock.queries.ledger import Entry
from popote_stock.wire.common import MAX_LINES, Name, Note, Price
from popote_stock.wire.lots import LotShown

All = Literal["all"]


class Asked(Struct, forbid_unknown_fields=True, kw_only=True):
    """An action that a client asks for; `id` is the action's, where the client made it."""

    id: UUID | None = None
    note: Note = ""


class PurchaseLine(Struct, forbid_unknown_fields=True, kw_only=True):
    """Something bought: of an item that is known, or by `name`, which is made where it is not known.

    Left out, the place and the date follow from the item. `lot_id` is the lot's, where the client made it.
    """

    quantity: PositiveQuantity
    item_id: UUID | None = None
    name: Name | None = None
    lot_id: UUID | None = None
    best_before: date | None = None
    use_by: date | None = None
    location_id: UUID | None = None
    price: Price | None = None


class ConsumeLine(Struct, forbid_unknown_fields=True, kw_only=True):
    """How much to take of an item: from its lots in their order, or from the one that is named."""

    item_id: UUID
    quantity: PositiveQuantity | All
    lot_id: UUID | None = None


class Purchase(Asked, kw_only=True):
    lines: Annotated[list[PurchaseLine], Meta(min_length=1, max_length=MAX_LINES)]


class Consume(Asked, kw_only=True):
    lines: Annotated[list[ConsumeLine], Meta(min_length=1, max_length=MAX_LINES)]
    reason: Reason = "used"


class PartLine(Struct, forbid_unknown_fields=True, kw_only=True):
    """A lot, or `quantity` of it, which then becomes a lot of its own."""

    lot_id: UUID
    quantity: PositiveQuantity | None = None


class OpenLine(Struct, forbid_unknown_fields=True, kw_only=True):
    """A lot to open, or `quantity` of it; or of an item the lot that goes first, or `quantity` of its closed lots."""

    lot_id: UUID | None = None
    item_id: UUID | None = None
    quantity: PositiveQuantity | None = None


class MoveLine(PartLine, kw_only=True):
    location_id: UUID | None


class FreezeLine(PartLine, kw_only=True):
    """Left out, the place stays."""

    location_id: UUID | UnsetType = UNSET


class CorrectLine(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is really there: of a lot its quantity, dates or price; or of an item its quantity in all."""

    lot_id: UUID | None = None
    item_id: UUID | None = None
    quantity: Quantity | UnsetType = UNSET
    best_before: date | UnsetType | None = UNSET
    use_by: date | UnsetType | None = UNSET
    price: Price | UnsetType | None = UNSET


class Open(Asked, kw_only=True):
    lines: Annotated[list[OpenLine], Meta(min_length=1, max_length=MAX_LINES)]


class Move(Asked, kw_only=True):
    lines: Annotated[list[MoveLine], Meta(min_length=1, max_length=MAX_LINES)]


class Freeze(Asked, kw_only=True):
    lines: Annotated[list[FreezeLine], Meta(min_length=1, max_length=MAX_LINES)]


class Correct(Asked, kw_only=True):
    lines: Annotated[list[CorrectLine], Meta(min_length=1, max_length=MAX_LINES)]


class Undo(Struct, forbid_unknown_fields=True):
    """`id` is that of the new action, where the client made it."""

    action_id: UUID
    id: UUID | None = None


class ServiceAction(Struct, forbid_unknown_fields=True, kw_only=True):
    """What another service does for a household: takes and adds, in one action. Asked again, it tells what was done."""

    id: UUID
    takes: Annotated[list[ConsumeLine], Meta(max_length=MAX_LINES)] = []
    adds: Annotated[list[PurchaseLine], Meta(max_length=MAX_LINES)] = []
    reason: Reason = "used"
    note: Note = ""


class TakeShown(Struct):
    """What was taken of a lot; with `is_approximate` what was asked for is only about as much."""

    lot_id: UUID
    item_id: UUID
    quantity: Quantity
    is_approximate: bool


class Done(Struct):
    action_id: UUID


class Purchased(Struct):
    action_id: UUID
    lots: list[LotShown]


class Consumed(Struct):
    action_id: UUID
    takes: list[TakeShown]


class ServiceDone(Struct):
    action_id: UUID
    takes: list[TakeShown]
    lots: list[LotShown]


class LineShown(Struct, kw_only=True):
    """What an action did to a lot; `sign` tells whether there is more or less of it. `typed` is as it was typed.

    With `is_approximate` what was typed is only about as much.
    """

    kind: str
    lot_id: UUID
    item_id: UUID
    name: str
    quantity: Quantity
    sign: Literal[-1, 0, 1]
    typed: Quantity | None
    is_approximate: bool

    @classmethod
    def of(cls, entry: Entry) -> Self:
        typed = None
        if entry.amount is not None and entry.unit is not None:
            typed = Quantity(quantity.Amount(entry.amount), entry.unit)
        return cls(
            kind=entry.kind,
            lot_id=entry.lot_id,
            item_id=entry.item_id,
            name=entry.name,
            quantity=quantity.show(abs(entry.delta), entry.item_unit),
            sign=1 if entry.delta > 0 else -1 if entry.delta else 0,
            typed=typed,
            is_approximate=entry.is_approximate,
        )


class ActionShown(Struct, kw_only=True):
    """An action of the journal; `undone_by` took it back, `undoes` is what it took back."""

    id: UUID
    kind: ActionKind
    reason: Reason | None
    at: datetime
    person_id: UUID
    service: str | None
    note: str
    undoes: UUID | None
    undone_by: UUID | None
    lines: list[LineShown]


def shown(entries: list[Entry]) -> list[ActionShown]:
    """Return the actions of a stretch of the journal, each with its lines."""
    by_action: dict[UUID, list[Entry]] = {}
    for entry in entries:
        by_action.setdefault(entry.action_id, []).append(entry)
    return [_shown(group) for group in by_action.values()]


def _shown(entries: list[Entry]) -> ActionShown:
    first = entries[0]
    return ActionShown(
        id=first.action_id,
        kind=first.action_kind,
        reason=first.reason,
        at=first.at,
        person_id=first.person_id,
        service=first.service,
        note=first.note,
        undoes=first.undoes,
        undone_by=first.undone_by,
        lines=[LineShown.of(entry) for entry in entries],
    )


def takes(changes: list[Change], units: dict[UUID, str]) -> list[TakeShown]:
    """Return what was taken of which lot; `units` has the unit of each item."""
    return [
        TakeShown(
            change.lot.id,
            change.lot.item_id,
            quantity.show(-change.delta, units[change.lot.item_id]),
            change.is_approximate,
        )
        for change in changes
        if change.kind == "take"
    ]


class Check(Struct):
    """Whether the lots agree with the journal, lot by lot; `differences` should be empty."""

    lots: int
    differences: list[UUID]
