"""A copy of rows that the backend keeps, brought up to date by delta sync."""

import asyncio
from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Self, TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from popote_client.backend import JSON
from popote_client.feed import Change, Changes
from popote_client.problems import Problem

RESYNC = "/problems/resync"


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of one household as of a version; `epoch` tells versions before a restore from those after it.

    `kinds` says which kind of change goes into which table, and what its rows are.
    """

    kinds: ClassVar[dict[str, tuple[str, type[msgspec.Struct]]]] = {}

    household: UUID | None = None
    epoch: UUID | None = None
    version: int = 0

    @property
    def owner(self) -> tuple[UUID | None, ...]:
        """Whose rows these are."""
        return (self.household,)

    def to_json(self) -> bytes:
        return JSON.encode(self)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return the rows that `to_json` wrote.

        Raises:
            msgspec.DecodeError: it did not.
        """
        return msgspec.json.decode(text, type=cls)

    def apply(self, page: Changes) -> Self:
        """Return the rows as they are after a page of changes. Kinds that this client does not know are left out."""
        tables: dict[str, dict[UUID, msgspec.Struct]] = {
            table: dict(getattr(self, table)) for table, _ in self.kinds.values()
        }
        for change in page.changes:
            if change.kind in self.kinds:
                table, kind = self.kinds[change.kind]
                apply(change, tables[table], kind)
        return replace(self, epoch=page.epoch, version=page.version, **tables)


R = TypeVar("R", bound=Rows)


def apply(change: Change, table: dict[UUID, msgspec.Struct], kind: type[msgspec.Struct]) -> None:
    if change.deleted:
        table.pop(change.id, None)
    else:
        table[change.id] = msgspec.json.decode(change.data, type=kind)


class Replica(ABC, Generic[R]):
    """Keeps `rows`, which are always those of one moment: `pull` replaces them whole.

    Give it the rows of an earlier run, and it goes on from there.
    """

    def __init__(self, rows: R) -> None:
        self._turn = asyncio.Lock()
        self.rows = rows

    @abstractmethod
    async def _none(self) -> R:
        """Return no rows yet, of whoever they would be now."""

    @abstractmethod
    async def _page(self, rows: R, cursor: str | None) -> Changes:
        """Read a page of what changed since these rows."""

    async def pull(self) -> R:
        """Fetch what changed since the last time, and return the rows as they are now.

        They begin anew where the backend can't tell any more what changed, and where they are another's.
        """
        async with self._turn:
            none = await self._none()
            rows = await self._rows_since(none)
            while (now := await self._none()) != none:  # some pages may be of this one, some of that
                none = now
                rows = await self._rows_since(none)
            self.rows = rows
            return rows

    async def _rows_since(self, none: R) -> R:
        """Return the rows as they are now, if they are the same owner's all the while."""
        try:
            return await self._pulled(self.rows if self.rows.owner == none.owner else none)
        except Problem as problem:
            if problem.type != RESYNC:
                raise
            return await self._pulled(none)

    async def _pulled(self, since: R) -> R:
        rows, cursor = since, None
        while True:
            page = await self._page(rows, cursor)
            rows, cursor = rows.apply(page), page.next_cursor
            if cursor is None:
                return rows
