"""What has changed, and what happens."""

from collections.abc import AsyncGenerator
from uuid import UUID

from popote_client.backoff import Backoff
from popote_client.feed import CHANGES, Changes, Feed
from popote_client.food.part import FoodPart
from popote_client.sse import Event


class Sync(FoodPart, Feed):
    """What the household keeps, and what is the person's alone; `replica` has a copy of either."""

    async def nutrition_changes(
        self, since: int = 0, *, epoch: UUID | None = None, cursor: str | None = None, limit: int = CHANGES
    ) -> Changes:
        """Read what changed since a version: the household's foods, and the names that it taught."""
        return await self._get("/changes", Changes, since=since, epoch=epoch, cursor=cursor, limit=limit)

    async def diary_changes(
        self, since: int = 0, *, epoch: UUID | None = None, cursor: str | None = None, limit: int = CHANGES
    ) -> Changes:
        """Read what changed since a version: the person's entries, goals and weights."""
        return await self._get("/diary/changes", Changes, since=since, epoch=epoch, cursor=cursor, limit=limit)

    def nutrition_events(
        self, last_event_id: str | None = None, *, backoff: Backoff | None = None
    ) -> AsyncGenerator[Event, None]:
        """Give what happens as it happens, until the session ends; see `StockApi.stock_events`.

        Raises:
            Problem: the backend refuses for good.
        """
        return self._events(last_event_id, backoff)
