"""The stock service, put together."""

from litestar import Litestar

from popote_kit import outbox
from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.live import Hub
from popote_kit.peers import Peers
from popote_kit.service import open_database, service
from popote_stock.actions.products import Lookups
from popote_stock.routes import ROUTES
from popote_stock.settings import Settings


def create_app(settings: Settings, *, peers: Peers, clock: Clock = SYSTEM_CLOCK) -> Litestar:
    """Return the service; it connects to nothing before it starts.

    Raises:
        SettingsError: the address of Open Food Facts is none.
    """
    database = open_database("stock", settings, clock)
    hub = Hub(database, settings.redis_url)
    lookups = Lookups.of(settings, database)
    return service(
        "stock",
        settings,
        title="Popote: what a household has",
        routes=[*ROUTES, *outbox.routes("stock")],
        peers=peers,
        clock=clock,
        database=database,
        dependencies={"hub": hub, "lookups": lookups},
        lifespan=[hub.lifespan, lookups.lifespan],
    )
