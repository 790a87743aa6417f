"""Names as recipes write them, and the foods of the starter table that a cook takes them for."""

from pathlib import Path
from typing import Final
from uuid import UUID

import pytest

from popote_nutrition import starter
from popote_nutrition.model.matching import Exact, exact, keys
from popote_nutrition.model.names import key
from popote_nutrition.testing import Table

GOLDEN: Final = Path(__file__).parent / "golden" / "names.tsv"
LEAST: Final = 200
RIGHT: Final = 0.95
ROWS: Final = [tuple(row.split("\t")) for row in GOLDEN.read_text(encoding="utf-8").splitlines()]


async def meant(anna: Table, language: str, names: list[str]) -> list[str]:
    """Return what each name is matched with: the slug of a food, "ask" or "unmatched"."""
    slugs = {str(food.id): food.slug for food in starter.read()}
    items = []
    for start in range(0, len(names), 200):
        asked = {"names": names[start : start + 200], "language": language}
        items += (await anna.post("/match", asked))["items"]
    return [slugs[each["food"]["id"]] if each["food"] else each["status"] for each in items]


@pytest.mark.parametrize(
    ("one", "other"),
    [("thé à la menthe", "menthe"), ("the vert", "vert"), ("dés", "de"), ("pâté", "pâtes"), ("pâte", "pâtes")],
)
def test_words_that_only_an_accent_tells_apart_are_two(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("tomates en dés", "tomate en cubes"), ("thé", "THE"), ("Pâté de campagne", "terrine de campagne")],
)
def test_words_for_one_thing_are_one(one: str, other: str) -> None:
    assert key(one) == key(other)


async def test_no_name_is_taken_for_another_food_and_nearly_all_are_known(anna: Table) -> None:
    assert len(ROWS) >= LEAST
    wrong, unsure = [], []
    for language in ("en", "fr"):
        rows = [row for row in ROWS if row[0] == language]
        found = await meant(anna, language, [name for _, name, _ in rows])
        differing = [(*row, slug) for row, slug in zip(rows, found, strict=True) if row[2] != slug]
        wrong += [each for each in differing if each[3] not in ("ask", "unmatched")]
        unsure += [each for each in differing if each[3] in ("ask", "unmatched")]
    assert wrong == []
    assert len(unsure) <= (1 - RIGHT) * len(ROWS), unsure


def test_of_two_foods_that_go_by_a_name_alike_none_is_taken() -> None:
    foods = [UUID(int=number) for number in (2, 1)]
    twins = [Exact("rye bread", 3, food, "en", is_alias=False) for food in foods]
    match = exact(["rye bread"], {"rye bread": twins}, "en")
    assert match
    assert (match.status, match.food_id, list(match.candidates)) == ("ask", None, sorted(foods))
    ours = Exact("rye bread", 2, UUID(int=3), "en", is_alias=True)
    known = exact(["rye bread"], {"rye bread": [*twins, ours]}, "en")
    assert known
    assert known.food_id == UUID(int=3)


async def test_names_that_go_on_and_on_are_no_foods_and_cost_little(anna: Table) -> None:
    states = "fine fresh small large hot cold ripe raw thin thick soft warm lean"
    endless = [f"{states} " * 7 + f"zorglub {number}" for number in range(200)]
    assert max(len(keys(name)) for name in endless) < 10
    told = await anna.post("/match", {"names": [name[:500] for name in endless]})
    assert {each["status"] for each in told["items"]} == {"unmatched"}
