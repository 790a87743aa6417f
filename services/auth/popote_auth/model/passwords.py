"""Which passwords are taken: long ones that nobody would guess first. No composition rules, no expiry."""

import unicodedata
from collections.abc import Container, Iterable
from enum import StrEnum
from itertools import pairwise

LONGEST_BYTES = 1024  # checked before any other work, and before hashing
LONGEST = 256  # code points
SHORTEST_LOCAL_PART = 4  # a shorter one is in too many good passwords
FEWEST_SIGNS = 5  # different ones

# Steps of a sequence: neighbours in the alphabet, among the digits, in the rows and columns of a keyboard.
_LINES = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890"),
    *("qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"),
    *("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertzuiop", "yxcvbnm"),
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/"),
)
_STEPS = {pair for line in _LINES for way in (line, line[::-1]) for pair in pairwise(way)}


class Flaw(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    COMMON = "common"
    HAS_EMAIL = "has-email"
    IS_HOUSEHOLD = "is-household"
    REPEATS = "repeats"
    SEQUENCE = "sequence"


def normalise(password: str) -> str:
    """Return what is measured and hashed: NFC, so that two keyboards type the same; never trimmed or cut."""
    return unicodedata.normalize("NFC", password)


def is_too_long(password: str) -> bool:
    """Tell whether `password` is too long to be looked at any further."""
    return len(password) > LONGEST_BYTES or len(password.encode()) > LONGEST_BYTES


def find_flaw(
    password: str, *, shortest: int, common: Container[str], email: str = "", households: Iterable[str] = ()
) -> Flaw | None:
    """Return the first reason to refuse `password`, or None.

    `shortest` counts code points. `common` holds case-folded passwords. `email` is the person's address and
    `households` are the names of theirs.
    """
    if is_too_long(password):
        return Flaw.TOO_LONG
    text = normalise(password)
    folded = text.casefold()
    found = {
        Flaw.TOO_LONG: len(text) > LONGEST,
        Flaw.TOO_SHORT: len(text) < shortest,
        Flaw.COMMON: is_common(folded, common),
        Flaw.HAS_EMAIL: has_local_part(folded, email),
        Flaw.IS_HOUSEHOLD: any(folded == normalise(name).casefold() for name in households),
        Flaw.REPEATS: is_repeat(folded),
        Flaw.SEQUENCE: is_sequence(folded),
    }
    return next((flaw for flaw, is_found in found.items() if is_found), None)


def is_common(folded: str, common: Container[str]) -> bool:
    """Tell whether `folded` is a common password, also with a few digits and signs around it."""
    core = folded.strip("".join({sign for sign in folded if not sign.isalpha()}))
    return folded in common or (2 * len(core) > len(folded) and core in common)


def has_local_part(folded: str, email: str) -> bool:
    """Tell whether `folded` holds what stands before the @ of `email`."""
    local = normalise(email).casefold().partition("@")[0]
    return len(local) >= SHORTEST_LOCAL_PART and local in folded


def is_repeat(folded: str) -> bool:
    """Tell whether `folded` is one piece said again and again, or made of too few different signs."""
    piece = (folded + folded).find(folded, 1)
    return piece < len(folded) or len(set(folded)) < FEWEST_SIGNS


def is_sequence(folded: str) -> bool:
    """Tell whether more than three of four neighbours are equal or follow each other on a line."""
    steps = sum(a == b or (a, b) in _STEPS for a, b in pairwise(folded))
    return 4 * steps > 3 * (len(folded) - 1)
