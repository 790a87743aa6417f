"""One ASGI app on one socket, for IPv6 and IPv4 at once."""

import asyncio
import gc
import socket
from collections.abc import Iterable
from typing import Any, Final

import uvicorn
from litestar.types import ASGIApp, Message, Receive, Scope, Send

DRAIN_S: Final = 15
KEEP_ALIVE_S: Final = 75  # longer than the gateway's pool keeps an idle connection
EVENT_STREAM: Final = b"text/event-stream"


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; on `::` it takes IPv4 too, and where IPv6 is off it falls back to IPv4.

    Raises:
        OSError: the port is taken, or may not be used.
    """
    is_dual = host == "::" and socket.has_dualstack_ipv6()
    if host == "::" and not is_dual:
        host = "0.0.0.0"  # noqa: S104 - the same meaning, without IPv6
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, dualstack_ipv6=is_dual, backlog=1024)
    # Inherited by each connection: asyncio leaves it off here, and then an answer's body waits 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def server(app: Any, **options: Any) -> uvicorn.Server:
    """Return a server for `app`, to be run with `serve(sockets=[listen(…)])`."""
    defaults: dict[str, Any] = {
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "date_header": True,
        "proxy_headers": False,
        "ws": "none",
        "lifespan": "on",
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": DRAIN_S,
    }
    streams = _Streams(app)
    return _Server(uvicorn.Config(streams, **{**defaults, **options}), streams)


class _Streams:
    """An app, and those of its answers that end only when they are told to."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._serving: set[asyncio.Task[Any]] = set()
        self._is_over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - each request has one

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_event_stream(message["headers"]):
                self._serving.add(task)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError:
            if not self._is_over or task not in self._serving:
                raise
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._serving.discard(task)

    def end(self) -> None:
        self._is_over = True
        for task in self._serving:
            task.cancel()


def _is_event_stream(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(EVENT_STREAM) for name, value in headers)


class _Server(uvicorn.Server):
    """A server that ends event streams when it leaves: they would keep it waiting to the last."""

    def __init__(self, config: uvicorn.Config, streams: _Streams) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.end()
        await super().shutdown(sockets)


def settle() -> None:
    """Have the garbage collector leave alone what is there by now: going through it again holds up requests."""
    gc.collect()
    gc.freeze()


def run(app: Any, host: str, port: int) -> None:
    """Serve `app` until SIGTERM or SIGINT."""
    settle()
    with listen(host, port) as listener:
        server(app).run(sockets=[listener])
