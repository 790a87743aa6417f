"""Typed questions to other services go through here: one HTTP client a service, with deadlines.

Over the network by URL; in one process straight into the other service's ASGI app.
"""

from collections.abc import Mapping
from typing import Any, Final

import httpx

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
            transport = httpx.ASGITransport(self._apps[name], raise_app_exceptions=False)
            return httpx.AsyncClient(transport=transport, base_url=f"http://{name}", timeout=TIMEOUT, trust_env=False)
        if name in self._urls:
            return httpx.AsyncClient(base_url=self._urls[name], timeout=TIMEOUT, trust_env=False)
        raise LookupError(f"no address for the service {name!r}")
