"""What is left of a line when its quantity is read: the name, what else would do, and the notes."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from popote_nutrition.model.lines import tables
from popote_nutrition.model.lines.reader import Reader
from popote_nutrition.model.lines.text import Language, Token, folded, tokens

_EDGES: Final = " ,;:-.*=|/"
_BREAKS: Final = ",;"


def parted(text: str, language: Language) -> tuple[str, list[str]]:
    """Return the name in `text`, and its notes: what is in brackets, and what follows the first comma or dash."""
    if text.lstrip()[:1] in tuple(_BREAKS):
        return "", [text.lstrip(" ,;")]
    name, notes, depth, start = "", [], 0, 0
    for place, letter in enumerate(text):
        if letter == "(":
            if depth == 0:
                name, start = name + text[start:place] + " ", place + 1
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
            if depth == 0:
                notes.append(text[start:place])
                start = place + 1
        elif not depth and _is_break(text, place) and _is_name(name + text[start:place], language):
            return _clean(name + text[start:place]), [*notes, text[place + 1 :]]
    if depth:
        return _clean(name), [*notes, text[start:]]
    return _clean(name + text[start:]), notes


def _is_break(text: str, place: int) -> bool:
    around = text[max(0, place - 1) : place + 2]
    if text[place] in _BREAKS:
        return not (len(around) == 3 and around[0].isdecimal() and around[2].isdecimal())  # noqa: PLR2004 - both sides
    return around == " - "


def _is_name(text: str, language: Language) -> bool:
    """Tell whether `text` names something: “boneless” alone does not."""
    return any(token.is_word and token.key not in tables.STATES[language] for token in tokens(text))


def _clean(text: str) -> str:
    return " ".join(text.split()).strip(_EDGES)


def phrases_of(notes: list[str]) -> Iterator[str]:
    """Give each part of the notes, apart at commas outside of brackets."""
    for note in notes:
        depth, start = 0, 0
        for place, letter in enumerate(note):
            depth += (letter == "(") - (letter == ")" and depth > 0)
            if letter in _BREAKS and not depth and _is_break(note, place):
                yield from filter(None, [_clean(note[start:place])])
                start = place + 1
        yield from filter(None, [_clean(note[start:])])


def without_articles(text: str, language: Language) -> str:
    reader = Reader(text, language)
    while reader.take_phrase(tables.OF[language] | tables.ARTICLES[language]) is not None:
        pass
    return reader.rest or text


def added_apart(text: str) -> tuple[str, str]:
    """Return the name without what is added or what it is for (“plus extra”, “for dusting”), and that."""
    parsed = tokens(text)
    for token, after in pairwise(parsed):
        is_added = token.key in tables.ADDED and (after.key in tables.ADDED_AMOUNTS or after.is_number)
        if token.start and (is_added or token.key in tables.PURPOSES) and _clean(text[: token.start]):
            return _clean(text[: token.start]), text[token.start :]
    return text, ""


def alternatives(text: str, language: Language) -> tuple[str, list[str]]:
    """Return the name, and what else would do: “butter or margarine”, “red or white wine”, “vin rouge ou blanc”."""
    parts = _choices(text, language)
    if len(parts) < 2:  # noqa: PLR2004 - nothing to choose between
        return text, []
    first, *others = parts
    name = _completed(first, parts[-1], language)
    return name, [_as_alternative(first, other, parts[-1], language) for other in others]


def _choices(text: str, language: Language) -> list[str]:
    found: list[str] = []
    start, parsed = 0, tokens(text)
    for token, after in pairwise(parsed):
        if token.key in tables.OR[language] and token.start and after.key not in tables.NO_ALTERNATIVE:
            found.append(_clean(text[start : token.start]))
            start = token.end
    return [part for part in (*found, _clean(text[start:])) if part]


def _completed(part: str, last: str, language: Language) -> str:
    """Return “red” as “red wine”, where `last` is “white wine”; French says the noun first."""
    head = last.rsplit(maxsplit=1)[-1]
    mine, kinds = tokens(part), tables.KINDS.get(folded(head), frozenset())
    states = tables.STATES[language]
    is_short = all(token.key in states or token.key in kinds or not token.is_word for token in mine)
    return f"{part} {head}" if language == "en" and is_short and len(last.split()) > 1 else part


def _as_alternative(first: str, part: str, last: str, language: Language) -> str:
    if language == "en":
        return part if part == last else _completed(part, last, language)
    if all(token.key in tables.STATES["fr"] for token in tokens(part)):
        return f"{_noun(first)} {part}"
    is_of = folded(part).startswith(("de ", "d'")) and not folded(part).startswith(("de la ", "de l'"))
    if is_of and (place := _of(tokens(first))) is not None:
        return f"{first[:place].strip()} {part}"
    return without_articles(part, language)


def _noun(text: str) -> str:
    """Return a French name without the words of state at its end: “vin rouge” is “vin”."""
    kept = text.split()
    while len(kept) > 1 and folded(kept[-1]) in tables.STATES["fr"]:
        kept.pop()
    return " ".join(kept)


def _of(parsed: list[Token]) -> int | None:
    return next((token.start for token in parsed if token.key in ("de", "d") and token.start), None)


def is_seasoning(name: str) -> bool:
    """Tell whether a name is salt, pepper, or both: nobody weighs them."""
    keys = [token.key for token in tokens(name) if token.is_word]
    return bool(keys) and set(keys) <= tables.SEASONINGS and not tables.SEASONING_HEADS.isdisjoint(keys)
