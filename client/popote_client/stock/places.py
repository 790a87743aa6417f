"""Where food is kept, and in which aisles it is bought."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from popote_client.stock.part import StockPart
from popote_client.wire import Page


class Location(msgspec.Struct, frozen=True):
    """A place where food is kept; what is put into a freezer is frozen."""

    id: UUID
    name: str
    is_freezer: bool
    version: int
    created_at: datetime


class Category(msgspec.Struct, frozen=True):
    """A kind of goods, and with it an aisle of the shop."""

    id: UUID
    name: str
    position: int
    version: int
    created_at: datetime


class LocationEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever is left out stays."""

    name: str | UnsetType = UNSET
    is_freezer: bool | UnsetType = UNSET


class Places(StockPart):
    """Locations and categories. Edits and deletions name the version that was read."""

    async def list_locations(self) -> list[Location]:
        return (await self._get("/locations", Page[Location])).items

    async def create_location(self, name: str, *, is_freezer: bool = False, id: UUID | None = None) -> Location:
        """Make a place; with an `id` that was used before, give that one again."""
        body = {"name": name, "is_freezer": is_freezer, "id": id}
        return await self._post("/locations", body, Location)

    async def get_location(self, id: UUID) -> Location:
        return await self._get(f"/locations/{id}", Location)

    async def edit_location(self, id: UUID, version: int, edit: LocationEdit) -> Location:
        return await self._patch(f"/locations/{id}", version, edit, Location)

    async def delete_location(self, id: UUID, version: int) -> None:
        await self._delete(f"/locations/{id}", version)

    async def list_categories(self) -> list[Category]:
        """List the categories in the order of the aisles."""
        return (await self._get("/categories", Page[Category])).items

    async def create_category(self, name: str, *, id: UUID | None = None) -> Category:
        """Make a category, in the last aisle; with an `id` that was used before, give that one again."""
        return await self._post("/categories", {"name": name, "id": id}, Category)

    async def edit_category(self, id: UUID, version: int, name: str) -> Category:
        return await self._patch(f"/categories/{id}", version, {"name": name}, Category)

    async def delete_category(self, id: UUID, version: int) -> None:
        await self._delete(f"/categories/{id}", version)

    async def order_categories(self, ids: Sequence[UUID]) -> list[Category]:
        """Put all the categories in the order of the aisles."""
        return (await self._put("/categories/order", {"ids": ids}, Page[Category])).items
