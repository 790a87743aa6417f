"""How much of something: exact, from the JSON number to the base units in a column.

The one piece of domain in the kit: stock, recipes and nutrition must not disagree about what a spoon holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Final, Self

import msgspec
from msgspec import Meta

from popote_kit.problems import Invalid, Problem
from popote_kit.units import MASS, MAX_UNIT, ML, ONE, UNITS, VOLUME, G, Unit, UnknownUnit, exact_unit, unit

__all__ = [
    "MASS", "MAX_BASE", "TOLERANCE", "VOLUME", "Amount", "BadFact", "Converted", "Fact", "PositiveAmount",
    "PositiveQuantity", "Quantity", "Rate", "TooMuch", "Unit", "UnknownConversion", "UnknownUnit", "convert", "in_base",
    "measured_in", "rates", "show", "unit",
]  # fmt: skip

MAX_BASE: Final = 10**16  # 10 tonnes, 10,000 m³, 10,000 million pieces
MAX_DIGITS: Final = 18
MAX_MAGNITUDE: Final = 12  # below 10**13
MIN_MAGNITUDE: Final = -9
MAX_STEPS: Final = 3
DECIMALS: Final = 9
MAX_SOURCE: Final = 100  # characters

# Less than this is nothing: 0.05 g, 0.05 ml, 0.01 of what is counted.
TOLERANCE: Final = {one.measure: ONE // 100 for one in UNITS} | {MASS: G // 20, VOLUME: ML // 20}


class UnknownConversion(Problem):
    """No fact leads from this unit to that measure."""

    type = "/problems/unknown-conversion"
    title = "Unknown conversion"
    kind = "invalid"
    en = "We don't know how to turn “{unit}” into {to} here; say what one of it weighs or holds."
    fr = "Impossible ici de convertir « {unit} » en {to} ; indiquez ce qu'une unité pèse ou contient."

    def words(self, language: str) -> dict[str, str]:
        return {"unit": unit(self.facts["unit"]).name(language, 1), "to": measured_in(self.facts["to"], language)}


class TooMuch(Problem):
    """The quantity is more than can be kept."""

    type = "/problems/too-much"
    title = "Too much"
    kind = "invalid"
    en = "That is more than any kitchen holds."
    fr = "C'est plus que ce que contient n'importe quelle cuisine."


class BadFact(Problem, ValueError):  # noqa: N818 - as Problem; a ValueError so that a decoder can point at it
    """A fact says nothing: one side is zero, or both measure the same."""

    type = "/problems/bad-fact"
    title = "A conversion needs two different measures and an amount above zero"
    kind = "invalid"
    en = "One “{unit}” must equal more than zero of something that is measured otherwise."
    fr = "Une unité « {unit} » doit valoir plus que zéro de quelque chose qui se mesure autrement."


class Amount(Decimal):
    """A decimal number that is a number in JSON: no float, no text."""

    @classmethod
    def read(cls, value: object) -> Self:
        """Return what JSON gave, `int` or `Decimal`, as an amount of zero or more.

        Raises:
            ValueError: it is something else, negative, or out of bounds.
        """
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValueError("Expected a number")  # noqa: TRY004 - what msgspec turns into a 422
        amount = cls(value)
        if reason := _out_of_bounds(amount):
            raise ValueError(reason)
        if amount < 0:
            raise ValueError("Expected a number >= 0")
        return cls(amount.copy_abs())  # -0 is 0


class PositiveAmount(Amount):
    """An amount above zero."""

    @classmethod
    def read(cls, value: object) -> Self:
        amount = super().read(value)
        if not amount:
            raise ValueError("Expected a number > 0")
        return amount


def _out_of_bounds(amount: Decimal) -> str | None:
    """Say why `amount` is not to be computed with; its size is known before anything is done with it."""
    if not amount.is_finite():
        return "Expected a finite number"
    if len(amount.as_tuple().digits) > MAX_DIGITS:
        return f"Expected a number of at most {MAX_DIGITS} digits"
    if not MIN_MAGNITUDE <= amount.adjusted() <= MAX_MAGNITUDE:
        return "Expected a number from 10^-9 to below 10^13, or zero"
    return None


class Quantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much, in a unit as people write it: `{"amount": 1.5, "unit": "kg"}`."""

    amount: Amount
    unit: Annotated[str, Meta(min_length=1, max_length=MAX_UNIT)]


