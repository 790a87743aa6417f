"""The pure rules of shopping lists and trips."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popote_stock.model.items import Item
from popote_stock.model.lists import NEVER, Listed, Mark, Sheet, ToBuy, Wanted, mark
from popote_stock.model.trips import Bought, learn

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIST, LINE, ITEM, ANNA, BEN = (UUID(int=number) for number in range(1, 6))
A, B, C, D, E, X, Y = (UUID(int=number) for number in range(100, 107))

marks = st.builds(
    Mark,
    at=st.integers(0, 3).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    is_ticked=st.booleans(),
    by=st.sampled_from([ANNA, BEN]),
)


def line(**facts: object) -> Listed:
    return Listed(id=LINE, list_id=LIST, name="Bread", title="Bread", key="bread", created_at=NOW, **facts)  # type: ignore[arg-type]  # what each test says


@given(st.lists(marks, max_size=6).flatmap(lambda said: st.tuples(st.just(said), st.permutations(said))))
def test_ticks_agree_in_whatever_order_they_arrive(orders: tuple[list[Mark], list[Mark]]) -> None:
    first, second = (reduce(Listed.marked, order, line()) for order in orders)
    assert first == second


@given(st.lists(marks, min_size=1, max_size=6))
def test_the_last_tick_counts_and_of_one_moment_the_tick(said: list[Mark]) -> None:
    outcome = reduce(Listed.marked, said, line())
    last = max(each.at for each in said)
    assert outcome.is_ticked is any(each.is_ticked for each in said if each.at == last)
    assert outcome.marked_at == last
    assert reduce(Listed.marked, said, outcome) == outcome


def test_a_line_that_nobody_ticked_takes_any_tick() -> None:
    first = mark(is_ticked=True, at=datetime(1, 1, 1, tzinfo=UTC), by=ANNA, now=NOW)
    assert first.at == NEVER.at
    assert line().marked(first).is_ticked
    assert line().marked(NEVER) == line()


def wanted(amount: int | None) -> Wanted:
    item = Item(id=ITEM, name="Rice", name_key="rice", unit="g", measure="mass", created_at=NOW)
    return Wanted.of_item(item, amount)


def called_rice(unit: str) -> Wanted:
    return Wanted(title="Rice", key="rice", amount=1, unit=unit)


amounts = st.one_of(st.none(), st.integers(1, 10**12))


@given(st.lists(amounts, min_size=1, max_size=8).flatmap(lambda all_: st.tuples(st.just(all_), st.permutations(all_))))
def test_amounts_of_an_item_add_up_exactly_in_any_order(orders: tuple[list[int | None], list[int | None]]) -> None:
    sums = []
    for order in orders:
        sheet = Sheet(LIST, [])
        places = {sheet.add(wanted(amount), UUID(int=number), NEVER) for number, amount in enumerate(order)}
        assert places == {UUID(int=0)}
        sums.append(sheet.changed[UUID(int=0)].amount)
    assert sums == [sum(amount or 0 for amount in orders[0]) or None] * 2


def test_a_name_counts_as_the_item_that_is_called_so_when_it_is_told_what_is_still_to_buy() -> None:
    on_list = [
        Listed(id=A, list_id=LIST, item_id=ITEM, title="Rice", key="rice", amount=100, unit="g", created_at=NOW),
        Listed(id=B, list_id=LIST, name="rice", title="rice", key="rice", amount=10, unit="kg", created_at=NOW),
        Listed(id=C, list_id=LIST, name="rice", title="rice", key="rice", amount=7, unit="pack", created_at=NOW),
        Listed(id=D, list_id=LIST, name="rice", title="rice", key="rice", created_at=NOW),
        Listed(id=E, list_id=LIST, name="salt", title="salt", key="salt", amount=5, unit="g", created_at=NOW),
    ]
    to_buy = ToBuy(on_list)
    assert to_buy.amount_of(wanted(1)) == 110
    assert to_buy.amount_of(called_rice("g")) == 10
    assert to_buy.amount_of(called_rice("pack")) == 7


@pytest.mark.parametrize(
    ("order", "visited", "learned"),
    [
        ([], [A, B], [A, B]),
        ([A, B, C], [], [A, B, C]),
        ([A, B, C, D], [D, B], [A, D, C, B]),
        ([A, B, C], [C, B, A], [C, B, A]),
        ([A, B], [A, X, B], [A, X, B]),
        ([A, B], [B, X], [A, B, X]),
        ([A, B], [X, Y, B], [X, Y, A, B]),
        ([A, B, C], [C, X, A], [C, X, B, A]),
        ([A, B], [B, A, B], [B, A]),
    ],
)
def test_the_order_of_aisles_is_learned(order: list[UUID], visited: list[UUID], learned: list[UUID]) -> None:
    assert learn(order, visited) == learned


aisles = st.lists(st.sampled_from([A, B, C, D, E, X, Y]), unique=True)


@given(aisles, aisles)
def test_what_was_learned_has_the_way_through_the_shop_in_it(order: Sequence[UUID], visited: Sequence[UUID]) -> None:
    learned = learn(order, visited)
    assert sorted(learned) == sorted({*order, *visited})
    known = [aisle for aisle in visited if aisle in order]
    assert [aisle for aisle in learned if aisle in known] == known
    away = [aisle for aisle in order if aisle not in visited]
    assert [aisle for aisle in learned if aisle in away] == away
    if not set(visited) - set(order):
        assert [learned.index(aisle) for aisle in away] == [order.index(aisle) for aisle in away]


@pytest.mark.parametrize(
    ("price", "price_for", "amount", "cost"),
    [
        ("3.00", 3, 1, "1.0000"),
        ("1.00", 3, 1, "0.3333"),
        ("0.00", 3, 1, "0.0000"),
        ("9999999999.9999", 10**16, 10**16, "9999999999.9999"),
        ("0.00025", 2, 1, "0.0001"),
    ],
)
def test_what_something_costs_follows_from_the_last_price(price: str, price_for: int, amount: int, cost: str) -> None:
    bought = Bought(ITEM, amount=None, price=Decimal(price), price_for=price_for)
    assert bought.cost(amount) == Decimal(cost)


def test_without_a_last_price_nobody_knows() -> None:
    assert Bought(ITEM, amount=1, price=None, price_for=None).cost(1) is None
