"""One request and its answer: who may keep whom waiting, and how it ends when somebody is gone."""

import asyncio
import logging
from types import TracebackType
from typing import Final, NamedTuple

from popote_gateway.answer import Answer
from popote_gateway.carriers import Carrier
from popote_gateway.errors import BodyTooSlow, ServiceSlow
from popote_gateway.request import Body, Request
from popote_kit.problems import Problem

FIRST_LOOK_S: Final = 0.05  # most exchanges are over by then, and cost no watching

log = logging.getLogger(__name__)


class Patience(NamedTuple):
    """How long to wait, in seconds: until an answer begins, and between two pieces of it."""

    deadline_s: float
    silence_s: float


async def exchange(carrier: Carrier, service: str, request: Request, answer: Answer, patience: Patience) -> None:
    """Have `service` answer; ends early when the client leaves.

    The call has a task of its own, so that one which is slow to stop keeps nobody waiting.

    Raises:
        Problem: the service is away or slow, or the body broke a limit. The answer may have begun.
    """
    body = request.body
    call = asyncio.create_task(carrier.call(service, request, answer.send))
    call.add_done_callback(lambda _: body.end())
    try:
        with _Watchdog(body, answer, patience):
            refusal = await body.over
        await _outcome(call, answer, refusal)
    finally:
        if not answer.is_complete:
            answer.cut()
        body.end()
        if not call.done():
            call.add_done_callback(_look_at)
            call.cancel()


async def _outcome(call: asyncio.Task[None], answer: Answer, refusal: Problem | None) -> None:
    if answer.is_complete:
        await call  # what a service still does after its answer
    elif refusal:
        raise refusal
    elif call.done():
        await call
        raise RuntimeError("a service ended without a whole answer")


class _Watchdog:
    """Looks after an exchange that takes long: notices that the client left, and ends it when it is out of time."""

    def __init__(self, body: Body, answer: Answer, patience: Patience) -> None:
        self._body = body
        self._answer = answer
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._began_at = self._loop.time()

    def __enter__(self) -> None:
        self._next_look = self._loop.call_later(FIRST_LOOK_S, self._look)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._next_look.cancel()

    def _look(self) -> None:
        self._body.watch()
        left = self._ends_at() - self._loop.time()
        if left > 0:
            self._next_look = self._loop.call_later(min(left, self._patience.silence_s), self._look)
        else:
            slow = ServiceSlow if self._body.is_whole else BodyTooSlow
            self._body.end(slow(limit_s=self._patience.deadline_s))

    def _ends_at(self) -> float:
        if self._answer.has_started:
            return self._answer.moved_at + self._patience.silence_s
        return self._began_at + self._patience.deadline_s


def _look_at(call: asyncio.Task[None]) -> None:
    """Log what went wrong in a call that nobody waits for any more."""
    error = None if call.cancelled() else call.exception()
    if error is not None and not isinstance(error, Problem):
        log.error("a call to a service failed", exc_info=error)
