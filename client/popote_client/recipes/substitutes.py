"""Foods that the household takes for others."""

from datetime import datetime
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from popote_client.recipes.part import RecipesPart
from popote_client.wire import Page


class Substitute(msgspec.Struct, frozen=True, kw_only=True):
    """Where `food_id` is asked for, `instead_id` will do, as much of it."""

    id: UUID
    food_id: UUID
    food_name: str
    instead_id: UUID
    instead_name: str
    created_at: datetime
    version: int


class Substitutes(RecipesPart):
    async def list_substitutes(self) -> list[Substitute]:
        return (await self._get("/substitutes", Page[Substitute])).items

    async def create_substitute(self, food_id: UUID, instead_id: UUID, *, id: UUID | None = None) -> Substitute:
        """Have a food stand in for another, in every recipe; with an `id` that was used before, give that one again."""
        body = {"id": id or uuid7(), "food_id": food_id, "instead_id": instead_id}
        return await self._post("/substitutes", body, Substitute)

    async def delete_substitute(self, id: UUID) -> None:
        """Have a food no longer stand in for another."""
        await self._backend.request("DELETE", f"{self.root}/substitutes/{id}")
