"""A gateway over real HTTP in front of services that a test plays itself, once with each carrier."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
import pytest

from popote_gateway.app import create_app
from popote_gateway.carriers import Carrier
from popote_gateway.carriers.http import Http
from popote_gateway.carriers.in_process import InProcess
from popote_gateway.settings import Settings
from popote_gateway.table import SERVICES
from popote_kit.testing import serving

SECRET = "a secret of these tests, 32 characters or more"
CarrierName = Literal["in_process", "http"]


@dataclass(frozen=True)
class Running:
    """A running gateway."""

    client: httpx.AsyncClient
    host: str
    port: int

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self.host, self.port)

    async def raw(self, request: bytes) -> bytes:
        """Send these very bytes, and return all that comes back until the server closes."""
        reader, writer = await self.connect()
        writer.write(request)
        await writer.drain()
        try:
            return await reader.read()
        finally:
            writer.close()

    async def ask(self, target: bytes, *, method: bytes = b"GET", headers: bytes = b"Host: localhost\r\n") -> bytes:
        """Send a request whose target no client library has tidied up."""
        return await self.raw(method + b" " + target + b" HTTP/1.1\r\nConnection: close\r\n" + headers + b"\r\n")


@dataclass
class Seen:
    """A request as it came to a service."""

    method: str
    raw_path: bytes
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)


class Peer:
    """A service that records what it is asked and answers as it is told: by `answer`, an ASGI app, or with an OK."""

    def __init__(self, answer: Any = None) -> None:
        self.seen: list[Seen] = []
        self._answer = answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        self.seen.append(Seen(scope["method"], scope["raw_path"], scope["query_string"], list(scope["headers"])))
        if self._answer:
            await self._answer(scope, receive, send)
            return
        await self._read(receive)
        await reply(send, b'{"ok":true}', (b"content-type", b"application/json"))

    async def _read(self, receive: Any) -> None:
        more = True
        while more:
            message = await receive()
            self.seen[-1].body += message.get("body", b"")
            more = message.get("more_body", False)


async def reply(send: Any, body: bytes = b"", *headers: tuple[bytes, bytes], status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Any, send: Any) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


@pytest.fixture
def play() -> type[Peer]:
    """Make a service of the test's own: `play()` or `play(answer)`."""
    return Peer


@pytest.fixture
def peer() -> Peer:
    """A service that says OK."""
    return Peer()


Start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture(params=["in_process", "http"])
def carrier_name(request: pytest.FixtureRequest) -> CarrierName:
    name: CarrierName = request.param
    return name


@pytest.fixture
def start(carrier_name: CarrierName) -> Start:
    """Start a gateway in front of `apps`, by service name; further arguments are its settings."""

    @asynccontextmanager
    async def start(apps: dict[str, Any], **settings: Any) -> AsyncIterator[Running]:
        async with AsyncExitStack() as stack:
            carrier = await _carrier(carrier_name, apps, stack)
            app = create_app(Settings(secret=SECRET, **settings), carrier)
            base_url = await stack.enter_async_context(serving(app))
            client = await stack.enter_async_context(httpx.AsyncClient(base_url=base_url, timeout=20))
            parts = urlsplit(base_url)
            yield Running(client, str(parts.hostname), int(parts.port or 0))

    return start


async def _carrier(name: CarrierName, apps: dict[str, Any], stack: AsyncExitStack) -> Carrier:
    if name == "in_process":
        return InProcess(apps)
    urls = dict.fromkeys(SERVICES, f"http://127.0.0.1:{_closed_port()}")
    for service, app in apps.items():
        urls[service] = await stack.enter_async_context(serving(app))
    return Http(urls)


def _closed_port() -> int:
    with socket.socket() as once:
        once.bind(("127.0.0.1", 0))
        port: int = once.getsockname()[1]
        return port
