"""YAML as language models write it: objects and lists by their indentation, whatever characters their values hold."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from msgspec import Struct

from popote_recipes.reading.forgiving import NoJson, Reading, Value, read

MAX_LINES: Final = 3000
MAX_DEPTH: Final = 20

_LINE: Final = re.compile(r"(?P<indent>[ \t]{0,200})(?P<dashes>(?:-[ \t]+){0,5})(?P<rest>\S.*)")
_KEY: Final = re.compile(
    r"(?P<key>\"[^\"\n]{1,60}\"|'[^'\n]{1,60}'|[^\W\d][\w '’/-]{0,60}?)[ \t]{0,20}:(?:[ \t]+(?P<value>.*)|$)"
)
_COMMENT: Final = re.compile(r"\s#\s.*$")
_LOOKS: Final = re.compile(
    r"^[ \t]{0,40}-[ \t]{1,20}(?:\{[^\n:]{1,40}:"
    r"|[^\W\d]\w{0,30}[ \t]{0,9}:[ \t]{1,20}\S[^\n]*\n[ \t]{1,60}[^\W\d]\w{0,30}[ \t]{0,9}:)",
    re.MULTILINE,
)
_BLOCK: Final = re.compile(r"[|>][+-]?")
_NOTHING: Final = frozenset(("null", "none", "~", ""))


class Entry(Struct, frozen=True):
    """What a line says, how far it is indented, and what stands behind its key."""

    indent: int
    kind: Literal["item", "key", "text"]
    key: str
    value: str = ""


def looks_indented(text: str) -> bool:
    """Tell whether `text` has lists of objects as YAML writes them; simpler YAML reads well as a text."""
    return bool(_LOOKS.search(text))


def read_indented(text: str) -> Reading:
    """Read `text` as an object; lines that are neither key nor item belong to what stands above them."""
    entries = [entry for line in text.splitlines()[:MAX_LINES] for entry in _entries(line)]
    found: dict[str, Value] = {}
    at = 0
    while at < len(entries):
        value, at = _block(entries, at, 0)
        if isinstance(value, dict):
            found |= value
    return Reading(found, len(text))


def _entries(line: str) -> Iterator[Entry]:
    found = _LINE.match(line.expandtabs(4))
    if not found or found["rest"].startswith(("#", "---", "```")):
        return
    indent, rest = len(found["indent"]), found["rest"]
    for _ in range(found["dashes"].count("-")):
        yield Entry(indent, "item", "")
        indent += 2
    if key := _KEY.fullmatch(rest):
        yield Entry(indent, "key", key["key"].strip("\"'"), _COMMENT.sub("", key["value"] or "").strip())
    else:
        yield Entry(indent, "text", "", rest.strip())


def _block(entries: Sequence[Entry], at: int, depth: int) -> tuple[Value, int]:
    """Read what starts at `at` and is indented like it; return it, and where the next thing starts."""
    first = entries[at]
    if first.kind == "item" and depth < MAX_DEPTH:
        return _list(entries, at, depth)
    if first.kind == "key" and depth < MAX_DEPTH:
        return _object(entries, at, depth)
    texts = [first.value]
    at += 1
    while at < len(entries) and entries[at].kind == "text" and entries[at].indent >= first.indent:
        texts.append(entries[at].value)
        at += 1
    return _scalar("\n".join(texts)), at


def _list(entries: Sequence[Entry], at: int, depth: int) -> tuple[Value, int]:
    indent, items = entries[at].indent, list[Value]()
    while at < len(entries) and entries[at].kind == "item" and entries[at].indent >= indent:
        value, at = _inside(entries, at + 1, indent, depth)
        items.append(value)
    return items, at


def _object(entries: Sequence[Entry], at: int, depth: int) -> tuple[Value, int]:
    indent, told = entries[at].indent, dict[str, Value]()
    while at < len(entries) and entries[at].kind == "key" and entries[at].indent >= indent:
        entry = entries[at]
        is_inline = bool(entry.value) and not _BLOCK.fullmatch(entry.value)
        is_list = at + 1 < len(entries) and entries[at + 1].kind == "item" and entries[at + 1].indent == entry.indent
        if is_inline:
            told[entry.key], at = _scalar(entry.value), at + 1
        else:
            told[entry.key], at = _inside(entries, at + 1, entry.indent - is_list, depth)
    return told, at


def _inside(entries: Sequence[Entry], at: int, indent: int, depth: int) -> tuple[Value, int]:
    if at < len(entries) and entries[at].indent > indent:
        return _block(entries, at, depth + 1)
    return None, at


def _scalar(text: str) -> Value:
    text = text.strip()
    if text.startswith(("[", "{")):
        try:
            return read(text).value
        except NoJson:
            return text
    if text.lower() in _NOTHING:
        return None
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text
