"""Typed questions to other services go through here: one HTTP client a service, with deadlines.

Over the network by URL; in one process straight into the other service's ASGI app.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import httpx
from structlog.contextvars import get_contextvars

TIMEOUT: Final = httpx.Timeout(3.0, connect=1.0)  # seconds


class Peers:
    """Where the other services are: `urls` over the network, or `apps` in one process (filled as they are made)."""

    def __init__(self, *, urls: Mapping[str, str] | None = None, apps: Mapping[str, Any] | None = None) -> None:
        self._urls = urls or {}
        self._apps = apps if apps is not None else {}
        self._clients: dict[str, httpx.AsyncClient] = {}

    def client(self, name: str) -> httpx.AsyncClient:
        """Return the client for the service `name`; it lives until `close`.

        Raises:
            LookupError: nobody said where that service is.
        """
        if name not in self._clients:
            self._clients[name] = self._make(name)
        return self._clients[name]

    async def close(self) -> None:
        while self._clients:
            _, client = self._clients.popitem()
            await client.aclose()

    def _make(self, name: str) -> httpx.AsyncClient:
        if name in self._apps:
            transport = _InProcess(self._apps[name], raise_app_exceptions=False)
            return _client(f"http://{name}", transport)
        if name in self._urls:
            return _client(self._urls[name])
        raise LookupError(f"no address for the service {name!r}")


class _InProcess(httpx.ASGITransport):
    """Calls an app, and gives up when the answer takes longer than the request may wait to read: httpx does not."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(request.extensions["timeout"]["read"]):
                return await super().handle_async_request(request)
        except TimeoutError as error:
            raise httpx.ReadTimeout("the answer did not come in time", request=request) from error


def _client(base_url: str, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    hooks = {"request": [_pass_request_id_on]}
    return httpx.AsyncClient(
        base_url=base_url, transport=transport, timeout=TIMEOUT, trust_env=False, event_hooks=hooks
    )


async def _pass_request_id_on(request: httpx.Request) -> None:
    if request_id := get_contextvars().get("request_id"):
        request.headers["X-Request-Id"] = request_id
