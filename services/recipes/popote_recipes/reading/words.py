"""What people write around a recipe, in English and French: for how many, how long, and in which language."""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct

from popote_recipes.reading.draft import MAX_MINUTES, MAX_SERVINGS, Language

MAX_WORDS: Final = 300  # characters that are read of such a text
PLACES: Final = 2

_PLAIN_QUOTES: Final = str.maketrans(dict.fromkeys("\N{RIGHT SINGLE QUOTATION MARK}\N{PRIME}", "'"))
_VULGAR: Final = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5), "⅘": (4, 5),
    "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
}  # fmt: skip
_NUMBER_WORDS: Final[Mapping[str, int]] = {
    word: number
    for number, words in {
        1: "a an one un une", 2: "two deux", 3: "three trois", 4: "four quatre", 5: "five cinq",
        6: "six half-dozen demi-douzaine", 7: "seven sept", 8: "eight huit", 9: "nine neuf", 10: "ten dix dizaine",
        11: "eleven onze", 12: "twelve douze dozen douzaine", 15: "fifteen quinze quinzaine",
        20: "twenty vingt vingtaine", 24: "twenty-four vingt-quatre", 30: "thirty trente trentaine",
        40: "forty quarante quarantaine", 50: "fifty cinquante cinquantaine", 100: "centaine",
    }.items()
    for word in words.split()
}  # fmt: skip
_NUMBER: Final = (
    rf"(?:\d{{1,4}}\s+\d/\d{{1,2}}|\d{{1,2}}/\d{{1,2}}|\d{{1,4}}\s*[{''.join(_VULGAR)}]|[{''.join(_VULGAR)}]"
    rf"|\d{{1,6}}(?:[.,]\d{{1,3}})?|\b(?:{'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))})\b)"
)
_TO: Final = r"\s*(?:-|–|—|à|a|to|or|ou|/|et|and)\s*"
_DOZENS: Final = r"(?:\s+(?P<dozens>dozen|douzaines?)\b)?"

# For how many

_PEOPLE: Final = (
    r"(?:personnes?|pers\b|p\.|parts?|portions?|servings?|serves?|people|persons?|convives?|adult\w*|enfants?|guests?"
    r"|invités?|gourmands?|assiettes?|bols?|bowls?|plates?)(?!\w)"
)
_MEASURES: Final = (
    r"(?:[kmcd]?[gl]|kilos?|grammes?|grams?|kilograms?|lit(?:re|er)s?|millilit(?:re|er)s?|centilitres?|cups?|tasses?"
    r"|ounces?|oz|lbs?|pounds?|pints?|quarts?|gallons?|cm|mm|centim[èe]tres?|inch(?:es)?|in|pouces?|%|°"
    r"|min\w*|h|heures?|hours?|x)(?![\w])|[\"″”-]\s*inch|[\"″”]"
)
_FOR_PEOPLE: Final = re.compile(
    rf"(?P<least>{_NUMBER})(?:{_TO}{_NUMBER})?{_DOZENS}[\s-]*(?:(?!{_MEASURES})\w+\s+)?{_PEOPLE}"
)
_SERVES: Final = re.compile(
    rf"\b(?:serves?|feeds?|servings?|pour|portions?|personnes?|parts?)\s*:?\s*"
    rf"(?:about |around |environ |up to |jusqu'à )?(?P<least>{_NUMBER})(?:{_TO}{_NUMBER})?\s*"
    r"(?:$|[.,;(+]|(?:as|with|for|in|generously|comfortably|easily|comme|en|avec)\b)"
)
_ALONE: Final = re.compile(rf"\W*(?P<least>{_NUMBER})(?:{_TO}{_NUMBER})?\W*")
_SOME: Final = re.compile(rf"(?P<least>{_NUMBER})(?:{_TO}{_NUMBER})?{_DOZENS}(?![.,/]?\d|\s*(?:{_MEASURES}))")
_ABOUT: Final = re.compile(r"\bune (?=(?:demi-)?\w+aine\b)")


class Servings(Struct, frozen=True):
    """For how many a recipe is; pieces ("12 crêpes") are guessed to be one for each."""

    amount: Decimal
    is_guessed: bool = False


def read_servings(text: str) -> Servings | None:
    """Return for how many a recipe is by its own words, of "4 to 6" the lower end; None where they don't tell.

    What is weighed or measured ("750 ml") does not tell.
    """
    text = _ABOUT.sub("", " ".join(text[:MAX_WORDS].lower().translate(_PLAIN_QUOTES).split()))
    if match := _FOR_PEOPLE.search(text) or _SERVES.search(text) or _ALONE.fullmatch(text):
        return _servings(match, is_guessed=False)
    return _servings(match, is_guessed=True) if (match := _SOME.search(text)) else None


def _servings(match: re.Match[str], *, is_guessed: bool) -> Servings | None:
    amount = read_number(match["least"]) * (12 if match.groupdict().get("dozens") else 1)
    if not 0 < amount <= MAX_SERVINGS:
        return None
    rounded = round(Decimal(amount.numerator) / Decimal(amount.denominator), PLACES).normalize()
    return Servings(Decimal(f"{rounded:f}"), is_guessed) if rounded else None


