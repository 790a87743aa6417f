"""A chat service on a fresh database, and people who call it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from popote_chat.app import create_app
from popote_chat.settings import Settings
from popote_kit.peers import Peers
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling


@pytest.fixture
async def client(database: FreshDatabase, authority: Authority, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token, for the running service."""
    settings = Settings(database_url=database.url("chat"), database_password=PASSWORD)
    app = create_app(settings, peers=Peers(apps={"auth": authority}), clock=clock)
    async with calling(app) as client:
        yield client


@pytest.fixture
def anna(authority: Authority) -> dict[str, str]:
    """The header of a person in a household of her own."""
    return authority.bearer()
