"""The text of a line: cleaned of what pages put around it, and cut into words, numbers and marks."""

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

Language = Literal["en", "fr"]

MAX_LINE: Final = 500  # characters that are looked at

_APOSTROPHES: Final = "\u2019\u2018\u02bc\u2032\u00b4`"
_DASHES: Final = "\u2013\u2014\u2012\u2212\u2010\u2011"
_SLASH: Final = "\N{FRACTION SLASH}"
_REPLACED: Final = str.maketrans(
    dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_DASHES, "-") | {"\N{MULTIPLICATION SIGN}": "x", _SLASH: "/"}
)
_DROPPED: Final = frozenset({"Cf", "Cs", "Co", "Cn"})
_OPENING: Final = "(~"
_NUMBERING: Final = re.compile(r"\d{1,2}[.)] (?=[\d(])")
_FOOTNOTE: Final = re.compile(r" ?\[\d{1,3}\]$")
_PLURAL: Final = re.compile(r"(?<=[^\W\d_])\((s|x|es|e|e\)\(s)\)", re.IGNORECASE)
_PLURAL_KEPT: Final = {"s": "s", "x": "x", "es": "es"}

# "1.000 g", "1,000 g" and "1 000 g" are a thousand: nobody weighs a gram to three decimals. "1,500 kg" stays as it is.
_THOUSANDS: Final = re.compile(
    r"(?<![\d.,/])([1-9]\d{0,2})[.,](\d{3})(?= ?(?:g|gr|grs|grammes?|grams?|mg|ml|millilit(?:re|er)s?)\b)",
    re.IGNORECASE,
)
_SPACED: Final = re.compile(
    r"(?<![\d.,/])([1-9]\d{0,2}) (\d{3})(?= ?(?:g|gr|grammes?|mg|ml|millilitres?)\b)", re.IGNORECASE
)
_ENGLISH_THOUSANDS: Final = re.compile(
    r"(?<![\d.,/])([1-9]\d{0,2}),(\d{3})(?![\d.,])(?! ?(?:k|kilo|kilogram|l|lit|lb|pound|oz|ounce)\w{0,8}\b)",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+|\S")


class Token(Struct, frozen=True):
    """A number, a word or a mark, and where it stands; `key` is how tables know it."""

    text: str
    key: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        return self.text[0].isdecimal()

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


@lru_cache(maxsize=8192)  # words recur
def folded(text: str) -> str:
    """Return `text` without case and accents, with œ and æ as two letters."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def tokens(text: str) -> list[Token]:
    return [Token(found[0], folded(found[0]), found.start(), found.end()) for found in _TOKEN.finditer(text)]


def normalised(raw: str, language: Language) -> str:
    """Return the line in plain characters and single spaces, without its bullet and its footnote mark."""
    spelled = "".join(map(_spelled, raw[:MAX_LINE].rstrip("¹²³⁴⁵")))
    plain = unicodedata.normalize("NFKC", spelled).translate(_REPLACED)
    visible = "".join(_visible(letter) for letter in plain)
    text = _PLURAL.sub(lambda found: _PLURAL_KEPT.get(found[1].lower(), ""), " ".join(visible.split()))
    return _joined(_unmarked(text[:MAX_LINE]), language)


def _spelled(letter: str) -> str:
    """Return a fraction in one character as three: ½ becomes 1/2, apart from what is before it."""
    if unicodedata.category(letter) == "No" and _SLASH in (parts := unicodedata.normalize("NFKC", letter)):
        return f" {parts} " if not parts.endswith(_SLASH) else f" {parts}"
    return letter


def _visible(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in _DROPPED:
        return ""
    return " " if category == "Cc" else letter


def _unmarked(text: str) -> str:
    start = 0
    while start < len(text) and _is_mark(text[start]) and text[start] not in _OPENING:
        start += 1
    body = _NUMBERING.sub("", text[start:], count=1) if _NUMBERING.match(text[start:]) else text[start:]
    return _FOOTNOTE.sub("", body.rstrip(" *†‡§.,;_|"))


def _is_mark(letter: str) -> bool:
    return letter == " " or unicodedata.category(letter)[0] in "PSM"


def _joined(text: str, language: Language) -> str:
    """Return the text with the thousands of its numbers put together."""
    text = _THOUSANDS.sub(r"\1\2", text)
    return _SPACED.sub(r"\1\2", text) if language == "fr" else _ENGLISH_THOUSANDS.sub(r"\1\2", text)
