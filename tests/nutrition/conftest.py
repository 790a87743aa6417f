"""A nutrition service on a fresh database, and people who call it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from popote_kit.peers import Peers
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling
from popote_nutrition.app import create_app
from popote_nutrition.settings import Settings
from popote_nutrition.testing import Table

FAR = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())


@pytest.fixture
async def client(database: FreshDatabase, authority: Authority, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token, for the running service."""
    settings = Settings(database_url=database.url("nutrition"), database_password=PASSWORD)
    app = create_app(settings, peers=Peers(apps={"auth": authority}), clock=clock)
    async with calling(app, timeout=30) as client:
        yield client


@pytest.fixture
def anna(client: httpx.AsyncClient, authority: Authority) -> Table:
    """Someone in a household of her own, whose token outlives any turn of the clock."""
    return Table(client, authority, zone="Europe/Paris", exp=FAR)
