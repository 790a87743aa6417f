"""What happens in the household, as it happens."""

from litestar import get
from litestar.di import NamedDependency
from litestar.response import Stream

from popote_kit import live
from popote_kit.identity import Caller
from popote_kit.live import Hub, LastEventId
from popote_kit.problems import documented


@get(
    "/api/recipes/events", operation_id="recipes_events", media_type=live.MEDIA_TYPE,
    responses=documented(*live.PROBLEMS),
)  # fmt: skip
async def recipes_events(
    caller: NamedDependency[Caller], hub: NamedDependency[Hub], last_event_id: LastEventId = None
) -> Stream:
    """Tell of what happens, as server-sent events, until the token ends.

    The events are `recipes_changed`, `substitutes_changed`, `plan_changed`, `meal_cooked.v1`, `meal_uncooked.v1`, one's
    own `opinions_changed`, and `resync`, after which a phone asks for what has changed. One that was away names the
    last event that it saw in `Last-Event-ID`, and is told of those since.
    """
    return await hub.stream(caller.household, caller.person, last_event_id, ends_at=caller.expires_at)


ROUTES = [recipes_events]
