"""A page that holds no data for machines: its lists under headings such as "Ingrédients" and "Method"."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from lxml.html import HtmlElement
from msgspec import Struct

from popote_recipes.reading.draft import MAX_SHORT, Builder
from popote_recipes.reading.embedded import written
from popote_recipes.reading.heads import meta_in, times_of
from popote_recipes.reading.schema_org import ingredient_lines, steps
from popote_recipes.reading.words import Servings, read_servings

MAX_ELEMENTS: Final = 20_000
MAX_HEADING: Final = 80  # characters
MAX_LABEL: Final = 60  # characters: what is longer may tell of something else
MAX_BLOCKS: Final = 300  # under one heading
MAX_LISTS: Final = 100
UNDER_ALL: Final = 9  # the level of a paragraph that stands as a heading

_INGREDIENTS: Final = re.compile(
    r"(?:les |the |vos )?(?:ingr[ée]dients?|what you(?:.ll)? need|you(?:.ll| will) need|il (?:vous )?faut)\b",
    re.IGNORECASE,
)
_STEPS: Final = re.compile(
    r"(?:la |the |les )?(?:pr[ée]paration|instructions?|method|directions?|steps|[ée]tapes|r[ée]alisation|how to make"
    r"|d[ée]roul[ée]|proc[ée]d[ée]|marche à suivre)\b(?!\s*(?:time|:?\s*\d))",
    re.IGNORECASE,
)
_FOR_HOW_MANY: Final = re.compile(r"\b(?:pour|serves|servings|personnes|pers|makes|yield|portions)\b", re.IGNORECASE)
_PART: Final = re.compile(r"(?:for|pour|the|la|le|les)\b|[^:]*:$", re.IGNORECASE)
_MEASURED: Final = re.compile(r"\s*(?:\d|[½¼¾⅓⅔]|une? |an? )", re.IGNORECASE)
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_LISTED: Final = ("li", "dt", "dd", "tr")
_LINES: Final = (*_LISTED, "p", "div")


class Block(Struct, frozen=True):
    """A heading, of some level, or a line under one; `rank` is the lower, the surer it is that it is one."""

    text: str
    level: int = 0
    rank: int = 0


def read_outline(page: HtmlElement, builder: Builder) -> None:
    """Put what the headings and lists of `page` seem to say into the draft of `builder`."""
    blocks = list(_blocks(page))
    ingredients = _under(blocks, _INGREDIENTS) or _measured_list(page)
    for line in ingredient_lines(ingredients):
        builder.ingredient(line.text, line.section)
    for step in steps(_under(blocks, _STEPS) or _numbered_list(page) if ingredients else []):
        builder.step(step.text, step.section)
    told = ((servings, each.text) for each in blocks if (servings := _servings_in(each.text)))
    if found := next(told, None):
        servings, text = found
        builder.servings(servings.amount, is_guessed=servings.is_guessed or len(text) > MAX_LABEL)
    builder.times(**times_of(_told_of_all(page)))
    if builder.draft.ingredients:
        builder.warn("ingredients_guessed")
    if builder.draft.steps:
        builder.warn("steps_guessed")


def _blocks(page: HtmlElement) -> Iterator[Block]:
    for element in islice(page.iter(*_HEADINGS, *_LINES), MAX_ELEMENTS):
        text = written(element) if _is_leaf(element) else ""
        if not text:
            continue
        if element.tag in _HEADINGS:
            yield Block(text, level=int(element.tag[1]))
        elif element.tag in _LISTED:
            yield Block(" ".join(text.split("\n")) if element.tag == "tr" else text)
        else:
            yield from _paragraph(element, text)


def _is_leaf(element: HtmlElement) -> bool:
    """Tell whether an element holds a text of its own: no list, and not the paragraph of a list's line."""
    return next(element.iterdescendants("li", "p", "div", "tr", *_HEADINGS), None) is None or (
        element.tag == "li" and next(element.iterdescendants("li"), None) is None
    )


def _paragraph(element: HtmlElement, text: str) -> Iterator[Block]:
    """Give a paragraph, its first line as a heading where it stands as one."""
    rank = 1 if element.tag == "p" else 2
    first, _, rest = text.partition("\n")
    if not _is_heading(element, first):
        yield Block(text, rank=rank)
        return
    yield Block(first, level=UNDER_ALL)
    if rest:
        yield Block(rest, rank=rank)


def _is_heading(paragraph: HtmlElement, line: str) -> bool:
    """Tell whether the first line of a paragraph stands as a heading: it is short and all bold, or names what comes."""
    if len(line) > MAX_HEADING:
        return False
    title = line.rstrip(" :")
    first = paragraph[0] if len(paragraph) else None
    is_bold = first is not None and first.tag in ("strong", "b") and written(first).rstrip(" :") == title
    return is_bold or any(pattern.fullmatch(title) for pattern in (_INGREDIENTS, _STEPS))


def _under(blocks: Sequence[Block], title: re.Pattern[str]) -> list[str]:
    """Return the lines under the first heading of that title that has some; lower headings come as titles of them."""
    for place, block in enumerate(blocks):
        if block.level and len(block.text) <= MAX_HEADING and title.match(block.text):
            lines = list(_lines_under(blocks[place + 1 :], block.level))
            if lines:
                return lines
    return []


def _lines_under(blocks: Sequence[Block], level: int) -> Iterator[str]:
    own = []
    for block in blocks[:MAX_BLOCKS]:
        is_other = _INGREDIENTS.match(block.text) or _STEPS.match(block.text)
        is_part = block.level > level or (block.level == UNDER_ALL and _PART.match(block.text))
        if block.level and (not is_part or (is_other and len(block.text) <= MAX_HEADING)):
            break
        own.append(block)
    surest = min((block.rank for block in own if not block.level), default=0)
    for block in own:
        if block.level:
            yield f"{block.text.rstrip(' :')}:"
        elif block.rank == surest:
            yield from block.text.split("\n") if surest else [block.text]


def _measured_list(page: HtmlElement) -> list[str]:
    """Return the lines of the first list of which most begin with an amount."""
    for found in islice(page.iter("ul"), MAX_LISTS):
        lines = _items(found)
        measured = sum(_MEASURED.match(line) is not None for line in lines)
        if len(lines) > 1 and measured * 2 > len(lines):
            return lines
    return []


def _numbered_list(page: HtmlElement) -> list[str]:
    return next((lines for found in islice(page.iter("ol"), MAX_LISTS) if (lines := _items(found))), [])


def _items(found: HtmlElement) -> list[str]:
    return [written(line) for line in islice(found.iter("li"), MAX_BLOCKS) if _is_leaf(line)]


def _told_of_all(page: HtmlElement) -> Iterator[tuple[str, str]]:
    """Give what lines say of the whole recipe, such as "Cuisson : 45 min"; of two that say the same, the first."""
    told: dict[str, str] = {}
    for line in written(page).split("\n")[:MAX_ELEMENTS]:
        if ":" in line:
            told = {**(meta_in(line) or {}), **told}
    return iter(told.items())


def _servings_in(text: str) -> Servings | None:
    return read_servings(text) if len(text) <= MAX_SHORT and _FOR_HOW_MANY.search(text) else None
