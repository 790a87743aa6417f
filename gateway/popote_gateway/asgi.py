"""The words of ASGI, as types."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]
Headers = Iterable[Header]


def values(headers: Headers, name: bytes) -> list[bytes]:
    """Return the values of the header `name`, which is in lower case."""
    return [value for key, value in headers if key == name]


def first(headers: Headers, name: bytes) -> str | None:
    """Return the first value of the header `name`, or None."""
    return next((value.decode("latin-1") for key, value in headers if key == name), None)
