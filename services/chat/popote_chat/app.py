"""The chat service, put together."""

from litestar import Litestar

from popote_chat.routes import ROUTES
from popote_chat.settings import Settings
from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.database import Database
from popote_kit.identity import Keys, Verifier, auth_keys
from popote_kit.peers import Peers
from popote_kit.service import service


def create_app(settings: Settings, *, peers: Peers, clock: Clock = SYSTEM_CLOCK) -> Litestar:
    """Return the service; it connects to nothing before the first request."""
    return service(
        title="Popote: conversation history",
        routes=ROUTES,
        database=Database(settings.database_url, schema="chat", password=settings.database_password, clock=clock),
        peers=peers,
        verifier=Verifier(Keys(auth_keys(peers), clock=clock), issuer=settings.issuer, clock=clock),
        clock=clock,
    )
