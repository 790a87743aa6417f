"""The stock service, put together."""

from litestar import Litestar

from popote_kit import outbox
from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.following import Follower
from popote_kit.live import Hub
from popote_kit.peers import Peers
from popote_kit.service import open_database, service
from popote_kit.service_tokens import ServiceTokens
from popote_stock import events, queries
from popote_stock.actions.foods import Catching
from popote_stock.actions.products import Lookups
from popote_stock.peers import Nutrition
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
    tokens = ServiceTokens(peers, "stock", settings.credential, clock=clock)
    nutrition = Nutrition(peers, tokens)
    follower = Follower(
        database,
        peers,
        tokens,
        service="nutrition",
        handlers=events.OF_NUTRITION,
        on_resync=queries.foods.ask_about_all,
    )
    return service(
        "stock",
        settings,
        title="Popote: what a household has",
        routes=[*ROUTES, *outbox.routes("stock")],
        peers=peers,
        clock=clock,
        database=database,
        dependencies={"hub": hub, "lookups": lookups, "nutrition": nutrition},
        lifespan=[hub.lifespan, lookups.lifespan, follower.lifespan, Catching(database, nutrition).lifespan],
    )
