"""A request as it goes to a service: what passed of its head, and its body as it comes in."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from popote_gateway.asgi import Header, Message, Receive
from popote_gateway.table import DEFAULT_BODY, MIB
from popote_kit.problems import Problem, TooLarge

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
DRAIN_S: Final = 2.0
DRAIN_BYTES: Final = 16 * MIB


class Body:
    """A request's body, handed on piece by piece, and the news that nobody waits for an answer any more.

    `length` is what the head promises, in bytes; None when it promises nothing. `is_whole` tells that all of it came,
    `is_given` that the service has all of it. `over` is done once the exchange is: with a problem when the body broke a
    limit, with None when the client left or has its answer.
    """

    def __init__(self, receive: Receive, length: int | None) -> None:
        self.max_bytes = DEFAULT_BODY
        self.length = length
        self.is_whole = self.is_given = length == 0
        self.over: asyncio.Future[Problem | None] = asyncio.get_running_loop().create_future()
        self._receive = receive
        self._taken = 0
        self._owes_empty_piece = length == 0
        self._watch: asyncio.Task[None] | None = None

    @property
    def is_open_ended(self) -> bool:
        """Whether more may still come than the connection should be kept for."""
        return not self.is_whole and (self.length is None or self.length > self.max_bytes)

    def check_length(self) -> None:
        """Let a body pass whose promised length is within the limit, before any of it is read.

        Raises:
            TooLarge: it promises more.
        """
        if self.length is not None and self.length > self.max_bytes:
            raise TooLarge(limit_bytes=self.max_bytes)

    async def receive(self) -> Message:
        """Give the next ASGI message: pieces of the body, then, when the exchange is over, `http.disconnect`."""
        if not self.is_whole:
            return await self._next_piece()
        if self._owes_empty_piece:
            self._owes_empty_piece = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.wait([self.over])
        return {"type": "http.disconnect"}

    def watch(self) -> None:
        """From now on notice when the client leaves."""
        if self.is_whole and self._watch is None and not self.over.done():
            self._watch = asyncio.create_task(self._until_gone())

    def end(self, problem: Problem | None = None) -> None:
        if not self.over.done():
            self.over.set_result(problem)
        if self._watch is not None:
            self._watch.cancel()

    async def drain(self) -> None:
        """Read on for a moment and drop it: to close on a client that still sends could lose it its answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                while not self.is_whole and self._taken < DRAIN_BYTES and await self._take():
                    pass

    async def _next_piece(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.end()
            return message
        self._count(message)
        if self._taken > self.max_bytes:
            self.end(TooLarge(limit_bytes=self.max_bytes))
            await asyncio.Future()  # nothing of it is handed on; the call is cancelled
        self.is_given = self.is_whole
        self.watch()
        return message

    def _count(self, message: Message) -> None:
        self._taken += len(message.get("body", b""))
        self.is_whole = not message.get("more_body", False)

    async def _take(self) -> bool:
        """Read the next piece and drop it; tell whether there was one."""
        message = await self._receive()
        if message["type"] != "http.request":
            return False
        self._count(message)
        return True

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.end()


@dataclass(frozen=True, slots=True)
class Request:
    """What a carrier takes to a service; path and query as they were sent, headers already chosen."""

    method: str
    path: bytes
    query: bytes
    headers: list[Header]
    body: Body
