"""The data in a page: JSON-LD in any script, microdata and RDFa Lite, all as dicts in the words of schema.org."""

import html as entities
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from lxml.html import HtmlElement

from popote_recipes.reading import forgiving
from popote_recipes.reading.schema_org import Node, types_of

MAX_SCRIPTS: Final = 200
MAX_SCRIPT: Final = 5_000_000  # characters
MAX_STARTS: Final = 50  # places in a script at which data may begin
MAX_NODES: Final = 100_000
MAX_PROPERTIES: Final = 2_000  # of one item
MAX_DEPTH: Final = 50

_WRAPPING: Final = re.compile(r"<!--|-->|/[/*]\s*<!\[CDATA\[\s*(?:\*/)?|<!\[CDATA\[|(?:/[/*]\s*)?\]\]>(?:\s*\*/)?")
_START: Final = re.compile(r"[{\[]\s*(?:[{\[]\s*)?[\"']@(?:context|type|graph|id)")
_DECODER: Final = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)

# What is only where its text stands, told by the attribute that holds it.
_VALUES_IN: Final = {
    "img": "src", "source": "src", "video": "src", "audio": "src", "a": "href", "link": "href", "area": "href",
    "object": "data", "data": "value", "meter": "value", "time": "datetime",
}  # fmt: skip
_LINKED: Final = frozenset({"image", "url", "mainentityofpage", "sameas", "contenturl", "thumbnailurl"})
_LISTED: Final = frozenset({"recipeingredient", "ingredients", "ingredient"})
_OLD_NAMES: Final = {
    "ingredients": "recipeIngredient", "ingredient": "recipeIngredient", "recipeingredients": "recipeIngredient",
    "instructions": "recipeInstructions", "instruction": "recipeInstructions", "yield": "recipeYield",
    "preptime": "prepTime", "cooktime": "cookTime", "totaltime": "totalTime", "photo": "image",
    "summary": "description", "recipetype": "recipeCategory", "tag": "keywords",
}  # fmt: skip
_BLOCKS: Final = frozenset(
    "address article blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p section table td th tr ul".split()  # noqa: SIM905 - read as words
)
_UNSEEN: Final = frozenset({"script", "style", "template", "noscript", "button", "svg", "select", "textarea", "iframe"})


def recipes_in(page: HtmlElement) -> list[Node]:
    """Return the recipes that the page's data describes: JSON-LD first, then microdata and RDFa, each in order."""
    return [*_recipes(list(json_ld(page))), *_recipes([{"@graph": list(items(page))}])]


def _recipes(data: list[Any]) -> list[Node]:
    nodes = list(_nodes(data))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    return [_with_references(node, by_id) for node in nodes if "recipe" in types_of(node)]


def _nodes(data: list[Any]) -> Iterator[Node]:
    """Give each object, however deep, in the order of the page."""
    waiting: list[tuple[Any, int]] = [(each, 0) for each in reversed(data)]
    seen = 0
    while waiting and seen < MAX_NODES:
        value, depth = waiting.pop()
        seen += 1
        if isinstance(value, dict):
            yield value
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if depth < MAX_DEPTH:
            waiting += [(each, depth + 1) for each in reversed(list(inner)) if isinstance(each, dict | list)]


def _with_references(recipe: Node, by_id: dict[str, Any]) -> Node:
    """Return the recipe with what it only names by id put in its place."""

    def resolved(value: Any) -> Any:
        is_reference = isinstance(value, dict) and set(value) == {"@id"} and isinstance(value["@id"], str)
        return by_id.get(value["@id"], value) if is_reference else value

    return {
        name: [resolved(each) for each in value] if isinstance(value, list) else resolved(value)
        for name, value in recipe.items()
    }


# JSON-LD


def json_ld(page: HtmlElement) -> Iterator[Any]:
    """Give what the scripts hold, repaired where it must be; what can't be read is passed over."""
    scripts = page.xpath("(//script)[position() <= $most]", most=MAX_SCRIPTS)
    texts = [(script.get("type") or "", script.text or "") for script in scripts]
    for kind, text in texts:
        if "json" in kind.lower():
            yield from _read_json(text[:MAX_SCRIPT])
    for kind, text in texts:
        if "json" not in kind.lower() and "schema.org" in text and "Recipe" in text:
            yield from _read_at_starts(text[:MAX_SCRIPT])


