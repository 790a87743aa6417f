"""What is done to the stock, and the journal of it.

Every action may be given an `id` of the client's own, which it then has, and a `key`: sent again under the same key it
is done once. Without, each call has a key of its own, which repeats when an answer is lost.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from popote_client.stock.lots import Lot
from popote_client.stock.part import StockPart
from popote_client.stock.quantities import Price, Quantity
from popote_client.wire import Page

Reason = Literal["used", "spoiled", "given"]


class PurchaseLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something bought: of an item that is known, or by `name`, which is made where it is not known."""

    quantity: Quantity
    item_id: UUID | None = None
    name: str | None = None
    lot_id: UUID | None = None
    best_before: date | None = None
    use_by: date | None = None
    location_id: UUID | None = None
    price: Price | None = None


class ConsumeLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much to take of an item: from its lots in their order, or from the one that is named."""

    item_id: UUID
    quantity: Quantity | Literal["all"]
    lot_id: UUID | None = None


class OpenLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lot to open, or the one of an item that goes first; `quantity` of it, or all."""

    lot_id: UUID | None = None
    item_id: UUID | None = None
    quantity: Quantity | None = None


class MoveLine(msgspec.Struct, frozen=True, kw_only=True):
    """A lot to put elsewhere, or `quantity` of it."""

    lot_id: UUID
    location_id: UUID | None
    quantity: Quantity | None = None


class FreezeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A lot to freeze or thaw, or `quantity` of it; without a location it stays where it is."""

    lot_id: UUID
    location_id: UUID | UnsetType = UNSET
    quantity: Quantity | None = None


class CorrectLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is really there: of a lot its quantity, dates or price; or of an item its quantity in all."""

    lot_id: UUID | UnsetType = UNSET
    item_id: UUID | UnsetType = UNSET
    quantity: Quantity | UnsetType = UNSET
    best_before: date | UnsetType | None = UNSET
    use_by: date | UnsetType | None = UNSET
    price: Price | UnsetType | None = UNSET


class Take(msgspec.Struct, frozen=True):
    """What was taken of a lot; with `is_approximate` what was asked for is only about as much."""

    lot_id: UUID
    item_id: UUID
    quantity: Quantity
    is_approximate: bool = False


class Done(msgspec.Struct, frozen=True):
    action_id: UUID


class Consumed(Done, frozen=True):
    takes: list[Take]


class Changed(Done, frozen=True):
    """An action, and the lots that it made or changed, as they are now."""

    lots: list[Lot]


class JournalLine(msgspec.Struct, frozen=True, kw_only=True):
    """What an action did to a lot: `sign` tells whether there is more or less of it; `typed` is as it was typed."""

    kind: str
    lot_id: UUID
    item_id: UUID
    name: str
    quantity: Quantity
    sign: Literal[-1, 0, 1]
    typed: Quantity | None = None


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """An action of the journal; `undone_by` took it back, `undoes` is what it took back."""

    id: UUID
    kind: str
    reason: Reason | None = None
    at: datetime
    person_id: UUID
    service: str | None = None
    note: str = ""
    undoes: UUID | None = None
    undone_by: UUID | None = None
    lines: list[JournalLine]


class Check(msgspec.Struct, frozen=True):
    """How many lots there are, and those that do not agree with the journal."""

    lots: int
    differences: list[UUID]


class Ledger(StockPart):
    async def purchase(
        self, lines: Sequence[PurchaseLine], *, note: str = "", id: UUID | None = None, key: str | None = None
    ) -> Changed:
        """Add what was bought, a lot for each line."""
        return await self._post("/purchases", {"lines": lines, "note": note, "id": id}, Changed, key)

    async def consume(
        self,
        lines: Sequence[ConsumeLine],
        reason: Reason = "used",
        *,
        note: str = "",
        id: UUID | None = None,
        key: str | None = None,
    ) -> Consumed:
        """Take from the stock, all lines or none: what is opened first, then the soonest to spoil."""
        body = {"lines": lines, "reason": reason, "note": note, "id": id}
        return await self._post("/consume", body, Consumed, key)

    async def open_lots(
        self, lines: Sequence[OpenLine], *, note: str = "", id: UUID | None = None, key: str | None = None
    ) -> Changed:
        return await self._post("/open", {"lines": lines, "note": note, "id": id}, Changed, key)

    async def move_lots(
        self, lines: Sequence[MoveLine], *, note: str = "", id: UUID | None = None, key: str | None = None
    ) -> Changed:
        """Put lots elsewhere; what gets into a freezer is frozen, what leaves one thaws."""
        return await self._post("/move", {"lines": lines, "note": note, "id": id}, Changed, key)

    async def freeze_lots(
        self, lines: Sequence[FreezeLine], *, note: str = "", id: UUID | None = None, key: str | None = None
    ) -> Changed:
        return await self._post("/freeze", {"lines": lines, "note": note, "id": id}, Changed, key)

    async def thaw_lots(
        self, lines: Sequence[FreezeLine], *, note: str = "", id: UUID | None = None, key: str | None = None
    ) -> Changed:
        return await self._post("/thaw", {"lines": lines, "note": note, "id": id}, Changed, key)

    async def correct_lots(
        self, lines: Sequence[CorrectLine], *, note: str = "", id: UUID | None = None, key: str | None = None
    ) -> Changed:
        """Put down what is really there."""
        return await self._post("/correct", {"lines": lines, "note": note, "id": id}, Changed, key)

    async def undo_action(self, action_id: UUID, *, id: UUID | None = None, key: str | None = None) -> Done:
        """Take any action back, exactly; the undo is an action too, and can be undone."""
        return await self._post("/undo", {"action_id": action_id, "id": id}, Done, key)

    async def list_journal(
        self, *, item_id: UUID | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[Action]:
        """Read what was done to the stock, the last action first."""
        return await self._get("/journal", Page[Action], item_id=item_id, limit=limit, cursor=cursor)

    async def check_stock(self) -> Check:
        """Have the whole journal added up, and compared with what is on hand."""
        return await self._get("/check", Check)


def last_standing(actions: Sequence[Action], person: UUID) -> Action | None:
    """Return the last action of a person whose effect stands, of a stretch of the journal, the last action first.

    An undo counts as what it gives back: where it took an undo back, it stands for the first action again.
    """
    known = {action.id: action for action in actions}
    mine = (action for action in actions if action.person_id == person and action.undone_by is None)
    return next((action for action in mine if stands_for(action, known) is not None), None)


def stands_for(action: Action, known: dict[UUID, Action]) -> Action | None:
    """Return the action whose effect `action` brought about; None where it took one away, or it is not `known`."""
    undos = 0
    while action.undoes is not None:
        if action.undoes not in known:
            return None
        action = known[action.undoes]
        undos += 1
    return None if undos % 2 else action