def read_number(text: str) -> Fraction:
    """Return the number that `text` is: "4", "1,5", "1 1/2", "1½", "quatre"; 0 where it is none."""
    text = text.strip().lower()
    if text in _NUMBER_WORDS:
        return Fraction(_NUMBER_WORDS[text])
    for sign, (over, under) in _VULGAR.items():
        text = text.replace(sign, f" {over}/{under}")
    try:
        return sum((Fraction(part.replace(",", ".")) for part in text.split()), Fraction(0))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


# How long

_ISO: Final = re.compile(
    r"P(?:[\d.,]+Y)?(?:[\d.,]+M)?(?:(?P<weeks>[\d.,]+)W)?(?:(?P<days>[\d.,]+)D)?"
    r"(?:T?(?:(?P<hours>[\d.,]+)H)?(?:(?P<minutes>[\d.,]+)(?:M|$))?(?:(?P<seconds>[\d.,]+)S)?)?"
)
_CLOCK: Final = re.compile(r"(?P<hours>\d{1,2}):(?P<minutes>\d{2})(?::(?P<seconds>\d{2}))?")
_MINUTES_IN: Final = {
    "weeks": Fraction(7 * 24 * 60), "days": Fraction(24 * 60), "hours": Fraction(60), "minutes": Fraction(1),
    "seconds": Fraction(1, 60),
}  # fmt: skip
_UNITS: Final = (
    r"(?:(?P<weeks>weeks?|semaines?)|(?P<days>days?|jours?|j|d)|(?P<hours>hours?|heures?|hrs?|h)"
    r"|(?P<minutes>minutes?|mins?|mn|m|')|(?P<seconds>seconde?s?|secs?|s))(?![^\W\d])\.?"
)
_TIME: Final = re.compile(rf"(?:{_NUMBER}{_TO})?(?P<number>{_NUMBER})\s*{_UNITS}|(?P<bare>(?<=[h.se])\s*\d{{1,2}})\b")
# "1 h à 1 h 30"
_LOWER_END: Final = re.compile(r"\d+\s*(?:h|hours?|heures?)(?:\s*\d{1,2})?\s*(?:à|to|ou|or)\s*(?=\d+\s*h)")
_PARTS_OF_HOURS: Final = {
    "half an hour": "30 min", "half hour": "30 min", "demi-heure": "30 min", "demi heure": "30 min",
    "heure et demie": "heure 30", "three quarters of an hour": "45 min", "trois quarts d'heure": "45 min",
    "quarter of an hour": "15 min", "quart d'heure": "15 min",
}  # fmt: skip


def read_minutes(text: str) -> int | None:
    """Return how many minutes `text` says: an ISO duration, "1 h 30", "1 hr 15 mins", "1:30", or just their number.

    Of "20 to 30 min" the upper end; seconds count as a minute begun; None where it says nothing, or none at all.
    """
    text = " ".join(text[:MAX_WORDS].translate(_PLAIN_QUOTES).split())
    iso = _ISO.fullmatch(text.upper().replace(" ", ""))
    clock = _CLOCK.fullmatch(text)
    if text.isdecimal():
        minutes = Fraction(text)
    elif found := iso or clock:
        minutes = sum((read_number(n) * _MINUTES_IN[unit] for unit, n in found.groupdict("0").items()), Fraction(0))
    else:
        minutes = _told_minutes(text.lower().partition("(")[0])
    return math.ceil(minutes) if 0 < minutes <= MAX_MINUTES else None


def _told_minutes(text: str) -> Fraction:
    for words, told in _PARTS_OF_HOURS.items():
        text = text.replace(f"une {words}", told).replace(f"a {words}", told).replace(words, told)
    text = _LOWER_END.sub("", text)
    total, last = Fraction(0), None
    for match in _TIME.finditer(text):
        if match["bare"]:  # "1 h 30"
            total += Fraction(match["bare"].strip()) if last == "hours" else 0
            continue
        last = next(unit for unit in _MINUTES_IN if match[unit])
        total += read_number(match["number"]) * _MINUTES_IN[last]
    return total


# In which language

_SMALL_WORDS: Final[Mapping[Language, str]] = {
    "en": "the and of with for until into then from your it is are a or to in on this you at cup cups tbsp tsp",
    "fr": "le la les de des du et un une dans avec pour au aux en sur puis ou à d l votre vous est cuillère",
}
MAX_GUESSED_FROM: Final = 20_000  # characters
LEAST_WORDS: Final = 2
PLAINLY: Final = 10  # small words of one language that outweigh what a page declares
TIMES_MORE: Final = 4


def language_of(text: str, declared: str = "") -> Language | None:
    """Return the language that is declared ("fr-CA"), unless the small words in `text` plainly say otherwise.

    Without a declaration the small words decide; None where it is neither English nor French.
    """
    words = re.findall(r"[^\W\d_]+", text[:MAX_GUESSED_FROM].lower())
    counts: dict[Language, int] = {
        language: sum(map(words.count, small.split())) for language, small in _SMALL_WORDS.items()
    }
    first: Language = "en" if counts["en"] >= counts["fr"] else "fr"
    most, least = max(counts.values()), min(counts.values())
    tag = re.split(r"[-_]", declared.strip().lower())[0]
    if most >= PLAINLY and most > TIMES_MORE * least:
        return first
    if tag:
        return "en" if tag in ("en", "english") else "fr" if tag in ("fr", "français", "french") else None
    return first if most >= LEAST_WORDS and most > least else None
