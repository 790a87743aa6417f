"""A tiny service of a test's own, on a real database, reached by real HTTP."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from litestar import Litestar

from popote_chat.app import create_app
from popote_chat.settings import Settings
from popote_kit.peers import Peers
from popote_kit.service import service
from popote_kit.settings import ServiceSettings
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling

Build = Callable[..., Litestar]

NOTES = """
    SET ROLE chat_owner;
    CREATE TABLE chat.note (
        household_id uuid NOT NULL,
        person_id    uuid NOT NULL,
        words        text NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED
    );
    ALTER TABLE chat.note ENABLE ROW LEVEL SECURITY;
    ALTER TABLE chat.note FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON chat.note USING (
        household_id = nullif(current_setting('popote.household', true), '')::uuid
        AND person_id = nullif(current_setting('popote.person', true), '')::uuid
    );
    RESET ROLE
"""


@pytest.fixture
async def notes(database: FreshDatabase) -> FreshDatabase:
    """A database with a table `chat.note` of one person's rows; two equal notes fail at commit."""
    await database.run(NOTES)
    return database


@pytest.fixture
def build(notes: FreshDatabase, authority: Authority, clock: Clock) -> Build:
    """Make a service of these handlers, on the notes; `options` are those of `service`."""

    def make(*routes: Any, **options: Any) -> Litestar:
        settings = ServiceSettings(database_url=notes.url("chat"), database_password=PASSWORD)
        peers = Peers(apps={"auth": authority})
        return service("chat", settings, title="Notes", routes=routes, peers=peers, clock=clock, **options)

    return make


@pytest.fixture
async def chat(database: FreshDatabase, authority: Authority, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """A client for the running chat service."""
    settings = Settings(database_url=database.url("chat"), database_password=PASSWORD)
    async with calling(create_app(settings, peers=Peers(apps={"auth": authority}), clock=clock), timeout=60) as client:
        yield client


@pytest.fixture
def anna(authority: Authority) -> dict[str, str]:
    """The header of a person in a household of her own."""
    return authority.bearer()
