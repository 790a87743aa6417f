"""Password hashes: argon2id, in threads of its own, so that a flood of logins does not slow the rest."""

import asyncio
import hmac
import os
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from popote_auth.errors import Busy
from popote_auth.model.passwords import normalise

T = TypeVar("T")

THREADS: Final = 2
LONGEST_QUEUE: Final = 16
LONGEST_WAIT_S: Final = 3.0
NICENESS: Final = 10

PROFILES: Final = {
    # the least that OWASP's Password Storage Cheat Sheet takes; about 20 ms
    "standard": PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1),
    # the second recommended option of RFC 9106, section 4, in one lane
    "strong": PasswordHasher(memory_cost=64 * 1024, time_cost=3, parallelism=1),
}


class Hasher:
    """Makes and checks password hashes.

    Two are worked on at a time, 16 wait, for at most 3 s. Every method that hashes raises `Busy` beyond that.
    """

    def __init__(self, pepper: bytes, profile: Literal["standard", "strong"] = "standard") -> None:
        self._pepper = pepper
        self._argon2 = PROFILES[profile]
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hash", initializer=_step_back)
        self._slots = asyncio.Semaphore(THREADS)
        self._waiting = 0
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return a new hash of `password`."""
        return await self._run(lambda: self._argon2.hash(self._peppered(password)))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Tell whether `password` made `password_hash`; without one, do the same work and say no."""
        return (
            await self._run(lambda: self._verify(password_hash or self._dummy(), password))
            and password_hash is not None
        )

    def is_outdated(self, password_hash: str) -> bool:
        """Tell whether `password_hash` was made with other parameters than these."""
        return self._argon2.check_needs_rehash(password_hash)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, self._peppered(password))
        except (VerificationError, InvalidHashError):
            return False

    def _dummy(self) -> str:
        if self._nobody is None:
            self._nobody = self._argon2.hash(secrets.token_bytes())
        return self._nobody

    def _peppered(self, password: str) -> bytes:
        return hmac.digest(self._pepper, normalise(password).encode(), "sha256")

    async def _run(self, work: Callable[[], T]) -> T:
        await self._take_slot()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._slots.release()

    async def _take_slot(self) -> None:
        if self._waiting >= LONGEST_QUEUE:
            raise Busy
        self._waiting += 1
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                await self._slots.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self._waiting -= 1


def _step_back() -> None:
    """Let everything else go first; only Linux has a priority for each thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
