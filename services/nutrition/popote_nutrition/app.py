"""The nutrition service, put together."""

from litestar import Litestar

from popote_kit import outbox
from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.following import Follower
from popote_kit.live import Hub
from popote_kit.peers import Peers
from popote_kit.service import open_database, service
from popote_kit.service_tokens import ServiceTokens
from popote_nutrition.actions.meals import OF_RECIPES
from popote_nutrition.peers import Recipes, Stock
from popote_nutrition.routes import ROUTES
from popote_nutrition.settings import Settings


def create_app(settings: Settings, *, peers: Peers, clock: Clock = SYSTEM_CLOCK) -> Litestar:
    """Return the service; it connects to nothing before it starts."""
    database = open_database("nutrition", settings, clock)
    hub = Hub(database, settings.redis_url)
    tokens = ServiceTokens(peers, "nutrition", settings.credential, clock=clock)
    follower = Follower(database, peers, tokens, service="recipes", handlers=OF_RECIPES)
    return service(
        "nutrition",
        settings,
        title="Popote: foods and the diary",
        routes=[*ROUTES, *outbox.routes("nutrition")],
        peers=peers,
        clock=clock,
        database=database,
        dependencies={"hub": hub, "stock": Stock(peers), "recipes": Recipes(peers, tokens)},
        lifespan=[hub.lifespan, follower.lifespan],
    )
