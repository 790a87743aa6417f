"""What several bodies have in common."""

from datetime import date
from typing import Annotated, Final

from msgspec import Meta, Struct

from popote_kit.problems import Invalid
from popote_kit.quantity import Amount
from popote_stock.model.lots import FIRST_DAY, LAST_DAY, MAX_PRICE, PRICE_DIGITS

MAX_LINES: Final = 200

Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
ShortName = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S")]
Note = Annotated[str, Meta(max_length=500)]
Currency = Annotated[str, Meta(max_length=3, pattern="^[A-Z]{3}$", description="ISO 4217.")]


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount of money, with at most four decimals."""

    amount: Amount
    currency: Currency

    def __post_init__(self) -> None:
        if not 0 <= self.amount < MAX_PRICE or self.amount != round(self.amount, PRICE_DIGITS):
            raise ValueError("a price has at most 10 digits and 4 decimals, and is not negative")


class Money(Struct):
    """What something costs, or had cost, as it is told."""

    amount: Amount
    currency: str


def check_one_of(**names: object) -> None:
    """Let only what has exactly one of these members through.

    Raises:
        Invalid: it has none of them, or several.
    """
    if sum(value is not None for value in names.values()) != 1:
        raise Invalid(errors=[{"pointer": "", "message": f"it has either {' or '.join(names)}"}])


def check_days(**days: date | None) -> None:
    """Let only days through that a label may show.

    Raises:
        Invalid: a day is of another century.
    """
    wrong = [name for name, day in days.items() if day is not None and not FIRST_DAY <= day < LAST_DAY]
    if wrong:
        message = f"a day from {FIRST_DAY} to {LAST_DAY}"
        raise Invalid(errors=[{"pointer": f"/{name}", "message": message} for name in wrong])
