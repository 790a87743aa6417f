"""Which headers pass, in each direction. What is not named here stays outside, or inside."""

import re
from typing import Final

import uuid_utils

from popote_gateway.asgi import Header, Headers, values
from popote_gateway.errors import HeaderRefused

TO_SERVICES: Final = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"authorization",
        b"content-type",
        b"idempotency-key",
        b"if-match",
        b"if-none-match",
        b"last-event-id",
        b"user-agent",
        b"x-invitation-code",
    }
)
LISTS: Final = frozenset({b"accept", b"accept-encoding", b"accept-language", b"if-match", b"if-none-match"})
FROM_SERVICES: Final = frozenset(
    {
        b"age",
        b"allow",
        b"cache-control",
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-type",
        b"etag",
        b"idempotent-replayed",
        b"last-modified",
        b"location",
        b"ratelimit",
        b"ratelimit-policy",
        b"retry-after",
        b"vary",
        b"warning",
        b"www-authenticate",
        b"x-accel-buffering",
    }
)

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_LENGTH: Final = re.compile(rb"[0-9]{1,15}")


def to_service(headers: Headers) -> list[Header]:
    """Return those headers of a request that a service may see.

    Raises:
        HeaderRefused: one of them is there twice, or is not ASCII.
    """
    headers = list(headers)
    dropped = _named_in_connection(headers)
    passed = [(name, value) for name, value in headers if name in TO_SERVICES and name not in dropped]
    seen: set[bytes] = set()
    for name, value in passed:
        if not value.isascii() or (name in seen and name not in LISTS):
            raise HeaderRefused(header=name.decode())
        seen.add(name)
    return passed


def from_service(headers: Headers) -> list[Header]:
    """Return those headers of a service's answer that a client may see; its length is told anew."""
    headers = [(name.lower(), value) for name, value in headers]
    dropped = _named_in_connection(headers)
    passed = [(name, value) for name, value in headers if name in FROM_SERVICES and name not in dropped]
    length = content_length(headers)
    return passed if length is None else [*passed, (b"content-length", b"%d" % length)]


def content_length(headers: Headers) -> int | None:
    """Return the length that the headers promise, in bytes, or None where they promise none."""
    lengths = values(headers, b"content-length")
    return int(lengths[0]) if len(lengths) == 1 and _LENGTH.fullmatch(lengths[0]) else None


def body_length(headers: Headers) -> int | None:
    """Return how long a request's body will be, in bytes; None where that shows only as it comes."""
    names = {name for name, _ in headers}
    if b"transfer-encoding" in names:
        return None
    return content_length(headers) if b"content-length" in names else 0


def request_id(headers: Headers) -> str:
    """Return the request's id: a sane one that came along, or a new UUIDv7."""
    given = values(headers, b"x-request-id")
    if len(given) == 1 and _REQUEST_ID.fullmatch(given[0]):
        return given[0].decode()
    return str(uuid_utils.uuid7())


def _named_in_connection(headers: Headers) -> set[bytes]:
    return {name.strip().lower() for value in values(headers, b"connection") for name in value.split(b",")}
