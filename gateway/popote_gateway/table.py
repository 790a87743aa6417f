"""Every public path there is, in one table. What is not in here is not found, `/internal` first of all."""

import re
from typing import Final, NamedTuple

MIB: Final = 1024 * 1024
DEFAULT_BODY: Final = MIB  # bytes


class Route(NamedTuple):
    """A prefix of the raw path, the service behind it, and the longest body it takes, in bytes.

    `deadline_s` is for bodies that take long to send and to work through; None is as the settings say.
    """

    prefix: bytes
    service: str
    max_body: int = DEFAULT_BODY
    deadline_s: float | None = None


ROUTES: Final = (
    Route(b"/api/auth", "auth"),
    Route(b"/.well-known/jwks.json", "auth"),
    Route(b"/api/system-config", "config"),
    Route(b"/api/stock", "stock"),
    Route(b"/api/recipes", "recipes"),
    Route(b"/api/nutrition", "nutrition"),
    Route(b"/api/chat", "chat"),
)
UPLOADS: Final = (  # whole paths, looked at first
    (re.compile(rb"/api/recipes/[^/]+/image"), Route(b"/api/recipes", "recipes", 10 * MIB, 60)),
    (re.compile(rb"/api/recipes/cookbook"), Route(b"/api/recipes", "recipes", 50 * MIB, 300)),
)
SERVICES: Final = ("auth", "stock", "recipes", "nutrition", "chat", "config")

LIVE: Final = b"/healthz"
READY: Final = b"/readyz"
CONTRACT: Final = b"/api/openapi.json"
DOCS: Final = b"/api/docs"


def find(raw_path: bytes) -> Route | None:
    """Return the route of a path, whole segments compared as they were sent; or None."""
    for path, route in UPLOADS:
        if path.fullmatch(raw_path):
            return route
    for route in ROUTES:
        if raw_path.startswith(route.prefix) and raw_path[len(route.prefix) :][:1] in (b"", b"/"):
            return route
    return None
