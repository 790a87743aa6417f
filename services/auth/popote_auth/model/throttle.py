"""How long someone must wait who guessed wrong."""

from datetime import datetime, timedelta
from typing import Self

from msgspec import Struct

FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
LONGEST_SLOWDOWN_S = 1.0
REGISTRATION_WINDOW = timedelta(hours=1)


class Strikes(Struct, frozen=True):
    """The failures that are held against someone; an hour without one wipes the slate."""

    failures: int
    last_at: datetime

    def count(self, now: datetime) -> int:
        """Return the failures that still weigh."""
        return 0 if now >= self.last_at + FORGOTTEN_AFTER else self.failures

    def wait(self, now: datetime) -> timedelta:
        """Return how long to wait from `now`: 1 s after the fifth failure, doubled by each up to 15 min."""
        beyond = self.count(now) - FREE_FAILURES
        if beyond < 0:
            return timedelta()
        penalty = min(LONGEST_WAIT, timedelta(seconds=2 ** min(beyond, 10)))
        return max(timedelta(), self.last_at + penalty - now)

    def add(self, now: datetime) -> Self:
        """Return the strikes after one more failure."""
        return type(self)(self.count(now) + 1, now)

    def slowdown_s(self, now: datetime) -> float:
        """Return the pause, at most 1 s, of an account under guesses from anywhere: its family gets in."""
        beyond = self.count(now) - FREE_FAILURES
        return 0.0 if beyond < 0 else min(LONGEST_SLOWDOWN_S, 0.125 * 2 ** min(beyond, 3))
