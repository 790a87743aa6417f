"""Texts out of values that are no texts."""

import re
from collections.abc import Iterator
from typing import Final

from popote_recipes.reading.forgiving import Value

MAX_TEXTS: Final = 2000
_EMPHASIS: Final = re.compile(r"\*\*|__|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)|`|~~")
_LINK: Final = re.compile(r"!?\[([^\]\n]{0,200})\]\([^)\n]{0,500}\)")
_NUMBERING: Final = re.compile(
    r"^\s*(?:(?:step|étape|etape)\s*(?:n[°o]\s*)?\d{1,2}\s*(?:[.):–—-]+\s*|\s+|$)|\(?\d{1,2}\s*(?:[.):](?=\s|[^\W\d]|$)|[–—-]\s)\s*"
    r"|\d{1,2}\s*°\s*[.)]?\s+|[-•–—*+▪◦‣·]\s+|[0-9]\ufe0f?\u20e3\s*)",
    re.IGNORECASE,
)


def words(text: str) -> frozenset[str]:
    """Return the words of `text`, for a table."""
    return frozenset(text.split())


def first_text(value: Value) -> str:
    """Return the first text in `value`, or nothing."""
    return next(texts(value), "")


def texts(value: Value, *, only_names: bool = False) -> Iterator[str]:
    """Give the texts in `value`, those of lists and objects in their order, or of objects just how they are named."""
    waiting = [value]
    for _ in range(MAX_TEXTS):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, dict) and only_names and "name" in one:
            waiting.append(one["name"])
        elif isinstance(one, dict):
            waiting.extend(reversed(one.values()))


def unmarked(text: str) -> str:
    """Return `text` without the emphasis and links of Markdown."""
    return _EMPHASIS.sub("", _LINK.sub(r"\1", text)).strip()


def unnumbered(text: str) -> str:
    """Return `text` without the number, "Step 3:" or bullet that it starts with."""
    return _NUMBERING.sub("", text, count=1).strip()


def has_letters(text: str) -> bool:
    return any(letter.isalpha() for letter in text)
