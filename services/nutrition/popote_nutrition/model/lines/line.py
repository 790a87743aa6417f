"""A line of a recipe's ingredients: how much of what."""

import re
from typing import Final

from msgspec import Struct, field

from popote_kit.quantity import Quantity
from popote_nutrition.model.lines import names
from popote_nutrition.model.lines.amounts import Measure, take_amount
from popote_nutrition.model.lines.closing import read_name, read_notes, without_taste
from popote_nutrition.model.lines.draft import Draft
from popote_nutrition.model.lines.head import take_head
from popote_nutrition.model.lines.opening import read_start
from popote_nutrition.model.lines.reader import Reader
from popote_nutrition.model.lines.text import Language, normalised
from popote_nutrition.model.lines.titles import title, unlabelled

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


def parse(text: str, language: Language = "en") -> Line:
    """Return what a line of ingredients says. Any text is a line; only its first 500 characters are looked at."""
    clean = normalised(text, language)
    if (found := title(clean, language)) is not None:
        return Line(raw=text, name=found, is_section=True)
    body, label = unlabelled(clean, language)
    draft = _read(body, language)
    if not draft.name and body:
        draft = _nameless(body, language)
    if label:
        draft.notes.append(label)
    return _line(text, draft)


def _read(body: str, language: Language) -> Draft:
    draft = Draft(language)
    rest = read_start(draft, body)
    if draft.measure is None and names.is_seasoning(without_taste(rest)):
        draft.name, draft.is_to_taste = names.without_articles(without_taste(rest), language), True
        return draft
    draft.name, notes = names.parted(rest, language)
    read_notes(draft, notes)
    read_name(draft)
    return draft


def _nameless(body: str, language: Language) -> Draft:
    """Read a line of which nothing was left for a name: its unit is the name, as in “2 cloves, crushed”."""
    draft = Draft(language, doubts={"no name"})
    head = take_head(Reader(body, language))
    reader = Reader(body, language)
    amount = take_amount(reader)
    if (head is not None and head.measure.is_weighed) or amount is None or reader.is_done:
        draft.name = body
        return draft
    draft.name, notes = names.parted(reader.rest, language)
    draft.measure = Measure(amount)
    draft.doubts.clear()
    read_notes(draft, notes)
    draft.name = draft.name or body
    return draft


def _line(raw: str, draft: Draft) -> Line:
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


def _confidence(draft: Draft) -> float:
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
