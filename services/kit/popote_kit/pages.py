"""Pages of a list: `{items, next_cursor}`, with cursors that clients hand back unread."""

import base64
import binascii
from collections.abc import Callable
from hashlib import blake2s
from typing import Annotated, Final, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from popote_kit.problems import Malformed

T = TypeVar("T")

MAX_LIMIT: Final = 200
_SUM: Final = 6  # bytes of checksum; a cursor holds no secret, the sum only tells a damaged one from a good one

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="How many at most.")]
CursorText = Annotated[
    str | None, QueryParameter(name="cursor", max_length=1024, description="`next_cursor` of the page before.")
]


class Page(msgspec.Struct, Generic[T]):
    """One page; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


def page(found: list[T], limit: int, place_of: Callable[[T], object]) -> Page[T]:
    """Return the page of a list that was read with `limit + 1`: the one too many tells whether another page follows."""
    if len(found) <= limit:
        return Page(found)
    return Page(found[:limit], cursor(place_of(found[limit - 1])))


def cursor(place: object) -> str:
    """Return `place` as an opaque cursor."""
    body = msgspec.json.encode(place)
    return _text(_sum(body) + body)


def place(text: str | None, kind: type[T]) -> T | None:
    """Return the place that `cursor` was made of, None for no cursor.

    Raises:
        Malformed: not one of our cursors, or changed on the way.
    """
    if text is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if _sum(raw[_SUM:]) == raw[:_SUM] and _text(raw) == text:
            return msgspec.json.decode(raw[_SUM:], type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        pass
    raise Malformed(reason="the cursor is not one of ours")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _sum(body: bytes) -> bytes:
    return blake2s(body, digest_size=_SUM, person=b"cursor").digest()
