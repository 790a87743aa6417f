"""Lots on the wire."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from msgspec import Struct

from popote_kit import quantity
from popote_kit.quantity import Amount, Quantity
from popote_stock.model.lots import Lot, Why
from popote_stock.queries.lots import HeldLot
from popote_stock.wire.common import Money


class LotShown(Struct, kw_only=True):
    """A lot: how much, where, until when.

    `expires_on` is the date until which it keeps and `expires_why` what that follows from: the label (`best_before`,
    `use_by`), or the item's shelf life after it was `purchased`, `opened`, `frozen` or `thawed`. Past it the lot is not
    to be eaten where `is_use_by` is true.
    """

    id: UUID
    item_id: UUID
    quantity: Quantity
    best_before: date | None
    use_by: date | None
    location_id: UUID | None
    added_at: datetime
    opened_at: datetime | None
    frozen_at: datetime | None
    thawed_at: datetime | None
    expires_on: date | None
    expires_why: Why | None
    is_use_by: bool
    price: Money | None

    @classmethod
    def of(cls, lot: Lot, unit: str) -> Self:
        """Return the lot as it is shown, in the item's `unit`; the price is that of what is left."""
        cost = lot.cost(lot.amount)
        return cls(
            id=lot.id,
            item_id=lot.item_id,
            quantity=quantity.show(lot.amount, unit),
            best_before=lot.best_before,
            use_by=lot.use_by,
            location_id=lot.location_id,
            added_at=lot.added_at,
            opened_at=lot.opened_at,
            frozen_at=lot.frozen_at,
            thawed_at=lot.thawed_at,
            expires_on=lot.expires_on,
            expires_why=lot.expires_why,
            is_use_by=lot.is_use_by,
            price=Money(Amount(cost), lot.currency) if cost is not None and lot.currency else None,
        )


class OnHand(Struct, kw_only=True):
    """An item of which there is something: how much in all, how much of it opened, and the soonest date."""

    item_id: UUID
    name: str
    total: Quantity
    opened: Quantity
    soonest: date | None
    lots: list[LotShown]


def on_hand(lots: list[HeldLot]) -> list[OnHand]:
    """Return what is on hand of each item; the lots of an item follow each other."""
    by_item: dict[UUID, list[HeldLot]] = {}
    for lot in lots:
        by_item.setdefault(lot.item_id, []).append(lot)
    return [_on_hand(group) for group in by_item.values()]


def _on_hand(lots: list[HeldLot]) -> OnHand:
    first = lots[0]
    dates = [lot.expires_on for lot in lots if lot.expires_on]
    return OnHand(
        item_id=first.item_id,
        name=first.name,
        total=quantity.show(sum(lot.amount for lot in lots), first.unit),
        opened=quantity.show(sum(lot.amount for lot in lots if lot.opened_at), first.unit),
        soonest=min(dates, default=None),
        lots=[LotShown.of(lot, first.unit) for lot in lots],
    )


class Expiring(LotShown, kw_only=True):
    """A lot that does not keep much longer; `days` is how many are left, negative when its date has passed."""

    name: str
    days: int
