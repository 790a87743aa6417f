"""Bars made of characters, as wide as there is room."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

BLOCKS = " ▁▂▃▄▅▆▇█"
PLAIN = " #"  # for terminals that have no blocks
MARK = "-"
WIDEST = 3  # characters of a bar, with the gap behind it

Values = Sequence[Decimal | None]


def blocks_for(encoding: str | None) -> str:
    """Return the characters of bars, from none to full, that an encoding has."""
    try:
        BLOCKS.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return BLOCKS


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """How bars are drawn: in so many columns and lines, of which the highest ends at `top`.

    Where it is given, `goal` is a dashed line behind the bars.
    """

    width: int
    height: int
    top: Decimal
    blocks: str = BLOCKS
    goal: Decimal | None = None

    def draw(self, values: Values) -> list[str]:
        """Draw a bar for each value, in lines from the top down; None has no bar.

        Where there are more values than columns, a bar is the mean of several.
        """
        shown = fitted(values, self.width)
        step = min(WIDEST, max(1, self.width // max(len(shown), 1)))
        return [self._line(shown, row, step) for row in range(self.height, 0, -1)]

    def _line(self, values: Values, row: int, step: int) -> str:
        """Draw the part of all bars that lies in one row; 1 is the lowest."""
        behind = MARK if row == self._marked else " "
        bars = (self._part(value, row).replace(" ", behind) for value in values)
        return "".join(bar * max(1, step - 1) + behind * (step > 1) for bar in bars).rstrip(" ")

    def _part(self, value: Decimal | None, row: int) -> str:
        """Return the character of a bar in one row; a value above zero can be seen however small it is."""
        if not value or not self.top:
            return self.blocks[0]
        full = len(self.blocks) - 1
        filled = round(value / self.top * self.height * full) - (row - 1) * full
        return self.blocks[max(1 if row == 1 else 0, min(filled, full))]

    @property
    def _marked(self) -> int | None:
        """The row in which the goal lies."""
        if self.goal is None or not self.top:
            return None
        return min(self.height, max(1, round(self.goal / self.top * self.height + Decimal("0.5"))))


def fitted(values: Values, width: int) -> Values:
    """Return as many values as there is room for: each the mean of as many as that takes, over those that are there."""
    size = -(-len(values) // max(width, 1)) or 1
    return [mean(values[start : start + size]) for start in range(0, len(values), size)]


def mean(values: Values) -> Decimal | None:
    there = [value for value in values if value is not None]
    return sum(there, Decimal()) / len(there) if there else None
