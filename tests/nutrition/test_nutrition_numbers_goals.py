"""Goals of a weekday, how a day stands against them, and what an adult needs."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from popote_kit.problems import Invalid
from popote_kit.quantity import Amount
from popote_kit.units import G
from popote_nutrition.errors import AdultsOnly
from popote_nutrition.model.goals import (
    LEVELS,
    Activity,
    Estimate,
    Sex,
    Standing,
    estimate,
    goals_on,
    senseless,
    standings,
)
from popote_nutrition.model.nutrients import UNKNOWN, Nutrients
from popote_nutrition.model.totals import Portion, portion, total

MONDAY = date(2025, 9, 1)
GOAL = Nutrients(energy_kcal=Amount(2000), protein_g=Amount(60), salt_g=Amount(5))


def eaten(**amounts: str) -> Portion:
    return portion(Nutrients(**{code: Amount(amount) for code, amount in amounts.items()}), 500 * G)


def test_each_weekday_has_its_goals() -> None:
    goals = {1: GOAL}
    assert goals_on(goals, MONDAY) == GOAL
    assert goals_on(goals, MONDAY.replace(day=2)) == UNKNOWN
    assert goals_on(goals, MONDAY.replace(day=8)) == GOAL


def test_a_day_stands_under_and_over_its_goals() -> None:
    by_code = {each.code: each for each in standings(GOAL, eaten(energy_kcal="1650.5", protein_g="60", salt_g="6.2"))}
    assert list(by_code) == ["energy_kcal", "protein_g", "salt_g"]
    assert [by_code["energy_kcal"].left, by_code["energy_kcal"].over] == [Decimal("349.5"), Decimal()]
    assert [by_code["protein_g"].left, by_code["protein_g"].over] == [Decimal(), Decimal()]
    assert [by_code["salt_g"].left, by_code["salt_g"].over] == [Decimal(), Decimal("1.2")]
    assert not any(each.is_partial for each in by_code.values())


def test_what_is_left_is_unknown_where_nothing_is_known() -> None:
    salt = Nutrients(salt_g=Amount(5))
    unknown = Standing(code="salt_g", goal=Decimal(5), eaten=None, left=None, over=None, is_partial=True)
    assert standings(salt, eaten(fat_g="3")) == standings(salt, total([])) == [unknown]


def test_a_day_that_is_partly_known_says_so() -> None:
    day = total([eaten(energy_kcal="800"), portion(UNKNOWN, None)])
    (standing,) = standings(Nutrients(energy_kcal=Amount(2000)), day)
    assert day.coverage["energy_kcal"] == Fraction(1, 2)
    assert standing.left == 1200
    assert standing.is_partial


def test_no_goals_stand_nowhere() -> None:
    assert standings(UNKNOWN, eaten(fat_g="3")) == []


def test_a_goal_no_day_can_have_is_named() -> None:
    assert senseless(GOAL) == senseless(UNKNOWN) == []
    mad = Nutrients(energy_kj=Amount(42_001), fat_g=Amount("2000.1"), salt_g=Amount(-1), sugars_g=Amount(0))
    assert [each.code for each in senseless(mad)] == ["energy_kj", "fat_g", "salt_g"]


@pytest.mark.parametrize(
    ("sex", "age", "height", "weight", "activity", "kcal", "kj"),
    [
        # 10 x 60 + 6.25 x 165 - 5 x 30 - 161 = 1320.25; x 1.375 = 1815.3; x 4.184 = 7595.4
        ("female", 30, "165", "60", "light", 1820, 7600),
        # 10 x 80 + 6.25 x 180 - 5 x 40 + 5 = 1730; x 1.55 = 2681.5; x 4.184 = 11219.4
        ("male", 40, "180", "80", "moderate", 2680, 11220),
        # 10 x 52.5 + 6.25 x 158 - 5 x 75 - 161 = 976.5; x 1.2 = 1171.8; x 4.184 = 4902.8
        ("female", 75, "158", "52.5", "sedentary", 1170, 4900),
        # 10 x 70 + 6.25 x 175 - 5 x 18 + 5 = 1708.75; x 1.725 = 2947.6; x 4.184 = 12332.7
        ("male", 18, "175", "70", "active", 2950, 12330),
        # 10 x 95 + 6.25 x 190 - 5 x 25 + 5 = 2017.5; x 1.9 = 3833.25; x 4.184 = 16038.3
        ("male", 25, "190", "95", "very_active", 3830, 16040),
    ],
)
def test_an_adult_needs_what_mifflin_and_st_jeor_say(  # noqa: PLR0913, PLR0917 - a row of the table
    sex: Sex, age: int, height: str, weight: str, activity: Activity, kcal: int, kj: int
) -> None:
    found = estimate(sex=sex, age=age, height_cm=Decimal(height), weight_kg=Decimal(weight), activity=activity)
    assert found == Estimate(kcal, kj)


@pytest.mark.parametrize("age", [0, 17])
def test_minors_get_no_number(age: int) -> None:
    with pytest.raises(AdultsOnly):
        estimate(sex="male", age=age, height_cm=Decimal(170), weight_kg=Decimal(60), activity="light")


@pytest.mark.parametrize(
    ("age", "height", "weight", "wrong"),
    [
        (-1, "170", "60", ["/age"]),
        (121, "170", "60", ["/age"]),
        (30, "99.9", "60", ["/height_cm"]),
        (30, "1.70", "600", ["/height_cm", "/weight_kg"]),
        (30, "170", "29", ["/weight_kg"]),
    ],
)
def test_what_nobody_measures_is_refused_by_name(age: int, height: str, weight: str, wrong: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        estimate(sex="female", age=age, height_cm=Decimal(height), weight_kg=Decimal(weight), activity="light")
    assert [error["pointer"] for error in refused.value.facts["errors"]] == wrong


def test_activity_is_told_in_five_levels_with_names() -> None:
    assert [str(level.factor) for level in LEVELS.values()] == ["1.2", "1.375", "1.55", "1.725", "1.9"]
    assert all(level.en and level.fr for level in LEVELS.values())
