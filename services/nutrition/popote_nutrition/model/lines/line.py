"""A line of a recipe's ingredients: how much of what."""

import re
from fractions import Fraction
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from popote_kit.quantity import Quantity
from popote_nutrition.model.lines import names, tables
from popote_nutrition.model.lines.amounts import Measure, take_amount
from popote_nutrition.model.lines.head import Head, take_head, take_implied, whole_measure
from popote_nutrition.model.lines.reader import Reader
from popote_nutrition.model.lines.text import Language, folded, normalised, tokens
from popote_nutrition.model.lines.titles import title, unlabelled

MAX_BARE: Final = 20  # "Eggs 3" counts, "farine type 55" does not

# What each thing that was met takes away from a confidence of 1.
DOUBTS: Final = {
    "no quantity": 0.2,
    "vague": 0.1,
    "range": 0.05,
    "reversed": 0.1,
    "multiplied": 0.1,
    "guessed unit": 0.1,
    "number in the name": 0.15,
    "strange characters": 0.15,
    "long name": 0.1,
    "no name": 0.5,
}
LONG_NAME: Final = 6  # words
_STRANGE: Final = re.compile(r"[^\w\s'%&.,/°+-]")
_LENGTH: Final = re.compile(
    r"(?P<count>(?:an?|une?|one|\d) )?"
    r"(?P<length>\d{1,2}(?:[.,/]\d{1,2})?(?: \d/\d)?(?:-| )?(?:cm|mm|inch(?:es)?|pouces?)\b)"
    r"[- ]?(?:pieces?|knobs?|sticks?|chunks?|morceaux?|length)?\b ?(?:of |de |d')?(?P<name>\w.*)",
    re.IGNORECASE,
)


_LENGTH_BEHIND: Final = re.compile(r" (?:de |d'|of )(?:environ )?(\d{1,2}(?:[.,]\d)? ?(?:cm|mm|inch(?:es)?))$")
_AND_A_HALF: Final = re.compile(r" et demie?$")


class Line(Struct, frozen=True, kw_only=True):
    """What a line says; `name` is as written, `raw` is the whole line.

    `quantity` is the lower end of a range and `at_most` the upper; `equivalent` is the same in another measure.
    A section is a title among the ingredients. `confidence` runs from 0 to 1 and is 1 for a clean “200 g flour”.
    """

    raw: str
    name: str
    quantity: Quantity | None = None
    at_most: Quantity | None = None
    equivalent: Quantity | None = None
    note: str | None = None
    alternatives: list[str] = field(default_factory=list)
    is_section: bool = False
    is_to_taste: bool = False
    confidence: float = 1.0


class _Draft(Struct):
    """A line that is being read."""

    language: Language
    name: str = ""
    measure: Measure | None = None
    equivalent: Measure | None = None
    notes: list[str] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)
    doubts: set[str] = field(default_factory=set)
    is_to_taste: bool = False

    def count(self, head: Head) -> None:
        self.measure, self.equivalent = head.measure, head.equivalent
        self.notes.extend(head.measure.words)
        self.doubts |= {"multiplied"} if head.is_multiplied else set()


def parse(text: str, language: Language = "en") -> Line:
    """Return what a line of ingredients says. Any text is a line; only its first 500 characters are looked at."""
    clean = normalised(text, language)
    if (found := title(clean, language)) is not None:
        return Line(raw=text, name=found, is_section=True)
    body, label = unlabelled(clean, language)
    draft = _read(body, language)
    if not draft.name and (draft.measure or draft.notes):
        draft = _nameless(body, language)
    if label:
        draft.notes.append(label)
    return _line(text, draft)


def _read(body: str, language: Language) -> _Draft:
    draft = _Draft(language)
    rest = _read_start(draft, body)
    if draft.measure is None and names.is_seasoning(_without_taste(rest)):
        draft.name, draft.is_to_taste = names.without_articles(_without_taste(rest), language), True
        return draft
    draft.name, notes = names.parted(rest, language)
    _read_notes(draft, notes)
    _read_name(draft)
    return draft


def _read_start(draft: _Draft, body: str) -> str:
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


def _read_length(draft: _Draft, found: re.Match[str]) -> str:
    count = (found["count"] or "1").strip()
    draft.measure = Measure(Fraction(count if count.isdecimal() else 1))
    draft.notes.append(found["length"].strip())
    return found["name"]


def _given(draft: _Draft, reader: Reader) -> str | None:
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


def _given_name(draft: _Draft, part: str, rest: str) -> str:
    fruit = re.split(r"(?= ?[,(;])", rest, maxsplit=1)
    behind = "".join(fruit[1:])
    if draft.language == "fr":
        thing, _, how = part.partition(" ")
        elided = "d'" if folded(fruit[0])[:1] in "aeiouy" else "de "
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


