"""The answer on its way back to the client."""

import asyncio
from collections.abc import Iterable

from popote_gateway import headers
from popote_gateway.asgi import Header, Message, Send
from popote_gateway.request import Body

NO_CONTENT = frozenset({204, 304})


class Answer:
    """Takes a service's ASGI messages, or an answer of our own, and sends what may pass; `always` goes on each head."""

    def __init__(self, send: Send, method: str, body: Body, always: list[Header]) -> None:
        self.has_started = False
        self.is_complete = False
        self.moved_at = 0.0  # in the loop's time: when the service last sent something
        self._send = send
        self._method = method
        self._body = body
        self._always = always
        self._has_content = method != "HEAD"
        self._is_cut = False
        self._closes = False

    async def send(self, message: Message) -> None:
        """Pass on a message of a service, unless it comes too late."""
        if self._is_cut:
            return
        self.moved_at = asyncio.get_running_loop().time()
        if message["type"] == "http.response.start":
            await self._start(message["status"], headers.from_service(message.get("headers", ())))
        elif message["type"] == "http.response.body":
            await self._piece(message.get("body", b""), more=message.get("more_body", False))

    async def give(self, status: int, own: Iterable[Header], content: bytes = b"") -> None:
        """Send an answer of our own, whole."""
        await self._start(status, [*own, (b"content-length", b"%d" % len(content))])
        await self._piece(content, more=False)

    def cut(self) -> None:
        """Let nothing more pass."""
        self._is_cut = True

    async def _start(self, status: int, passed: list[Header]) -> None:
        self._closes = self._body.is_open_ended
        self._has_content = self._method != "HEAD" and status not in NO_CONTENT
        if status in NO_CONTENT:
            passed = [(name, value) for name, value in passed if name != b"content-length"]
        closing = [(b"connection", b"close")] if self._closes else []
        self.has_started = True
        await self._send(
            {"type": "http.response.start", "status": status, "headers": [*passed, *self._always, *closing]}
        )

    async def _piece(self, content: bytes, *, more: bool) -> None:
        content = content if self._has_content else b""
        if self._closes and not more:
            await self._send({"type": "http.response.body", "body": content, "more_body": True})
            await self._body.drain()
            content = b""
        await self._send({"type": "http.response.body", "body": content, "more_body": more})
        if not more:
            self.is_complete = True
            self._body.end()
