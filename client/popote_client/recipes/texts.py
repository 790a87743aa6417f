"""Recipes as a person types them: ingredients, an empty line, steps."""

import re
from typing import NamedTuple

BREAK = re.compile(r"\n[ \t]*\n")


class Typed(NamedTuple):
    ingredients: list[str]
    steps: list[str]


def typed(text: str) -> Typed:
    """Read what stands before the first empty line as ingredients, a line each, and what follows as steps.

    Where steps are parted by empty lines, too, each paragraph is a step; else each line is.
    """
    first, *rest = BREAK.split("\n".join(text.split("\r\n")).strip("\n"))
    paragraphs = [each for each in rest if each.strip()]
    steps = paragraphs if len(paragraphs) > 1 else "".join(paragraphs).splitlines()
    return Typed(stripped(first.splitlines()), stripped(steps))


def stripped(texts: list[str]) -> list[str]:
    """Return texts with single spaces, without those that are empty."""
    return [line for text in texts if (line := " ".join(text.split()))]
