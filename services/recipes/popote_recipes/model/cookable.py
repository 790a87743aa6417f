"""What can be cooked: a recipe held against what there is."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from msgspec import Struct

from popote_recipes.model.pantry import COVERED, UNKNOWN, Pantry, Served, Slot, Status
from popote_recipes.model.recipes import MAX_SERVINGS
from popote_recipes.model.supply import Supply

_LIMITING: Final[frozenset[Status]] = frozenset({"enough", "short", "missing"})


class Dish(Struct, frozen=True, kw_only=True):
    """A recipe as it could be cooked.

    `missing` is how many lines are not known to be covered, `unknown` how many of these nobody can tell anything of.
    `servings_possible` are whole ones, as far as the other lines tell, and at most 1000; where none tells, none.
    """

    missing: int
    unknown: int
    servings_possible: int
    lines: Sequence[Served]


def judge(  # noqa: PLR0913 - what is cooked, of what, and when, by name
    slots: Sequence[Slot],
    supply: Supply,
    day: date,
    *,
    servings: Decimal,
    wanted: Decimal | None = None,
    staples: bool = True,
) -> Dish:
    """Hold a recipe, whose lines are for `servings`, against a whole supply, to cook `wanted` servings of it."""
    wanted = servings if wanted is None else wanted
    pantry, scale = Pantry(supply, staples=staples), Fraction(wanted) / Fraction(servings)
    lines = [pantry.serve(slot, day, scale) for slot in slots]
    lacking = [line for line in lines if line.status not in COVERED]
    unknown = [line for line in lacking if line.status in UNKNOWN]
    times = _times(lines, supply, day)
    possible = int(Fraction(servings) * times)
    if times and len(lacking) == len(unknown):
        possible = max(possible, int(wanted))  # where what lacks is less than a scale shows
    return Dish(missing=len(lacking), unknown=len(unknown), servings_possible=min(possible, MAX_SERVINGS), lines=lines)


def _times(lines: Sequence[Served], supply: Supply, day: date) -> Fraction:
    """Return how many times a whole supply makes the lines that can be told of, each of what serves it now."""
    shares: defaultdict[UUID, Fraction] = defaultdict(Fraction)
    for line in lines:
        option = line.option
        if option is None or line.status not in _LIMITING:
            continue
        there = supply.capacity(option.thing_id, option.measure, day)
        if line.status == "missing" and not there:
            return Fraction(0)
        if option.units:
            shares[option.thing_id] += option.units / there
    if shares:
        return 1 / max(shares.values())
    return Fraction(0 if any(line.status in UNKNOWN for line in lines) else MAX_SERVINGS)
