"""Ingredients and steps out of whatever shape they were written in: lists, objects, sections, or one long text."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from popote_recipes.reading.composing import amount_of, compose, is_vague, join
from popote_recipes.reading.draft import MAX_STEP, Language, plain_lines
from popote_recipes.reading.forgiving import Value
from popote_recipes.reading.keys import INGREDIENT, PARTS, RECIPE, STEP, bare, by_role, ingredient_parts
from popote_recipes.reading.prose import has_amount
from popote_recipes.reading.scalars import first_text, has_letters, texts, unmarked, unnumbered
from popote_recipes.reading.words import read_minutes

MAX_HEADING: Final = 60  # characters
MAX_NESTED: Final = 6
MAX_ITEMS: Final = 20_000  # characters of ingredients in one text

_IN_ONE_LINE: Final = re.compile(
    r"(?:^|(?<=[.!?;)]\s)|(?<=[.!?]))\s*(?:step |étape )?\d{1,2}\s*[.):]\s*(?=[^\W\d])", re.IGNORECASE
)
_ITEM_BREAK: Final = re.compile(r"\"\s*,\s*\"|\s*[;•]\s*|,\s+(?=\d|un[e]?\s|an?\s|one\s)")
_NAME_FIRST: Final = re.compile(r"(?P<name>[^\W\d][^:\d]{1,60}?)\s*:\s+(?P<amount>[\d½¼¾⅓⅔⅛][^:,;()]{0,30})")
_NUMBER_KEY: Final = re.compile(
    r"\W*(?:step|etape|étape|ingredient|ingrédient|item|no?|n°|instruction)?[\s_-]*\d+\W*", re.IGNORECASE
)
_PLACEHOLDER: Final = re.compile(
    r"\W*(?:string|text|texte|etc|and so on|(?:step|étape|etape|instruction|ingr[ée]dient|item)[\s_]?(?:\d+"
    r"|[a-z]\b)?)\W*",
    re.IGNORECASE,
)
_COUNTING: Final = re.compile(r"\W*(?:step|étape|etape|direction)?\s*(?:n°)?\s*\d*\W*", re.IGNORECASE)


class Part(Struct, frozen=True):
    """An ingredient line or a step, and the section that it stands in."""

    text: str
    section: str = ""
    minutes: int | None = None


def is_heading(line: str) -> bool:
    """Tell whether `line` names a section: "Pour la pâte :"."""
    return line.endswith(":") and len(line) <= MAX_HEADING and not line[0].isdigit()


def says_something(line: str) -> bool:
    """Tell whether `line` is more than dots, or the "ingredient 1" of an example."""
    return has_letters(line) and not _PLACEHOLDER.fullmatch(line)


def heading(line: str) -> str:
    return line.strip("#*_ ").rstrip(" :").strip("#*_ ")


# Ingredients


def ingredients(value: Value, language: Language | None, section: str = "", depth: int = 0) -> Iterator[Part]:
    """Give the ingredient lines in `value`, whether each is a text or is told in parts."""
    if depth > MAX_NESTED:
        return
    if isinstance(value, str):
        yield from _sectioned([_turned(line, language) for line in _items(value)], section)
    elif isinstance(value, list):
        yield from _listed_ingredients(value, language, section, depth)
    elif isinstance(value, dict):
        yield from _ingredient_object(value, language, section, depth)


def _items(text: str) -> list[str]:
    lines = plain_lines(text, MAX_ITEMS)
    if len(lines) == 1 and len(items := _ITEM_BREAK.split(lines[0])) > 2:  # noqa: PLR2004 - two may be one ingredient's
        lines = items
    return [unnumbered(unmarked(line)) for line in lines]


def _turned(line: str, language: Language | None) -> str:
    """Return "200 g flour" of "Flour: 200 g"; other lines as they are."""
    found = _NAME_FIRST.fullmatch(line)
    if not found:
        return line
    name = found["name"].strip()
    return join(found["amount"], "", name[0].lower() + name[1:], language)


def _sectioned(lines: list[str], section: str) -> Iterator[Part]:
    for line in lines:
        if not says_something(line):
            continue
        if is_heading(line):
            section = heading(line)
        else:
            yield Part(line, section)


def _listed_ingredients(value: list[Value], language: Language | None, section: str, depth: int) -> Iterator[Part]:
    for item in value:
        if isinstance(item, str) and is_heading(line := unmarked(item)):
            section = heading(line)
        elif isinstance(item, str) and _is_broken(item):
            yield from ingredients(" ".join(plain_lines(item)), language, section, depth + 1)
        elif isinstance(item, list) and item and all(isinstance(each, str) for each in item):
            yield from ingredients(" ".join(texts(item)), language, section, depth + 1)
        else:
            section = _opened(item) or section
            yield from ingredients(item, language, section, depth + 1)


def _opened(item: Value) -> str:
    """Return the section that an ingredient opens for itself and those after it, or nothing."""
    if not isinstance(item, dict):
        return ""
    told = ingredient_parts(item)
    opens = told.get("note") or told.get("name") if told.get("header") is True else told.get("opens")
    return heading(unmarked(first_text(opens)))


def _is_broken(item: str) -> bool:
    """Tell whether the further lines of `item` are the rest of its first."""
    return not any(has_amount(unnumbered(line)) for line in plain_lines(item)[1:])


def _ingredient_object(
    value: Mapping[str, Value], language: Language | None, section: str, depth: int
) -> Iterator[Part]:
    told = ingredient_parts(value)
    inside = _inside(value, "ingredients")
    if inside is not None:
        yield from ingredients(inside, language, _title(value) or section, depth + 1)
    elif "line" in told or ("name" in told and len(value) == 1) or _are_parts(value):
        if says_something(line := compose(value, language)):
            yield Part(line, first_text(told.get("section")) or section)
    else:
        for key, each in value.items():
            yield from _pair(key, each, language, section, depth)


def _are_parts(value: Mapping[str, Value]) -> bool:
    """Tell whether the keys say more of an ingredient than its name, be it nothing: `"unit": null`."""
    return len({role for key in value if (role := INGREDIENT.get(bare(key)))}) > 1


def _inside(value: Mapping[str, Value], role: str) -> Value:
    """Return what a section holds: the value of its "ingredients" or "steps", or of its "items"."""
    lists = {key: each for key, each in value.items() if isinstance(each, list | dict) and each}
    found = by_role(lists, RECIPE).get(role)
    return found or next((each for key, each in lists.items() if bare(key) in PARTS), None)


def _title(value: Mapping[str, Value]) -> str:
    return heading(unmarked(first_text(by_role(value, STEP).get("title") or by_role(value, INGREDIENT).get("section"))))


def _pair(key: str, value: Value, language: Language | None, section: str, depth: int) -> Iterator[Part]:
    """`"flour": "200 g"` is an ingredient, `"1": "200 g flour"` too, `"Dough": [...]` is a section."""
    if _NUMBER_KEY.fullmatch(key):
        yield from ingredients(value, language, section, depth + 1)
    elif (
        isinstance(value, dict)
        and by_role(value, INGREDIENT).keys() & {"quantity", "unit"}
        and "name" not in by_role(value, INGREDIENT)
    ):
        yield from ingredients({"name": key.replace("_", " "), **value}, language, section, depth + 1)
    elif isinstance(value, list | dict):
        yield from ingredients(value, language, heading(key.replace("_", " ")), depth + 1)
    elif has_letters(key):
        yield from _named(unmarked(key.replace("_", " ")), value, language, section)


def _named(name: str, value: Value, language: Language | None, section: str) -> Iterator[Part]:
    amount = amount_of(value)
    if is_vague(amount):
        yield Part(f"{name}, {amount}", section)
    elif name.casefold() in amount.casefold():
        yield Part(amount, section)
    else:
        yield Part(join(amount, "", name, language), section)


# Steps


def steps(value: Value, language: Language | None, section: str = "", depth: int = 0) -> Iterator[Part]:
    """Give the steps in `value`, without the numbers that they bear."""
    if depth > MAX_NESTED:
        return
    if isinstance(value, str):
        yield from _sectioned(_step_lines(value), section)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str) and is_heading(unmarked(item)):
                section = heading(unmarked(item))
            elif isinstance(item, str):
                yield from _one_step(item, section)
            else:
                section = _opened_by_step(item) or section
                yield from steps(item, language, section, depth + 1)
    elif isinstance(value, dict):
        yield from _step_object(value, language, section, depth)


def _opened_by_step(item: Value) -> str:
    """Return the section that a step of Mealie's opens with its title, or nothing."""
    return _title(item) if isinstance(item, dict) and _has_summary(item) else ""


