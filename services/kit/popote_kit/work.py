"""A request's unit of work: the `kitchen` that its handler asks for.

GET and HEAD read, outside a transaction, and give the connection back before the answer is sent. Everything else is one
transaction: committed before the answer is sent, rolled back when the answer is a refusal.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Final, Literal

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from popote_kit import idempotency
from popote_kit.database import Database, Kitchen
from popote_kit.identity import Caller

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
REFUSED: Final = 400
KeyRule = Literal["taken", "needed", "none"]


class Work:
    """What one request does to the database."""

    def __init__(self, database: Database, send: Send, *, reads: bool) -> None:
        self._database = database
        self._send = send
        self._reads = reads
        self._stack = AsyncExitStack()
        self._kitchen: Kitchen | None = None
        self._key: tuple[str, str] | None = None
        self._held: list[Message] = []

    async def kitchen(self, caller: Caller) -> Kitchen:
        if self._kitchen is None:
            self._kitchen = await self._stack.enter_async_context(
                self._database.kitchen(caller.household, caller.person, zone=caller.zone, write=not self._reads)
            )
        return self._kitchen

    async def claim(self, operation: str, key: str, request_hash: bytes) -> None:
        assert self._kitchen is not None  # noqa: S101 - claimed right after it was opened
        await idempotency.claim(self._kitchen, operation, key, request_hash)
        self._key = (operation, key)

    @property
    def holds_answer(self) -> bool:
        return bool(self._held)

    async def send(self, message: Message) -> None:
        """Take a message of the answer: a write's is held until `answer`."""
        if self._kitchen is None:
            await self._send(message)
        elif self._reads:
            await self.close()
            await self._send(message)
        elif message.get("more_body"):
            raise TypeError("a stream takes connections of its own; the request's kitchen is closed before it answers")
        else:
            self._held.append(message)

    async def settle(self) -> None:
        """Commit or roll back, as the held answer says."""
        if self._held:
            start: Any = self._held[0]
            if start["status"] >= REFUSED:
                await self.close(_Refused())
            else:
                await self._keep_answer(start)
        await self.close()

    async def answer(self) -> None:
        """Send what was held."""
        for message in self._held:
            await self._send(message)

    async def close(self, error: BaseException | None = None) -> None:
        """Give the connection back: a transaction is committed, or with `error` rolled back."""
        self._kitchen = None
        await self._stack.__aexit__(type(error) if error else None, error, None)

    async def _keep_answer(self, start: Any) -> None:
        if self._key is None or self._kitchen is None:
            return
        bodies: list[Any] = self._held[1:]
        body = b"".join(message.get("body", b"") for message in bodies)
        answer = idempotency.Answer(start["status"], idempotency.replayed(start["headers"]), body)
        await idempotency.keep(self._kitchen, *self._key, answer)


class _Refused(Exception):  # noqa: N818 - only ever tells the transaction to roll back
    pass


def unit_of_work(database: Database) -> Callable[[ASGIApp], ASGIApp]:
    """Return the middleware that gives each request its `Work`."""

    def middleware(app: ASGIApp) -> ASGIApp:
        async def handle(scope: Scope, receive: Receive, send: Send) -> None:
            work = Work(database, send, reads=scope.get("method") in SAFE)
            scope["state"]["work"] = work
            try:
                await app(scope, receive, work.send)
                await work.settle()
            except BaseException as error:
                await work.close(error)
                if work.holds_answer:  # the answer is dropped unsent, so that Litestar can tell of the error
                    ScopeState.from_scope(scope).response_started = False
                raise
            await work.answer()

        return handle

    return middleware


async def provide_kitchen(request: Request[Any, Any, Any], caller: NamedDependency[Caller]) -> Kitchen:
    """Give the handler its kitchen; on a POST with an `Idempotency-Key`, after the key is taken.

    A write's body is there before a connection is taken, so that who sends slowly keeps nobody out.
    """
    work: Work = request.scope["state"]["work"]
    if request.method in SAFE:
        return await work.kitchen(caller)
    key = _key(request)
    body = await request.body()
    kitchen = await work.kitchen(caller)
    if key is not None:
        operation = str(request.route_handler.operation_id)
        await work.claim(operation, key, idempotency.fingerprint(_target(request), body))
    return kitchen


def asking_first(ask: Callable[..., Awaitable[Any]]) -> dict[str, Provide]:
    """Return the dependencies of a handler that asks others, as `asked`, before its `kitchen` is there.

    So whoever waits for another service, or for a process, holds no connection meanwhile.
    """
    return {"asked": Provide(ask), "kitchen": Provide(_provide_kitchen_then)}


async def _provide_kitchen_then(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    asked: NamedDependency[Any],  # noqa: ARG001 - it is awaited first
) -> Kitchen:
    return await provide_kitchen(request, caller)


def _key(request: Request[Any, Any, Any]) -> str | None:
    rule: KeyRule = request.route_handler.opt.get("idempotency", "taken")
    if request.method != "POST" or rule == "none":
        return None
    key = idempotency.parse(request.headers.get(idempotency.HEADER))
    if key is None and rule == "needed":
        raise idempotency.KeyMissing
    return key


def _target(request: Request[Any, Any, Any]) -> str:
    """Return what was asked for; another query makes another request."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
