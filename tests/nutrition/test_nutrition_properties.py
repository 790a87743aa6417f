"""What holds of any recipe, by HTTP: its parts add up, twice of it is twice as much, and less known is never hidden."""

import random
from typing import Any, Final

import pytest

from popote_nutrition.testing import Table

TRIES: Final = 12
MOST: Final = 6  # lines of a recipe
ROUNDED: Final = 0.001  # each figure is rounded to four places
MEASURED: Final = (
    "g flour", "g butter", "ml milk", "eggs", "onions", "tbsp olive oil", "cups sugar", "cloves garlic", "g soy sauce",
    "cans coconut milk", "tsp salt", "slices ham", "g zorglub", "ml vegetable stock", "handfuls of cod",
)  # fmt: skip


def seeded(seed: int) -> random.Random:
    """Return choices that are the same in every run."""
    return random.Random(seed)  # noqa: S311 - nothing is secret here


def recipe(choice: random.Random) -> list[tuple[int, str]]:
    """Return amounts and of what, each at most once."""
    return [(choice.randint(1, 40), what) for what in choice.sample(MEASURED, choice.randint(1, MOST))]


async def analysed(anna: Table, measures: list[tuple[int, str]]) -> Any:
    lines = [f"{amount} {what}" for amount, what in measures]
    return await anna.post("/analyse", {"lines": lines, "language": "en"})


def near(expected: Any) -> Any:
    return pytest.approx(expected, abs=ROUNDED)


def plus(one: float | None, other: float | None) -> float | None:
    return None if one is None and other is None else (one or 0) + (other or 0)


async def test_the_totals_of_two_recipes_are_those_of_both_together(anna: Table) -> None:
    choice = seeded(1)
    for _ in range(TRIES):
        one, other = recipe(choice), recipe(choice)
        first, second, both = [await analysed(anna, each) for each in (one, other, one + other)]
        assert both["total"] == {
            code: near(plus(amount, second["total"][code])) for code, amount in first["total"].items()
        }
        assert both["missing"] == first["missing"] + second["missing"]
        masses = (first["mass_g"], second["mass_g"])
        assert both["mass_g"] == near(None if None in masses else sum(masses))


async def test_so_many_times_a_recipe_holds_so_many_times_as_much_and_is_as_well_known(anna: Table) -> None:
    choice = seeded(2)
    for _ in range(TRIES):
        measures, times = recipe(choice), choice.randint(2, 9)
        once = await analysed(anna, measures)
        more = await analysed(anna, [(amount * times, what) for amount, what in measures])
        assert {code: None if amount is None else near(amount * times) for code, amount in once["total"].items()} == (
            more["total"]
        )
        assert more["coverage"] == once["coverage"]
        assert [each["reason"] for each in more["missing"]] == [each["reason"] for each in once["missing"]]


async def test_without_a_conversion_the_coverage_falls_and_the_line_is_named(anna: Table) -> None:
    bread = {"energy_kj": 1000, "energy_kcal": 240, "fat_g": 2, "carbohydrate_g": 45, "protein_g": 8, "salt_g": 1.2}
    choice = seeded(3)
    food = await anna.food("Testroll", nutrients=bread)
    for _ in range(TRIES // 2):
        rolls, others = (
            choice.randint(1, 9),
            [(amount, what) for amount, what in recipe(choice) if "zorglub" not in what],
        )
        piece = {"unit": "piece", "equals": {"amount": choice.randint(20, 200), "unit": "g"}}
        await anna.edit(f"/foods/{food}", {"conversions": [piece]})
        known = await analysed(anna, [*others, (rolls, "testrolls")])
        await anna.edit(f"/foods/{food}", {"conversions": []})
        unknown = await analysed(anna, [*others, (rolls, "testrolls")])
        alone = await analysed(anna, others)
        assert all(unknown["coverage"][code] < known["coverage"][code] for code in bread)
        assert unknown["missing"][-1]["line"] == f"{rolls} testrolls"
        assert unknown["missing"][-1]["reason"] == "unknown_conversion"
        assert unknown["total"] == alone["total"]
        assert unknown["mass_g"] is None
