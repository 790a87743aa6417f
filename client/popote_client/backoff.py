"""How long to wait before trying again."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import msgspec


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """Full jitter: after n failures a random wait, from 0 to `first_s` doubled n - 1 times, at most `most_s`."""

    first_s: float = 2
    most_s: float = 300
    draw: Callable[[float, float], float] = random.uniform
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def wait(self, failures: int, at_least_s: float = 0) -> None:
        ceiling = min(self.most_s, self.first_s * 2 ** min(failures - 1, 30))
        await self.sleep(max(at_least_s, self.draw(0, ceiling)))
