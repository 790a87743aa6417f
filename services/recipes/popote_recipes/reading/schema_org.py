"""A recipe in the words of schema.org (a dict, from JSON-LD, microdata or RDFa) into a draft.

Source: https://schema.org/Recipe, and what pages write in its place.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from popote_recipes.reading.draft import MAX_LINE, MAX_STEP, MAX_STEPS, Builder, plain, plain_lines, web_address
from popote_recipes.reading.words import language_of, read_minutes, read_servings

Node = Mapping[str, Any]

MAX_DEPTH: Final = 8
MAX_ITEMS: Final = 1000  # of one list, before the builder says what is too much
MAX_TITLE_OF_LINES: Final = 80  # characters of a line that stands over others
LONG_STEP: Final = 400  # characters: a text without paragraphs is cut into its sentences from here on

_BULLET: Final = re.compile(r"^(?:[\u25a0-\u25ff\u2610-\u2612\u2022\u2023\u00b7*]|[-\u2013\u2014](?=\s))\s*")
_NUMBERED: Final = re.compile(
    r"^(?:(?:step|étape)\s*)?\d{1,2}\s*(?:[.):/]|[-\u2013\u2014](?=\s))(?!\d)\s*", re.IGNORECASE
)
_STEP_NAME: Final = re.compile(r"(?:(?:step|étape)\s*)?\d{0,2}\s*[.:)]?", re.IGNORECASE)
_HEADING: Final = re.compile(r"\s*<(?P<tag>strong|b|h[1-6])\b[^<>]*>[^<>]+</(?P=tag)>\s*:?\s*", re.IGNORECASE)
_HASHES: Final = re.compile(r"#{1,6}\s")
_NEXT_NUMBER: Final = re.compile(r"(?:^|(?<=[.!?;:)])|(?<=\s))\s*(\d{1,2})\s?[.)](?=\s+\S)")
_SENTENCE_ENDS: Final = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÝŒ])")


def read_recipe(recipe: Node, builder: Builder, url: str | None = None, declared_language: str = "") -> None:
    """Put what `recipe` says into the draft of `builder`; `url` is where it stood."""
    builder.title(first_text(recipe, "name", "headline", "title"))
    builder.description(first_text(recipe, "description"))
    _read_yield(recipe, builder)
    builder.times(
        total=_minutes(recipe, "totalTime"),
        prep=_minutes(recipe, "prepTime"),
        cook=_minutes(recipe, "cookTime", "performTime"),
    )
    for line in ingredient_lines(first_value(recipe, "recipeIngredient", "ingredients", "ingredient", "supply")):
        builder.ingredient(line.text, line.section)
    for step in steps(first_value(recipe, "recipeInstructions", "instructions", "step", "steps")):
        builder.step(step.text, step.section, step.minutes)
        if step.is_guessed:
            builder.warn("steps_guessed")
    for name in ("recipeCategory", "recipeCuisine", "keywords"):
        for tag in _tags(recipe.get(name)):
            builder.tag(tag)
    builder.source(
        url=_source_url(recipe, url),
        name=_name(recipe.get("publisher")) or _name(recipe.get("author")),
        image_url=_image(recipe.get("image"), url),
    )
    builder.draft.language = language_of(words_of(builder), first_text(recipe, "inLanguage") or declared_language)


def words_of(builder: Builder) -> str:
    """Return the texts of a draft, to tell its language by."""
    draft = builder.draft
    texts = (draft.title, draft.description, *(i.line for i in draft.ingredients), *(s.text for s in draft.steps))
    return "\n".join(texts)


# Values: a text where a list or an object may stand


def first_value(node: Node, *names: str) -> Any:
    """Return what the first of these members that has something holds, or None."""
    return next((value for name in names if (value := node.get(name))), None)


def first_text(node: Node, *names: str) -> str:
    return text_of(first_value(node, *names))


def text_of(value: Any, depth: int = 0) -> str:
    """Return the text in `value`: its own, or that of its first item, or what an object says with it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and depth < MAX_DEPTH:
        return text_of(value[0], depth + 1)
    if isinstance(value, Mapping) and depth < MAX_DEPTH:
        return text_of(first_value(value, "text", "@value", "name", "value", "url", "@id"), depth + 1)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _listed(value: Any) -> list[Any]:
    return value[:MAX_ITEMS] if isinstance(value, list) else [] if value is None else [value]


