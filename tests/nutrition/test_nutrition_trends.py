"""Trends: what days come to, as far as it is known, and where a weight is going."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from popote_kit.quantity import Amount
from popote_kit.testing import Clock, FreshDatabase, new_id
from popote_kit.units import G
from popote_nutrition.model.days import Period, period
from popote_nutrition.model.nutrients import CODES, Nutrients
from popote_nutrition.model.portions import TOLD
from popote_nutrition.model.totals import Portion, portion, rounded_coverage, total
from popote_nutrition.model.trends import TrendDay, WeightTrend, average
from popote_nutrition.model.weights import KG, Weighed, per_week
from popote_nutrition.queries import trends
from popote_nutrition.testing import Table, told

MONDAY = date(2025, 9, 1)
NOWHERE = dict.fromkeys(TOLD, Decimal())
ENTRY = """
    INSERT INTO diary_entry (household_id, person_id, id, day, meal, kind, free, name, mass, coverage, version,
                             created_at, energy_kj, energy_kcal, fat_g, saturates_g, carbohydrate_g, sugars_g,
                             fibre_g, protein_g, salt_g, alcohol_g, polyols_g)
    VALUES ($1, $2, $3, $4, 'lunch', 'free', 'soup', 'soup', $5, $6, 1, now(), $7, $8, $9, $10, $11, $12, $13, $14, $15,
            $16, $17)
"""


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2025, 9, 7, 12, tzinfo=UTC))  # a Sunday


def eaten(grams: int | None = None, **amounts: str) -> Portion:
    nutrients = Nutrients(**{code: Amount(amount) for code, amount in amounts.items()})
    return portion(nutrients, None if grams is None else grams * G)


async def log(database: FreshDatabase, table: Table, day: date, *portions: Portion) -> None:
    """Write entries of somebody's diary."""
    household, person = table.household, UUID(str(table.claims["person"]))
    async with database.kitchen("nutrition", household, person) as kitchen:
        for each in portions:
            shares = [int(each.coverage[code] * 10_000) for code in CODES]
            amounts = [amount for _, amount in each.nutrients.items()]
            await kitchen.execute(ENTRY, household, person, new_id(), day, each.mass, shares, *amounts)


async def test_a_week_shows_what_was_eaten_weighed_and_wanted(anna: Table, database: FreshDatabase) -> None:
    monday = [eaten(300, energy_kcal="600.5", fat_g="10"), eaten(100, energy_kcal="250")]
    await log(database, anna, MONDAY, *monday)
    await log(database, anna, date(2025, 9, 3), eaten(energy_kcal="1000", fat_g="20"))
    await log(database, anna, date(2025, 8, 31), eaten(energy_kcal="9000"))
    await log(database, anna.beside(), MONDAY, eaten(energy_kcal="9000"))
    for day, kg in {"2025-09-02": 72, "2025-09-03": 71.5}.items():
        await anna.put(f"/weights/{day}", {"weight": {"amount": kg, "unit": "kg"}})
    goals = {"every_day": {"energy_kcal": 2000}, "weekdays": {"wednesday": {"energy_kcal": 1700}}}
    await anna.put("/goals", {"from": "2025-09-02", **goals})
    week = await anna.get("/trends", days=7)
    assert (week["from"], week["to"]) == ("2025-09-01", "2025-09-07")
    found = [(day["date"], day["entries"], day["weight_kg"], day["goal_energy_kcal"]) for day in week["days"]]
    assert found == [("2025-09-01", 2, None, None), ("2025-09-02", 0, 72, 2000), ("2025-09-03", 1, 71.5, 1700)]
    first, only_weighed, _ = week["days"]
    assert (first["total"]["energy_kcal"], first["total"]["fat_g"], first["total"]["salt_g"]) == (850.5, 10, None)
    assert (first["coverage"]["energy_kcal"], first["coverage"]["fat_g"], first["coverage"]["salt_g"]) == (1, 0.75, 0)
    assert set(only_weighed["total"].values()) == {None}
    assert set(only_weighed["coverage"].values()) == {0}
    assert week["average"]["days"] == 2
    assert week["average"]["total"]["energy_kcal"] == 925.25  # (850.5 + 1000) / 2
    assert week["average"]["coverage"]["fat_g"] == 0.875  # (0.75 + 1) / 2
    assert week["weight"] == {
        "first": {"date": "2025-09-02", "weight_kg": 72}, "last": {"date": "2025-09-03", "weight_kg": 71.5},
        "change_kg": -0.5, "kg_per_week": -3.5,
    }  # fmt: skip


async def test_an_empty_stretch_comes_to_nothing(anna: Table) -> None:
    empty = await anna.get("/trends", **{"from": "2025-01-01", "to": "2025-12-31"})
    assert (empty["days"], empty["weight"], empty["average"]["days"]) == ([], None, 0)
    assert set(empty["average"]["total"].values()) == {None}


async def test_a_goal_in_kilojoules_is_one_of_energy(anna: Table) -> None:
    await anna.put("/goals", {"every_day": {"energy_kj": 8368}})
    await anna.put("/weights/2025-09-07", {"weight": {"amount": 72, "unit": "kg"}})
    assert [day["goal_energy_kcal"] for day in (await anna.get("/trends"))["days"]] == [2000]  # 8368 / 4.184


