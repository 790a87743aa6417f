"""Redis or Valkey, as a help that may be gone: no retries, short waits, and a breaker."""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

T = TypeVar("T")

log = logging.getLogger(__name__)

TIMEOUT_S: Final = 0.2
REST_S: Final = 1.0  # how long the breaker stays open after a failure
AWAY: Final = (RedisError, OSError, TimeoutError)


class Cache:
    """A Redis client whose every call gives None when Redis is gone."""

    def __init__(self, url: str) -> None:
        self._redis: Redis | None = connect(url) if url else None
        self._closed_until = 0.0

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T | None:
        """Return the answer to `question(redis)`, or None when Redis is gone, slow, or resting after a failure."""
        if self._redis is None or time.monotonic() < self._closed_until:
            return None
        try:
            return await question(self._redis)
        except AWAY as error:
            self._closed_until = time.monotonic() + REST_S
            log.warning("Redis is away", extra={"reason": repr(error)})
            return None

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()


def connect(url: str, *, read_timeout_s: float | None = TIMEOUT_S) -> Redis:
    """Return a client that gives up quickly; `read_timeout_s=None` waits, for a subscription."""
    options: dict[str, Any] = {"socket_connect_timeout": TIMEOUT_S, "socket_timeout": read_timeout_s}
    return Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)
