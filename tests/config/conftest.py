"""A config service on a fresh database, and people who call it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import httpx
import pytest

from popote_config.app import create_app
from popote_config.settings import Settings
from popote_kit.peers import Peers
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id

PATH = "/api/system-config/ollama"
Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def start(database: FreshDatabase, authority: Authority, clock: Clock) -> Start:
    """Start a service with these settings; gives a client without a token."""

    def start(*, auth: Any = None, **settings: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        given = {"database_url": database.url("config"), "database_password": PASSWORD, **settings}
        return calling(create_app(Settings(**given), peers=Peers(apps={"auth": auth or authority}), clock=clock))

    return start


@pytest.fixture
async def client(start: Start) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token, for the running service."""
    async with start() as client:
        yield client


@pytest.fixture
def household() -> UUID:
    return new_id()


@pytest.fixture
def owner(authority: Authority, household: UUID) -> dict[str, str]:
    """The header of a household's owner."""
    return authority.bearer(household=household)


@pytest.fixture
def operator(authority: Authority) -> dict[str, str]:
    """The header of someone who runs the system, with a household of their own."""
    return authority.bearer(scope="operator")