def _has_summary(step: Mapping[str, Value]) -> bool:
    """Tell whether a step can say its own title beside that of its section, be it nothing."""
    return bool({STEP.get(bare(key)) for key in step} & {"summary", "references"})


def _step_lines(text: str) -> list[str]:
    lines = plain_lines(text, MAX_STEP)
    if len(lines) == 1:
        lines = [line for line in _IN_ONE_LINE.split(lines[0]) if line.strip()]
    return [unnumbered(unmarked(line)) for line in lines]


def _one_step(text: str, section: str) -> Iterator[Part]:
    lines = plain_lines(text, MAX_STEP)
    numbered = _step_lines(text)
    if len(lines) == 1 and len(numbered) > 1:
        yield from _sectioned(numbered, section)
        return
    step = unnumbered(unmarked("\n".join(lines)))
    if says_something(step):
        yield Part(step, section)


def _step_object(value: Mapping[str, Value], language: Language | None, section: str, depth: int) -> Iterator[Part]:
    inside = _inside(value, "steps")
    told = by_role(value, STEP)
    texts_told = [each for key, each in value.items() if STEP.get(bare(key)) == "text" and isinstance(each, str)]
    text = next((each for each in texts_told if has_letters(each)), "")
    title = heading(unmarked(first_text(told.get("summary" if _has_summary(value) else "title"))))
    if any(_NUMBER_KEY.fullmatch(key) for key in value):
        for each in value.values():
            yield from steps(each, language, section, depth + 1)
    elif inside is not None and not text:
        yield from steps(inside, language, title or section, depth + 1)
    elif text or title:
        yield Part(
            _titled(title, unnumbered(unmarked(text)), language), section, read_minutes(first_text(told.get("time")))
        )
    else:
        for key, each in value.items():
            if each is None:  # {"Peel the potatoes.", "Boil them."}
                yield from _one_step(key, section)
            is_section = isinstance(each, list | dict) and not _NUMBER_KEY.fullmatch(key)
            yield from steps(each, language, heading(key.replace("_", " ")) if is_section else section, depth + 1)


def _titled(title: str, text: str, language: Language | None) -> str:
    if not text:
        return title
    if not title or _COUNTING.fullmatch(title) or text.startswith(title.rstrip(".… ")):
        return text
    return f"{title} : {text}" if language == "fr" else f"{title}: {text}"
