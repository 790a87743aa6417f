"""Short-lived processes for what strangers wrote: one input each, no credentials, limits on everything, then gone."""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from popote_kit.problems import Problem, Unavailable

log = logging.getLogger(__name__)

TIMEOUT_S: Final = 8.0
WAIT_S: Final = 2.0
MAX_OUTPUT: Final = 16 * 1024 * 1024  # bytes
CHUNK: Final = 64 * 1024  # bytes
AT_ONCE: Final = 2
MAX_WAITING: Final = 8


class Unreadable(Problem):
    """Nothing could be made of what was sent. Why is only logged."""

    type = "/problems/unreadable"
    title = "That can't be read"
    kind = "invalid"
    en = "Nothing could be made of this."
    fr = "Rien n'a pu en être tiré."


class Busy(Unavailable):
    """As much is being read as may be at once."""

    en = "Others are being read at the moment. Please try again shortly."
    fr = "D'autres lectures sont en cours. Merci de réessayer bientôt."


class _Failed(Exception):  # noqa: N818 - becomes an Unreadable
    pass


class Sandbox:
    """Runs tasks, each in a process of its own that ends with the call; two at once."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def run(self, task: str, payload: bytes, *, timeout_s: float = TIMEOUT_S, files: Sequence[int] = ()) -> bytes:
        """Return what the task makes of `payload` within `timeout_s`, after waiting two seconds for others at most.

        `files` are descriptors that it may use too, under the same numbers.

        Raises:
            Unreadable: it failed, took too long, or made too much.
            Busy: too many others are being read.
        """
        async with self._slot():
            try:
                async with asyncio.timeout(timeout_s):
                    return await _run(task, payload, timeout_s, files)
            except (_Failed, TimeoutError) as error:
                log.info("a task in the sandbox failed", extra={"task": task, "reason": str(error) or "too slow"})
                raise Unreadable from error

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        if self._waiting >= MAX_WAITING:
            raise Busy
        self._waiting += 1
        try:
            await asyncio.wait_for(self._slots.acquire(), WAIT_S)
        except TimeoutError as error:
            raise Busy from error
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()


async def _run(task: str, payload: bytes, timeout_s: float, files: Sequence[int]) -> bytes:
    command = (sys.executable, "-I", "-B", "-m", "popote_recipes.sandbox", task, str(timeout_s))
    child = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/", start_new_session=True, pass_fds=files
    )
    try:
        _, output = await asyncio.gather(_feed(child, payload), _output(child))
        if await child.wait():
            raise _Failed(f"exit {child.returncode}: {output.decode(errors='replace')}")
        return output
    finally:
        await _end(child)


async def _feed(child: Process, payload: bytes) -> None:
    assert child.stdin is not None  # noqa: S101 - a pipe was asked for
    with suppress(ConnectionError):  # it may fail before it has read everything
        child.stdin.write(payload)
        await child.stdin.drain()
    child.stdin.close()


async def _output(child: Process) -> bytes:
    assert child.stdout is not None  # noqa: S101 - a pipe was asked for
    output = bytearray()
    while chunk := await child.stdout.read(CHUNK):
        output += chunk
        if len(output) > MAX_OUTPUT:
            raise _Failed("it made too much")
    return bytes(output)


async def _end(child: Process) -> None:
    """Kill the child and all that it started, and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.communicate()
