"""The time of day, as an argument."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

Clock = Callable[[], datetime]

SYSTEM_CLOCK: Clock = partial(datetime.now, UTC)
