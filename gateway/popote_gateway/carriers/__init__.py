"""How a request gets to a service: called directly in one process, or by HTTP. The gateway does not know which."""

from types import TracebackType
from typing import Protocol, Self

from popote_gateway.asgi import Send
from popote_gateway.request import Request


class Carrier(Protocol):
    """Takes requests to services and their answers back; an async context, entered before the first call."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    async def call(self, service: str, request: Request, send: Send) -> None:
        """Have `service` answer `request` through `send`, in ASGI messages, each passed on as it comes.

        Cancelled, it ends the call: a service that only reads stops, one that writes is let finish.

        Raises:
            ServiceAway: the service can't be reached or, when the answer has begun, broke off.
        """
        ...
