"""Amounts as people write them: 2, 1.5, 1,5, 1/2, 1 1/2, 1½, 2 x 500, and "a" for 1."""

import re
from decimal import Decimal, DivisionByZero, InvalidOperation

DECIMALS = Decimal("1e-9")  # of a third
MOST = Decimal(10) ** 13  # the backend takes less
VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅛": "1/8"}

COUNT = r"\d{1,13}"  # digits, at most
NUMBER = re.compile(
    rf"(?:(?P<whole>{COUNT})\s+)?(?P<over>{COUNT})\s*/\s*(?P<under>{COUNT})|{COUNT}(?:[.,]\d{{1,9}})?", re.ASCII
)
TIMES = re.compile(rf"({COUNT})\s*[x\u00d7*](?:\s+|(?=\d))", re.ASCII | re.IGNORECASE)
ONE = re.compile(r"(?:an?|une?)\s+", re.IGNORECASE)
MORE = re.compile(r"[\d.,/]")  # behind a number: it is none
LIKE_A_NUMBER = re.compile(r"[+-]?\s*[.,]?\d[\d.,/]*(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


class NoAmount(ValueError):  # noqa: N818  # named for what went wrong
    """What begins like an amount is none: zero, more than there can be, or not a number."""


def tidy(text: str) -> str:
    """Return text with single spaces, and fractions in digits."""
    return " ".join("".join(f" {VULGAR[letter]}" if letter in VULGAR else letter for letter in text).split())


def cut_amount(text: str) -> tuple[Decimal, str] | None:
    """Cut the amount off the front of a tidy text, and return it with the rest; None: there is none.

    Raises:
        NoAmount: it is none after all.
    """
    if article := ONE.match(text):
        return Decimal(1), text[article.end() - 1 :]
    if times := TIMES.match(text):
        each, rest = cut_number(text[times.end() :]) or (Decimal(1), f" {text[times.end() :]}")
        return within(Decimal(times[1]) * each), rest
    return cut_number(text)


def cut_number(text: str) -> tuple[Decimal, str] | None:
    number = NUMBER.match(text)
    if number is None:
        return None
    if MORE.match(text, number.end()):
        raise NoAmount
    return within(value_of(number)), text[number.end() :]


def value_of(number: re.Match[str]) -> Decimal:
    if number["over"] is None:
        return Decimal(number[0].replace(",", "."))
    try:
        part = (Decimal(number["over"]) / Decimal(number["under"])).quantize(DECIMALS)
    except (InvalidOperation, DivisionByZero) as error:
        raise NoAmount from error
    return int(number["whole"] or 0) + part


def within(amount: Decimal) -> Decimal:
    if not 0 < amount < MOST:
        raise NoAmount
    return amount
