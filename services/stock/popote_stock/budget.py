"""How often others may be asked: one budget for all processes together, kept in Redis."""

import time
from collections import deque
from collections.abc import Awaitable
from typing import Final, cast

import uuid_utils.compat as uuid_utils
from redis.asyncio import Redis

from popote_kit.cache import Cache

MICROSECONDS: Final = 1_000_000

# What was taken within the period, each with its time; Redis' own clock is the one that all processes share.
TAKE: Final = """
    local key, limit, period, name = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
    local clock = redis.call('TIME')
    local now = clock[1] * 1000000 + clock[2]
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - period)
    if redis.call('ZCARD', key) >= limit then
        return math.max(1, redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] + period - now)
    end
    redis.call('ZADD', key, now, name)
    redis.call('PEXPIRE', key, math.ceil(period / 1000))
    return 0
"""


class Budget:
    """At most `limit` in any `period_s` seconds, for all processes together; without Redis, for each of them.

    What this process takes counts for it also while Redis is there, so Redis may come and go at any moment.
    """

    def __init__(self, cache: Cache, key: str, *, limit: int, period_s: float) -> None:
        self.limit = limit
        self.period_s = period_s
        self._cache = cache
        self._key = key
        self._own: deque[float] = deque(maxlen=limit)

    async def close(self) -> None:
        await self._cache.close()

    async def take(self) -> float:
        """Take one and return 0, or return in how many seconds there may be one."""
        if (wait_s := self._own_wait_s()) > 0:
            return wait_s
        wait_us = await self._cache.ask(self._ask)
        if wait_us:
            return wait_us / MICROSECONDS
        self._own.append(time.monotonic())
        return 0

    def _own_wait_s(self) -> float:
        is_full = len(self._own) == self.limit
        return self._own[0] + self.period_s - time.monotonic() if is_full else 0

    async def _ask(self, redis: Redis) -> int:
        arguments = [str(self.limit), str(round(self.period_s * MICROSECONDS)), str(uuid_utils.uuid7())]
        return await cast("Awaitable[int]", redis.eval(TAKE, 1, self._key, *arguments))
