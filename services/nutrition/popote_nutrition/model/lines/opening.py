"""What a line begins with: its quantity, in numbers or vague, or what is taken of a fruit."""

import re
from fractions import Fraction
from typing import Final

from popote_nutrition.model.lines import tables
from popote_nutrition.model.lines.amounts import Measure, take_amount
from popote_nutrition.model.lines.draft import Draft
from popote_nutrition.model.lines.head import take_head, take_implied
from popote_nutrition.model.lines.reader import Reader
from popote_nutrition.model.lines.text import folded

_LENGTH: Final = re.compile(
    r"(?:(?P<count>an?|une?|one|\d) (?:x )?)?\(?"
    r"(?P<length>\d{1,2}(?:[.,/]\d{1,2})?(?: \d/\d)?(?:-| )?(?:cm|mm|inch(?:es)?|pouces?)\b(?:/[\d.]{1,4} ?in(?:ch)?)?)"
    r"\)?[- ]?(?:pieces?|knobs?|sticks?|chunks?|morceaux?|length)?\b ?(?:of |de |d')?(?P<name>\w.*)",
    re.IGNORECASE,
)


def read_start(draft: Draft, body: str) -> str:
    """Read the quantity in front, and return the rest."""
    if found := _LENGTH.fullmatch(body):
        return _read_length(draft, found)
    reader = Reader(body, draft.language)
    if (part := _given(draft, reader)) is not None:
        return part
    head = take_head(reader)
    if head is None or head.measure.code is None:
        end, reader.at = reader.at, 0
        if (vague := _vague(reader)) is not None:
            draft.doubts.add("vague")
            draft.notes.append(vague)
            return reader.rest
        reader.at = end
    if head is None and (head := take_implied(reader)):
        draft.doubts.add("no quantity")
    if head:
        draft.count(head)
        reader.take_phrase(tables.OF[draft.language])
        return reader.rest.lstrip(" ,:-" if head.measure.is_weighed else " ")
    return reader.rest


def _read_length(draft: Draft, found: re.Match[str]) -> str:
    count = found["count"] or "1"
    draft.measure = Measure(Fraction(count if count.isdecimal() else 1))
    draft.notes.append(found["length"].strip())
    return found["name"]


def _given(draft: Draft, reader: Reader) -> str | None:
    """Read “the juice of 1 lemon”, and return the rest with a name as “lemon juice”."""
    part = reader.take_phrase(tables.GIVEN[draft.language])
    head = take_head(reader) if part else None
    if part is None or head is None:
        reader.at = 0
        return None
    draft.count(head)
    reader.take_phrase(tables.OF[draft.language])
    if " et " in part or " and " in part:
        draft.notes.append(part)
        return reader.rest
    return _given_name(draft, part, reader.rest)


def _given_name(draft: Draft, part: str, rest: str) -> str:
    fruit = re.split(r"(?= ?[,(;])", rest, maxsplit=1)
    behind = "".join(fruit[1:])
    if draft.language == "fr":
        thing, _, how = part.partition(" ")
        elided = "d'" if folded(fruit[0])[:1] in "aeiou" else "de "
        name = f"{thing} {elided}{fruit[0]}"
    else:
        how, _, thing = part.rpartition(" ")
        name = f"{fruit[0].removesuffix('s')} {thing}"
    draft.notes.extend(filter(None, [how]))
    return name + behind


def _vague(reader: Reader) -> str | None:
    """Pass an amount without a number, “quelques feuilles de”, and return it."""
    found = reader.find_phrase(tables.VAGUE[reader.language])
    if found:
        reader.at += len(found)
    elif take_amount(reader) is None or not reader.take_words(tables.VAGUE_UNITS[reader.language]):
        return None
    if (
        found
        and found[-1] == "filet"
        and not any(token.key in tables.DRIZZLED for token in reader.tokens[reader.at :][:3])
    ):
        return None
    reader.take_unit()
    text = reader.text[: reader.ahead(-1).end]
    reader.take_phrase(tables.OF[reader.language])
    return None if reader.is_done else text
