"""Services behind HTTP: one pooled session for all of them, bodies streamed both ways."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Final, Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from popote_gateway.asgi import Send
from popote_gateway.errors import ServiceAway
from popote_gateway.request import Body, Request

CONNECT_S: Final = 2.0
IDLE_S: Final = 30.0  # shorter than the services keep an idle connection
CONNECTIONS: Final = 1024  # a service; each live stream holds one
OURS: Final = frozenset({"Accept", "Accept-Encoding", "Content-Type", "User-Agent"})  # aiohttp would add its own


class Http:
    """Calls the services at `urls`, by name; such as `http://chat:8000`."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = {service: url.rstrip("/") for service, url in urls.items()}
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=CONNECTIONS, keepalive_timeout=IDLE_S),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),  # the exchange keeps the time
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=OURS,
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        await self._session.close()

    async def call(self, service: str, request: Request, send: Send) -> None:
        try:
            async with self._ask(service, request) as response:
                await send({"type": "http.response.start", "status": response.status, "headers": response.raw_headers})
                async for piece in response.content.iter_any():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ServiceAway(service=service) from error
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _ask(self, service: str, request: Request) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        target = request.path + (b"?" + request.query if request.query else b"")
        return self._session.request(
            request.method,
            URL(self._urls[service] + target.decode("ascii"), encoded=True),
            headers=CIMultiDict((name.decode("ascii"), value.decode("ascii")) for name, value in request.headers),
            data=None if request.body.is_whole else _pieces(request.body),
            allow_redirects=False,
        )


async def _pieces(body: Body) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await body.receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client left in the middle of its body")
        more = message.get("more_body", False)
        if piece := message.get("body", b""):
            yield piece
