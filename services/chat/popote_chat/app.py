"""The chat service, put together."""

from litestar import Litestar

from popote_chat.routes import ROUTES
from popote_chat.settings import Settings
from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.peers import Peers
from popote_kit.service import service


def create_app(settings: Settings, *, peers: Peers, clock: Clock = SYSTEM_CLOCK) -> Litestar:
    """Return the service; it connects to nothing before the first request."""
    return service("chat", settings, title="Popote: conversation history", routes=ROUTES, peers=peers, clock=clock)
