"""What has changed since a phone last asked."""

from litestar import get
from litestar.di import NamedDependency

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.pages import CursorText
from popote_kit.problems import documented
from popote_kit.rules import READ
from popote_kit.sync import Changes, Epoch, Resync, Since
from popote_recipes.wire.sync import KINDS, PERSONS_KINDS


@get("/api/recipes/changes", operation_id="recipes_changes", responses=documented(*READ, Resync))
async def recipes_changes(
    kitchen: NamedDependency[Kitchen],
    since: Since = 0,
    epoch: Epoch = None,
    cursor: CursorText = None,
    limit: sync.Limit = 200,
) -> Changes:
    """Read what changed since a version: recipes, the plan, and which foods stand in for others."""
    return await sync.changes(kitchen, KINDS, since=since, epoch=epoch, cursor=cursor, limit=limit)


@get("/api/recipes/opinions/changes", operation_id="opinion_changes", responses=documented(*READ, Resync))
async def opinion_changes(
    kitchen: NamedDependency[Kitchen],
    since: Since = 0,
    epoch: Epoch = None,
    cursor: CursorText = None,
    limit: sync.Limit = 200,
) -> Changes:
    """Read what changed since a version in what one thinks of recipes."""
    return await sync.changes(kitchen, PERSONS_KINDS, since=since, epoch=epoch, cursor=cursor, limit=limit, of="person")


ROUTES = [recipes_changes, opinion_changes]
