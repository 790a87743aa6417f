"""Which lots to take from."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from popote_stock.model.lots import Lot

Reason = Literal["used", "spoiled", "given"]


class Take(Struct, frozen=True):
    """`amount` taken from a lot, and `rounding` that its balance changes by beside it; both in base units."""

    lot: Lot
    amount: int
    rounding: int = 0

    @property
    def left(self) -> int:
        return self.lot.amount - self.amount + self.rounding


def in_order(lots: Iterable[Lot], reason: Reason, today: date) -> list[Lot]:
    """Return the lots that may be taken from without being named, in the order in which to do so.

    What is opened goes first, then what keeps least long; lots without a date go last. What is past its use-by date is
    never taken so, except to throw it away, and then it goes first.
    """
    if reason == "spoiled":
        return sorted(lots, key=_soonest)
    good = (lot for lot in lots if not lot.is_past_use_by(today))
    return sorted(good, key=lambda lot: (lot.opened_at is None, *_soonest(lot)))


def _soonest(lot: Lot) -> tuple[object, ...]:
    return lot.expires_on or date.max, lot.added_at, lot.id


def plan_takes(lots: Sequence[Lot], wanted: int | None, tolerance: int) -> tuple[list[Take], int]:
    """Decide how much to take from which of `lots`, in their order; return that, and how much is missing.

    With nothing missing the takes add up to exactly `wanted`; None wants all there is. Where a lot would be left with
    less than `tolerance`, or lacks less than that of what is still wanted, the whole lot goes, and the difference is
    rounding. Amounts are in base units.
    """
    if wanted is None:
        return [Take(lot, lot.amount) for lot in lots if lot.amount], 0
    takes: list[Take] = []
    for lot in lots:
        if not wanted:
            break
        if not lot.amount:
            continue
        take = _take(lot, wanted, tolerance)
        takes.append(take)
        wanted -= take.amount
    return takes, wanted


def _take(lot: Lot, wanted: int, tolerance: int) -> Take:
    left = lot.amount - wanted
    if abs(left) < tolerance:
        return Take(lot, wanted, -left)
    return Take(lot, min(lot.amount, wanted))
