"""The recipes service, put together."""

from litestar import Litestar

from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.peers import Peers
from popote_kit.service import service
from popote_recipes.routes import ROUTES
from popote_recipes.settings import Settings


def create_app(settings: Settings, *, peers: Peers, clock: Clock = SYSTEM_CLOCK) -> Litestar:
    """Return the service; it connects to nothing before the first request."""
    return service("recipes", settings, title="Popote: recipes and the plan", routes=ROUTES, peers=peers, clock=clock)
