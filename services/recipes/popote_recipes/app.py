"""The recipes service, put together."""

from litestar import Litestar

from popote_kit import outbox
from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.egress import Egress
from popote_kit.following import Follower
from popote_kit.live import Hub
from popote_kit.peers import Peers
from popote_kit.service import open_database, service
from popote_kit.service_tokens import ServiceTokens
from popote_recipes import events, queries
from popote_recipes.actions.cookbooks import Cookbooks
from popote_recipes.actions.cooking import OF_STOCK, Stove
from popote_recipes.actions.drafts import Reader
from popote_recipes.actions.images import Album
from popote_recipes.actions.lines import Catching
from popote_recipes.peers import PAGE, Auth, Nutrition, Pages, Stock
from popote_recipes.routes import ROUTES
from popote_recipes.sandbox import Sandbox
from popote_recipes.settings import Settings


def create_app(
    settings: Settings, *, peers: Peers, clock: Clock = SYSTEM_CLOCK, egress: Egress | None = None
) -> Litestar:
    """Return the service; it connects to nothing before it starts."""
    database = open_database("recipes", settings, clock)
    hub = Hub(database, settings.redis_url)
    tokens = ServiceTokens(peers, "recipes", settings.credential, clock=clock)
    nutrition = Nutrition(peers, tokens)
    stock = Stock(peers, tokens)
    stove = Stove(database, stock, Auth(peers))
    album = Album(database, settings.images)
    sandbox = Sandbox()
    pages = Pages(egress or Egress(limits=PAGE))
    of_nutrition = Follower(
        database,
        peers,
        tokens,
        service="nutrition",
        handlers=events.OF_NUTRITION,
        on_resync=queries.waiting.ask_about_all,
    )
    of_stock = Follower(database, peers, tokens, service="stock", handlers=OF_STOCK)
    return service(
        "recipes",
        settings,
        title="Popote: recipes and the plan",
        routes=[*ROUTES, *outbox.routes("recipes")],
        peers=peers,
        clock=clock,
        database=database,
        dependencies={
            "hub": hub,
            "nutrition": nutrition,
            "stock": stock,
            "stove": stove,
            "images": settings.images,
            "album": album,
            "cookbooks": Cookbooks(database, settings.images, sandbox, nutrition),
            "sandbox": sandbox,
            "reader": Reader(sandbox, pages),
        },
        lifespan=[
            hub.lifespan,
            of_nutrition.lifespan,
            of_stock.lifespan,
            Catching(database, nutrition).lifespan,
            stove.lifespan,
            album.lifespan,
            pages.lifespan,
        ],
    )
