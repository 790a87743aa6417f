"""An auth service on a fresh database, and people who sign up at it."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from popote_auth.app import create_app
from popote_auth.settings import Settings
from popote_kit.peers import Peers
from popote_kit.testing import PASSWORD, Clock, FreshDatabase, calling

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
SignUp = Callable[..., Awaitable[dict[str, Any]]]

GATEWAY_SECRET = "the gateway's secret, in these tests"
_numbers = itertools.count(1)


@pytest.fixture
def serve(database: FreshDatabase, clock: Clock) -> Serve:
    """Start an auth service on this test's database; the arguments replace settings."""

    def start(**changes: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        values = {
            "database_url": database.url("auth"),
            "database_password": PASSWORD,
            "secret": "a secret that nobody guesses, in these tests",
            "gateway_secret": GATEWAY_SECRET,
            "setup_code": "open sesame",
        }
        app = create_app(Settings(**{**values, **changes}), peers=Peers(), clock=clock)
        return calling(app, timeout=30)

    return start


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running service."""
    async with serve() as client:
        yield client


@pytest.fixture
def sign_up(client: httpx.AsyncClient) -> SignUp:
    """Register someone; the answer comes with the `headers` to call with."""

    async def register(**changes: Any) -> dict[str, Any]:
        body = {
            "email": f"cook{next(_numbers)}@example.org",
            "password": "tarte aux pommes",
            "display_name": "Camille",
            "household_name": "Chez nous",
        }
        body = {key: value for key, value in {**body, **changes}.items() if value is not None}
        answer = await client.post("/api/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        signed_in: dict[str, Any] = answer.json()
        return {**signed_in, "headers": {"Authorization": f"Bearer {signed_in['tokens']['access_token']}"}}

    return register
