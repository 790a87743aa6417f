"""Where in a text there is JSON."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import structs

from popote_recipes.reading.forgiving import NoJson, Reading, Value, read
from popote_recipes.reading.quoting import unescaped

MAX_TEXT: Final = 2**20  # characters; of more only the beginning is read
MAX_TRIES: Final = 100
MAX_FOUND: Final = 100

_START: Final = re.compile(
    r"\{(?=\s{0,200}(?:[\"“”„'‘’`{}]|[^\W\d]\w{0,40}\s{0,20}[:=]|//|\#|/\*|$))"
    r"|\[(?=\s{0,200}(?:[\"“”„'‘’{\[]|//|$))"
    r"|\b[A-Z]\w{0,40}\((?=\s{0,200}[a-z_]{1,40}\s{0,20}=)"
)
_HEADLESS: Final = re.compile(r",?\s{0,20}[\"“][^\"“”\n]{1,40}[\"”]\s*:\s*[\"“\[{\d]")
_TOML: Final = re.compile(r"[a-z_]{1,40}[ \t]{0,20}=[ \t]{0,20}[\"\d'][^\n]*\n\s{0,20}[a-z_]{1,40}[ \t]{0,20}=")
_ESCAPED: Final = re.compile(r"\"?\s{0,20}[{\[]\s{0,20}(?:\\[nrt]\s{0,20}){0,20}\\\"")
_ESCAPE: Final = re.compile(r"((?:\\u[0-9a-fA-F]{4}){1,100})|\\(.)")
_CONTROLS: Final = {"n": "\n", "t": " ", "r": ""}


def cut_to_size(text: str) -> tuple[str, bool]:
    """Return as much of `text` as is read, and whether that is not all."""
    return text[:MAX_TEXT], len(text) > MAX_TEXT


def json_in(text: str) -> Iterator[Reading]:
    """Give each object and list that stands in `text`, one after the other, however damaged."""
    text = text.strip()
    if _ESCAPED.match(text):  # a string that holds JSON
        text = _ESCAPE.sub(_plain, text)
        yield from map(_repaired, _all_in(text))
    elif _HEADLESS.match(text):  # the app wrote the first brace into the prompt
        yield from map(_repaired, _all_in("{" + text.lstrip(",")))
    elif _TOML.match(text):
        yield from map(_repaired, _all_in("{" + text + "}"))
    else:
        yield from _all_in(text)


def _repaired(reading: Reading) -> Reading:
    return structs.replace(reading, is_repaired=True)


def _plain(match: re.Match[str]) -> str:
    return unescaped(match[1]) if match[1] else _CONTROLS.get(match[2], match[2])


def _all_in(text: str) -> Iterator[Reading]:
    at = found = 0
    for _ in range(MAX_TRIES):
        start = _START.search(text, at)
        if not start or found >= MAX_FOUND:
            return
        try:
            reading = read(text, start.start())
        except NoJson as no:
            at = no.at
            continue
        at, found = reading.end, found + 1
        yield reading


def objects_in(value: Value, most: int) -> Iterator[tuple[str, dict[str, Value]]]:
    """Give the objects in `value`, at most so many, outer ones first, each with the key that it stands under.

    A text that holds JSON itself ("arguments" of a call) is looked into.
    """
    waiting: list[tuple[str, Value]] = [("", value)]
    for _ in range(most):
        if not waiting:
            return
        key, one = waiting.pop()
        if isinstance(one, dict):
            yield key, one
            waiting.extend(reversed(one.items()))
        elif isinstance(one, list):
            waiting.extend((key, each) for each in reversed(one))
        elif isinstance(one, str) and one.lstrip().startswith(("{", '[{"')):
            waiting.extend((key, each.value) for each in json_in(one))