def types_of(node: Node) -> set[str]:
    """Return the types of a node in lower case, without where their names come from."""
    types = (each for each in _listed(node.get("@type")) if isinstance(each, str))
    return {re.split(r"[/:#]", each.rstrip("/"))[-1].lower() for each in types}


# Ingredients


class Line(Struct, frozen=True):
    """A line of a list, and the title over it."""

    text: str
    section: str = ""
    minutes: int | None = None
    is_guessed: bool = False


def ingredient_lines(value: Any) -> list[Line]:
    """Return the ingredients in their order; a line that is a title is the section of those after it."""
    lines, section = [], ""
    for text, said in _ingredient_texts(value):
        if said is None and (title := _title_in(text)):
            section = title
        else:
            lines += [Line(line, section if said is None else said) for line in plain_lines(text, MAX_LINE)]
    return [Line(cleaned, line.section) for line in lines if (cleaned := _without_bullet(line.text))]


def _without_bullet(line: str) -> str:
    # A wide-spread plugin puts the brackets of its notes into brackets.
    return _BULLET.sub("", line).replace("((", "(").replace("))", ")")


def _ingredient_texts(value: Any, section: str | None = None, depth: int = 0) -> Iterator[tuple[str, str | None]]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, str) and depth == 0:
        yield from ((line, section) for line in _split_list(value))
    elif isinstance(value, str):
        yield " ".join(value.split()) if len(value) < MAX_LINE else value, section
    elif isinstance(value, list):
        for each in value[:MAX_ITEMS]:
            yield from _ingredient_texts(each, section, depth + 1)
    elif isinstance(value, Mapping):
        inner = first_value(value, "itemListElement", "ingredients", "recipeIngredient")
        if isinstance(inner, list):
            yield from _ingredient_texts(inner, first_text(value, "name") or section, depth + 1)
        else:
            yield _thing(value), section


def _split_list(text: str) -> list[str]:
    """Return the lines of a list that was written as one text."""
    lines = plain_lines(text, MAX_LINE * 100)
    if len(lines) == 1:
        lines = re.split(r"\s*;\s*", lines[0])
    if len(lines) == 1 and lines[0].count(", ") > 1:
        lines = lines[0].split(", ")
    return lines


def _thing(value: Node) -> str:
    """Return the line of an ingredient that is an object: how much, in which unit, of what."""
    amount = first_text(value, "value", "requiredQuantity", "amount", "quantity")
    unit = first_text(value, "unitText", "unit", "unitCode")
    name = first_text(value, "text", "name", "item", "ingredient", "description")
    return " ".join(part for part in (amount, unit, name) if part)


def _title_in(text: str) -> str:
    """Return the title that a line is ("Pour la pâte :", or a heading), or nothing."""
    line = plain(text, MAX_LINE)
    if _HASHES.match(line) and len(line) <= MAX_TITLE_OF_LINES:  # as Nextcloud Cookbook writes them
        return line.strip("# ").rstrip(":")
    is_title = line.endswith(":") and not any(map(str.isdigit, line)) and len(line) <= MAX_TITLE_OF_LINES
    if is_title or _HEADING.fullmatch(text[:MAX_LINE]):
        return line.rstrip(":").strip()
    return ""


# Steps


def steps(value: Any, section: str = "", depth: int = 0) -> list[Line]:
    """Return what is to be done, in its order: sections, steps, directions, or a text that holds them all."""
    if depth > MAX_DEPTH:
        return []
    if isinstance(value, str):
        return _split_text(value, section)
    if isinstance(value, list):
        return _steps_in_list(value[:MAX_ITEMS], section, depth)
    return _steps_in_node(value, section, depth) if isinstance(value, Mapping) else []


def _steps_in_list(values: list[Any], section: str, depth: int) -> list[Line]:
    found: list[Line] = []
    for value in values:
        title = _title_in(value) if isinstance(value, str) and len(values) > 1 else ""
        if title:
            section = title
        elif isinstance(value, str) and len(values) > 1:
            lines = plain_lines(value, MAX_STEP)
            text = "\n".join(lines[1:] if len(lines) > 1 and _STEP_NAME.fullmatch(lines[0]) else lines)
            found.append(Line(_NUMBERED.sub("", text), section))
        else:
            found += steps(value, section, depth + 1)
    return [line for line in found if not _STEP_NAME.fullmatch(line.text)]


