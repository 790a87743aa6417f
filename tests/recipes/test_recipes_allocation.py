"""The allocation, by hand: what there is for each meal when those before it have had theirs, and what is to buy."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

import pytest
from msgspec.structs import replace

from popote_kit.quantity import Amount, Fact, Quantity, in_base, show, unit
from popote_kit.testing import new_id
from popote_recipes.model.allocation import Allocation, allocate, as_planned
from popote_recipes.model.plan import Meal, PlanEntry
from popote_recipes.model.recipes import Alternative, Content, Ingredient, Recipe, StoredFact, StoredQuantity
from popote_recipes.model.shopping import ToBuy, foods_of
from popote_recipes.model.supply import Item, Lot, Supply

TODAY: Final = date(2025, 6, 2)
NOW: Final = datetime(2025, 6, 1, tzinfo=UTC)
ANNA: Final = UUID(int=1)
FACTS: Final[Mapping[str, Sequence[Fact]]] = {
    "egg": [Fact("piece", Quantity(Amount("60"), "g"), "starter", is_approximate=True)],
    "milk": [Fact("ml", Quantity(Amount("1.03"), "g"), "starter")],
}


def food(name: str) -> UUID:
    return uuid5(ANNA, name)


def of(text: str) -> Quantity:
    amount, code = text.split()
    return Quantity(Amount(amount), unit(code).code)


def line(text: str, *, knows: bool = True, **more: Any) -> Ingredient:
    """Return "100 g cheese", or "salt" without an amount, as an ingredient whose food is known."""
    *amount, name = text.split(maxsplit=2) if text[0].isdigit() else [text]
    facts = [StoredFact.of(fact) for fact in FACTS.get(name, ())]
    linked = {"food_id": food(name), "food_name": name, "facts": facts, "link": "matched"} if knows else {}
    quantity = StoredQuantity.of(of(" ".join(amount))) if amount else None
    return Ingredient(line=text, name=name, quantity=quantity, **{**linked, **more})


def dish(*lines: str | Ingredient, servings: int = 1) -> Recipe:
    ingredients = [line(each) if isinstance(each, str) else each for each in lines]
    return Recipe(
        id=new_id(),
        title="Dish",
        language="en",
        servings=Decimal(servings),
        content=Content(ingredients=ingredients),
        created_by=ANNA,
        created_at=NOW,
        updated_at=NOW,
    )


def item(name: str, *lots: tuple[str, int | None] | str, code: str = "g", knows: bool = True, **more: Any) -> Item:
    """Return an item with lots: of so much, best before so many days from today."""
    there = [lot(*((each, None) if isinstance(each, str) else each)) for each in lots]
    return Item(
        id=new_id(),
        name=name,
        food_id=food(name) if knows else None,
        unit=code,
        measure=unit(code).measure,
        **{"facts": list(FACTS.get(name, ())), "lots": there, **more},
    )


def lot(amount: str, days: int | None = None, *, use_by: bool = False, opened: bool = False) -> Lot:
    expires = None if days is None else TODAY + timedelta(days)
    return Lot(new_id(), in_base(of(amount)), expires, use_by, opened)


class Week:
    """Meals as they are planned, and what there is for them."""

    def __init__(self, *items: Item) -> None:
        self.supply = Supply(today=TODAY, items=list(items))
        self.entries: list[PlanEntry] = []
        self.recipes: dict[UUID, Recipe] = {}
        self.substitutes: dict[UUID, list[tuple[UUID, str]]] = {}

    def plan(self, day: int, what: Recipe | str, meal: Meal = "dinner", servings: Any = None, **more: Any) -> "Week":
        entry = PlanEntry(
            id=new_id(),
            day=TODAY + timedelta(day),
            meal=meal,
            title="Dish",
            created_by=ANNA,
            **{"created_at": NOW + timedelta(minutes=len(self.entries)), **more},
        )
        if isinstance(what, Recipe):
            self.recipes[what.id] = what
            entry = replace(entry, recipe_id=what.id, servings=Decimal(servings) if servings else what.servings)
        self.entries.append(entry)
        return self

    def allocate(self, first: int = 0) -> Allocation:
        meals = as_planned(self.entries, self.recipes, self.substitutes)
        return allocate(meals, self.supply, foods_of(self.recipes.values()), TODAY + timedelta(first))

    def statuses(self) -> list[list[str]]:
        return [[line.status for line in meal.lines] for meal in self.allocate().meals]

    def shorts(self) -> list[list[Quantity | None]]:
        return [[line.short for line in meal.lacking] for meal in self.allocate().meals]

    def takes(self) -> list[list[tuple[Item, str]]]:
        """Return for each meal which items it has lots of, and how much."""
        items = {each.id: each for each in self.supply.items}
        taken = [[take for line in meal.lines for take in line.takes] for meal in self.allocate().meals]
        return [[(items[each.item_id], shown(each.units, items[each.item_id])) for each in takes] for takes in taken]

    def amounts(self) -> list[list[str]]:
        return [[amount for _, amount in takes] for takes in self.takes()]

    def to_buy(self) -> list[tuple[str, str | None]]:
        return [(each.name, said(each.quantity)) for each in self.allocate().to_buy]


def shown(units: int, item: Item) -> str:
    return said(show(units, item.unit)) or ""


def said(quantity: Quantity | None) -> str | None:
    return None if quantity is None else f"{quantity.amount} {quantity.unit}"


def bought(allocation: Allocation) -> ToBuy:
    (only,) = allocation.to_buy
    return only


def test_four_meals_of_100_g_of_250_g_of_cheese() -> None:
    cheese, toast = item("cheese", "250 g"), dish("100 g cheese")
    week = Week(cheese).plan(0, toast).plan(1, toast).plan(2, toast).plan(3, toast)
    assert week.statuses() == [["enough"], ["enough"], ["short"], ["missing"]]
    assert week.shorts() == [[], [], [of("50 g")], [of("100 g")]]
    only = bought(week.allocate())
    assert (only.item_id, only.food_id, only.name) == (cheese.id, food("cheese"), "cheese")
    assert (only.quantity, only.needed_on, only.is_approximate) == (of("150 g"), TODAY + timedelta(2), False)


def test_days_are_walked_in_their_order_whatever_was_planned_first() -> None:
    week = Week(item("cheese", "100 g"))
    week.plan(2, dish("100 g cheese")).plan(0, dish("60 g cheese")).plan(1, dish("50 g cheese"))
    assert week.shorts() == [[], [of("10 g")], [of("100 g")]]


def test_a_day_is_walked_from_breakfast_to_dinner_the_snack_before_it() -> None:
    week = Week(item("milk", "300 ml", code="ml"))
    week.plan(0, dish("200 ml milk"), "dinner").plan(0, dish("100 ml milk"), "snack")
    week.plan(0, dish("100 ml milk"), "lunch").plan(0, dish("50 ml milk"), "breakfast")
    assert week.amounts() == [["50 ml"], ["100 ml"], ["100 ml"], ["50 ml"]]
    assert week.shorts() == [[], [], [], [of("150 ml")]]


def test_of_one_meal_what_was_planned_first_has_its_lots_first() -> None:
    week = Week(item("cheese", "100 g"))
    week.plan(0, dish("80 g cheese"), created_at=NOW + timedelta(days=1)).plan(0, dish("50 g cheese"), created_at=NOW)
    assert week.amounts() == [["50 g"], ["50 g"]]
    assert week.shorts() == [[], [of("30 g")]]


def test_what_is_past_its_use_by_date_on_the_day_of_a_meal_is_not_for_that_meal() -> None:
    ham = item("ham", lots=[lot("200 g", 1, use_by=True)])
    week = Week(ham).plan(1, dish("100 g ham")).plan(2, dish("100 g ham"))
    assert week.statuses() == [["enough"], ["missing"]]
    assert week.to_buy() == [("ham", "100 g")]


def test_what_is_past_its_best_before_date_on_the_day_of_a_meal_is_for_it_and_is_told() -> None:
    week = Week(item("yogurt", ("200 g", 1))).plan(1, dish("100 g yogurt")).plan(2, dish("100 g yogurt"))
    assert [[each.is_past_best_before for each in meal.lines] for meal in week.allocate().meals] == [[False], [True]]
    assert week.to_buy() == []


def test_what_spoils_first_is_for_the_first_meal_so_that_the_next_one_has_what_keeps() -> None:
    ham = item("ham", lots=[lot("100 g", 5, use_by=True), lot("100 g", 1, use_by=True)])
    week = Week(ham).plan(1, dish("100 g ham")).plan(4, dish("100 g ham"))
    late, soon = (each.id for each in ham.lots)
    assert [meal.lines[0].takes[0].lot_id for meal in week.allocate().meals] == [soon, late]


def test_what_expires_between_two_meals_is_lost_for_the_second() -> None:
    ham = item("ham", lots=[lot("150 g", 1, use_by=True), lot("20 g", 9, use_by=True)])
    week = Week(ham).plan(0, dish("100 g ham")).plan(3, dish("100 g ham"))
    assert week.amounts() == [["100 g"], ["20 g"]]
    assert week.shorts() == [[], [of("80 g")]]


def test_a_frozen_lot_is_there_when_what_was_fresh_is_past() -> None:
    salmon = item("salmon", lots=[lot("150 g", 1, use_by=True), lot("300 g", 90)])
    week = Week(salmon).plan(0, dish("150 g salmon")).plan(2, dish("200 g salmon")).plan(10, dish("100 g salmon"))
    assert week.amounts() == [["150 g"], ["200 g"], ["100 g"]]
    assert week.to_buy() == []


def test_what_is_opened_is_taken_first() -> None:
    milk = item("milk", lots=[lot("1 l", 3), lot("200 ml", 9, opened=True)], code="ml")
    week = Week(milk).plan(0, dish("300 ml milk"))
    assert week.amounts() == [["200 ml", "100 ml"]]


def test_two_recipes_share_what_there_is() -> None:
    week = Week(item("flour", "500 g"), item("egg", "6 piece", code="piece"))
    week.plan(0, dish("300 g flour", "4 piece egg")).plan(1, dish("250 g flour", "3 piece egg"))
    assert week.statuses() == [["enough", "enough"], ["short", "short"]]
    assert week.to_buy() == [("flour", "50 g"), ("egg", "1 piece")]


def test_a_food_that_stands_twice_in_a_recipe_is_needed_twice() -> None:
    week = Week(item("butter", "100 g")).plan(0, dish("80 g butter", "50 g butter"))
    assert week.statuses() == [["enough", "short"]]
    assert week.to_buy() == [("butter", "30 g")]


def test_servings_scale_what_is_needed() -> None:
    week = Week(item("rice", "500 g"))
    week.plan(0, dish("300 g rice", servings=4), servings=6).plan(1, dish("80 g rice"), servings="2.5")
    assert week.amounts() == [["450 g"], ["50 g"]]
    assert week.to_buy() == [("rice", "150 g")]


def test_thirds_add_up_to_wholes() -> None:
    third = dish("100 g cheese", servings=3)
    week = Week(item("cheese")).plan(0, third, servings=1).plan(1, third, servings=1)
    assert week.to_buy() == [("cheese", "66.666667 g")]
    assert week.plan(2, third, servings=1).to_buy() == [("cheese", "100 g")]


def test_what_was_cooked_has_had_its_lots() -> None:
    week = Week(item("cheese", "100 g")).plan(0, dish("100 g cheese"), cook_id=new_id()).plan(1, dish("100 g cheese"))
    assert week.statuses() == [["enough"]]


def test_what_was_to_be_had_before_today_is_not_had_any_more() -> None:
    week = Week(item("cheese", "100 g")).plan(-1, dish("100 g cheese")).plan(0, dish("100 g cheese"))
    assert week.statuses() == [["enough"]]


def test_meals_before_those_that_are_asked_about_have_theirs_all_the_same() -> None:
    week = Week(item("cheese", "250 g")).plan(0, dish("200 g cheese")).plan(1, dish("100 g cheese"))
    late = week.allocate(first=1)
    assert [[line.short for line in meal.lacking] for meal in late.meals] == [[of("50 g")]]
    week.plan(0, dish("100 g cheese"))
    assert bought(week.allocate(first=1)).quantity == of("100 g")
    assert bought(week.allocate()).quantity == of("150 g")


def test_what_is_eaten_without_a_recipe_needs_nothing() -> None:
    week = Week().plan(0, "Pizza out")
    assert (week.statuses(), week.to_buy()) == ([[]], [])


def test_what_a_part_needs_is_needed_by_what_uses_it() -> None:
    dough = dish("300 g flour", "150 g butter", servings=3)
    base = line("shortcrust", knows=False, recipe_id=dough.id, recipe_servings=Decimal(2))
    tart = dish(base, "4 piece egg", servings=4)
    week = Week(item("flour", "250 g"), item("egg", "6 piece", code="piece"))
    week.recipes[dough.id] = dough
    week.plan(0, tart).plan(1, tart, servings=2)
    assert week.statuses() == [["enough", "missing", "enough"], ["short", "missing", "enough"]]
    assert week.to_buy() == [("butter", "150 g"), ("flour", "50 g")]


def test_what_a_line_says_may_stand_in_is_taken_where_the_first_is_not_there_whole() -> None:
    margarine = Alternative(name="margarine", food_id=food("margarine"), food_name="margarine")
    cake = dish(line("80 g butter", alternatives=[margarine]))
    week = Week(item("butter", "100 g"), item("margarine", "100 g"))
    week.plan(0, cake).plan(1, cake).plan(2, cake)
    assert [[line.instead for line in meal.lines] for meal in week.allocate().meals] == [[None], ["margarine"], [None]]
    assert week.statuses() == [["enough"], ["enough"], ["short"]]
    assert week.to_buy() == [("butter", "60 g")]


def test_what_the_household_takes_for_another_comes_last() -> None:
    week = Week(item("cream", "100 ml", code="ml"), item("crème fraîche", "200 ml", code="ml"))
    week.substitutes[food("cream")] = [(food("crème fraîche"), "crème fraîche")]
    week.plan(0, dish("80 ml cream")).plan(1, dish("80 ml cream")).plan(2, dish("250 ml cream"))
    assert [name.name for takes in week.takes() for name, _ in takes] == ["cream", "crème fraîche", "cream"]
    assert week.to_buy() == [("cream", "230 ml")]


def test_staples_and_water_are_not_bought() -> None:
    week = Week(item("salt", "10 g", is_staple=True), item("flour", "100 g"))
    week.plan(0, dish("20 g salt", line("2 l water", knows=False), "100 g flour"))
    assert week.statuses() == [["staple", "staple", "enough"]]
    assert week.amounts() == [["10 g", "100 g"]]
    assert week.to_buy() == []


def test_what_is_to_taste_is_not_bought() -> None:
    week = Week().plan(0, dish(line("pepper", is_to_taste=True)))
    assert (week.statuses(), week.to_buy()) == ([["to_taste"]], [])


def test_some_of_what_is_not_there_is_bought_without_an_amount() -> None:
    week = Week(item("parsley", "1 piece", code="piece")).plan(0, dish("parsley", "basil")).plan(1, dish("basil"))
    assert week.statuses() == [["enough", "missing"], ["missing"]]
    assert week.to_buy() == [("basil", None)]


def test_some_of_a_thing_is_among_what_is_bought_of_it_anyway() -> None:
    week = Week(item("basil")).plan(0, dish("basil")).plan(1, dish("20 g basil"))
    only = bought(week.allocate())
    assert (only.quantity, only.needed_on) == (of("20 g"), TODAY)


def test_with_an_item_it_is_bought_in_the_items_unit_by_its_own_conversions() -> None:
    pack = Fact("pack", Quantity(Amount("0.5"), "kg"))
    flour = item("flour", code="pack", facts=[pack])
    week = Week(flour).plan(0, dish("300 g flour")).plan(1, dish("1.2 kg flour"))
    only = bought(week.allocate())
    assert (only.item_id, only.quantity, only.is_approximate) == (flour.id, of("3 pack"), False)


def test_eggs_that_are_weighed_are_bought_in_pieces_about() -> None:
    week = Week(item("egg", "2 piece", code="piece")).plan(0, dish("180 g egg"))
    only = bought(week.allocate())
    assert (only.quantity, only.is_approximate) == (of("1 piece"), True)


def test_without_an_item_it_is_bought_in_the_recipes_unit() -> None:
    only = bought(Week().plan(0, dish("1.5 kg potatoes")).plan(1, dish("1 kg potatoes")).allocate())
    assert (only.item_id, only.food_id, only.name, only.quantity) == (
        None, food("potatoes"), "potatoes", of("2.5 kg"),
    )  # fmt: skip


def test_different_units_of_one_measure_add_up() -> None:
    assert Week().plan(0, dish("1 kg flour", "250 g flour")).to_buy() == [("flour", "1250 g")]
    assert Week().plan(0, dish("2 tbsp oil", "1 dl oil")).to_buy() == [("oil", "130 ml")]


def test_mass_and_volume_add_up_where_the_food_has_a_density() -> None:
    week = Week().plan(0, dish("100 ml milk")).plan(1, dish("206 g milk"))
    assert week.to_buy() == [("milk", "300 ml")]


def test_what_nothing_leads_between_is_listed_apart() -> None:
    week = Week().plan(0, dish("2 piece onion")).plan(1, dish("100 g onion")).plan(2, dish("1 piece onion"))
    assert week.to_buy() == [("onion", "3 piece"), ("onion", "100 g")]


def test_where_the_item_can_not_count_it_it_is_bought_in_the_recipes_unit_by_name() -> None:
    onions = item("onion", code="piece")
    week = Week(onions).plan(0, dish("2 piece onion")).plan(1, dish("100 g onion"))
    assert [(each.item_id, said(each.quantity)) for each in week.allocate().to_buy] == [
        (onions.id, "2 piece"),
        (None, "100 g"),
    ]


def test_a_tin_that_says_what_it_holds_is_counted_by_either() -> None:
    tin = line("1 tin tomatoes", equivalent=StoredQuantity.of(of("400 g")))
    assert Week(item("tomatoes")).plan(0, dish(tin)).plan(1, dish("100 g tomatoes")).to_buy() == [("tomatoes", "500 g")]
    assert Week(item("tomatoes", "300 g")).plan(0, dish(tin)).to_buy() == [("tomatoes", "100 g")]


def test_what_nobody_can_tell_of_is_told_so_and_not_bought() -> None:
    week = Week(item("honey", "1 pack", code="pack", facts=[]))
    week.plan(0, dish("50 g honey", line("2 cl sauce de Mamie", knows=False)))
    allocation = week.allocate()
    assert week.statuses() == [["unknown_conversion", "unmatched"]]
    assert [(line.line, line.status) for _, line in allocation.unknown] == [
        ("50 g honey", "unknown_conversion"),
        ("2 cl sauce de Mamie", "unmatched"),
    ]
    assert allocation.to_buy == []


def test_a_things_own_name_is_met_by_an_item_of_that_name() -> None:
    week = Week(item("Sauces de mamie", "10 cl", code="cl", knows=False))
    week.plan(0, dish(line("15 cl sauce de Mamie", knows=False)))
    assert week.to_buy() == [("Sauces de mamie", "5 cl")]


def test_several_items_of_a_food_are_used_and_the_first_that_counts_it_is_bought() -> None:
    brand, bulk = item("milk", "200 ml", code="ml"), item("milk", "3 piece", code="piece", facts=[])
    week = Week(bulk, brand).plan(0, dish("500 ml milk"))
    only = bought(week.allocate())
    assert (only.item_id, only.quantity) == (brand.id, of("300 ml"))


@pytest.mark.parametrize("name", ["chosen", "matched"])
def test_what_is_bought_is_called_by_a_name_that_means_its_food(name: str) -> None:
    stuff = line("50 g yellow stuff", food_id=food("margarine"), food_name="margarine", link=name)
    only = bought(Week().plan(0, dish(stuff)).allocate())
    assert only.name == ("margarine" if name == "chosen" else "yellow stuff")


def test_what_was_bought_as_told_is_enough() -> None:
    third, week = dish("100 g flour", "2 tbsp milk", "1 piece egg", servings=3), Week(item("milk", code="l"))
    for day in range(4):
        week.plan(day, third, servings=day + 1)
    for each in week.allocate().to_buy:
        assert each.quantity
        amount = f"{each.quantity.amount:f} {each.quantity.unit}"
        week.supply.items.append(item(each.name, amount, code=each.quantity.unit))
    again = Week(*week.supply.items)
    again.entries, again.recipes = week.entries, week.recipes
    assert again.to_buy() == []
