"""A copy of what the household has, kept up to date by delta sync."""

import asyncio
from typing import Self
from uuid import UUID

import msgspec
from msgspec.structs import replace

from popote_client.backend import JSON
from popote_client.problems import Problem
from popote_client.stock.api import StockApi
from popote_client.stock.items import Item
from popote_client.stock.lists import ListLine, ShoppingList
from popote_client.stock.lots import Lot
from popote_client.stock.places import Category, Location
from popote_client.stock.sync import Change, Changes

RESYNC = "/problems/resync"


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of one household as of a version; `epoch` tells versions before a restore from those after it."""

    household: UUID | None = None
    epoch: UUID | None = None
    version: int = 0
    locations: dict[UUID, Location] = {}
    categories: dict[UUID, Category] = {}
    items: dict[UUID, Item] = {}
    lots: dict[UUID, Lot] = {}
    lists: dict[UUID, ShoppingList] = {}
    list_lines: dict[UUID, ListLine] = {}

    def to_json(self) -> bytes:
        return JSON.encode(self)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return the rows that `to_json` wrote.

        Raises:
            msgspec.DecodeError: it did not.
        """
        return msgspec.json.decode(text, type=cls)

    def apply(self, page: Changes) -> "Rows":
        """Return the rows as they are after a page of changes. Kinds that this client does not know are left out."""
        tables: dict[str, dict[UUID, msgspec.Struct]] = {
            table: dict(getattr(self, table)) for table, _ in KINDS.values()
        }
        for change in page.changes:
            if change.kind in KINDS:
                table, kind = KINDS[change.kind]
                apply(change, tables[table], kind)
        return replace(self, epoch=page.epoch, version=page.version, **tables)


KINDS: dict[str, tuple[str, type[msgspec.Struct]]] = {
    "location": ("locations", Location),
    "category": ("categories", Category),
    "item": ("items", Item),
    "lot": ("lots", Lot),
    "list": ("lists", ShoppingList),
    "list_line": ("list_lines", ListLine),
}


def apply(change: Change, table: dict[UUID, msgspec.Struct], kind: type[msgspec.Struct]) -> None:
    if change.deleted:
        table.pop(change.id, None)
    else:
        table[change.id] = msgspec.json.decode(change.data, type=kind)


class Replica:
    """Keeps `rows`, which are always those of one moment: `pull` replaces them whole.

    Give it the rows of an earlier run, and it goes on from there.
    """

    def __init__(self, stock: StockApi, rows: Rows | None = None) -> None:
        self._stock = stock
        self._turn = asyncio.Lock()
        self.rows = rows or Rows()

    async def pull(self) -> Rows:
        """Fetch what changed since the last time, and return the rows as they are now.

        They begin anew where the backend can't tell any more what changed, and in another household.
        """
        async with self._turn:
            household = await self._stock.household()
            rows = await self._rows_of(household)
            while (now := await self._stock.household()) != household:  # some pages may be of this one, some of that
                household = now
                rows = await self._rows_of(household)
            self.rows = rows
            return rows

    async def _rows_of(self, household: UUID) -> Rows:
        """Return the rows as they are now, if this is the household for which one acts all the while."""
        try:
            return await self._pulled(self.rows if self.rows.household == household else Rows(household=household))
        except Problem as problem:
            if problem.type != RESYNC:
                raise
            return await self._pulled(Rows(household=household))

    async def _pulled(self, rows: Rows) -> Rows:
        since, epoch, cursor = rows.version, rows.epoch, None
        while True:
            page = await self._stock.stock_changes(since, epoch=epoch, cursor=cursor)
            rows, cursor = rows.apply(page), page.next_cursor
            if cursor is None:
                return rows
