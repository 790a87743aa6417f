"""The one question that must be answered fast and always: where is Ollama? Asked of memory, ahead of the framework."""

from typing import Any, Final, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from popote_config.memory import Answer, Memory
from popote_kit.identity import Verifier, bearer
from popote_kit.problems import Problem, Unauthenticated

PATH: Final = "/api/system-config/ollama"
RAW: Final = PATH.encode()


class Reader:
    """Answers a client out of memory."""

    def __init__(self, memory: Memory, verifier: Verifier, *, public_read: bool) -> None:
        self._memory = memory
        self._verifier = verifier
        self._public_read = public_read

    async def read(self, authorization: str | None, if_none_match: str | None) -> Answer:
        """Return the answer to these two request headers.

        Raises:
            Unauthenticated: the token is not valid; or there is none, and one is needed.
            NotConfigured: no address is published.
            Unavailable: nothing is known yet, of addresses or of auth's keys.
        """
        token = bearer(authorization)
        if token is None and not self._public_read:
            raise Unauthenticated
        household = None if token is None else (await self._verifier.verify(token)).household
        return self._memory.answer(household, if_none_match)


def in_front_of(app: ASGIApp, reader: Reader) -> ASGIApp:
    """Return `app` with that one GET answered ahead of it; refusals are left to its own route, which words them."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        method = scope.get("method")
        if scope["path"] != PATH or scope.get("raw_path", RAW) != RAW or method not in ("GET", "HEAD"):
            await app(scope, receive, send)
            return
        if method == "HEAD":
            scope, send = _as_get(scope), _without_body(send)
        try:
            answer = await reader.read(_header(scope, b"authorization"), _header(scope, b"if-none-match"))
        except Problem:
            await app(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            await send({"type": "http.response.body", "body": answer.body, "more_body": False})

    return handle


def _header(scope: Scope, wanted: bytes) -> str | None:
    for name, value in scope["headers"]:
        if name == wanted:
            return value.decode("latin-1")
    return None


def _as_get(scope: Any) -> Scope:
    """Return a copy: the server must go on knowing that it was a HEAD."""
    return cast("Scope", {**scope, "method": "GET"})


def _without_body(send: Send) -> Send:
    async def forward(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return forward
