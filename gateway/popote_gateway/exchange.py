"""One request and its answer: who may keep whom waiting, and how it ends when somebody is gone."""

import asyncio
import logging
from typing import Any, NamedTuple

from popote_gateway.answer import Answer
from popote_gateway.carriers import Carrier
from popote_gateway.errors import BodyTooSlow, ServiceSlow
from popote_gateway.request import Body, Request
from popote_kit.problems import Problem

log = logging.getLogger(__name__)


class Patience(NamedTuple):
    """How long to wait, in seconds: until an answer begins, and between two pieces of it."""

    deadline_s: float
    silence_s: float


async def exchange(carrier: Carrier, service: str, request: Request, answer: Answer, patience: Patience) -> None:
    """Have `service` answer; ends early when the client leaves.

    Raises:
        Problem: the service is away or slow, or the body broke a limit. The answer may have begun.
    """
    request.body.watch()
    call = asyncio.create_task(carrier.call(service, request, answer.send))
    try:
        await _wait(call, request.body, answer, patience)
        await _outcome(call, request.body, answer, patience)
    finally:
        if not answer.is_complete:
            answer.cut()
        request.body.end()
        if not call.done():
            call.add_done_callback(_look_at)
            call.cancel()


async def _wait(call: asyncio.Task[None], body: Body, answer: Answer, patience: Patience) -> None:
    now = asyncio.get_running_loop().time
    begun = now()
    either: set[asyncio.Future[Any]] = {call, body.over}
    while not (call.done() or body.over.done()):
        until = answer.moved_at + patience.silence_s if answer.has_started else begun + patience.deadline_s
        left = until - now()
        if left <= 0:
            return
        await asyncio.wait(either, timeout=min(left, patience.silence_s), return_when=asyncio.FIRST_COMPLETED)


async def _outcome(call: asyncio.Task[None], body: Body, answer: Answer, patience: Patience) -> None:
    refusal = body.over.result() if body.over.done() else None
    if answer.is_complete:
        await call  # what a service still does after its answer
    elif refusal:
        raise refusal
    elif call.done():
        await call
        raise RuntimeError("a service ended without a whole answer")
    elif body.over.done():
        return  # the client left
    elif not body.is_whole:
        raise BodyTooSlow(limit_s=patience.deadline_s)
    else:
        raise ServiceSlow(limit_s=patience.deadline_s)


def _look_at(call: asyncio.Task[None]) -> None:
    """Log what went wrong in a call that nobody waits for any more."""
    error = None if call.cancelled() else call.exception()
    if error is not None and not isinstance(error, Problem):
        log.error("a call to a service failed", exc_info=error)
