"""What has changed, and what happens."""

from collections.abc import AsyncGenerator
from uuid import UUID

from popote_client.backoff import Backoff
from popote_client.feed import Changes, Feed
from popote_client.recipes.part import RecipesPart
from popote_client.sse import Event

CHANGES = 200  # in a page, at most: recipes are long


class Sync(RecipesPart, Feed):
    """What the household keeps, and what is the person's alone; `replica` has a copy of either."""

    async def recipes_changes(
        self, since: int = 0, *, epoch: UUID | None = None, cursor: str | None = None, limit: int = CHANGES
    ) -> Changes:
        """Read what changed since a version: recipes, and which foods stand in for others."""
        return await self._get("/changes", Changes, since=since, epoch=epoch, cursor=cursor, limit=limit)

    async def opinion_changes(
        self, since: int = 0, *, epoch: UUID | None = None, cursor: str | None = None, limit: int = CHANGES
    ) -> Changes:
        """Read what changed since a version in what the person thinks of recipes."""
        return await self._get("/opinions/changes", Changes, since=since, epoch=epoch, cursor=cursor, limit=limit)

    def recipes_events(
        self, last_event_id: str | None = None, *, backoff: Backoff | None = None
    ) -> AsyncGenerator[Event, None]:
        """Give what happens as it happens, until the session ends; see `StockApi.stock_events`.

        Raises:
            Problem: the backend refuses for good.
        """
        return self._events(last_event_id, backoff)
