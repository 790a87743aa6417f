"""Shopping lists."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from popote_client.stock.ledger import Changed
from popote_client.stock.part import StockPart
from popote_client.stock.quantities import Price, Quantity
from popote_client.wire import Page


class ShoppingList(msgspec.Struct, frozen=True, kw_only=True):
    """A list; `aisles` are the ids of categories in the order in which this shop is walked."""

    id: UUID
    name: str
    aisles: list[UUID] = []
    open: int = 0
    ticked: int = 0
    version: int
    created_at: datetime


class ListLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a list, of an item or by a name only."""

    id: UUID
    list_id: UUID
    item_id: UUID | None = None
    name: str
    quantity: Quantity | None = None
    note: str = ""
    category_id: UUID | None = None
    is_ticked: bool
    ticked_at: datetime | None = None
    ticked_by: UUID | None = None
    version: int
    created_at: datetime


class ListEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever is left out stays."""

    name: str | UnsetType = UNSET
    aisles: list[UUID] | UnsetType = UNSET


class NewLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to buy: an item, or something by `name`."""

    id: UUID | None = None
    item_id: UUID | None = None
    name: str | None = None
    quantity: Quantity | None = None
    note: str = ""


class LineEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever is left out stays."""

    quantity: Quantity | UnsetType | None = UNSET
    note: str | UnsetType = UNSET


class Tick(msgspec.Struct, frozen=True):
    """What a person did to a line, and when; the last one of a line counts, in whatever order they arrive."""

    line_id: UUID
    is_ticked: bool
    at: datetime


class Need(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    quantity: Quantity
    item_id: UUID | None = None
    name: str | None = None


class BoughtLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is different from what the list, the item and the last purchase say."""

    line_id: UUID
    quantity: Quantity | None = None
    price: Price | None = None
    best_before: date | None = None
    use_by: date | None = None
    location_id: UUID | None = None


class Ticked(msgspec.Struct, frozen=True):
    """The lines that changed; those of which something later was known already; those that are gone."""

    items: list[ListLine]
    superseded: list[UUID]
    gone: list[UUID]


class Lists(StockPart):
    """Shopping lists and their lines. Edits and deletions name the version that was read."""

    async def list_shopping_lists(self) -> list[ShoppingList]:
        return (await self._get("/lists", Page[ShoppingList])).items

    async def create_shopping_list(self, name: str, *, id: UUID | None = None) -> ShoppingList:
        """Make a list; with an `id` that was used before, give that one again."""
        return await self._post("/lists", {"name": name, "id": id}, ShoppingList)

    async def get_shopping_list(self, id: UUID) -> ShoppingList:
        return await self._get(f"/lists/{id}", ShoppingList)

    async def edit_shopping_list(self, id: UUID, version: int, edit: ListEdit) -> ShoppingList:
        return await self._patch(f"/lists/{id}", version, edit, ShoppingList)

    async def delete_shopping_list(self, id: UUID, version: int) -> None:
        """Throw a list away, with its lines."""
        await self._delete(f"/lists/{id}", version)

    async def list_shopping_lines(self, list_id: UUID) -> list[ListLine]:
        """Read a list in the order of its aisles, what is ticked last."""
        return (await self._get(f"/lists/{list_id}/items", Page[ListLine])).items

    async def add_shopping_lines(
        self, list_id: UUID, lines: Sequence[NewLine], *, key: str | None = None
    ) -> list[ListLine]:
        """Put lines on a list, merged with those there where that can be done exactly; return them as they are now."""
        return (await self._post(f"/lists/{list_id}/items", {"lines": lines}, Page[ListLine], key)).items

    async def edit_shopping_line(self, list_id: UUID, id: UUID, version: int, edit: LineEdit) -> ListLine:
        return await self._patch(f"/lists/{list_id}/items/{id}", version, edit, ListLine)

    async def delete_shopping_line(self, list_id: UUID, id: UUID, version: int) -> None:
        await self._delete(f"/lists/{list_id}/items/{id}", version)

    async def tick_shopping_lines(self, list_id: UUID, ticks: Sequence[Tick]) -> Ticked:
        return await self._put(f"/lists/{list_id}/ticks", {"ticks": ticks}, Ticked)

    async def fill_shopping_list(
        self, list_id: UUID, needs: Sequence[Need] = (), *, from_minimum: bool = True, key: str | None = None
    ) -> list[ListLine]:
        """Put on the list what lacks for the needs and the items' minimum; return the lines added or raised."""
        body = {"needs": needs, "from_minimum": from_minimum}
        return (await self._post(f"/lists/{list_id}/fill", body, Page[ListLine], key)).items

    async def commit_shopping_trip(
        self, list_id: UUID, lines: Sequence[BoughtLine] = (), *, id: UUID | None = None, key: str | None = None
    ) -> Changed:
        """End the trip: every ticked line becomes a lot and leaves the list, in one action with one undo."""
        return await self._post(f"/lists/{list_id}/commit", {"lines": lines, "id": id}, Changed, key)
