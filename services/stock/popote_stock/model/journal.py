"""What actions do to lots, and how that is taken back."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from popote_kit.quantity import MAX_BASE, Quantity, TooMuch
from popote_stock.errors import UndoBlocked
from popote_stock.model.lots import Lot

ActionKind = Literal["purchase", "consume", "open", "move", "freeze", "thaw", "correct", "shopping", "service", "undo"]
LineKind = Literal["add", "take", "rounding", "split", "change", "count", "undo"]


class Change(Struct, frozen=True, kw_only=True):
    """What happens to one lot: `before` None makes it, `after` None takes it away; `typed` is as it came.

    With `is_approximate` a fact that is only about right turned what was typed into the lot's measure.
    """

    kind: LineKind
    before: Lot | None
    after: Lot | None
    typed: Quantity | None = None
    is_approximate: bool = False

    @property
    def lot(self) -> Lot:
        lot = self.after or self.before
        assert lot is not None  # noqa: S101 - a change is of something
        return lot

    @property
    def delta(self) -> int:
        return (self.after.amount if self.after else 0) - (self.before.amount if self.before else 0)

    @property
    def tells_facts(self) -> bool:
        """Whether more than the amount changes."""
        return self.before is None or self.after is None or bool(self.before.changed(self.after))

    @property
    def cost(self) -> Decimal | None:
        return self.lot.cost(abs(self.delta))


class Line(Struct, frozen=True, kw_only=True):
    """A line of the journal; the lots are there where more than the amount changed."""

    lot_id: UUID
    delta: int
    is_new: bool
    is_gone: bool
    before: Lot | None
    after: Lot | None


class Later(Line, frozen=True, kw_only=True):
    """A line of a later action, which may have used the result of an earlier one."""

    action_id: UUID
    kind: str
    at: datetime
    stands: bool  # neither an undo nor undone
    is_undone: bool


def plan_undo(lines: Sequence[Line], lots: Mapping[UUID, Lot], later: Sequence[Later]) -> list[Change]:
    """Return the changes that take back `lines`, the last one first; `lots` are those that there are now.

    Amounts are given back whatever happened since, as long as no lot is left below zero. A fact is set back to what it
    was, and a lot is taken away, unless a later action that stands has changed that fact, or one that belongs to it, or
    has touched that lot.

    Raises:
        UndoBlocked: later actions used the result; the problem names them.
        TooMuch: what was counted since and what comes back are more than can be kept.
    """
    now = dict(lots)
    changes: list[Change] = []
    blockers: list[Later] = []
    for line in reversed(lines):
        after_it = [one for one in later if one.lot_id == line.lot_id]
        blocking = _blockers(line, now.get(line.lot_id), after_it)
        if blocking is None:
            change = _inverse(line, now.get(line.lot_id))
            changes.append(change)
            _follow(now, change)
        else:
            blockers += blocking
    below = {lot.id for lot in now.values() if lot.amount < 0}
    blockers += _takers(below, later)
    if len(changes) < len(lines) or below:
        raise UndoBlocked(blocked_by=_named(blockers))
    if any(lot.amount > MAX_BASE for lot in now.values()):
        raise TooMuch
    return changes


def _blockers(line: Line, lot: Lot | None, later: Sequence[Later]) -> list[Later] | None:
    """Return what keeps a line from being taken back; None: nothing does."""
    standing = [one for one in later if one.stands]
    if line.is_gone:
        return None if lot is None else standing
    if lot is None:
        return [one for one in later if one.is_gone][-1:]
    if line.is_new:
        return standing if standing or lot.amount != line.delta else None
    return [one for one in standing if _same_facts(line, one)] or None


def _takers(lots: Container[UUID], later: Sequence[Later]) -> list[Later]:
    """Return the lines of those actions, an undo too, after which there was less of one of `lots`."""
    delta: Counter[tuple[UUID, UUID]] = Counter()
    for one in later:
        if one.lot_id in lots and not one.is_undone:
            delta[one.action_id, one.lot_id] += one.delta
    return [one for one in later if delta[one.action_id, one.lot_id] < 0]


def _same_facts(line: Line, other: Line) -> bool:
    return bool(_changed(line) & _changed(other))


def _changed(line: Line) -> frozenset[str]:
    if line.before is None or line.after is None:
        return frozenset()
    return line.before.changed(line.after)


def _inverse(line: Line, lot: Lot | None) -> Change:
    if lot is None:
        return Change(kind="undo", before=None, after=line.before)
    if line.is_new:
        return Change(kind="undo", before=lot, after=None)
    restored = replace(lot, amount=lot.amount - line.delta)
    if line.before is not None:
        restored = replace(restored, **{name: getattr(line.before, name) for name in _changed(line)})
    return Change(kind="undo", before=lot, after=restored)


def _follow(now: dict[UUID, Lot], change: Change) -> None:
    if change.after is None:
        del now[change.lot.id]
    else:
        now[change.lot.id] = change.after


def _named(blockers: Iterable[Later]) -> list[dict[str, object]]:
    first = {one.action_id: one for one in blockers}
    return [{"action_id": one.action_id, "kind": one.kind, "at": one.at} for one in first.values()]
