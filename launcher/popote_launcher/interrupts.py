"""Ctrl-C and its kin: the first asks everything to stop in order, the second ends it at once."""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, Self

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """While entered, the first signal calls `ask` (at first: raise KeyboardInterrupt), the second calls `kill`."""

    def __init__(self, kill: Callable[[], None]) -> None:
        self.ask: Callable[[], object] = _raise
        self._kill = kill
        self._asked = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._asked:
            self._kill()
            os._exit(128 + number)
        self._asked = True
        if sys.stderr.isatty():
            os.write(2, b"\nStopping. Once more to stop at once.\n")
        self.ask()


def _raise() -> None:
    raise KeyboardInterrupt
