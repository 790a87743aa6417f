"""What a person eats, by the `popote` command: looked up, logged, read, taken back, wanted and weighed."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from popote_client.client import Popote
from popote_client.food.diary import NewEntry
from popote_client.food.nutrients import Nutrients
from popote_client.stock.items import NewItem
from popote_client.testing import Device
from popote_client.wire import Registration
from popote_launcher.testing import House

WHO = Registration(
    email="anna@example.org", password="leek soup every Sunday evening", display_name="Anna", household_name="Chez Anna"
)
LABEL = "--kcal", "400", "--kj", "1680", "--fat", "10", "--protein", "8,5"


@pytest.fixture
async def popote(house: House, tmp_path: Path) -> AsyncIterator[Popote]:
    """What is on her device, logged in."""
    async with Popote(house.base_url, home=tmp_path / "device") as client:
        await client.api.register(WHO)
        yield client


@pytest.fixture
def anna(popote: Popote) -> Device:
    """Her device, with the command on it."""
    return Device(popote.state.path.parent, TZ="UTC")


def today() -> date:
    """Return the day on her device."""
    return datetime.now(UTC).date()


def columns(out: str, *places: int) -> list[tuple[str, ...]]:
    """Return some columns of lines with tabs."""
    return [tuple(line.split("\t")[place] for place in places) for line in out.splitlines()]


async def test_a_food_is_found_made_from_its_label_taught_and_counted(anna: Device) -> None:
    assert columns(await anna.popote("food", "search", "beurre"), 0)[0] == ("butter",)
    made = await anna.run("food", "add", "Xyzzy bar", *LABEL, "--unit", "slice=30 g")
    assert (made.code, made.out) == (0, "Made: Xyzzy bar\n")
    assert await anna.popote("food", "teach", "plugh", "xyzzy", "bar") == "“plugh” now means: Xyzzy bar\n"
    shown = await anna.run("food", "show", "plugh", LANG="fr_FR.UTF-8")
    assert shown.out.splitlines()[:2] == ["Xyzzy bar", "energy_kj\t1680"]
    assert shown.err == "1 tranche = 30 g\nSource : à vous\n"
    counted = await anna.run("food", "count", "100 g plugh", "2 slices plugh", "1 nonsense", "--servings", "2")
    assert "energy_kcal\t640\t320\t0.6666" in counted.out
    assert "Not counted: 1 nonsense (no food of that name is known)" in counted.err
    like = await anna.run("food", "teach", "plugh", "chocolat cake")
    assert (like.code, like.out) == (10, "")
    nothing = await anna.run("food", "show", "qqqqqq")
    assert (nothing.code, nothing.err) == (10, "popote: Nothing here is called “qqqqqq”.\n")


async def test_a_day_is_logged_read_against_its_goals_and_taken_back(anna: Device, popote: Popote) -> None:
    await popote.api.stock.create_item(NewItem(name="Beurre", unit="g"))
    rice = await anna.run("log", "200", "g", "de", "riz", "--meal", "déj", LANG="fr_FR.UTF-8")
    assert (rice.code, rice.out) == (0, "Noté : 200 g riz, 700 kcal\n")
    pizza = await anna.run("log", "pizza", "--kcal", "600,5", "--meal", "dinner")
    assert (pizza.out, pizza.err.startswith("Not known of pizza: Fat")) == ("Logged: pizza, 601 kcal\n", True)
    assert (await anna.popote("log", "--item", "20 g beurre", "--meal", "breakfast")).startswith("Logged: 20 g Beurre")
    unsaid = await anna.run("log", "--item", "beurre")
    assert (unsaid.code, "how much of “beurre”?" in unsaid.err) == (2, True)
    unknown = await anna.run("log", "2 plugh", "--meal", "snack")
    assert "popote food teach NAME FOOD" in unknown.err
    await anna.popote("goals", "set", "--kcal", "1200", "--protein", "90")
    day = await anna.run("day")
    assert columns(day.out.partition("\n\n")[0], 0, 1, 2) == [
        ("breakfast", "Beurre", "20 g"), ("lunch", "riz", "200 g"), ("dinner", "pizza", ""),
        ("snack", "plugh", "2 piece"),
    ]  # fmt: skip
    assert "Not counted: plugh" in day.err
    assert await anna.popote("unlog") == "Taken back: 2 plugh\n"
    shown = await anna.on_terminal("day")
    assert "1200 kcal" in shown
    assert "kcal over" in shown
    assert len(json.loads(await anna.popote("day", "--json"))["entries"]) == 3


async def test_weights_and_weeks_are_drawn_on_a_terminal_and_told_in_lines_elsewhere(
    anna: Device, popote: Popote
) -> None:
    first, last = today() - timedelta(days=6), today()
    for day, energy in ((first, 1500), (last, 2500)):
        nutrients = Nutrients(energy_kcal=Decimal(energy))
        await popote.api.food.create_entry(NewEntry(date=day, meal="lunch", free="a lot", nutrients=nutrients))
    assert await anna.popote("weigh", "72,9", "--day", str(first)) == f"{first}: 72.9 kg\n"
    await anna.popote("weigh", "73")
    assert await anna.popote("weigh", "72.4") == f"{last}: 72.4 kg\n"
    assert columns(await anna.popote("weigh"), 0, 1) == [(str(first), "72.9 kg"), (str(last), "72.4 kg")]
    assert columns(await anna.popote("trends", "--days", "7"), 0, 1, 3) == [
        (str(first), "1500", "72.9"), (str(last), "2500", "72.4"),
    ]  # fmt: skip
    drawn = await anna.on_terminal("trends", "--days", "7", columns=40)
    assert "█" in drawn
    assert "72.9 kg → 72.4 kg" in drawn
    assert max(len(line) for line in drawn.splitlines() if "█" in line) <= 40


async def test_goals_are_of_all_days_or_of_some_and_end(anna: Device) -> None:
    assert (await anna.run("goals")).err == "You have no goals. Set some: popote goals set\n"
    await anna.popote("goals", "set", "--kcal", "2000", "--protein", "90")
    set_ = await anna.popote("goals", "set", "--kcal", "2300", "--on", "saturday")
    assert set_.splitlines()[1:] == ["energy_kcal\t2000\t2300", "protein_g\t90\t"]
    need = await anna.run("goals", "estimate", "--sex", "female", "--born", "1990", "--height", "168", "--weight", "60")
    assert (need.code, "An estimate for healthy adults" in need.err) == (0, True)
    assert await anna.popote("goals", "end") == "You have no goals any more.\n"
    assert (await anna.run("goals")).out == ""