def _read_notes(draft: _Draft, notes: list[str]) -> None:
    for note in names.phrases_of(notes):
        if not (_is_taste(draft, note) or _is_choice(draft, note) or _is_measure(draft, note)):
            draft.notes.append(note)


def _is_taste(draft: _Draft, note: str) -> bool:
    is_taste = tables.phrase(note) in tables.TO_TASTE
    draft.is_to_taste |= is_taste
    return is_taste


def _is_choice(draft: _Draft, note: str) -> bool:
    parsed = tokens(note)
    if len(parsed) < 2 or parsed[0].key not in tables.OR[draft.language] or parsed[1].key in tables.NO_ALTERNATIVE:  # noqa: PLR2004 - "or" and a name
        return False
    draft.alternatives.append(names.without_articles(note[parsed[1].start :], draft.language))
    return True


def _is_measure(draft: _Draft, note: str) -> bool:
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


def _is_equivalent(draft: _Draft, found: Measure, *, is_each: bool) -> bool:
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


def _read_name(draft: _Draft) -> None:
    name = _without_taste(draft.name)
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


def _without_taste(text: str) -> str:
    """Return the text without “to taste” at its end."""
    parsed = tokens(text)
    keys = tuple(token.key for token in parsed)
    ends = range(max(1, len(keys) - tables.MAX_PHRASE), len(keys))
    place = next((place for place in ends if keys[place:] in tables.TO_TASTE), None)
    return text if place is None else text[: parsed[place].start].rstrip(" ,;:-")


def _read_tail(draft: _Draft) -> None:
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


def _read_half(draft: _Draft) -> None:
    """Take “et demi” off the end of a French name: “1 citron et demi”."""
    if draft.measure and (found := _AND_A_HALF.search(draft.name)):
        draft.name = draft.name[: found.start()]
        draft.measure = replace(draft.measure, amount=draft.measure.amount + tables.HALF)


def _read_length_behind(draft: _Draft) -> None:
    if found := _LENGTH_BEHIND.search(draft.name):
        draft.name = draft.name[: found.start()]
        draft.notes.append(found[1])


def _read_size(draft: _Draft) -> None:
    """Take the weight of each off the end of the name: “4 pavés de saumon de 150 g”."""
    for token in tokens(draft.name)[-tables.MAX_PHRASE :]:
        if token.key not in ("de", "d", "of") or not token.start:
            continue
        text = draft.name[token.end :].lstrip(" '")
        found = whole_measure(Reader(text, draft.language))
        if found and found[0].is_weighed and _is_equivalent(draft, found[0], is_each=True):
            draft.name = draft.name[: token.start].rstrip()
            return


def _read_trailing_unit(draft: _Draft) -> None:
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


def _nameless(body: str, language: Language) -> _Draft:
    """Read a line of which nothing was left for a name: its unit is the name, as in “2 cloves, crushed”."""
    draft = _Draft(language, doubts={"no name"})
    head = take_head(Reader(body, language))
    reader = Reader(body, language)
    amount = take_amount(reader)
    if (head is not None and head.measure.is_weighed) or amount is None or reader.is_done:
        draft.name = body
        return draft
    draft.name, notes = names.parted(reader.rest, language)
    draft.measure = Measure(amount)
    draft.doubts.clear()
    _read_notes(draft, notes)
    draft.name = draft.name or body
    return draft


def _line(raw: str, draft: _Draft) -> Line:
    quantity = draft.measure.quantity() if draft.measure else None
    return Line(
        raw=raw,
        name=draft.name,
        quantity=quantity,
        at_most=draft.measure.at_most() if draft.measure and quantity else None,
        equivalent=draft.equivalent.quantity() if draft.equivalent and quantity else None,
        note=", ".join(draft.notes) or None,
        alternatives=draft.alternatives,
        is_to_taste=draft.is_to_taste,
        confidence=_confidence(draft),
    )


def _confidence(draft: _Draft) -> float:
    measure, name = draft.measure, draft.name
    seen = {
        "no quantity": measure is None and not draft.is_to_taste and "vague" not in draft.doubts,
        "range": measure is not None and measure.upper is not None,
        "guessed unit": measure is not None and measure.is_guessed,
        "number in the name": any(letter.isdecimal() for letter in name),
        "strange characters": _STRANGE.search(name) is not None,
        "long name": len(name.split()) > LONG_NAME,
    }
    doubts = draft.doubts | {doubt for doubt, is_met in seen.items() if is_met}
    return round(max(0.0, 1.0 - sum(DOUBTS[doubt] for doubt in doubts)), 2)
