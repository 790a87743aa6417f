"""What has changed since a phone last asked."""

from litestar import get
from litestar.di import NamedDependency

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.pages import CursorText
from popote_kit.problems import documented
from popote_kit.rules import READ
from popote_kit.sync import Changes, Epoch, Resync, Since
from popote_stock.wire.sync import KINDS


@get("/api/stock/changes", operation_id="stock_changes", responses=documented(*READ, Resync))
async def stock_changes(
    kitchen: NamedDependency[Kitchen],
    since: Since = 0,
    epoch: Epoch = None,
    cursor: CursorText = None,
    limit: sync.Limit = 200,
) -> Changes:
    """Read what changed since a version: places, items, lots, lists. A lot that is used up is deleted."""
    return await sync.changes(kitchen, KINDS, since=since, epoch=epoch, cursor=cursor, limit=limit)


ROUTES = [stock_changes]
