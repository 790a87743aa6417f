"""What holds of the pantry whatever there is and whatever is asked for."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from popote_kit.quantity import Amount, Fact, Quantity, unit
from popote_kit.testing import new_id
from popote_recipes.model.cookable import judge
from popote_recipes.model.pantry import Option, Pantry, Served, Slot
from popote_recipes.model.supply import Item, Lot, Supply
from popote_recipes.model.things import thing

TODAY: Final = date(2025, 6, 2)
NAMES: Final = ("flour", "egg", "milk")
CODES: Final = ("g", "ml", "piece", "tbsp", "pack")
FACTS: Final = [
    Fact("piece", Quantity(Amount("60"), "g")),
    Fact("ml", Quantity(Amount("0.7"), "g"), is_approximate=True),
    Fact("pack", Quantity(Amount("3"), "piece")),
]

amounts: Any = st.integers(1, 10**12)
lots: Any = st.builds(
    Lot,
    st.builds(new_id),
    amounts,
    st.none() | st.integers(-5, 20).map(lambda days: TODAY + timedelta(days)),
    st.booleans(),
    st.booleans(),
)


@st.composite
def items(draw: st.DrawFn) -> Item:
    code = draw(st.sampled_from(CODES))
    return Item(
        id=new_id(),
        name=draw(st.sampled_from(NAMES)),
        unit=code,
        measure=unit(code).measure,
        is_staple=draw(st.booleans()),
        facts=draw(st.lists(st.sampled_from(FACTS), unique_by=lambda fact: fact.unit)),
        lots=draw(st.lists(lots, max_size=4)),
    )


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    code, units = draw(st.sampled_from(CODES)), draw(st.none() | st.integers(0, 10**12))
    names = draw(st.lists(st.sampled_from((*NAMES, "nothing")), min_size=1, max_size=3, unique=True))
    options = [
        Option(thing_id=thing(None, name), name=name, unit=None if units is None else code, units=units)
        for name in names
    ]
    return Slot(line="line", options=options)


supplies: Any = st.builds(lambda found: Supply(today=TODAY, items=found), st.lists(items(), max_size=5))
meals: Any = st.lists(slots(), max_size=6)
scales: Any = st.fractions(Fraction(1, 10), 10, max_denominator=12)


def served(supply: Supply, meal: Sequence[Slot], scale: Fraction = Fraction(1)) -> list[Served]:
    pantry = Pantry(supply, staples=False)
    return [pantry.serve(slot, TODAY, scale) for slot in meal]


def lots_of(supply: Supply) -> dict[UUID, tuple[Item, Lot]]:
    return {lot.id: (item, lot) for item in supply.items for lot in item.lots}


@given(supplies, meals, scales)
def test_no_lot_gives_more_than_it_holds_nor_anything_past_its_use_by_date(
    supply: Supply, meal: list[Slot], scale: Fraction
) -> None:
    taken: dict[UUID, int] = defaultdict(int)
    for take in (take for line in served(supply, meal, scale) for take in line.takes):
        assert take.units > 0
        taken[take.lot_id] += take.units
    known = lots_of(supply)
    for lot_id, units in taken.items():
        assert units <= known[lot_id][1].amount
        assert known[lot_id][1].is_good(TODAY)


@given(supplies, meals, scales)
def test_what_is_taken_and_what_is_lacking_come_to_what_is_needed(
    supply: Supply, meal: list[Slot], scale: Fraction
) -> None:
    for line in served(supply, meal, scale):
        option = line.option
        if option is None or not option.units or line.status not in ("enough", "short"):
            continue
        assert option.measure is not None
        rates = [supply.by_id[take.item_id].rates[option.measure].ratio for take in line.takes]
        got = sum((take.units / rate for take, rate in zip(line.takes, rates, strict=True)), Fraction(0))
        unseen = max(  # what no scale shows
            item.tolerance / rate.ratio
            for item in supply.items_of(option.thing_id)
            if (rate := item.rates.get(option.measure))
        )
        assert abs(got + (line.lacks or 0) - option.units * scale) <= unseen
        assert (line.status == "short") == bool(line.lacks)


@given(supplies, meals)
def test_what_is_opened_goes_first_then_what_keeps_least_long(supply: Supply, meal: list[Slot]) -> None:
    known = lots_of(supply)
    for line in served(supply, meal):
        taken = [known[take.lot_id][1] for take in line.takes]
        order = [(not lot.is_opened, lot.expires_on or date.max) for lot in taken]
        assert order == sorted(order)


@given(supplies, slots(), scales)
def test_the_same_line_again_finds_as_much_less_as_was_taken(supply: Supply, slot: Slot, scale: Fraction) -> None:
    first, second = served(supply, [slot, slot], scale)
    whole = {take.lot_id for take in first.takes[:-1]}  # all but the last were used up
    assert not whole & {take.lot_id for take in second.takes}
    assert first == served(supply, [slot], scale)[0]


@given(supplies, meals, st.integers(1, 12))
def test_fewer_servings_than_asked_are_possible_where_amounts_are_short(
    supply: Supply, meal: list[Slot], servings: int
) -> None:
    plain = [Slot(line=slot.line, options=slot.options[:1]) for slot in meal]
    dish = judge(plain, supply, TODAY, servings=Amount(servings))
    assert 0 <= dish.servings_possible <= 1000
    assert dish.missing >= dish.unknown
    if dish.missing == 0:
        assert dish.servings_possible >= servings
    if any(line.status in ("missing", "short") and line.option and line.option.units for line in dish.lines):
        assert dish.servings_possible < servings
