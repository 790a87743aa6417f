"""The Python client's foods and diary against the real house: every operation, exact amounts, copies that keep up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from popote_client.client import Popote, Waits
from popote_client.food.analyses import Subject
from popote_client.food.api import FoodApi
from popote_client.food.diary import Entry, EntryEdit, NewEntry
from popote_client.food.foods import Conversion, FoodEdit, Keeping, NewFood
from popote_client.food.goals import Body, NewGoals
from popote_client.food.nutrients import Nutrients
from popote_client.food.replica import DiaryReplica, DiaryRows, FoodReplica, FoodRows
from popote_client.problems import Problem
from popote_client.stock.items import NewItem
from popote_client.stock.quantities import Quantity
from popote_client.wire import Registration
from popote_launcher.testing import House

TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
EXACT = Decimal("12.3456789")
BAR = Nutrients(energy_kj=Decimal(1600), energy_kcal=Decimal(382), fat_g=EXACT, protein_g=Decimal(9))


def grams(amount: str) -> Quantity:
    return Quantity(Decimal(amount), "g")


@pytest.fixture
async def anna(house: House, tmp_path: Path, quick: Waits) -> AsyncIterator[Popote]:
    """Her device, in a household of her own."""
    who = Registration(
        email="anna@example.org", password="leek soup every Sunday", display_name="Anna", household_name="Chez Anna"
    )
    async with Popote(house.base_url, home=tmp_path / "anna", waits=quick) as popote:
        await popote.api.register(who)
        yield popote


@pytest.fixture
def food(anna: Popote) -> FoodApi:
    return anna.api.food


async def eaten(food: FoodApi, text: str, on: date = TUESDAY, **more: Decimal) -> Entry:
    nutrients = Nutrients(**more) if more else None
    return await food.create_entry(NewEntry(date=on, meal="lunch", free=text, nutrients=nutrients, language="en"))


def test_every_operation_of_the_contract_has_its_method() -> None:
    contract = msgspec.json.decode(files("popote_gateway").joinpath("openapi.json").read_bytes())
    operations = {
        operation["operationId"]
        for path, methods in contract["paths"].items()
        if path.startswith("/api/nutrition/")
        for operation in methods.values()
    }
    assert operations
    assert {name for name in operations if not hasattr(FoodApi, name)} == set()


async def test_a_food_goes_out_and_comes_back_as_it_was_written(food: FoodApi) -> None:
    written = NewFood(
        name="Marathon bar",
        language="en",
        aliases=["energy bar"],
        nutrients=BAR,
        conversions=[Conversion("piece", grams("40.5"), is_approximate=True)],
        keeping=Keeping(storage="pantry", keeps_days=180),
    )
    made = await food.create_food(written)
    read = await food.get_food(made.id, "en")
    assert read == made
    for name in ("name", "aliases", "conversions", "keeping"):
        assert getattr(read, name) == getattr(written, name), name
    assert (read.per_100g, read.per_100g.sugars_g) == (BAR, None)
    assert [each.id for each in (await food.list_foods("marathon bar")).items][:1] == [made.id]
    edited = await food.edit_food(made.id, made.version, FoodEdit(nutrients=Nutrients(fat_g=EXACT)))
    assert dict(edited.per_100g.known()) == {"fat_g": EXACT}
    with pytest.raises(Problem) as stale:
        await food.delete_food(made.id, made.version)
    assert stale.value.status == 412
    await food.delete_food(made.id, edited.version)


async def test_names_are_matched_and_taught_and_forgotten(food: FoodApi) -> None:
    butter, nonsense = await food.match_names(["beurre", "xyzzy"], "fr")
    assert (butter.status, nonsense.status) == ("matched", "unmatched")
    assert butter.food is not None
    learned = await food.teach_name("xyzzy", butter.food.id)
    assert (await food.list_learned_names()).items == [learned]
    (known,) = await food.match_names(["xyzzy"])
    assert (known.how, known.food and known.food.id) == ("learned", butter.food.id)
    await food.forget_name(learned.id)
    assert (await food.list_learned_names()).items == []


async def test_conversions_are_sent_again_only_when_they_changed(food: FoodApi) -> None:
    made = await food.create_food(NewFood(name="Bar", nutrients=BAR))
    first = await food.food_conversions([made.id, uuid4()])
    assert [each.facts for each in first.items] == [[]]
    assert await food.food_conversions([made.id, uuid4()], known=first) is first
    told = [Conversion("piece", grams("40"))]
    await food.edit_food(made.id, made.version, FoodEdit(conversions=told))
    (changed,) = (await food.food_conversions([made.id], known=first)).items
    assert [(fact.unit, fact.equals, fact.source) for fact in changed.facts] == [("piece", grams("40"), "household")]


async def test_lines_are_added_up_and_what_is_unknown_is_told(food: FoodApi) -> None:
    made = await food.create_food(NewFood(name="Xyzzy", language="en", nutrients=BAR))
    found = await food.analyse(Subject(lines=["50 g xyzzy", "1 plugh"], servings=Decimal(2), language="en"))
    assert (found.total.energy_kcal, found.total.salt_g) == (Decimal(191), None)
    assert found.per_serving is not None
    assert found.per_serving.energy_kcal == Decimal("95.5")
    assert [(each.line, each.reason) for each in found.missing][1:] == [("1 plugh", "unmatched_food")]
    assert 0 < found.coverage["energy_kcal"] < 1
    label = await food.label(Subject(food_id=made.id, quantity=grams("100"), language="fr"))
    assert label.per_100g is not None
    assert label.per_100g[0].text == "1600 kJ"
    assert "adulte-type" in label.statement


async def test_what_was_eaten_is_written_down_changed_and_taken_back(anna: Popote, food: FoodApi) -> None:
    made = await food.create_food(NewFood(name="Xyzzy", language="en", nutrients=BAR))
    item = await anna.api.stock.create_item(NewItem(name="My bar", unit="g", food_id=made.id))
    new = NewEntry(id=uuid4(), date=TUESDAY, meal="snack", item_id=item.id, quantity=grams("50"))
    entry = await food.create_entry(new)
    assert await food.create_entry(new) == entry == await food.get_entry(entry.id)
    assert (entry.nutrients.energy_kcal, entry.mass_g, entry.food_id) == (Decimal(191), Decimal(50), made.id)
    doubled = await food.edit_entry(entry.id, entry.version, EntryEdit(quantity=grams("100"), meal="dinner"))
    assert (doubled.nutrients.energy_kcal, doubled.meal) == (Decimal(382), "dinner")
    (copy,) = await food.copy_entries(TUESDAY, WEDNESDAY, ["dinner"])
    assert (copy.date, copy.nutrients) == (WEDNESDAY, doubled.nutrients)
    assert [each.id for each in (await food.list_entries(TUESDAY, TUESDAY)).items] == [entry.id]
    await food.delete_entry(entry.id, doubled.version)
    assert [each.id for each in (await food.list_entries()).items] == [copy.id]
    assert (await food.export_diary(TUESDAY, WEDNESDAY)).decode().count("\n") == 2


async def test_a_day_tells_what_it_comes_to_and_what_is_missing(food: FoodApi) -> None:
    pizza = await eaten(food, "pizza", energy_kcal=Decimal("600.5"))
    unknown = await eaten(food, "2 plugh")
    day = await food.get_day(TUESDAY)
    assert [entry.id for entry in day.entries] == [pizza.id, unknown.id]
    assert day.total.energy_kcal == day.meals["lunch"].total.energy_kcal == Decimal("600.5")
    assert day.coverage["energy_kcal"] < 1
    assert ("plugh", "unmatched_food") in {(each.name, each.reason) for each in day.missing}
    assert (day.goals, day.left) == (None, None)


async def test_what_was_eaten_before_is_entered_again(food: FoodApi) -> None:
    await eaten(food, "pizza", energy_kcal=Decimal(600))
    (recent,) = await food.list_recent()
    again = await food.create_entry(recent.again.on(WEDNESDAY, "dinner"))
    assert (again.name, again.nutrients.energy_kcal, again.meal) == ("pizza", Decimal(600), "dinner")
    assert [each.name for each in await food.list_frequent("dinner")] == ["pizza"]


async def test_goals_hold_from_their_day_on_and_are_replaced_by_who_read_them(food: FoodApi) -> None:
    assert await food.get_goals(TUESDAY) is None
    usual, more = Nutrients(energy_kcal=Decimal(2000)), Nutrients(energy_kcal=Decimal("2300.5"))
    first = await food.set_goals(NewGoals(from_day=TUESDAY, every_day=usual, weekdays={"wednesday": more}))
    assert (first.weekdays["tuesday"], first.weekdays["wednesday"]) == (usual, more)
    with pytest.raises(Problem) as unread:
        await food.set_goals(NewGoals(from_day=TUESDAY, every_day=more))
    assert unread.value.status == 428
    second = await food.set_goals(NewGoals(from_day=WEDNESDAY, every_day=usual), first.version)
    assert [each.id for each in (await food.list_goals()).items] == [second.id, first.id]
    await food.delete_goals(second.id, second.version)
    assert await food.get_goals(WEDNESDAY) == first
    await eaten(food, "pizza", energy_kcal=Decimal(2100))
    (standing,) = (await food.get_day(TUESDAY)).left or []
    assert (standing.goal, standing.left, standing.over) == (Decimal(2000), Decimal(0), Decimal(100))


async def test_weights_are_kept_a_day_each_and_trends_tell_where_they_go(food: FoodApi) -> None:
    first = await food.put_weight(TUESDAY, Quantity(Decimal("72.4"), "kg"), note="in socks")
    assert await food.get_weight(TUESDAY) == first
    again = await food.put_weight(TUESDAY, Quantity(Decimal("72.5"), "kg"), version=first.version)
    await food.put_weight(WEDNESDAY, Quantity(Decimal(72), "kg"))
    await eaten(food, "pizza", WEDNESDAY, energy_kcal=Decimal(600))
    found = await food.read_trends(TUESDAY, WEDNESDAY)
    assert [(day.entries, day.total.energy_kcal, day.weight_kg) for day in found.days] == [
        (0, None, Decimal("72.5")), (1, Decimal(600), Decimal(72)),
    ]  # fmt: skip
    assert (found.average.days, found.average.total.energy_kcal) == (1, Decimal(600))
    assert found.weight is not None
    assert (found.weight.change_kg, found.weight.kg_per_week) == (Decimal("-0.5"), Decimal("-3.5"))
    rows = await DiaryReplica(food).pull()
    assert (len(rows.weights), len(rows.entries), rows.goals) == (2, 1, {})
    await food.delete_weight(TUESDAY, again.version)
    assert [each.date for each in (await food.list_weights()).items] == [WEDNESDAY]
    body = Body(sex="female", age=36, height_cm=Decimal(168), activity="light")
    need = await food.estimate_need(body, "fr")
    # 10 x 72 + 6.25 x 168 - 5 x 36 - 161 = 1429, times 1.375
    assert (need.energy_kcal, need.limitation.startswith("Une estimation")) == (1960, True)


async def test_events_tell_of_foods_that_change(food: FoodApi) -> None:
    async with aclosing(food.nutrition_events()) as events, asyncio.timeout(30):
        first = asyncio.create_task(anext(events))
        while not first.done():  # until it listens, nothing is heard
            await food.create_food(NewFood(name="Bar"))
            await asyncio.wait({first}, timeout=0.2)
        assert first.result().kind == "foods_changed"


async def test_a_copy_of_the_foods_keeps_up_also_from_an_earlier_run(food: FoodApi) -> None:
    made = await food.create_food(NewFood(name="Bar", nutrients=BAR))
    rows = await FoodReplica(food).pull()
    assert (rows.foods[made.id].per_100g, rows.learned_names) == (BAR, {})
    later = FoodReplica(food, FoodRows.from_json(rows.to_json()))
    learned = await food.teach_name("stick", made.id)
    await food.delete_food(made.id, made.version)
    now = await later.pull()
    assert made.id not in now.foods
    assert now == await FoodReplica(food).pull()
    assert set(now.learned_names) <= {learned.id}


async def test_a_copy_of_the_diary_is_one_persons(food: FoodApi, anna: Popote, house: House, tmp_path: Path) -> None:
    entry = await eaten(food, "pizza", energy_kcal=Decimal(600))
    rows = await DiaryReplica(food).pull()
    assert rows.entries == {entry.id: entry}
    assert (rows.household, rows.person) == (anna.session.household.id, anna.session.user.id)
    later = DiaryReplica(food, DiaryRows.from_json(rows.to_json()))
    await food.delete_entry(entry.id, entry.version)
    assert (await later.pull()).entries == {}
    ben = await house.sign_up("ben")
    async with Popote(house.base_url, home=tmp_path / "ben") as his:
        await his.api.login(ben.email, ben.password)
        assert (await DiaryReplica(his.api.food, rows).pull()).entries == {}
