"""Rounds: what a service does over and over, beside its requests."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from popote_kit.problems import Unavailable

log = logging.getLogger(__name__)


@asynccontextmanager
async def rounds(
    do: Callable[[], Awaitable[object]], *, every_s: float, failing: str, facts: Mapping[str, object] | None = None
) -> AsyncIterator[None]:
    """Call `do` in the background, and again `every_s` seconds after it has ended, until the block ends.

    A round that fails is logged, with the sentence `failing` and its `facts`, and the next one comes all the same.
    `Unavailable` is no failure: something is away, for now.
    """
    task = asyncio.create_task(_go_round(do, every_s, failing, facts))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _go_round(
    do: Callable[[], Awaitable[object]], every_s: float, failing: str, facts: Mapping[str, object] | None
) -> None:
    while True:
        try:
            await do()
        except Unavailable:
            log.info("%s now", failing, extra=facts)
        except Exception:
            log.exception(failing, extra=facts)
        await asyncio.sleep(every_s)
