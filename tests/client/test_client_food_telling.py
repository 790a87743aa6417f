"""What the `popote` command says of what was eaten, wanted and weighed, and how it draws that."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from typer import BadParameter

from popote_client.cli.food.day import left
from popote_client.cli.food.foods import conversion, described
from popote_client.cli.food.goals import grouped, weekday_named
from popote_client.cli.food.trends import drawn, weighed
from popote_client.cli.food.weigh import read
from popote_client.cli.food.words import meal_at, meal_named
from popote_client.cli.nutrients import measured, number, share, why
from popote_client.cli.plot import BLOCKS, PLAIN, Plot, blocks_for
from popote_client.food.diary import Standing
from popote_client.food.foods import Conversion, Food, Keeping
from popote_client.food.goals import Average, Goals, TrendDay, Trends, Weekday, WeightOn, WeightTrend
from popote_client.food.nutrients import Nutrients
from popote_client.stock.quantities import Fact, Quantity, Unit
from popote_client.stock.units import Units

UNITS = Units(
    [
        Unit("g", "mass", 10**9, "gram", "grams"),
        Unit("kg", "mass", 10**12, "kilogram", "kilograms"),
        Unit("lb", "mass", 453_592_370_000, "pound", "pounds", ["lbs"]),
        Unit("slice", "slice", 10**6, "slice", "slices", ["tranche"]),
    ]
)
MONDAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def numbers(*values: int | None) -> list[Decimal | None]:
    return [None if value is None else Decimal(value) for value in values]


def standing(goal: int, eaten: int | None, *, is_partial: bool = False) -> Standing:
    known = None if eaten is None else Decimal(eaten)
    return Standing(
        code="energy_kcal",
        goal=Decimal(goal),
        eaten=known,
        left=None if known is None else max(goal - known, Decimal()),
        over=None if known is None else max(known - goal, Decimal()),
        is_partial=is_partial,
    )


@pytest.mark.parametrize(
    ("code", "amount", "shown"),
    [
        ("energy_kcal", "259.6", "260 kcal"),
        ("fat_g", "0.44", "0.4 g"),
        ("fat_g", "0.25", "0.3 g"),
        ("fat_g", "12.4", "12 g"),
        ("salt_g", "0.125", "0.13 g"),
        ("protein_g", "100", "100 g"),
        ("sugars_g", "0", "0 g"),
    ],
)
def test_amounts_are_rounded_for_people_and_exact_for_scripts(code: str, amount: str, shown: str) -> None:
    assert measured(code, Decimal(amount))[:2] == (shown, amount)


def test_what_is_unknown_is_said_to_be_and_what_is_known_in_part_is_at_least_as_much() -> None:
    assert measured("fat_g", None)[:2] == ("unknown", "")
    assert measured("fat_g", Decimal(3), Decimal("0.9999")).people == "≥ 3 g"
    assert measured("fat_g", Decimal(3), Decimal(1)).people == "3 g"


def test_only_all_of_it_is_a_hundred_percent() -> None:
    assert [share(Decimal(part)).people for part in ("0", "0.9999", "1")] == ["0%", "99%", "100%"]
    assert share(None).people == ""


def test_numbers_are_in_french_where_the_person_speaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert measured("fat_g", Decimal("3.25")).people == "3,3 g"
    assert why("riz", "no_value", ["energy_kj", "energy_kcal", "salt_g"]) == "Inconnu pour riz : Énergie, Sel"


def test_what_is_not_counted_is_told_with_the_reason() -> None:
    assert why("2 plugh", "unmatched_food", []) == "Not counted: 2 plugh (no food of that name is known)"
    assert why("pizza", "no_value", ["fat_g"]) == "Not known of pizza: Fat"
    assert why("pizza", "something_new", []) == "Not counted: pizza (something_new)"


@pytest.mark.parametrize(
    ("one", "people", "scripts"),
    [
        (standing(2000, 1500), "500 kcal", "500"),
        (standing(2000, 1500, is_partial=True), "≤ 500 kcal", "500"),
        (standing(2000, 2100), "100 kcal over", "-100"),
        (standing(2000, 2100, is_partial=True), "≥ 100 kcal over", "-100"),
        (standing(2000, None), "", ""),
        (None, "", ""),
    ],
)
def test_what_is_left_is_told_with_how_sure_that_is(one: Standing | None, people: str, scripts: str) -> None:
    assert left(one)[:2] == (people, scripts)


def test_a_meal_goes_by_its_name_in_either_language_and_by_the_clock() -> None:
    said = "breakfast", "petit-déjeuner", "PETIT", "dejeuner", "lunch", "diner", "dinner", "collation", "s"
    assert [meal_named(each) for each in said] == [
        "breakfast", "breakfast", "breakfast", "lunch", "lunch", "dinner", "dinner", "snack", "snack",
    ]  # fmt: skip
    assert meal_named(None) is None
    assert [meal_at(time(hour)) for hour in (7, 12, 16, 20)] == ["breakfast", "lunch", "snack", "dinner"]


@pytest.mark.parametrize(
    ("understand", "said"),
    [(meal_named, "d"), (meal_named, "tea"), (weekday_named, "s"), (weekday_named, "noday"), (number, "-1"),
     (number, "much"), (number, "NaN")],
)  # fmt: skip
def test_what_is_not_clear_is_refused(understand: Callable[[str], object], said: str) -> None:
    with pytest.raises(BadParameter):
        understand(said)


def test_goals_are_told_once_for_the_days_that_share_them() -> None:
    usual, more = Nutrients(energy_kcal=Decimal(2000)), Nutrients(energy_kcal=Decimal(2300))
    days: dict[Weekday, Nutrients] = {"monday": usual, "sunday": usual, "saturday": more}
    wanted = Goals(id=UUID(int=1), from_day=MONDAY, weekdays=days, version=1, created_at=AT)
    assert grouped(wanted) == [("Mon, Sun", usual), ("Sat", more)]
    assert weekday_named("sam") == weekday_named("Saturday") == "saturday"


def test_a_weight_is_in_kilograms_unless_it_is_said_otherwise() -> None:
    assert read("72,4", UNITS) == Quantity(Decimal("72.4"), "kg")
    assert read("160 lb", UNITS) == Quantity(Decimal(160), "lb")
    for said in ("heavy", "0", "72 kilobytes"):
        with pytest.raises(BadParameter, match=r"72\.4"):
            read(said, UNITS)


def test_a_conversion_is_said_as_what_one_unit_is() -> None:
    assert conversion("tranche=30 g", UNITS) == Conversion("slice", Quantity(Decimal(30), "g"))
    for said in ("slice", "slice=much", "plugh=30 g"):
        with pytest.raises(BadParameter, match="slice=30 g"):
            conversion(said, UNITS)


def test_a_food_is_described_by_the_facts_that_win() -> None:
    thirty, twenty = Quantity(Decimal(30), "g"), Quantity(Decimal(20), "g")
    bread = Food(
        id=UUID(int=1),
        name="Bread",
        aliases=["loaf"],
        source="starter",
        source_id="ciqual:7004",
        is_override=True,
        per_100g=Nutrients(),
        facts=[Fact("slice", thirty, "household", is_approximate=True), Fact("slice", twenty, "starter")],
        keeping=Keeping(storage="pantry", keeps_days=3),
        version=1,
    )
    assert list(described(bread, UNITS)) == [
        "Also called: loaf",
        "1 slice ≈ 30 g",
        "Keeps: in the cupboard, 3 days",
        "From: Anses Ciqual, changed here (ciqual:7004)",
    ]


def test_bars_rise_with_their_values_and_a_goal_is_a_line_behind_them() -> None:
    plot = Plot(width=6, height=2, top=Decimal(8), goal=Decimal(8))
    assert plot.draw(numbers(8, 4, 1)) == ["█-----", "█ █ ▂"]
    assert Plot(width=3, height=1, top=Decimal(8)).draw(numbers(8, None, 4)) == ["█ ▄"]
    assert Plot(width=3, height=2, top=Decimal(1000)).draw(numbers(1, 0, None)) == ["", "▁"]
    assert Plot(width=3, height=1, top=Decimal()).draw(numbers(0, None)) == [""]
    assert Plot(width=3, height=1, top=Decimal(8)).draw([]) == [""]


@pytest.mark.parametrize("width", [1, 7, 30, 79, 400])
def test_bars_never_take_more_room_than_there_is(width: int) -> None:
    values = numbers(*range(1, 366))
    lines = Plot(width=width, height=8, top=Decimal(365), goal=Decimal(100)).draw(values)
    assert max(map(len, lines)) <= width
    assert lines[-1].strip()


def test_bars_are_plain_where_the_terminal_has_no_blocks() -> None:
    assert (blocks_for("utf-8"), blocks_for("latin-1"), blocks_for(None)) == (BLOCKS, PLAIN, PLAIN)
    assert Plot(width=2, height=2, top=Decimal(8), blocks=PLAIN).draw(numbers(8, 1)) == ["#", "##"]


def trend(*energies: int | None) -> Trends:
    days = [
        TrendDay(
            date=MONDAY + timedelta(days=number),
            entries=1,
            total=Nutrients(energy_kcal=Decimal(energy)),
            coverage={},
            goal_energy_kcal=Decimal(2000),
        )
        for number, energy in enumerate(energies)
        if energy is not None
    ]
    mean = Average(days=len(days), total=Nutrients(), coverage={})
    return Trends(first=MONDAY, last=MONDAY + timedelta(days=len(energies) - 1), days=days, average=mean)


def test_the_energy_of_each_day_is_drawn_below_its_dates_as_wide_as_the_terminal() -> None:
    lines = drawn(trend(1000, None, 2500), 16, BLOCKS)
    assert (lines[0], lines[-1]) == ("Energy, kcal: 2026-11-23 … 2026-11-25", "Goal: 2000 kcal")
    assert (lines[1], lines[8]) == ("  2500       ██", "     0 ██    ██")
    assert all(len(line) <= 16 for line in lines[1:-1])
    assert drawn(trend(None), 16, BLOCKS) == []


def test_a_weight_is_told_with_its_way_and_its_pace() -> None:
    first, last = WeightOn(MONDAY, Decimal("72.4")), WeightOn(MONDAY + timedelta(days=7), Decimal("71.9"))
    course = WeightTrend(first=first, last=last, change_kg=Decimal("-0.5"), kg_per_week=Decimal("-0.5"))
    assert weighed(course) == ["Weight: 72.4 kg → 71.9 kg, -0.5 kg a week"]
    assert weighed(WeightTrend(first=first, last=first, change_kg=Decimal())) == ["Weight: 72.4 kg"]
