"""The starter table: common foods with their names, figures, measures and keeping, in one csv file per group.

Figures are per 100 g of the edible part, from Ciqual 2025 and USDA SR 28; each row names its own as `source`.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from popote_kit import codec
from popote_kit.problems import Problem
from popote_kit.quantity import Amount, Fact, unit
from popote_nutrition.model import foods
from popote_nutrition.model.foods import (
    MAX_ALIASES,
    MAX_DAYS,
    MAX_FACTS,
    MAX_NAME,
    STARTER,
    Keeping,
    Language,
    Storage,
    StoredFact,
)
from popote_nutrition.model.names import key
from popote_nutrition.model.nutrients import CODES, Nutrients, Per

FIGURES: Final = CODES[:-1]  # neither source tells polyols
HEADER: Final = (
    "slug", "name_en", "name_fr", "aliases_en", "aliases_fr", "per", "source", *FIGURES, "facts", "storage",
    "keeps_days", "opened_days", "frozen_days",
)  # fmt: skip
_NUMBER: Final = re.compile(r"\d{1,4}(\.\d{1,6})?", re.ASCII)
_FACT: Final = re.compile(
    r"(?P<unit>[a-z ]+)(?P<sign>[=~])(?P<amount>[\d.]+) (?P<equals>g|ml) \[(?P<source_id>fdc:\d+|convention)\]",
    re.ASCII,
)

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME, pattern=r"^\S(.*\S)?$")]
Names = Annotated[tuple[Name, ...], Meta(max_length=MAX_ALIASES)]
Days = Annotated[int, Meta(ge=1, le=MAX_DAYS)]


class StarterFood(msgspec.Struct, frozen=True, kw_only=True):
    """One food of the starter table.

    `nutrients` are per 100 g or 100 ml, as `per` says. `source` is where they are from, as in `ciqual:13000` and
    `usda_ndb:01012`; it is `popote` where none is known. `keeps_days` counts from the purchase, at the place named by
    `storage`.
    """

    slug: Annotated[str, Meta(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    group: str
    name_en: Name
    name_fr: Name
    aliases_en: Names = ()
    aliases_fr: Names = ()
    per: Per
    source: Annotated[str, Meta(pattern=r"^(ciqual:\d{1,6}|usda_ndb:\d{5}|popote)$")]
    nutrients: Nutrients
    stored_facts: Annotated[tuple[StoredFact, ...], Meta(max_length=MAX_FACTS)] = ()
    storage: Storage | None = None
    keeps_days: Days | None = None
    opened_days: Days | None = None
    frozen_days: Days | None = None

    @property
    def id(self) -> UUID:
        return food_id(self.slug)

    @property
    def facts(self) -> list[Fact]:
        return [stored.fact(STARTER) for stored in self.stored_facts]

    @property
    def keeping(self) -> Keeping:
        return Keeping(
            storage=self.storage,
            keeps_days=self.keeps_days,
            opened_days=self.opened_days,
            frozen_days=self.frozen_days,
        )

    def names(self, language: Language) -> tuple[str, ...]:
        """Return what it is called in a language, its name first."""
        return (self.name_en, *self.aliases_en) if language == "en" else (self.name_fr, *self.aliases_fr)


def food_id(slug: str) -> UUID:
    """Return the id of the starter food `slug`, the same at every household and for ever."""
    return foods.food_id(STARTER, slug)


def read() -> list[StarterFood]:
    """Return the starter table that comes with the package.

    Raises:
        ValueError: a row is wrong; its file and line are told.
    """
    return read_from(files(__package__))


def read_from(folder: Traversable) -> list[StarterFood]:
    """Return the foods of all csv files of a folder, in the order of the files' names.

    Raises:
        ValueError: a row is wrong, or a slug or a name in one language stands for two foods; file and line are told.
    """
    tables = sorted((file for file in folder.iterdir() if file.name.endswith(".csv")), key=lambda file: file.name)
    placed = [each for table in tables for each in _foods(table)]
    _check_distinct((place, food.slug) for place, food in placed)
    _check_distinct((place, key(name)) for place, food in placed for name in food.names("en"))
    _check_distinct((place, key(name)) for place, food in placed for name in food.names("fr"))
    return [food for _, food in placed]


def _foods(table: Traversable) -> Iterator[tuple[str, StarterFood]]:
    """Give each food of a file with its place there, as "fruit.csv:2"."""
    rows = csv.reader(table.read_text(encoding="utf-8").splitlines())
    if (header := tuple(next(rows, ()))) != HEADER:
        raise ValueError(f"{table.name}:1: expected the header {','.join(HEADER)}, got {','.join(header)}")
    for cells in rows:
        place = f"{table.name}:{rows.line_num}"
        try:
            yield place, _food(table.name.removesuffix(".csv"), dict(zip(HEADER, cells, strict=True)))
        except (ValueError, msgspec.ValidationError, Problem) as error:
            raise ValueError(f"{place}: {error}") from error


def _food(group: str, row: dict[str, str]) -> StarterFood:
    set_ = {column: text for column, text in row.items() if text}
    food: dict[str, object] = {column: text for column, text in set_.items() if column not in (*FIGURES, "facts")}
    for column in ("aliases_en", "aliases_fr"):
        food[column] = tuple(row[column].split("|")) if row[column] else ()
    food["nutrients"] = Nutrients(**{code: _number(set_[code]) for code in FIGURES if code in set_})
    food["stored_facts"] = tuple(_fact(text) for text in row["facts"].split(";") if text)
    return msgspec.convert(food | {"group": group}, StarterFood, strict=False, dec_hook=codec.from_plain)


def _number(text: str) -> Amount:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"expected a number, got {text!r}")
    return Amount(text)


def _fact(text: str) -> StoredFact:
    """Read `ml=0.913 g [fdc:171413]`; with `~`, it is approximate."""
    found = _FACT.fullmatch(text)
    if not found or unit(found["unit"]).code != found["unit"]:
        raise ValueError(f"expected a fact as 'piece~110 g [fdc:170000]', got {text!r}")
    stored = StoredFact(
        found["unit"], _number(found["amount"]), found["equals"], found["sign"] == "~", found["source_id"]
    )
    stored.fact(STARTER)  # refuses what says nothing
    return stored


def _check_distinct(said: Iterable[tuple[str, str]]) -> None:
    """Raise where the foods of two places are called the same."""
    first: dict[str, str] = {}
    for place, name in said:
        if (other := first.setdefault(name, place)) != place:
            raise ValueError(f"{place}: {name!r} stands for another food already, at {other}")
