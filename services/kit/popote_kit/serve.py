"""One ASGI app on one socket, for IPv6 and IPv4 at once."""

import socket
from typing import Any, Final

import uvicorn

DRAIN_S: Final = 15
KEEP_ALIVE_S: Final = 75  # longer than the gateway's pool keeps an idle connection


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
    return uvicorn.Server(uvicorn.Config(app, **{**defaults, **options}))


def run(app: Any, host: str, port: int) -> None:
    """Serve `app` until SIGTERM or SIGINT."""
    with listen(host, port) as listener:
        server(app).run(sockets=[listener])
