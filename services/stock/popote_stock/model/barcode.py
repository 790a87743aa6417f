"""The numbers of products (GTIN), as bars show them: EAN-8, EAN-13, UPC-A, UPC-E, ITF-14.

All become one text of 14 digits, so that a can scanned as UPC-A and as EAN-13 is the same can.
Source: GS1 General Specifications, sections 1.4 (prefixes), 5.2.2.4.2 (UPC-E) and 7.9 (check digits).
"""

from typing import Final

from popote_stock.errors import WrongCharacters, WrongCheckDigit, WrongLength

GTIN_DIGITS: Final = 14
SHORT: Final = 8  # digits of an EAN-8, and of a UPC-E with its number system and check digit
LENGTHS: Final = frozenset({SHORT, 12, 13, GTIN_DIGITS})
UPC_E_SYSTEMS: Final = ("0", "1")

# What shops give out themselves: for their own goods, and for what they weigh.
IN_STORE: Final = ("02", "04", "2")
IN_STORE_SHORT: Final = ("0", "2")


def gtin(code: str) -> str:
    """Return the 14 digits of the product whose barcode reads `code`.

    Raises:
        WrongCharacters, WrongLength, WrongCheckDigit: it is no barcode of a product.
    """
    if not (code.isascii() and code.isdigit()):
        raise WrongCharacters
    if len(code) not in LENGTHS:
        raise WrongLength
    number = next((each for each in _readings(code) if check_digit(each[:-1]) == each[-1]), None)
    if number is None:
        raise WrongCheckDigit
    return number.zfill(GTIN_DIGITS)


def shown(number: str) -> str:
    """Return the shortest code that `gtin` reads as `number`."""
    if number.startswith("000000") and number[6] != "0":  # eight digits with a 0 in front might be read as UPC-E
        return number[6:]
    return number[2:] if number.startswith("00") else number.removeprefix("0")


def is_in_store(number: str) -> bool:
    """Tell whether the GTIN `number` was given out by one shop for itself, and means nothing anywhere else."""
    if number.startswith("000000"):
        return number[6:].startswith(IN_STORE_SHORT)
    return number[1:].startswith(IN_STORE)


def check_digit(digits: str) -> str:
    """Return the digit that follows `digits` in a GTIN of any length."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def expanded(code: str) -> str:
    """Return the UPC-A that the UPC-E `code` (8 digits, the first 0 or 1) leaves zeros out of."""
    system, body, kind, check = code[0], code[1:6], code[6], code[7]
    if kind in "012":
        return f"{system}{body[:2]}{kind}0000{body[2:]}{check}"
    if kind == "3":
        return f"{system}{body[:3]}00000{body[3:]}{check}"
    if kind == "4":
        return f"{system}{body[:4]}00000{body[4:]}{check}"
    return f"{system}{body}0000{kind}{check}"


def _readings(code: str) -> list[str]:
    """Return what `code` may stand for, the likeliest first.

    Eight digits are an EAN-8 or a UPC-E. An EAN-8 that begins with 0 is a shop's own, so there UPC-E goes first.
    """
    if len(code) != SHORT or not code.startswith(UPC_E_SYSTEMS):
        return [code]
    return [expanded(code), code] if code.startswith("0") else [code, expanded(code)]
