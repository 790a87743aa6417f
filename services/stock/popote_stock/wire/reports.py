"""Reports on the wire."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from msgspec import Struct

from popote_kit import quantity
from popote_kit.quantity import Amount, Quantity
from popote_stock.model.items import Item
from popote_stock.model.lots import part_of
from popote_stock.queries.reports import Cost, Paid
from popote_stock.wire.common import Money


class CategoryCost(Struct):
    """What the goods of one category cost in a month, in one currency; `actions` is how many actions that adds up."""

    month: str
    currency: str
    category_id: UUID | None
    category: str | None
    amount: Amount
    actions: int


class MonthCost(Struct):
    month: str
    currency: str
    amount: Amount


class CostReport(Struct):
    """Money by month and category, and by month in all; `unpriced` is how many lots had no known price."""

    months: list[CategoryCost]
    totals: list[MonthCost]
    unpriced: int

    @classmethod
    def of(cls, costs: Iterable[Cost]) -> Self:
        report = cls([], [], 0)
        sums: dict[tuple[str, str], Decimal] = {}
        for cost in costs:
            if cost.currency is None:
                report.unpriced += len(cost.prices)
                continue
            amount = cost.amount
            sums[cost.month, cost.currency] = sums.get((cost.month, cost.currency), Decimal()) + amount
            report.months.append(_shown(cost, cost.currency, amount))
        report.totals = [MonthCost(*key, Amount(amount)) for key, amount in sums.items()]
        return report


def _shown(cost: Cost, currency: str, amount: Decimal) -> CategoryCost:
    return CategoryCost(cost.month, currency, cost.category_id, cost.category, Amount(amount), cost.actions)


class PricePaid(Struct):
    """What was paid once; `per_unit` is for one of the item's unit, to four decimals."""

    at: datetime
    quantity: Quantity
    price: Money
    per_unit: Money

    @classmethod
    def of(cls, paid: Paid, item: Item) -> Self:
        each = part_of(paid.price, paid.amount, quantity.unit(item.unit).base)
        price, per_unit = (Money(Amount(amount), paid.currency) for amount in (paid.price, each))
        return cls(paid.at, item.show(paid.amount), price, per_unit)