async def test_a_day_is_covered_as_the_total_of_its_portions_is(anna: Table, database: FreshDatabase) -> None:
    partly = Portion(70 * G, Nutrients(fat_g=Amount("1.5")), dict.fromkeys(CODES, Fraction(1, 8)))
    days = {
        date(2025, 9, 1): [eaten(3, fat_g="1"), eaten(4), eaten(None, salt_g="1")],
        date(2025, 9, 2): [eaten(None, fat_g="1"), eaten(None), eaten(None)],
        date(2025, 9, 3): [eaten(0, fat_g="1"), eaten(None), eaten(0)],
        date(2025, 9, 4): [partly, eaten(1, energy_kj="30"), eaten(None, fat_g="0.0001"), eaten(9999, fat_g="0")],
    }
    for day, portions in days.items():
        await log(database, anna, day, *portions)
    whose = (anna.household, UUID(str(anna.claims["person"])))
    async with database.kitchen("nutrition", *whose) as kitchen:
        found = await trends.read_days(kitchen, Period(date(2025, 9, 1), date(2025, 9, 4)))
    assert len(found) == len(days)
    for each in found:
        whole = total(days[each.day])
        assert each.total == whole.nutrients
        assert each.coverage == {code: rounded_coverage(whole.coverage)[code] for code in TOLD}


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2024-09-06"},  # 367 days
        {"from": "2025-09-08"},
        {"from": "2025-09-01", "days": "7"},
        {"days": "367"},
        {"days": "0"},
        {"from": "1899-01-01", "to": "1899-01-02"},
        {"from": "yesterday"},
    ],
)
async def test_a_stretch_that_is_none_is_refused(anna: Table, asked: dict[str, str]) -> None:
    answer = await anna.ask("GET", "/trends", params=asked)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["type"].startswith("/problems/")


def test_a_stretch_ends_today_and_has_thirty_days_where_nothing_is_said() -> None:
    assert period(None, None, None, MONDAY) == Period(date(2025, 8, 3), MONDAY)
    assert period(None, date(2025, 8, 1), 1, MONDAY) == Period(date(2025, 8, 1), date(2025, 8, 1))
    assert period(date(2024, 9, 1), None, None, MONDAY) == Period(date(2024, 9, 1), MONDAY)  # 366 days, a leap year's


def test_an_average_is_of_the_days_that_know() -> None:
    days = [day(1, fat_g="10"), day(2, fat_g="20", salt_g="3"), day(3), TrendDay(day=MONDAY, coverage=NOWHERE)]
    found = average(days)
    assert found.days == 3
    assert found.total == Nutrients(fat_g=Amount(15), salt_g=Amount(3))
    assert found.coverage["fat_g"] == Decimal("0.6666")  # never rounded up: 1 is all of it


@pytest.mark.parametrize(
    ("course", "slope"),
    [
        ({}, None),
        ({1: 70}, None),
        ({1: 70, 8: 71}, 1),
        ({1: 70, 2: 70, 30: 70}, 0),
        # days 0 1 2, middle 1; kg 70 72 71: (-1 x 70 + 0 + 1 x 71) / 2 = 0.5 a day
        ({1: 70, 2: 72, 3: 71}, Fraction(7, 2)),
    ],
)
def test_a_weights_slope_is_that_of_least_squares(course: Mapping[int, int], slope: Fraction | None) -> None:
    found = per_week([Weighed(MONDAY.replace(day=number), kg * KG) for number, kg in course.items()])
    assert found == (None if slope is None else slope * KG)


def test_a_single_weight_has_no_slope() -> None:
    trend = WeightTrend.of([TrendDay(day=MONDAY, mass=72 * KG, coverage=NOWHERE)])
    assert trend is not None
    assert trend.change_kg == 0
    assert trend.kg_per_week is None


def day(number: int, **amounts: Any) -> TrendDay:
    whole = eaten(100, **amounts)
    coverage = {code: Decimal(int(whole.coverage[code])) for code in TOLD}
    return TrendDay(day=MONDAY.replace(day=number), entries=1, total=whole.nutrients, coverage=coverage)


async def test_goals_of_other_nutrients_are_no_goal_of_energy(anna: Table) -> None:
    macros = dict.fromkeys(("fat_g", "carbohydrate_g", "protein_g", "fibre_g", "alcohol_g", "polyols_g"), 10)
    goals = told(await anna.ask("PUT", "/goals", json={"from": "2025-09-01", "every_day": macros}))
    await anna.put("/weights/2025-09-07", {"weight": {"amount": 70, "unit": "kg"}})
    assert [day["goal_energy_kcal"] for day in (await anna.get("/trends"))["days"]] == [None]
    tag = {"If-Match": f'"{goals["version"]}"'}
    energetic = {"from": "2025-09-01", "every_day": {**macros, "energy_kj": 8368}}
    told(await anna.ask("PUT", "/goals", json=energetic, headers=tag))
    assert [day["goal_energy_kcal"] for day in (await anna.get("/trends"))["days"]] == [2000]


async def test_a_day_that_is_none_is_told_by_the_name_that_was_sent(anna: Table) -> None:
    for path in ("/trends", "/weights", "/diary", "/diary/export"):
        for name in ("from", "to"):
            answer = await anna.ask("GET", path, params={name: "2026-13-45"})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")
