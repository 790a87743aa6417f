"""The config service, put together."""

from functools import partial
from pathlib import Path
from typing import Final

from litestar import Litestar

from popote_config.actions import Publisher
from popote_config.front import Reader, in_front_of
from popote_config.keeper import Keeper
from popote_config.memory import Memory
from popote_config.routes import ROUTES
from popote_config.settings import Settings
from popote_kit import command
from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.identity import Keys, Verifier, auth_keys
from popote_kit.peers import Peers
from popote_kit.service import open_database, service

NAME: Final = "config"
MIGRATIONS: Final = Path(__file__).parent / "migrations"


def create_app(settings: Settings, *, peers: Peers, clock: Clock = SYSTEM_CLOCK) -> Litestar:
    """Return the service; of its surroundings it only reads the state file before it is started."""
    database = open_database(NAME, settings, clock)
    memory = Memory(clock)
    migrate = partial(command.prepare, NAME, settings, MIGRATIONS, patience_s=0)
    keeper = Keeper(settings, memory, database, migrate=migrate)
    known = keeper.jwks.encode() if keeper.jwks else None
    keys = Keys(auth_keys(peers), clock=clock, known=known, on_change=keeper.keep_jwks)
    verifier = Verifier(keys, issuer=settings.issuer, clock=clock)
    reader = Reader(memory, verifier, public_read=settings.public_read)
    app = service(
        NAME,
        settings,
        title="Popote: where Ollama is",
        routes=ROUTES,
        peers=peers,
        clock=clock,
        database=database,
        verifier=verifier,
        dependencies={"reader": reader, "publisher": Publisher(settings.policy, keeper.announce)},
        lifespan=[keeper.lifespan],
        checks={"addresses": memory.check},
    )
    app.asgi_handler = in_front_of(app.asgi_handler, reader)
    return app