class PositiveQuantity(Quantity, frozen=True, forbid_unknown_fields=True):
    """A quantity above zero."""

    amount: PositiveAmount


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one `unit` of a food equals in another measure, and who says so: one clove is 5 g, one cup 120 g.

    Raises:
        UnknownUnit: one of the units is none.
        BadFact: it equals zero, or both units measure the same.
    """

    unit: Annotated[str, Meta(min_length=1, max_length=MAX_UNIT)]
    equals: Quantity
    source: Annotated[str, Meta(max_length=MAX_SOURCE)] = "household"
    is_approximate: bool = False

    def __post_init__(self) -> None:
        one, other = self.measures
        _check_bounds(self.equals.amount)
        if one == other or self.equals.amount <= 0:
            raise BadFact(unit=self.unit)

    @property
    def measures(self) -> tuple[str, str]:
        """The two measures that it ties together."""
        return unit(self.unit).measure, unit(self.equals.unit).measure

    @property
    def ratio(self) -> Fraction:
        """Base units of the second measure in one base unit of the first."""
        above, below = self.equals.amount.as_integer_ratio()
        return Fraction(above * unit(self.equals.unit).base, below * unit(self.unit).base)


class Converted(msgspec.Struct, frozen=True):
    """Base units, and whether a fact that led to them is approximate."""

    units: int
    is_approximate: bool


class Rate(msgspec.Struct, frozen=True):
    """Base units of one measure in one base unit of another, and whether a fact that led to it is approximate."""

    ratio: Fraction
    is_approximate: bool


def in_base(quantity: Quantity) -> int:
    """Return the quantity in base units of its measure, rounded half-even.

    Raises:
        UnknownUnit: its unit is none.
        TooMuch: it is past `MAX_BASE`.
    """
    return _whole(_exact(quantity))


def convert(quantity: Quantity, measure: str, facts: Sequence[Fact] = ()) -> Converted:
    """Return the quantity in base units of `measure`, rounded half-even once.

    The chain with the fewest facts wins, at most three; among those, the one whose weakest fact stands earliest in
    `facts`. A chain leads the same way there and back.

    Raises:
        UnknownUnit: its unit is none.
        UnknownConversion: no chain of facts leads there.
        TooMuch: it is past `MAX_BASE`.
    """
    exact = _exact(quantity)
    start = unit(quantity.unit).measure
    ranks = _chains(start, facts, measure).get(measure)
    if ranks is None:
        raise UnknownConversion(unit=quantity.unit, to=measure)
    chain = [facts[rank] for rank in ranks]
    for fact in chain:
        first, second = fact.measures
        exact = exact * fact.ratio if start == first else exact / fact.ratio
        start = second if start == first else first
    return Converted(_whole(exact), any(fact.is_approximate for fact in chain))


def rates(measure: str, facts: Sequence[Fact] = ()) -> Mapping[str, Rate]:
    """Return what a base unit of each measure that facts lead from comes to in `measure`; of itself, 1.

    They are the facts that `convert` would choose: exact base units times the ratio, rounded half-even once, are what
    it returns.
    """
    found: dict[str, Rate] = {}
    for start, chain in _chains(measure, facts).items():
        found[start] = _before(found, start, facts[chain[-1]]) if chain else Rate(Fraction(1), is_approximate=False)
    return found


def show(units: int, code: str) -> Quantity:
    """Return base units as a quantity, exactly.

    It is in the unit `code` when nine decimals suffice, else in grams, millilitres, or what is counted.
    """
    wanted = unit(code)
    if units * 10**DECIMALS % wanted.base:
        wanted = exact_unit(wanted.measure)
    whole, rest = divmod(abs(units) * 10**DECIMALS // wanted.base, 10**DECIMALS)
    digits = f"{whole}.{rest:0{DECIMALS}}".rstrip("0").rstrip(".")
    return Quantity(Amount(f"-{digits}" if units < 0 else digits), wanted.code)


def measured_in(measure: str, language: str) -> str:
    """Return the name of the unit in which every amount of a measure is said exactly: grams, or “pièces”."""
    return exact_unit(measure).name(language, 2)


def _check_bounds(amount: Decimal) -> None:
    if reason := _out_of_bounds(amount):
        raise Invalid(errors=[{"pointer": "/amount", "message": reason}])


def _exact(quantity: Quantity) -> Fraction:
    _check_bounds(quantity.amount)
    return Fraction(quantity.amount) * unit(quantity.unit).base


def _whole(exact: Fraction) -> int:
    units = round(exact)
    if abs(units) > MAX_BASE:
        raise TooMuch
    return units


def _before(found: Mapping[str, Rate], start: str, fact: Fact) -> Rate:
    """Return the rate of a measure from which `fact` leads to one whose rate was found."""
    first, second = fact.measures
    nearer = found[second if start == first else first]
    ratio = nearer.ratio * fact.ratio if start == first else nearer.ratio / fact.ratio
    return Rate(ratio, nearer.is_approximate or fact.is_approximate)


def _chains(start: str, facts: Sequence[Fact], goal: str | None = None) -> dict[str, tuple[int, ...]]:
    """Return, for each measure that facts lead to from `start`, which of them do, in order; up to `goal` at least.

    It goes out one fact further each time, and keeps for each measure the chain with the best weakest fact. The nearer
    measures come first, and each chain is that of a nearer one with one fact more.
    """
    ties = [fact.measures for fact in facts]
    known: dict[str, tuple[int, ...]] = {start: ()}
    ahead = known
    for _ in range(MAX_STEPS):
        if goal in known:
            break
        steps = [step for place in ahead.items() for step in _steps(*place, ties) if step[0] not in known]
        steps.sort(key=lambda step: sorted(step[1], reverse=True))
        ahead = dict(reversed(steps))  # of several chains the best stays
        known = known | ahead
    return known


def _steps(
    measure: str, chain: tuple[int, ...], ties: Sequence[tuple[str, str]]
) -> Iterable[tuple[str, tuple[int, ...]]]:
    for rank, (first, second) in enumerate(ties):
        if measure in (first, second):
            yield (second if measure == first else first), (*chain, rank)
