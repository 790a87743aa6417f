"""What follows the quantity: the name, and notes that may be more than notes."""

import re
from typing import Final

from msgspec.structs import replace

from popote_nutrition.model.lines import names, tables
from popote_nutrition.model.lines.amounts import Measure
from popote_nutrition.model.lines.draft import Draft
from popote_nutrition.model.lines.head import Head, whole_measure
from popote_nutrition.model.lines.reader import Reader
from popote_nutrition.model.lines.text import tokens

MAX_BARE: Final = 20  # "Eggs 3" counts, "farine type 55" does not
_LENGTH_BEHIND: Final = re.compile(r" (?:de |d'|of )(?:environ )?(\d{1,2}(?:[.,]\d)? ?(?:cm|mm|inch(?:es)?))$")
_AND_A_HALF: Final = re.compile(r" et demie?$")


def read_name(draft: Draft) -> None:
    name = without_taste(draft.name)
    draft.is_to_taste |= name != draft.name
    draft.name = name
    if draft.measure is None:
        _read_tail(draft)
    elif not draft.measure.is_weighed:
        _read_half(draft)
        _read_length_behind(draft)
        _read_size(draft)
        _read_trailing_unit(draft)
    draft.name, added = names.added_apart(draft.name)
    draft.notes.extend(filter(None, [added]))
    draft.name, others = names.alternatives(draft.name, draft.language)
    draft.alternatives = [*others, *draft.alternatives]
    draft.is_to_taste |= draft.measure is None and names.is_seasoning(draft.name)
    draft.name = names.without_articles(draft.name, draft.language)


def _read_tail(draft: Draft) -> None:
    """Take a quantity off the end of the name: “Beurre doux : 120 g”."""
    for token in tokens(draft.name)[-tables.MAX_PHRASE :]:
        before = draft.name[: token.start]
        is_start = token.is_number or token.key in tables.ABOUT_WORDS or before.rstrip()[-1:] in (":", "=")
        if not is_start or not before.strip(" :-=x") or before[-1] not in " :=-x(":
            continue
        found = whole_measure(Reader(draft.name[token.start :], draft.language))
        if found and (found[0].code or found[0].amount <= MAX_BARE or before.rstrip()[-1] in ":=-x"):
            name = before.rstrip(" :-=,")
            draft.name = name.removesuffix(" x")
            draft.count(Head(found[0]))
            draft.doubts.add("reversed")
            return


def _read_half(draft: Draft) -> None:
    """Take “et demi” off the end of a French name: “1 citron et demi”."""
    if draft.measure and (found := _AND_A_HALF.search(draft.name)):
        draft.name = draft.name[: found.start()]
        draft.measure = replace(draft.measure, amount=draft.measure.amount + tables.HALF)


def _read_length_behind(draft: Draft) -> None:
    if found := _LENGTH_BEHIND.search(draft.name):
        draft.name = draft.name[: found.start()]
        draft.notes.append(found[1])


def _read_size(draft: Draft) -> None:
    """Take the weight of each off the end of the name: “4 pavés de saumon de 150 g”."""
    for token in tokens(draft.name)[-tables.MAX_PHRASE :]:
        if token.key not in ("de", "d", "of") or not token.start:
            continue
        text = draft.name[token.end :].lstrip(" '")
        found = whole_measure(Reader(text, draft.language))
        if found and found[0].is_weighed and _is_equivalent(draft, found[0], is_each=True):
            draft.name = draft.name[: token.start].rstrip()
            return


def _read_trailing_unit(draft: Draft) -> None:
    """Take the unit off the end of an English name: “4 garlic cloves”."""
    if draft.language != "en" or draft.measure is None or draft.measure.code is not None:
        return
    parsed = tokens(draft.name)
    keys = {token.key for token in parsed}
    code = tables.TRAILING_UNITS.get(parsed[-1].key) if len(parsed) > 1 else None
    if code is None or keys & tables.NOT_BEHIND or all(token.key in tables.STATES["en"] for token in parsed[:-1]):
        return
    draft.measure = replace(draft.measure, code=code)
    if not keys & tables.KEPT_BEHIND:
        draft.name = draft.name[: parsed[-1].start].rstrip()


def without_taste(text: str) -> str:
    """Return the text without “to taste” at its end."""
    parsed = tokens(text)
    keys = tuple(token.key for token in parsed)
    ends = range(max(1, len(keys) - tables.MAX_PHRASE), len(keys))
    place = next((place for place in ends if keys[place:] in tables.TO_TASTE), None)
    return text if place is None else text[: parsed[place].start].rstrip(" ,;:-")


def read_notes(draft: Draft, notes: list[str]) -> None:
    for note in names.phrases_of(notes):
        if not (_is_taste(draft, note) or _is_choice(draft, note) or _is_measure(draft, note)):
            draft.notes.append(note)


def _is_taste(draft: Draft, note: str) -> bool:
    is_taste = tables.phrase(note) in tables.TO_TASTE
    draft.is_to_taste |= is_taste
    return is_taste


def _is_choice(draft: Draft, note: str) -> bool:
    parsed = tokens(note)
    if len(parsed) < 2 or parsed[0].key not in tables.OR[draft.language] or parsed[1].key in tables.NO_ALTERNATIVE:  # noqa: PLR2004 - "or" and a name
        return False
    if whole_measure(Reader(note[parsed[1].start :], draft.language)):
        return False
    draft.alternatives.append(names.without_articles(note[parsed[1].start :], draft.language))
    return True


def _is_measure(draft: Draft, note: str) -> bool:
    """Take a note that is a measure: of the whole, of each piece, or the quantity where there was none."""
    found = whole_measure(Reader(note, draft.language))
    if found is None:
        return False
    measure, is_each = found
    if draft.measure is None:
        draft.count(Head(measure))
        draft.doubts.add("reversed")
        return True
    return _is_equivalent(draft, measure, is_each=is_each)


def _is_equivalent(draft: Draft, found: Measure, *, is_each: bool) -> bool:
    counted = draft.measure
    if counted is None or found.upper is not None:
        return False
    if found.kind == counted.kind:
        return counted.is_weighed
    if draft.equivalent is not None:
        return False
    if counted.code in tables.CONTAINERS and found.is_weighed:
        draft.measure, draft.equivalent = found.times(counted.amount), replace(counted, words=())
        draft.doubts |= {"multiplied"} if counted.amount != 1 else set()
    else:
        draft.equivalent = found.times(counted.amount) if is_each else found
    return True