def _steps_in_node(node: Node, section: str, depth: int) -> list[Line]:
    name = plain(first_text(node, "name", "headline"))
    inner = first_value(node, "itemListElement", "steps", "step")
    text = text_of(first_value(node, "text", "description"))
    if inner and "howtostep" in types_of(node):
        text = text or "\n".join(line.text for line in steps(inner, "", depth + 1))
    elif inner:
        return steps(inner, section if _STEP_NAME.fullmatch(name) else name, depth + 1)
    minutes = _minutes(node, "totalTime", "performTime", "timeRequired")
    whole = _with_name(name, "\n".join(plain_lines(text, MAX_STEP)))
    return [Line(whole, section, minutes)] if whole else []


def _with_name(name: str, text: str) -> str:
    """Return the text of a step under its name, unless the name only numbers or repeats it."""
    text = _NUMBERED.sub("", text)
    is_repeated = text.lower().startswith(name.lower().rstrip(". …")) if text else False
    if _STEP_NAME.fullmatch(name) or is_repeated:
        return text
    return f"{name}\n{text}".strip()


def _split_text(text: str, section: str) -> list[Line]:
    """Return the steps of a text: what it numbers, else its paragraphs, else of a long one its sentences."""
    lines = plain_lines(text, MAX_STEP * MAX_STEPS)
    whole = " ".join(lines)
    if len(parts := _numbered(whole)) > max(1, len(lines)):
        return [Line(part, section) for part in parts]
    if len(lines) > 1:
        return _steps_in_paragraphs(lines, section)
    if len(whole) > LONG_STEP:
        return [Line(part, section, is_guessed=True) for part in _SENTENCE_ENDS.split(whole)]
    return [Line(_NUMBERED.sub("", whole), section)] if whole else []


def _steps_in_paragraphs(lines: list[str], section: str) -> list[Line]:
    found: list[Line] = []
    for line in lines:
        if title := _title_in(line):
            section = title if not _STEP_NAME.fullmatch(title) else section
        elif not _STEP_NAME.fullmatch(line):
            found.append(Line(_NUMBERED.sub("", line), section))
    return found


def _numbered(text: str) -> list[str]:
    """Return the parts of a text that are numbered 1, 2, 3… in it."""
    starts: list[tuple[int, int]] = []
    for match in _NEXT_NUMBER.finditer(text):
        if int(match[1]) == len(starts) + 1:
            starts.append(match.span())
    begins = [0, *(end for _, end in starts)]
    ends = [*(start for start, _ in starts), len(text)]
    parts = (text[begin:end].strip() for begin, end in zip(begins, ends, strict=True))
    return [part for part in parts if part]


# The rest


def _read_yield(recipe: Node, builder: Builder) -> None:
    value = first_value(recipe, "recipeYield", "yield", "servings", "numberOfServings")
    texts = [plain(_yield_text(each)) for each in _listed(value)]
    words = max(texts, key=len, default="")
    found = [servings for servings in map(read_servings, [words, *texts]) if servings]
    sure = next((servings for servings in found if not servings.is_guessed), None)
    if best := sure or next(iter(found), None):
        builder.servings(best.amount, words, is_guessed=best.is_guessed)
    else:
        builder.servings(None, words)


def _yield_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(filter(None, (first_text(value, "value", "minValue"), first_text(value, "unitText", "name"))))
    return text_of(value)


def _minutes(recipe: Node, *names: str) -> int | None:
    value = first_value(recipe, *names)
    value = first_value(value, "maxValue", "value", "@value", "name") if isinstance(value, Mapping) else value
    return read_minutes(plain(text_of(value)))


def _tags(value: Any) -> Iterator[str]:
    for each in _listed(value):
        text = text_of(each)
        yield from re.split(r"[,;|]", plain(text)) if not text.lower().startswith("http") else []


def _name(value: Any) -> str:
    first = next(iter(_listed(value)), None)
    name = plain(first_text(first, "name") if isinstance(first, Mapping) else text_of(first))
    return "" if name.lower().startswith("http") else name


def _source_url(recipe: Node, url: str | None) -> str | None:
    said = (_address(recipe.get(name), url) for name in ("url", "mainEntityOfPage"))
    return next((address for address in said if address), url)


def _image(value: Any, url: str | None) -> str | None:
    return next((address for each in _listed(value) if (address := _address(each, url))), None)


def _address(value: Any, base: str | None) -> str | None:
    if isinstance(value, Mapping):
        value = first_value(value, "url", "contentUrl", "@id")
    return web_address(text_of(value), base)
