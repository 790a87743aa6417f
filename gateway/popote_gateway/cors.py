"""Which web pages of other origins may read answers: none, or exactly those listed."""

from typing import Final

from popote_gateway.asgi import Header, Headers, values
from popote_gateway.headers import TO_SERVICES

METHODS: Final = b"GET, HEAD, POST, PUT, PATCH, DELETE"
READABLE: Final = (
    b"Age, ETag, Idempotent-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, Warning, X-Request-Id"
)
SENDABLE: Final = b", ".join(sorted({*TO_SERVICES, b"x-request-id"}))
MAX_AGE_S: Final = 600


class Cors:
    """The rule for the listed origins; an empty list turns it off."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    def on_answer(self, headers: Headers) -> list[Header]:
        """Return what every answer to this request says about origins."""
        if not self._origins:
            return []
        origin = self._allowed(headers)
        if origin is None:
            return [(b"vary", b"Origin")]
        return [
            (b"vary", b"Origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", READABLE),
        ]

    def preflight(self, method: str, headers: Headers) -> list[Header] | None:
        """Return what to answer when the request is a browser asking first, from a listed origin; else None."""
        asks = method == "OPTIONS" and values(headers, b"access-control-request-method")
        if not asks or self._allowed(headers) is None:
            return None
        return [
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", SENDABLE),
            (b"access-control-max-age", b"%d" % MAX_AGE_S),
        ]

    def _allowed(self, headers: Headers) -> bytes | None:
        origins = values(headers, b"origin")
        return origins[0] if len(origins) == 1 and origins[0] in self._origins else None
