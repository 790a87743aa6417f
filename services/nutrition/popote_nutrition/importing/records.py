"""What a reader gives: foods, one by one, and what it had to refuse."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from popote_nutrition.model.foods import Language, Named, StoredFact
from popote_nutrition.model.names import key
from popote_nutrition.model.nutrients import Nutrients, Per

MAX_NAME: Final = 200  # characters
MAX_NAMES: Final = 50  # of one food
MAX_SOURCE_ID: Final = 80  # characters
MAX_ENTRIES: Final = 100_000  # foods of one download, those that are refused among them

_UNREADABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd]")


class BadFile(Exception):  # noqa: N818 - read as a sentence
    """It is not the download that was named, or is damaged; `str()` is the line to show."""


class Refusal(Exception):  # noqa: N818 - becomes a Refused
    """A food can't be taken; `str()` says why."""


class ReadFood(Struct, frozen=True, kw_only=True):
    """A food as a download tells it.

    `source_id` is the same in every download of the source. `halved` counts the values that were only said to be below
    a limit, and `traces` those that were traces.
    """

    source_id: str
    names: tuple[Named, ...]
    nutrients: Nutrients
    per: Per = "g"
    facts: tuple[StoredFact, ...] = ()
    halved: int = 0
    traces: int = 0


class Refused(Struct, frozen=True):
    """What was left out: where it stands, and why."""

    where: str
    why: str


Entry = ReadFood | Refused


def source_id(source: str, id: str) -> str:
    """Return the id of a food among all sources.

    Raises:
        Refusal: it is too long, or holds what can't be read.
    """
    whole = f"{source}:{id}"
    if len(whole) > MAX_SOURCE_ID or _UNREADABLE.search(whole):
        raise Refusal(f"its id is not a text of at most {MAX_SOURCE_ID} characters")
    return whole


def names(en: str, fr: str, aliases_en: Iterable[str] = (), aliases_fr: Iterable[str] = ()) -> tuple[Named, ...]:
    """Return what a food is called, each spelling once in a language, its proper name first.

    Raises:
        Refusal: it has no name in either language, too many, or one that can't be kept.
    """
    found: dict[tuple[Language, str], Named] = {}
    for each in (*_named("en", en, aliases_en), *_named("fr", fr, aliases_fr)):
        found.setdefault((each.language, each.key), each)
    if all(each.is_alias for each in found.values()):
        raise Refusal("it has no name")
    if len(found) > MAX_NAMES:
        raise Refusal(f"it has more than {MAX_NAMES} names")
    return tuple(found.values())


def _named(language: Language, proper: str, aliases: Iterable[str]) -> Iterator[Named]:
    for text, is_alias in ((proper, False), *((alias, True) for alias in aliases)):
        name = " ".join(text.split())
        if len(name) > MAX_NAME:
            raise Refusal(f"a name has more than {MAX_NAME} characters")
        if _UNREADABLE.search(name):
            raise Refusal("a name holds characters that can't be read")
        if spelled := key(name):
            yield Named(name, language, spelled, is_alias)
