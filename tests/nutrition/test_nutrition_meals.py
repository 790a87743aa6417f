"""Whole meals, by HTTP, against what a calculator makes of the figures of the starter table (`golden/meals.txt`)."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import Struct

from popote_nutrition.testing import Table

GOLDEN: Final = Path(__file__).parent / "golden" / "meals.txt"
LEAST: Final = 30
NEAR: Final = 0.01


class Row(Struct):
    """A line of a meal; `reason` is why it counts nothing, `unknown` what the table does not tell of its food."""

    line: str
    grams: float
    reason: str | None
    unknown: set[str]


class Meal(Struct):
    """A meal, and what it comes to."""

    title: str
    language: str
    servings: int
    rows: list[Row]
    mass: float
    sums: dict[str, float]
    shares: dict[str, float]


def meal(text: str) -> Meal:
    head, *lines = text.strip().splitlines()
    title, language, servings, codes = (part.strip() for part in head.split("|"))
    nutrients = codes.split()
    table = {cells[0]: cells[1:] for cells in ([cell.strip() for cell in line.split("|")] for line in lines)}
    mass, *sums = map(float, table.pop("sum"))
    shares = map(float, table.pop("share", ["", *["1"] * len(nutrients)])[1:])
    return Meal(
        title=title,
        language=language,
        servings=int(servings),
        rows=[row(line, cells, nutrients) for line, cells in table.items()],
        mass=mass,
        sums=dict(zip(nutrients, sums, strict=True)),
        shares=dict(zip(nutrients, shares, strict=True)),
    )


def row(line: str, cells: list[str], nutrients: list[str]) -> Row:
    weighed, *values = cells
    grams = float(re.sub(r" \(the .*| \(to .*", "", weighed).rsplit("= ", maxsplit=1)[-1])
    reason = values[0].removeprefix("!") if values[0].startswith("!") else None
    return Row(line, grams, reason, {code for code, value in zip(nutrients, values, strict=False) if value == "?"})


MEALS: Final = [meal(text) for text in re.split(r"^= ", GOLDEN.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]]


def near(figures: dict[str, float]) -> Any:
    return pytest.approx(figures, rel=NEAR, abs=0.005)


async def analysed(anna: Table, meal: Meal) -> Any:
    lines = [row.line for row in meal.rows]
    return await anna.post("/analyse", {"lines": lines, "language": meal.language, "servings": meal.servings})


def check_totals(told: Any, meal: Meal) -> None:
    assert {code: told["total"][code] for code in meal.sums} == near(meal.sums)
    a_serving = {code: value / meal.servings for code, value in meal.sums.items()}
    assert {code: told["per_serving"][code] for code in meal.sums} == near(a_serving)
    if all(row.reason is None for row in meal.rows):
        assert told["mass_g"] == pytest.approx(meal.mass, rel=NEAR)
        in_100_g = {code: value / meal.mass * 100 for code, value in meal.sums.items()}
        assert {code: told["per_100g"][code] for code in meal.sums} == near(in_100_g)


def check_what_is_missing(told: Any, meal: Meal) -> None:
    assert {code: told["coverage"][code] for code in meal.shares} == pytest.approx(meal.shares, abs=0.001)
    missing = {each["line"]: each for each in told["missing"]}
    for part, row in zip(told["parts"], meal.rows, strict=True):
        lacks = missing.get(row.line, {"reason": None, "nutrients": []})
        if row.reason:
            assert lacks["reason"] == row.reason
            continue
        assert part["mass_g"] == pytest.approx(row.grams, rel=NEAR)
        assert lacks["reason"] in (None, "no_value")
        assert set(lacks["nutrients"]) & set(meal.sums) == row.unknown


async def test_meals_come_to_what_a_calculator_says(anna: Table) -> None:
    assert len(MEALS) >= LEAST
    for meal in MEALS:
        told = await analysed(anna, meal)
        try:
            check_totals(told, meal)
            check_what_is_missing(told, meal)
        except AssertionError as wrong:
            wrong.add_note(f"{meal.title}: {told['parts']}")
            raise
