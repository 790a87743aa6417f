"""What has changed since a phone last asked."""

from litestar import get
from litestar.di import NamedDependency

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.pages import CursorText
from popote_kit.problems import documented
from popote_kit.rules import READ
from popote_kit.sync import Changes, Epoch, Resync, Since
from popote_nutrition.wire.sync import KINDS, PERSONS_KINDS


@get("/api/nutrition/changes", operation_id="nutrition_changes", responses=documented(*READ, Resync))
async def nutrition_changes(
    kitchen: NamedDependency[Kitchen],
    since: Since = 0,
    epoch: Epoch = None,
    cursor: CursorText = None,
    limit: sync.Limit = 200,
) -> Changes:
    """Read what changed since a version: the household's foods, and the names that it taught."""
    return await sync.changes(kitchen, KINDS, since=since, epoch=epoch, cursor=cursor, limit=limit)


@get("/api/nutrition/diary/changes", operation_id="diary_changes", responses=documented(*READ, Resync))
async def diary_changes(
    kitchen: NamedDependency[Kitchen],
    since: Since = 0,
    epoch: Epoch = None,
    cursor: CursorText = None,
    limit: sync.Limit = 200,
) -> Changes:
    """Read what changed of one's own since a version: entries of the diary, goals, weights."""
    return await sync.changes(kitchen, PERSONS_KINDS, since=since, epoch=epoch, cursor=cursor, limit=limit, of="person")


ROUTES = [nutrition_changes, diary_changes]
