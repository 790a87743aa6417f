"""What the person thinks of recipes. Nobody else sees it."""

from uuid import UUID

import msgspec

from popote_client.recipes.part import RecipesPart
from popote_client.wire import Page


class NewOpinion(msgspec.Struct, frozen=True, kw_only=True):
    """A favourite or not, a note, and 1 to 5 stars."""

    is_favourite: bool = False
    note: str = ""
    rating: int | None = None


class Opinion(NewOpinion, frozen=True, kw_only=True):
    """What the person thinks of the recipe `id`."""

    id: UUID
    version: int


class Opinions(RecipesPart):
    async def list_opinions(self, *, limit: int = 50, cursor: str | None = None) -> Page[Opinion]:
        return await self._get("/opinions", Page[Opinion], limit=limit, cursor=cursor)

    async def get_opinion(self, id: UUID) -> Opinion:
        """Read what one thinks of a recipe; nothing yet, where nothing was said."""
        return await self._get(f"/{id}/opinion", Opinion)

    async def put_opinion(self, id: UUID, opinion: NewOpinion) -> Opinion:
        """Say what one thinks of a recipe, all of it."""
        return await self._put(f"/{id}/opinion", opinion, Opinion)