def _read_json(text: str) -> list[Any]:
    text = _WRAPPING.sub("", text).strip().lstrip("\ufeff").rstrip(";")
    for attempt in (text, unescaped := entities.unescape(text)):
        try:
            return [_DECODER.decode(attempt)]
        except (ValueError, RecursionError):
            continue
    return _read_at_starts(text if _START.match(text) else unescaped)


def _read_at_starts(text: str) -> list[Any]:
    """Return the data that begins within a text, such as a script that assigns it, or several one after the other."""
    found, end = [], 0
    for start in islice(_START.finditer(text), MAX_STARTS):
        if start.start() < end:
            continue
        try:
            reading = forgiving.read(text, start.start())
        except forgiving.NoJson:
            continue
        end = reading.end
        found.append(reading.value)
    return found


# Microdata and RDFa Lite


def items(page: HtmlElement) -> Iterator[Node]:
    """Give the recipes that the elements themselves describe."""
    for element in page.xpath("//*[@itemtype or @typeof]"):
        if "recipe" in _types(element):
            yield _item(element)


def _types(element: HtmlElement) -> set[str]:
    said = f"{element.get('itemtype') or ''} {element.get('typeof') or ''}"
    return types_of({"@type": said.split()}) if said.strip() else set()


def _names(element: HtmlElement) -> list[str]:
    said = f"{element.get('itemprop') or ''} {element.get('property') or ''}"
    return [re.split(r"[/:#]", name)[-1] for name in said.split()[:5]] if said.strip() else []


def _item(element: HtmlElement, depth: int = 0) -> dict[str, Any]:
    """Return what an element describes: each property's values in their order."""
    item: dict[str, Any] = {"@type": sorted(_types(element))}
    waiting, seen = list(reversed(element)), 0
    while waiting and seen < MAX_PROPERTIES:
        child = waiting.pop()
        if not isinstance(child.tag, str):
            continue
        names = _names(child)
        if names:
            seen += 1
            value = _value(child, names[0], depth)
            for name in names:
                item.setdefault(_OLD_NAMES.get(name.lower(), name), []).append(value)
        if not names and not _types(child):
            waiting += reversed(child)
    return item


def _value(element: HtmlElement, name: str, depth: int) -> Any:
    if _types(element) and depth < MAX_DEPTH:
        return _item(element, depth + 1)
    if element.get("content"):
        return element.get("content")
    attribute = _VALUES_IN.get(element.tag, "")
    is_linked = attribute not in ("href", "src") or name.lower() in _LINKED
    if attribute and is_linked and element.get(attribute):
        return element.get(attribute)
    if name.lower() in _LINKED and (inner := element.find(".//img")) is not None:
        return inner.get("src") or ""
    if listed := element.findall(".//li"):
        return [written(each) for each in listed]
    lines = written(element)
    is_list = name.lower() in _LISTED and element.tag != "li" and element.find(".//br") is not None
    return lines.split("\n") if is_list else lines


def written(element: HtmlElement) -> str:
    """Return the text that is seen in an element, a line for each block in it."""
    parts: list[str] = []
    for event, each in _walk(element):
        parts += ["\n"] * (each.tag in _BLOCKS)
        if event == "start":
            parts.append(_one_line(each.text))
        elif each is not element:
            parts.append(_one_line(each.tail) or _between(each))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _between(element: HtmlElement) -> str:
    """Return what is seen between two elements without a text between them: spans are set apart by style alone."""
    after = element.getnext()
    return " " if after is not None and "span" in (element.tag, after.tag) else ""


def _one_line(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def _walk(element: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    """Give the start and the end of each element that is seen, without recursion."""
    waiting: list[tuple[str, HtmlElement]] = [("start", element)]
    while waiting:
        event, each = waiting.pop()
        yield event, each
        if event == "start":
            waiting.append(("end", each))
            waiting += [("start" if _is_seen(child) else "end", child) for child in reversed(each)]


def _is_seen(element: HtmlElement) -> bool:
    return isinstance(element.tag, str) and element.tag not in _UNSEEN
