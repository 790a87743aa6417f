"""From the words of a person to the one thing that they mean."""

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from popote_client.problems import Explained
from popote_client.stock.units import plain

SHOWN = 10
PLURALS = ("s", "x", "es")  # endings, in English and French
SHORTEST = 3  # letters of a word that takes one
ENDING = re.compile(rf"(?<=\w{{{SHORTEST}}})(?:es|s|x)\b", re.IGNORECASE)


class Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


class Unclear(Explained):
    """Nothing goes by these words, or several things do."""


class Unknown(Unclear):
    code = "UNKNOWN_NAME"
    en = "Nothing here is called “{said}”."
    fr = "Rien ne s'appelle « {said} » ici."


class WhichOne(Unclear):
    code = "WHICH_ONE"
    en = "Which one is “{said}”? There are: {names}."
    fr = "Lequel est « {said} » ? Il y a : {names}."


def exactly(said: str, rows: Sequence[N]) -> list[N]:
    """Return the rows of that name; case and accents do not count."""
    return [row for row in rows if plain(row.name) == plain(said)]


def alike(said: str, rows: Sequence[N]) -> list[N]:
    """Return the rows whose names are `said` but for the endings of plurals: lime and limes, pomme(s) de terre."""
    return [row for row in rows if is_same_but_for_number(plain(said).split(), plain(row.name).split())]


def is_same_but_for_number(words: Sequence[str], others: Sequence[str]) -> bool:
    return len(words) == len(others) and all(map(is_one_word, words, others))


def is_one_word(word: str, other: str) -> bool:
    """Whether two words are the same, or one is the other's plural."""
    singular, plural = sorted((word, other), key=len)
    return word == other or (len(singular) >= SHORTEST and plural in {singular + ending for ending in PLURALS})


def without_plural(said: str) -> str:
    """Return what a word and its plural have in common, to search for both."""
    return ENDING.sub("", said)


def holding(said: str, rows: Sequence[N]) -> list[N]:
    """Return the rows whose names hold each of the words, or a part of them."""
    words = plain(said).split()
    return [row for row in rows if words and all(word in plain(row.name) for word in words)]


def choose(said: str, hits: Sequence[N]) -> N:
    """Return the hit of exactly that name, else the one that is alike, else the only one.

    Raises:
        Unclear: there is none, or there are several.
    """
    found = exactly(said, hits) or alike(said, hits) or hits
    if len(found) == 1:
        return found[0]
    raise unclear(said, found)


def choose_named(said: str, rows: Sequence[N]) -> N:
    """Return the row of that name, or the only one whose name holds the words.

    Raises:
        Unclear: there are several; or there is none, and it tells which rows there are.
    """
    found = holding(said, rows) or alike(said, rows)
    if not found:
        raise unclear(said, rows)
    return choose(said, found)


def unclear(said: str, rows: Sequence[Named]) -> Unclear:
    """Say that words may mean any of the rows."""
    names = [row.name for row in rows]
    shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    return WhichOne(said=said, names=shown) if names else Unknown(said=said)
