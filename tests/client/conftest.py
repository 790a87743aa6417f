"""Marie's device, the backend that she uses and the Ollama at her home, all on this machine."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path

import pytest

from popote_client.backend import BackendLimits
from popote_client.backoff import Backoff
from popote_client.client import Popote, Waits
from popote_client.protocol import OllamaLimits
from popote_client.testing import StandInBackend, StandInOllama
from popote_client.testing.http_server import HttpServer, Request, Response

QUICK = Waits(
    backend=BackendLimits(connect_s=2, total_s=5),
    ollama=OllamaLimits(connect_s=2, probe_s=2, list_s=2, first_byte_s=20, side_check_s=0.05, idle_s=5),
    backoff=Backoff(first_s=0.01, most_s=0.02),
    resolve_s=2,
    last_try_s=2,
)


@pytest.fixture
async def backend() -> AsyncIterator[StandInBackend]:
    async with StandInBackend() as server:
        yield server


@pytest.fixture
async def ollama() -> AsyncIterator[StandInOllama]:
    async with StandInOllama() as server:
        yield server


@pytest.fixture
def quick() -> Waits:
    """The limits of the client, for servers on this machine."""
    return QUICK


@pytest.fixture
async def popote(backend: StandInBackend, tmp_path: Path) -> AsyncIterator[Popote]:
    """Marie's device, logged in."""
    async with Popote(backend.base_url, home=tmp_path, waits=QUICK) as client:
        await client.api.login("marie@example.com", "a long enough secret")
        backend.requests.clear()
        yield client


@pytest.fixture
async def raw_ollama() -> AsyncIterator[Callable[[bytes], HttpServer]]:
    """Make a server that answers every request with these bytes, as a stream."""
    answers: list[bytes] = []

    async def answer(_request: Request) -> Response:
        async def body() -> AsyncGenerator[bytes, None]:
            yield answers[-1]

        return Response(200, {"content-type": "application/x-ndjson"}, body())

    async with HttpServer(answer) as server:

        def answering(body: bytes) -> HttpServer:
            answers.append(body)
            return server

        yield answering


@pytest.fixture
async def raw_refusal() -> AsyncIterator[HttpServer]:
    """A server that refuses as Ollama does for an origin or a host that it does not like: 403, and nothing more."""

    async def refuse(_request: Request) -> Response:
        return Response(403)

    async with HttpServer(refuse) as server:
        yield server
