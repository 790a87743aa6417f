"""A copy of what the household has, kept up to date by delta sync."""

from typing import ClassVar
from uuid import UUID

import msgspec
from msgspec import field

from popote_client import replica
from popote_client.feed import Changes
from popote_client.stock.api import StockApi
from popote_client.stock.items import Item
from popote_client.stock.lists import ListLine, ShoppingList
from popote_client.stock.lots import Lot
from popote_client.stock.places import Category, Location


class Rows(replica.Rows, frozen=True, kw_only=True):
    """What one household has and must buy."""

    kinds: ClassVar[dict[str, tuple[str, type[msgspec.Struct]]]] = {
        "location": ("locations", Location),
        "category": ("categories", Category),
        "item": ("items", Item),
        "lot": ("lots", Lot),
        "list": ("lists", ShoppingList),
        "list_line": ("list_lines", ListLine),
    }

    locations: dict[UUID, Location] = field(default_factory=dict)
    categories: dict[UUID, Category] = field(default_factory=dict)
    items: dict[UUID, Item] = field(default_factory=dict)
    lots: dict[UUID, Lot] = field(default_factory=dict)
    lists: dict[UUID, ShoppingList] = field(default_factory=dict)
    list_lines: dict[UUID, ListLine] = field(default_factory=dict)


class Replica(replica.Replica[Rows]):
    def __init__(self, stock: StockApi, rows: Rows | None = None) -> None:
        super().__init__(rows or Rows())
        self._stock = stock

    async def _none(self) -> Rows:
        return Rows(household=await self._stock.household())

    async def _page(self, rows: Rows, cursor: str | None) -> Changes:
        return await self._stock.stock_changes(rows.version, epoch=rows.epoch, cursor=cursor)
