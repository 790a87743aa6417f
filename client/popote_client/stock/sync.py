"""What has changed, and what happens."""

from collections.abc import AsyncGenerator
from uuid import UUID

from popote_client.backoff import Backoff
from popote_client.feed import CHANGES, Changes, Feed
from popote_client.sse import Event
from popote_client.stock.part import StockPart


class Sync(StockPart, Feed):
    async def stock_changes(
        self, since: int = 0, *, epoch: UUID | None = None, cursor: str | None = None, limit: int = CHANGES
    ) -> Changes:
        """Read what changed since a version; `replica.Replica` does so, and keeps it."""
        return await self._get("/changes", Changes, since=since, epoch=epoch, cursor=cursor, limit=limit)

    def stock_events(
        self, last_event_id: str | None = None, *, backoff: Backoff | None = None
    ) -> AsyncGenerator[Event, None]:
        """Give what happens in the household as it happens, until the session ends.

        After `last_event_id`, the id of the last event that was seen; without, from now on. A connection that ends is
        made anew, and misses nothing. An event of the kind `resync` says that some were missed, being too old.

        Raises:
            Problem: the backend refuses for good.
        """
        return self._events(last_event_id, backoff)
