"""Services in the same process: their ASGI apps are called directly."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self
from urllib.parse import unquote_to_bytes

from popote_gateway.asgi import App, Scope, Send
from popote_gateway.errors import ServiceAway
from popote_gateway.request import SAFE, Request

FINISH_S: Final = 10.0


class InProcess:
    """Calls `apps`, by service name. Somebody else runs their lifespans."""

    def __init__(self, apps: Mapping[str, App]) -> None:
        self._apps = apps
        self._unfinished: set[asyncio.Future[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if self._unfinished:
            await asyncio.wait(self._unfinished, timeout=FINISH_S)

    async def call(self, service: str, request: Request, send: Send) -> None:
        app = self._apps.get(service)
        if app is None:
            raise ServiceAway(service=service)
        answering = app(_scope(service, request), request.body.receive, send)
        if request.method in SAFE:
            await answering
        else:
            await self._let_finish(asyncio.ensure_future(answering), request)

    async def _let_finish(self, running: asyncio.Future[None], request: Request) -> None:
        """Wait for a write. Cancelled, it still runs to its end, as it would in a server of its own."""
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            if not request.body.is_given:
                running.cancel()
            self._unfinished.add(running)
            running.add_done_callback(self._unfinished.discard)
            raise


def _scope(service: str, request: Request) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "server": (service, 80),
        "client": None,
        "root_path": "",
        "path": unquote_to_bytes(request.path).decode("ascii"),  # the gateway lets nothing else in
        "raw_path": request.path,
        "query_string": request.query,
        "headers": [(b"host", service.encode()), *request.headers],
        "state": {},
    }
