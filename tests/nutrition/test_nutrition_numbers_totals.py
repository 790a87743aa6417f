"""Totals that say what they don't know, worked out by hand and by property."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popote_kit.quantity import MAX_BASE, Amount
from popote_kit.units import G
from popote_nutrition.model.nutrients import CODES, UNKNOWN, Nutrients, of_amount, rounded, scaled
from popote_nutrition.model.totals import (
    Portion,
    per_100_g,
    per_serving,
    portion,
    rounded_coverage,
    times,
    total,
)


def food(grams: int | None, **amounts: str) -> Portion:
    """Return so many grams of a food that holds these amounts in 100 g; without a mass, of which nothing is known."""
    per_100 = Nutrients(**{code: Amount(amount) for code, amount in amounts.items()})
    if grams is None:
        return portion(UNKNOWN, None)
    return portion(of_amount(per_100, grams * G, "g"), grams * G)


PASTA = food(200, energy_kj="1520", energy_kcal="358", fat_g="1.5", protein_g="12.5")
OIL = food(10, energy_kj="3700", energy_kcal="900", fat_g="100", protein_g="0")
TOMATO = food(150, energy_kj="80", energy_kcal="19", protein_g="0.9")  # its fat is not known


def test_a_plate_of_pasta_adds_up() -> None:
    plate = total([PASTA, OIL, TOMATO])
    assert plate.mass == 360 * G
    assert plate.nutrients.energy_kj == 3530  # 2 x 1520 + 370 + 1.5 x 80
    assert plate.nutrients.energy_kcal == Decimal("834.5")  # 2 x 358 + 90 + 1.5 x 19
    assert plate.nutrients.protein_g == Decimal("26.35")  # 25 + 0 + 1.35
    assert plate.nutrients.fat_g == 13  # 3 + 10, and what is in the tomato
    assert plate.coverage["energy_kj"] == 1
    assert plate.coverage["fat_g"] == Fraction(210, 360)
    assert plate.nutrients.salt_g is None
    assert plate.coverage["salt_g"] == 0


def test_a_portion_without_a_mass_weighs_as_much_as_the_average_of_the_others() -> None:
    plate = total([PASTA, OIL, food(None)])  # 200 g, 10 g, and so 105 g
    assert plate.mass is None
    assert plate.nutrients.fat_g == 13
    assert plate.coverage["fat_g"] == Fraction(210, 315)


def test_where_no_mass_is_known_all_portions_weigh_the_same() -> None:
    quick = portion(Nutrients(energy_kcal=Amount(500)), None)
    assert total([quick, food(None), food(None)]).coverage["energy_kcal"] == Fraction(1, 3)


def test_a_mass_of_zero_leaves_the_coverage_of_the_others() -> None:
    assert total([PASTA, food(0)]).coverage["fat_g"] == 1
    assert total([food(0, fat_g="3"), food(None)]).coverage["fat_g"] == Fraction(1, 2)


def test_nothing_weighs_nothing_and_covers_nothing() -> None:
    assert total([]) == Portion(0, UNKNOWN, dict.fromkeys(CODES, Fraction()))


def test_a_sub_recipe_brings_its_coverage_along() -> None:
    sauce = total([OIL, TOMATO])
    plate = total([PASTA, times(sauce, Fraction(1, 2))])  # 200 g known whole, 80 g of which 5 g are known
    assert plate.coverage["fat_g"] == Fraction(205, 280)


def test_a_serving_is_a_share() -> None:
    serving = per_serving(total([PASTA, OIL, TOMATO]), 4)
    assert serving.mass == 90 * G
    assert serving.nutrients.energy_kj == Decimal("882.5")  # 3530 / 4
    assert serving.coverage["fat_g"] == Fraction(210, 360)


def test_per_100_grams_it_is_of_all_masses_or_of_what_it_weighs_cooked() -> None:
    plate = total([PASTA, OIL, TOMATO])
    raw = per_100_g(plate)
    cooked = per_100_g(plate, 500 * G)
    assert raw is not None
    assert cooked is not None
    assert rounded(raw.nutrients).energy_kj == Decimal("980.5556")  # 3530 / 3.6
    assert cooked.nutrients.energy_kj == 706  # 3530 / 5
    assert raw.mass == cooked.mass == 100 * G


def test_per_100_grams_it_is_unknown_where_a_mass_is() -> None:
    plate = total([PASTA, food(None)])
    assert per_100_g(plate) is None
    assert per_100_g(plate, 300 * G) is not None
    assert per_100_g(total([])) is None


def test_coverage_is_shown_as_whole_only_when_it_is() -> None:
    nearly = total([food(99_999, fat_g="1"), food(1)])
    assert rounded_coverage(nearly.coverage)["fat_g"] == Decimal("0.9999")
    assert rounded_coverage(total([PASTA]).coverage)["fat_g"] == 1
    assert rounded_coverage(total([OIL, food(20)]).coverage)["fat_g"] == Decimal("0.3333")


amounts = st.none() | st.decimals(0, 4000, places=4).map(Amount)
nutrients = st.builds(Nutrients, **dict.fromkeys(CODES, amounts))
masses = st.integers(1, MAX_BASE)
weighed = st.builds(portion, nutrients, masses)
portions = st.lists(weighed | st.builds(portion, nutrients, st.none()), max_size=8)


@given(portions, st.integers(0, 8))
def test_amounts_and_masses_add_up_wherever_a_list_is_split(every: list[Portion], cut: int) -> None:
    whole = total(every)
    halves = total([total(every[:cut]), total(every[cut:])])
    assert (halves.mass, halves.nutrients) == (whole.mass, whole.nutrients)


@given(st.lists(weighed, max_size=8), st.integers(0, 8))
def test_where_all_masses_are_known_coverage_adds_up_too(every: list[Portion], cut: int) -> None:
    assert total([total(every[:cut]), total(every[cut:])]) == total(every)


@given(st.data(), portions)
def test_order_does_not_matter(data: st.DataObject, every: list[Portion]) -> None:
    assert total(data.draw(st.permutations(every))) == total(every)


@given(portions, st.integers(0, 1000))
def test_scaling_is_linear(every: list[Portion], factor: int) -> None:
    assert total([times(each, factor) for each in every]).nutrients == times(total(every), factor).nutrients
    assert times(total(every), factor).coverage == total(every).coverage


@given(nutrients, masses, masses)
def test_two_masses_hold_what_their_sum_holds(per_100: Nutrients, one: int, other: int) -> None:
    apart = total([portion(of_amount(per_100, mass, "g"), mass) for mass in (one, other)])
    assert apart == portion(of_amount(per_100, one + other, "g"), one + other)


@given(nutrients, st.fractions(0, 100), st.fractions(0, 100))
def test_scaling_twice_is_scaling_once(per_100: Nutrients, first: Fraction, second: Fraction) -> None:
    assert rounded(scaled(scaled(per_100, first), second), 12) == rounded(scaled(per_100, first * second), 12)


@given(portions)
def test_unknown_never_counts_as_zero(every: list[Portion]) -> None:
    whole = total(every)
    for code in CODES:
        known = [dict(each.nutrients.items())[code] is not None for each in every]
        assert (dict(whole.nutrients.items())[code] is not None) == any(known)
        assert (whole.coverage[code] > 0) == any(known)
        assert (whole.coverage[code] == 1) == (bool(known) and all(known))


@given(portions, weighed)
def test_without_its_conversion_a_line_that_was_known_lowers_the_coverage(others: list[Portion], line: Portion) -> None:
    before, after = total([*others, line]), total([*others, portion(UNKNOWN, None)])
    for code, amount in line.nutrients.items():
        if amount is not None:
            assert after.coverage[code] < before.coverage[code]
    assert after.mass is None


@given(portions)
def test_what_nothing_is_known_of_changes_no_amount_and_raises_no_coverage(every: list[Portion]) -> None:
    before, after = total(every), total([*every, portion(UNKNOWN, None)])
    assert after.nutrients == before.nutrients
    assert all(after.coverage[code] <= before.coverage[code] for code in CODES)


@pytest.mark.parametrize("servings", [1, 3, 7, Fraction(5, 2)])
def test_all_servings_together_are_the_whole(servings: Fraction | int) -> None:
    plate = total([PASTA, OIL, TOMATO])
    assert rounded(times(per_serving(plate, servings), servings).nutrients) == rounded(plate.nutrients)
