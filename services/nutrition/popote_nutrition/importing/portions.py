"""What portions tell of a food: "1 cup, sliced: 109 g" is a density, "1 medium: 182 g" what one piece weighs."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from popote_kit.quantity import VOLUME, Unit, UnknownUnit, unit
from popote_kit.units import MASS, ML
from popote_nutrition.importing.amounts import number
from popote_nutrition.importing.records import Refusal
from popote_nutrition.model.foods import MAX_FACTS, StoredFact

DIGITS: Final = Decimal("0.0001")
DENSITIES: Final = (Decimal("0.02"), Decimal(3))  # g/ml; past them it is a slip
MAX_GRAMS: Final = Decimal(50_000)  # of one piece

# Words for one of a food, the most usual size first.
PIECES: Final = ("medium", "piece", "fruit", "whole", "each", "item", "unit", "large", "small", "extra large")
_MAX_WORDS: Final = 2  # of a unit's name
_BREAK: Final = re.compile(r"[,(;]")


class Portion(Struct, frozen=True):
    """So many of a measure, in words, weigh so much; all as the table has it."""

    amount: str
    words: str
    grams: str


class _Weighed(Struct, frozen=True):
    unit: Unit
    grams: Decimal  # of one
    rank: int  # how far from plain: 0 is "cup", more is "cup, sliced"


def facts(portions: Sequence[Portion], source_id: str) -> tuple[StoredFact, ...]:
    """Return one approximate fact for each measure, from the plainest of its portions, the first among equals.

    Portions that name no measure of ours tell nothing.
    """
    best: dict[str, _Weighed] = {}
    for each in _weighed(portions):
        known = best.get(each.unit.measure)
        if known is None or each.rank < known.rank:
            best[each.unit.measure] = each
    stored = (_fact(each, source_id) for each in best.values())
    return tuple(fact for fact in stored if fact is not None)[:MAX_FACTS]


def _weighed(portions: Sequence[Portion]) -> Iterator[_Weighed]:
    for portion in portions:
        try:
            amount, grams = number(portion.amount or "1"), number(portion.grams)
        except Refusal:
            continue
        found = _measure(portion.words)
        if found and amount > 0 and grams > 0:
            yield _Weighed(found[0], grams / amount, found[1])


def _measure(words: str) -> tuple[Unit, int] | None:
    """Return the unit that the words begin with, and how much more they say."""
    head, *more = _BREAK.split(words.strip().lower(), maxsplit=1)
    parts = head.split()
    if head.strip() in PIECES:
        return unit("piece"), PIECES.index(head.strip())
    for count in range(min(_MAX_WORDS, len(parts)), 0, -1):
        try:
            found = unit(" ".join(parts[:count]))
        except UnknownUnit:
            continue
        is_plain = count == len(parts) and not any(part.strip() for part in more)
        return None if found.measure == MASS else (found, 0 if is_plain else len(PIECES))
    return None


def _fact(weighed: _Weighed, source_id: str) -> StoredFact | None:
    if weighed.unit.measure == VOLUME:
        density = weighed.grams * ML / weighed.unit.base
        return _grams("ml", density, source_id) if DENSITIES[0] <= density <= DENSITIES[1] else None
    return _grams(weighed.unit.code, weighed.grams, source_id) if DIGITS <= weighed.grams <= MAX_GRAMS else None


def _grams(unit: str, grams: Decimal, source_id: str) -> StoredFact:
    return StoredFact(unit, grams.quantize(DIGITS), "g", True, source_id)  # noqa: FBT003 - a fact's own order
