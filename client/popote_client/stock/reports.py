"""What the household's food has cost."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from popote_client.stock.part import StockPart
from popote_client.stock.quantities import Price, Quantity
from popote_client.wire import Page


class CategoryCost(msgspec.Struct, frozen=True, kw_only=True):
    """What the goods of one category cost in a month, such as 2026-11; `actions` is how many that adds up."""

    month: str
    currency: str
    category_id: UUID | None = None
    category: str | None = None
    amount: Decimal
    actions: int


class MonthCost(msgspec.Struct, frozen=True):
    month: str
    currency: str
    amount: Decimal


class CostReport(msgspec.Struct, frozen=True):
    """Money by month and category, and by month in all; `unpriced` is how many lots had no known price."""

    months: list[CategoryCost]
    totals: list[MonthCost]
    unpriced: int = 0


class PricePaid(msgspec.Struct, frozen=True):
    """What was paid once; `per_unit` is for one of the item's unit, to four decimals."""

    at: datetime
    quantity: Quantity
    price: Price
    per_unit: Price


class Reports(StockPart):
    """Months are written as 2026-11; left out, the last twelve are told."""

    async def report_spending(self, first: str | None = None, last: str | None = None) -> CostReport:
        """Add up what was bought."""
        return await self._get("/reports/spending", CostReport, **{"from": first, "to": last})

    async def report_waste(self, first: str | None = None, last: str | None = None) -> CostReport:
        """Add up what had spoiled had cost."""
        return await self._get("/reports/waste", CostReport, **{"from": first, "to": last})

    async def list_prices(self, item_id: UUID, *, limit: int = 50, cursor: str | None = None) -> Page[PricePaid]:
        """List what was paid for an item, the last first."""
        return await self._get(f"/items/{item_id}/prices", Page[PricePaid], limit=limit, cursor=cursor)
