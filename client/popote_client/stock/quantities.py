"""How much, and how much money: exact decimals, in JSON as numbers."""

from decimal import Decimal

import msgspec


class Quantity(msgspec.Struct, frozen=True):
    """An amount of a unit; `unit` is a code of `StockApi.list_units`, where we send it also any name of a unit."""

    amount: Decimal
    unit: str


class Fact(msgspec.Struct, frozen=True):
    """One `unit` of something is as much as `equals`, and who says so: the household, a label, a table of foods."""

    unit: str
    equals: Quantity
    source: str
    is_approximate: bool = False


class Price(msgspec.Struct, frozen=True):
    """An amount of money; `currency` is an ISO 4217 code."""

    amount: Decimal
    currency: str


class Unit(msgspec.Struct, frozen=True):
    """A unit, named in one language; units of one `measure` compare, one of this is `base` base units."""

    code: str
    measure: str
    base: int
    singular: str
    plural: str
    names: list[str] = []  # all that it is called, in either language


def digits(amount: Decimal) -> str:
    """Write an amount without exponent and idle zeros."""
    return f"{amount.normalize():f}" if amount else "0"
