"""The pure rules: until when a lot keeps, and which lots to take from."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from popote_kit.quantity import MAX_BASE, TooMuch
from popote_kit.testing import new_id
from popote_stock.model.lots import Lot, ShelfLife, keeping, part_of, split
from popote_stock.model.takes import in_order, plan_takes

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOON.date()
LIFE = ShelfLife("use_by", purchased_days=10, opened_days=3, frozen_days=90, thawed_days=2)


def lot(amount: int = 100, **facts: Any) -> Lot:
    return Lot(**{"id": new_id(), "item_id": new_id(), "amount": amount, "price_for": 100, "added_at": NOON, **facts})


def days(count: int) -> datetime:
    return NOON + timedelta(days=count)


@pytest.mark.parametrize(
    ("facts", "life", "expected"),
    [
        ({}, ShelfLife(), (None, None, False)),
        ({}, LIFE, (date(2026, 12, 4), "purchased", True)),
        ({}, ShelfLife("best_before", 10), (date(2026, 12, 4), "purchased", False)),
        ({"best_before": date(2027, 1, 1)}, LIFE, (date(2027, 1, 1), "best_before", False)),
        ({"use_by": date(2026, 11, 26)}, LIFE, (date(2026, 11, 26), "use_by", True)),
        ({"best_before": date(2027, 1, 1), "use_by": date(2027, 1, 1)}, LIFE, (date(2027, 1, 1), "use_by", True)),
        ({"best_before": date(2027, 1, 1), "opened_at": NOON}, LIFE, (date(2026, 11, 27), "opened", True)),
        ({"use_by": date(2026, 11, 25), "opened_at": NOON}, LIFE, (date(2026, 11, 25), "use_by", True)),
        ({"best_before": date(2027, 1, 1), "opened_at": NOON}, ShelfLife(), (date(2027, 1, 1), "best_before", False)),
        ({"use_by": date(2026, 11, 25), "frozen_at": days(1)}, LIFE, (date(2027, 2, 23), "frozen", False)),
        ({"use_by": date(2026, 11, 25), "frozen_at": days(1)}, ShelfLife(), (None, None, False)),
        ({"best_before": date(2027, 6, 1), "frozen_at": NOON}, LIFE, (date(2027, 6, 1), "best_before", False)),
        ({"frozen_at": NOON}, LIFE, (date(2027, 2, 22), "frozen", False)),
        ({"use_by": date(2026, 11, 25), "frozen_at": days(-3)}, LIFE, (date(2027, 2, 19), "frozen", False)),
        (
            {"use_by": date(2026, 11, 25), "frozen_at": days(1), "thawed_at": days(30)},
            LIFE,
            (date(2026, 12, 26), "thawed", True),
        ),
        (
            {"use_by": date(2026, 11, 25), "frozen_at": days(1), "thawed_at": days(30)},
            ShelfLife(),
            (date(2026, 11, 25), "use_by", True),
        ),
        ({"added_at": datetime(9999, 12, 30, tzinfo=UTC)}, LIFE, (date.max, "purchased", True)),
    ],
)
def test_a_lot_keeps_by_its_label_its_history_and_the_items_shelf_life(
    facts: dict[str, Any], life: ShelfLife, expected: tuple[Any, ...]
) -> None:
    kept = keeping(lot(**facts), life, "UTC")
    assert (kept.expires_on, kept.expires_why, kept.is_use_by) == expected


PRICES = st.integers(0, 10**14 - 1).map(lambda units: Decimal(units).scaleb(-4))
AMOUNTS = st.integers(1, MAX_BASE)


@given(PRICES, AMOUNTS, AMOUNTS)
def test_a_part_of_a_price_is_exact_and_half_even(price: Decimal, whole: int, part: int) -> None:
    exact = Fraction(price) * part / whole
    told = part_of(price, whole, part)
    assert told.as_tuple().exponent == -4
    off = abs(Fraction(told) - exact) * 10**4
    assert off < Fraction(1, 2) or (off == Fraction(1, 2) and told.as_tuple().digits[-1] % 2 == 0)


def test_half_of_the_last_digit_goes_to_the_even_one() -> None:
    assert [part_of(Decimal(price), 2, 1) for price in ("0.0001", "0.0003", "0.0005")] == [
        Decimal(0),
        Decimal("0.0002"),
        Decimal("0.0002"),
    ]


@given(PRICES, AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_corrected_price_is_the_one_that_is_shown(price: Decimal, bought: int, left: int, found: int) -> None:
    for held in (min(bought, left), min(bought + found, MAX_BASE)):
        try:
            priced = replace(lot(held), price_for=bought).priced(price, "EUR")
        except TooMuch:
            continue
        assert priced.cost(held) == price
        assert priced.priced(price, "EUR") == priced


def test_days_are_those_of_the_household() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    opened = lot(opened_at=late)
    assert keeping(opened, ShelfLife(opened_days=3), "UTC").expires_on == date(2026, 11, 27)
    assert keeping(opened, ShelfLife(opened_days=3), "Europe/Paris").expires_on == date(2026, 11, 28)
    assert keeping(opened, ShelfLife(opened_days=3), "America/New_York").expires_on == date(2026, 11, 27)


def test_what_is_opened_goes_first_then_the_soonest_then_what_has_no_date() -> None:
    never, late, soon = lot(), lot(expires_on=date(2027, 1, 1)), lot(expires_on=date(2026, 12, 1))
    opened = lot(opened_at=NOON, expires_on=date(2028, 1, 1))
    assert in_order([never, late, soon, opened], "used", TODAY) == [opened, soon, late, never]


def test_what_is_past_its_use_by_date_is_only_thrown_away() -> None:
    past = lot(expires_on=date(2026, 11, 23), is_use_by=True)
    today = lot(expires_on=TODAY, is_use_by=True)
    stale = lot(expires_on=date(2026, 1, 1))  # past its best-before date it may still be good
    assert in_order([past, today, stale], "used", TODAY) == [stale, today]
    assert in_order([past, today, stale], "given", TODAY) == [stale, today]
    assert in_order([past, today, stale], "spoiled", TODAY) == [stale, past, today]


def test_takes_go_through_the_lots_in_their_order() -> None:
    first, empty, second = lot(70), lot(0), lot(100)
    takes, missing = plan_takes([first, empty, second], 100, 5)
    assert [(take.lot, take.amount, take.rounding, take.left) for take in takes] == [
        (first, 70, 0, 0),
        (second, 30, 0, 70),
    ]
    assert missing == 0


@pytest.mark.parametrize(
    ("held", "wanted", "expected", "missing"),
    [
        (100, 96, (96, -4, 0), 0),  # 4 would be left: less than the tolerance of 5
        (100, 95, (95, 0, 5), 0),
        (100, 104, (104, 4, 0), 0),  # 4 are lacking
        (100, 105, (100, 0, 0), 5),
        (100, None, (100, 0, 0), 0),
    ],
)
def test_crumbs_are_rounded_away(held: int, wanted: int | None, expected: tuple[int, int, int], missing: int) -> None:
    takes, lacking = plan_takes([lot(held)], wanted, 5)
    assert [(take.amount, take.rounding, take.left) for take in takes] == [expected]
    assert lacking == missing


@given(st.lists(st.integers(0, 1000), max_size=8), st.integers(1, 4000), st.integers(0, 50))
def test_takes_add_up_to_what_was_wanted(held: list[int], wanted: int, tolerance: int) -> None:
    lots = [lot(amount) for amount in held]
    takes, missing = plan_takes(lots, wanted, tolerance)
    assert sum(take.amount for take in takes) + missing == wanted
    assert all(take.left >= 0 and abs(take.rounding) < max(tolerance, 1) for take in takes)
    assert missing == 0 or all(take.left == 0 for take in takes)
    assert sum(take.lot.amount - take.left for take in takes) == sum(take.amount - take.rounding for take in takes)


@given(st.integers(2, 10**12), st.data())
def test_a_split_loses_nothing(amount: int, data: st.DataObject) -> None:
    whole = lot(amount, price=7, price_for=amount)
    part = data.draw(st.integers(1, amount - 1))
    rest, child = split(whole, part, new_id())
    assert rest.amount + child.amount == amount
    assert (child.parent_id, child.price_for, child.changed(whole)) == (whole.id, amount, frozenset())
