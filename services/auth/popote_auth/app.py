"""The auth service, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from litestar import Litestar

from popote_auth.routes import ROUTES
from popote_auth.settings import Settings
from popote_auth.tools import Tools, make_tools
from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.health import database_check
from popote_kit.identity import Keys, Verifier
from popote_kit.peers import Peers
from popote_kit.problems import Unavailable
from popote_kit.service import Lifespan, open_database, service


def create_app(settings: Settings, *, peers: Peers, clock: Clock = SYSTEM_CLOCK) -> Litestar:
    """Return the service. It reads or makes its signing keys at the start, or as soon as PostgreSQL is there."""
    database = open_database("auth", settings, clock)
    tools = make_tools(settings, database)
    return service(
        "auth",
        settings,
        title="Popote: accounts and households",
        routes=ROUTES,
        peers=peers,
        clock=clock,
        database=database,
        verifier=Verifier(Keys(tools.keys.jwks, clock=clock), issuer=settings.issuer, clock=clock),
        dependencies={"tools": tools},
        lifespan=[_running(tools)],
        checks={"database": database_check(database), "signing_keys": tools.keys.signer},
        sweeps=False,
    )


def _running(tools: Tools) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        with suppress(Unavailable):
            await tools.keys.signer()
        try:
            yield
        finally:
            tools.hasher.close()

    return lifespan
