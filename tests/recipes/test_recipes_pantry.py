"""The pantry: what is there for a line, what it takes, and what is left for the next one."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

from popote_kit.quantity import Amount, Fact, Quantity, in_base, unit
from popote_kit.testing import new_id
from popote_nutrition.model.foods import food_id
from popote_recipes.model.pantry import Option, Pantry, Served, Slot
from popote_recipes.model.supply import Item, Lot, Supply
from popote_recipes.model.things import WATER, thing

TODAY: Final = date(2025, 6, 2)
G: Final = 10**9


def of(amount: str, code: str) -> Quantity:
    return Quantity(Amount(amount), code)


def item(name: str, *amounts: str, code: str = "g", **more: Any) -> Item:
    """Return an item with a lot of each amount, which expire a day apart."""
    lots = [Lot(new_id(), in_base(of(amount, code)), TODAY + timedelta(days)) for days, amount in enumerate(amounts)]
    return Item(id=new_id(), name=name, unit=code, measure=unit(code).measure, **{"lots": lots, **more})


def slot(name: str, amount: str, code: str = "g", *instead: str) -> Slot:
    units = in_base(of(amount, code))
    options = [Option(thing_id=thing(None, each), name=each, unit=code, units=units) for each in (name, *instead)]
    return Slot(line=f"{amount} {code} {name}", options=options)


def served(supply: Supply, *slots: Slot, scale: int = 1) -> list[Served]:
    pantry = Pantry(supply)
    return [pantry.serve(each, TODAY, Fraction(scale)) for each in slots]


def test_four_meals_of_the_same_cheese_leave_less_each_time() -> None:
    cheese = Supply(today=TODAY, items=[item("cheese", "250")])
    meals = served(cheese, *[slot("cheese", "100")] * 4)
    assert [each.status for each in meals] == ["enough", "enough", "short", "missing"]
    assert [each.have for each in meals] == [of("250", "g"), of("150", "g"), of("50", "g"), of("0", "g")]
    assert [each.short for each in meals] == [of("0", "g"), of("0", "g"), of("50", "g"), of("100", "g")]
    assert [each.lacks for each in meals] == [0, 0, 50 * G, 100 * G]
    assert [take.units for each in meals for take in each.takes] == [100 * G, 100 * G, 50 * G]


def test_the_lots_of_several_items_are_taken_as_they_spoil() -> None:
    first, second = item("cream", "100", "100"), item("Crèmes", "60")
    supply = Supply(today=TODAY, items=[first, second, item("creme", "100")])
    assert supply.items_of(thing(None, "crème")) == supply.items[1:]
    takes = served(supply, slot("crème", "130"))[0].takes
    assert [(take.item_id, take.units) for take in takes] == [(second.id, 60 * G), (supply.items[2].id, 70 * G)]


def test_names_of_nothing_but_signs_are_not_all_the_same() -> None:
    assert thing(None, "🥑") == thing(None, " 🥑 ")
    assert len({thing(None, name) for name in ("🥑", "🍕", "***", "Avocat", "avocats")}) == 4


def test_a_spoon_is_shown_in_spoons_however_odd_the_amount() -> None:
    flour = item("flour", "100", facts=[Fact("ml", of("0.53", "g"), is_approximate=True)])
    spoons = served(Supply(today=TODAY, items=[flour]), slot("flour", "2", "tbsp"))[0]
    assert (spoons.need, spoons.have, spoons.is_approximate) == (of("2", "tbsp"), of("12.578616", "tbsp"), True)
    assert [take.units for take in spoons.takes] == [15_900_000_000]


def test_what_stands_for_a_line_is_taken_whole_or_not_at_all() -> None:
    supply = Supply(today=TODAY, items=[item("butter", "50"), item("margarine", "100")])
    butter = slot("butter", "80", "g", "margarine")
    first, second = served(supply, butter, butter)
    assert (first.status, first.instead) == ("enough", "margarine")
    assert (second.status, second.instead, second.short) == ("short", None, of("30", "g"))


def test_water_and_what_is_to_taste_are_there() -> None:
    water, taste = served(Supply(today=TODAY), slot("Eau", "3", "l"), Slot(line="sel"))
    assert (water.status, water.need, water.short) == ("staple", of("3", "l"), of("0", "l"))
    assert (taste.status, taste.need) == ("to_taste", None)


def test_the_food_that_is_water_is_nutritions_own() -> None:
    assert food_id("starter", "water") in WATER
