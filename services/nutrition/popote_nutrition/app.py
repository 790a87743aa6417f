"""The nutrition service, put together."""

from litestar import Litestar

from popote_kit import outbox
from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.live import Hub
from popote_kit.peers import Peers
from popote_kit.service import open_database, service
from popote_nutrition.peers import Stock
from popote_nutrition.routes import ROUTES
from popote_nutrition.settings import Settings


def create_app(settings: Settings, *, peers: Peers, clock: Clock = SYSTEM_CLOCK) -> Litestar:
    """Return the service; it connects to nothing before it starts."""
    database = open_database("nutrition", settings, clock)
    hub = Hub(database, settings.redis_url)
    return service(
        "nutrition",
        settings,
        title="Popote: foods and the diary",
        routes=[*ROUTES, *outbox.routes("nutrition")],
        peers=peers,
        clock=clock,
        database=database,
        dependencies={"hub": hub, "stock": Stock(peers)},
        lifespan=[hub.lifespan],
    )
