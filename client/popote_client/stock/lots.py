"""What is on hand."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from popote_client.stock.part import StockPart
from popote_client.stock.quantities import Price, Quantity
from popote_client.wire import Page


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """One purchase of one item, or what is left of it.

    It keeps until `expires_on`, which follows from `expires_why`: the label (best_before, use_by), or the item's shelf
    life after it was purchased, opened, frozen or thawed. `price` is that of what is left.
    """

    id: UUID
    item_id: UUID
    quantity: Quantity
    best_before: date | None = None
    use_by: date | None = None
    location_id: UUID | None = None
    added_at: datetime
    opened_at: datetime | None = None
    frozen_at: datetime | None = None
    thawed_at: datetime | None = None
    expires_on: date | None = None
    expires_why: str | None = None
    is_use_by: bool = False
    price: Price | None = None


class OnHand(msgspec.Struct, frozen=True, kw_only=True):
    """An item of which there is something; the first of its lots is the one that goes first."""

    item_id: UUID
    name: str
    total: Quantity
    opened: Quantity
    soonest: date | None
    lots: list[Lot]


class Expiring(Lot, frozen=True, kw_only=True):
    """A lot that does not keep much longer: `days`, negative when its date has passed."""

    name: str
    days: int


class Lots(StockPart):
    async def list_on_hand(
        self, *, location_id: UUID | None = None, limit: int = 100, cursor: str | None = None
    ) -> Page[OnHand]:
        """List what there is, item by item in the order of their names."""
        return await self._get("/on-hand", Page[OnHand], location_id=location_id, limit=limit, cursor=cursor)

    async def list_lots(self, item_id: UUID) -> list[Lot]:
        """List what there is of an item."""
        return (await self._get(f"/items/{item_id}/lots", Page[Lot])).items

    async def list_expiring(self, days: int = 7, *, limit: int = 100, cursor: str | None = None) -> Page[Expiring]:
        """List the lots whose date is at most so many days away, the soonest first; today is the household's."""
        return await self._get("/expiring", Page[Expiring], days=days, limit=limit, cursor=cursor)
