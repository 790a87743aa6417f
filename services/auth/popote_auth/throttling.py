"""Slows down guessing, and bounds sign-ups. All of it is in PostgreSQL: without PostgreSQL nobody is let in."""

import asyncio
import hmac
from collections.abc import Mapping
from datetime import datetime
from math import ceil

from msgspec import Struct

from popote_auth import queries
from popote_auth.model.throttle import REGISTRATION_WINDOW, Strikes
from popote_kit.client_address import prefix
from popote_kit.database import Database, Kitchen
from popote_kit.problems import TooManyRequests


class Attempt(Struct, frozen=True):
    """The keys that an attempt is counted under: who makes it, on which account, and both together."""

    address: bytes
    account: bytes | None = None
    pair: bytes | None = None

    @property
    def blocking(self) -> list[bytes]:
        """The keys that can stop it. That of the account can't: outsiders would lock out its owner."""
        return [key for key in (self.address, self.pair) if key]

    @property
    def all(self) -> list[bytes]:
        return [key for key in (self.address, self.account, self.pair) if key]


class Throttle:
    """Counts failures and registrations under keyed hashes, so that the tables name nobody."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    def attempt(self, address: str, account: str = "") -> Attempt:
        """Return the attempt from `address` to get something right, about an account unless it is empty.

        An account that does not exist counts like any other.
        """
        where = prefix(address)
        if not account:
            return Attempt(self._hash("address", where))
        return Attempt(self._hash("address", where), self._hash("account", account), self._hash("pair", account, where))

    async def admit(self, attempt: Attempt) -> None:
        """Let an attempt begin, at most a second later where its account is under guesses.

        Raises:
            TooManyRequests: it comes too soon after too many failures.
        """
        async with self._database.kitchen() as kitchen:
            strikes = await queries.throttle.read(kitchen, attempt.all)
        _refuse_early(attempt, strikes, kitchen.now)
        if attempt.account in strikes:
            await asyncio.sleep(strikes[attempt.account].slowdown_s(kitchen.now))

    async def fail(self, attempt: Attempt) -> None:
        """Count a failure. Of many attempts at once, those beyond the free ones don't learn that they failed.

        Raises:
            TooManyRequests: others failed meanwhile; this one counts for nothing.
        """
        async with self._database.kitchen(write=True) as kitchen:
            strikes = await queries.throttle.lock_all(kitchen, attempt.all)
            _refuse_early(attempt, strikes, kitchen.now)
            await queries.throttle.store(kitchen, {key: one.add(kitchen.now) for key, one in strikes.items()})
            await queries.throttle.prune(kitchen)

    async def succeed(self, kitchen: Kitchen, attempt: Attempt) -> None:
        """Forgive the failures of this account from this address, in the transaction of what was attempted.

        Raises:
            TooManyRequests: others failed meanwhile; this one does not learn that it was right.
        """
        strikes = await queries.throttle.read(kitchen, attempt.blocking, lock=True)
        _refuse_early(attempt, strikes, kitchen.now)
        if attempt.pair in strikes:
            await queries.throttle.forgive(kitchen, attempt.pair)

    async def take_registration(self, address: str, *, limit: int) -> None:
        """Count a registration.

        Raises:
            TooManyRequests: `limit` came from this address within the hour.
        """
        key = self._hash("registration", prefix(address))
        async with self._database.kitchen(write=True) as kitchen:
            ends_at = await queries.throttle.take(kitchen, key, limit=limit, window=REGISTRATION_WINDOW)
            await queries.throttle.prune_quotas(kitchen, window=REGISTRATION_WINDOW)
        if ends_at is not None:
            raise TooManyRequests(retry_after_s=ceil((ends_at - kitchen.now).total_seconds()))

    def _hash(self, *parts: str) -> bytes:
        return hmac.digest(self._key, "\0".join(parts).encode(), "sha256")


def _refuse_early(attempt: Attempt, strikes: Mapping[bytes, Strikes], now: datetime) -> None:
    wait_s = max((strikes[key].wait(now).total_seconds() for key in attempt.blocking if key in strikes), default=0)
    if wait_s > 0:
        raise TooManyRequests(retry_after_s=ceil(wait_s))
