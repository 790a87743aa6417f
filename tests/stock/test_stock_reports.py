"""What the food has cost: spending and waste by month and category, and what an item cost before."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from popote_kit.testing import Authority, Clock, new_id
from popote_stock.testing import Kitchen


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 24, 12, tzinfo=UTC))


def euros(amount: float) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


async def spending(kitchen: Kitchen, **months: str) -> list[tuple[Any, ...]]:
    report = await kitchen.get("/reports/spending", **months)
    return [(each["month"], each["category"], each["amount"], each["actions"]) for each in report["months"]]


async def test_spending_is_told_by_month_and_category(anna: Kitchen, clock: Clock) -> None:
    rice = await anna.item("Rice", "kg", category="Dry goods")
    leek = await anna.item("Leek", category="Vegetables")
    mystery = await anna.item("Mystery")
    await anna.buy(rice, 1, "kg", price=euros(2.15))
    await anna.buy(rice, 2, "kg", price=euros(4.1))
    await anna.buy(leek, 500, price=euros(1.99))
    await anna.buy(mystery, 1, price=euros(0.5))
    clock.advance(days=14)
    await anna.buy(rice, 1, "kg", price=euros(2.25))
    report = await anna.get("/reports/spending")
    assert [(each["month"], each["category"], each["amount"], each["actions"]) for each in report["months"]] == [
        ("2026-11", "Dry goods", 6.25, 2),
        ("2026-11", "Vegetables", 1.99, 1),
        ("2026-11", None, 0.5, 1),
        ("2026-12", "Dry goods", 2.25, 1),
    ]
    assert report["totals"] == [
        {"month": "2026-11", "currency": "EUR", "amount": 8.74},
        {"month": "2026-12", "currency": "EUR", "amount": 2.25},
    ]


async def test_currencies_are_never_added_up(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 1, price=euros(1))
    await anna.buy(rice, 1, price={"amount": 2, "currency": "CHF"})
    totals = (await anna.get("/reports/spending"))["totals"]
    assert [(each["currency"], each["amount"]) for each in totals] == [("CHF", 2), ("EUR", 1)]


async def test_a_split_lot_was_paid_for_once(anna: Kitchen) -> None:
    rice = await anna.item("Rice", "kg")
    lot = (await anna.buy(rice, 3, "kg", price=euros(10)))["lots"][0]["id"]
    await anna.post("/open", {"lines": [{"lot_id": lot, "quantity": {"amount": 1, "unit": "kg"}}]})
    assert await spending(anna) == [("2026-11", None, 10, 1)]


async def test_what_was_undone_was_not_spent_until_the_undo_is_undone(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    bought = await anna.buy(rice, 1, price=euros(3))
    undo = await anna.undo(bought["action_id"])
    assert await spending(anna) == []
    again = await anna.undo(undo)
    assert await spending(anna) == [("2026-11", None, 3, 1)]
    assert len((await anna.get(f"/items/{rice}/prices"))["items"]) == 1
    await anna.undo(again)
    assert await spending(anna) == []
    assert (await anna.get(f"/items/{rice}/prices"))["items"] == []


async def test_a_corrected_price_is_the_one_that_counts(anna: Kitchen) -> None:
    rice = await anna.item("Rice", "kg")
    lot = (await anna.buy(rice, 1, "kg", price=euros(299)))["lots"][0]["id"]
    await anna.post("/consume", {"lines": [{"item_id": rice, "quantity": "all"}], "reason": "spoiled"})
    await anna.post("/correct", {"lines": [{"lot_id": lot, "price": euros(2.99)}]})
    assert await spending(anna) == [("2026-11", None, 2.99, 1)]
    assert (await anna.get("/reports/waste"))["totals"][0]["amount"] == 2.99
    assert (await anna.get(f"/items/{rice}/prices"))["items"][0]["price"] == euros(2.99)


async def test_a_month_is_that_of_the_household(client: httpx.AsyncClient, authority: Authority, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    household = new_id()
    in_paris = Kitchen(client, authority.bearer(household=household, zone="Europe/Paris"))
    in_lima = Kitchen(client, authority.bearer(household=household, zone="America/Lima"))
    await in_paris.buy(await in_paris.item("Rice"), 1, price=euros(1))
    assert await spending(in_paris) == [("2026-12", None, 1, 1)]
    assert await spending(in_lima) == [("2026-11", None, 1, 1)]


async def test_waste_is_what_the_spoiled_part_had_cost(anna: Kitchen) -> None:
    leek = await anna.item("Leek", "kg", category="Vegetables")
    gift = await anna.item("Gift")
    await anna.buy(leek, 3, "kg", price=euros(10))
    await anna.buy(gift, 5)
    await anna.use(leek, 1, "kg")
    lines = [{"item_id": item, "quantity": {"amount": 1, "unit": unit}} for item, unit in ((leek, "kg"), (gift, "g"))]
    spoiled = await anna.post("/consume", {"lines": lines, "reason": "spoiled"})
    report = await anna.get("/reports/waste")
    assert [(each["category"], each["amount"], each["actions"]) for each in report["months"]] == [
        ("Vegetables", 3.3333, 1)
    ]
    assert report["unpriced"] == 1
    await anna.undo(spoiled["action_id"])
    assert await anna.get("/reports/waste") == {"months": [], "totals": [], "unpriced": 0}


async def test_a_report_tells_of_the_months_that_were_asked_for(anna: Kitchen, clock: Clock) -> None:
    rice = await anna.item("Rice")
    for _ in range(14):
        await anna.buy(rice, 1, price=euros(1))
        clock.advance(days=31)
    months = [each[0] for each in await spending(anna, **{"from": "2026-11", "to": "2027-01"})]
    assert months == ["2026-11", "2026-12", "2027-01"]
    assert [each[0] for each in await spending(anna, to="2026-12")] == ["2026-11", "2026-12"]
    clock.now = datetime(2027, 12, 31, 12, tzinfo=UTC)
    assert (await spending(anna))[0][0] == "2027-01"


@pytest.mark.parametrize(
    "months",
    [
        {"from": "2026-12", "to": "2026-11"},
        {"from": "2021-11", "to": "2026-11"},
        {"from": "2026-13"},
        {"from": "2026"},
        {"to": "0000-01"},
        {"to": "2026-11\n"},
        {"to": "٢٠٢٦-11"},
    ],
)
async def test_months_that_are_none_are_refused(anna: Kitchen, months: dict[str, str]) -> None:
    answer = await anna.ask("GET", "/reports/waste", params=months)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(months))}"


async def test_the_longest_report_is_of_sixty_months(anna: Kitchen) -> None:
    assert (await anna.get("/reports/waste", **{"from": "2021-12", "to": "2026-11"}))["months"] == []


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("adult", 200), ("child", 403), ("guest", 403)])
@pytest.mark.parametrize("report", ["spending", "waste"])
async def test_money_is_for_adults(
    client: httpx.AsyncClient, authority: Authority, role: Any, status: int, report: str
) -> None:
    someone = Kitchen(client, authority.bearer(role=role))
    assert (await someone.ask("GET", f"/reports/{report}")).status_code == status


async def test_prices_of_an_item_are_told_per_unit_the_last_first(anna: Kitchen, clock: Clock) -> None:
    rice = await anna.item("Rice", "kg")
    for amount, price in ((500, 1.2), (3000, 10), (1000, 2)):
        await anna.buy(rice, amount, price=euros(price))
        clock.advance(days=1)
    await anna.buy(rice, 1)
    first = await anna.get(f"/items/{rice}/prices", limit=2)
    newest, older = first["items"]
    assert newest["at"] == "2026-11-26T12:00:00Z"
    assert newest["quantity"] == {"amount": 1, "unit": "kg"}
    assert newest["price"] == newest["per_unit"] == euros(2)
    assert (older["price"], older["per_unit"]) == (euros(10), euros(3.3333))
    rest = await anna.get(f"/items/{rice}/prices", limit=2, cursor=first["next_cursor"])
    assert [each["per_unit"]["amount"] for each in rest["items"]] == [2.4]
    assert rest["next_cursor"] is None


async def test_a_price_per_unit_may_be_huge(anna: Kitchen) -> None:
    saffron = await anna.item("Saffron", "kg")
    await anna.buy(saffron, 1, "mg", price=euros(9_999_999_999))
    prices = (await anna.get(f"/items/{saffron}/prices"))["items"]
    assert prices[0]["per_unit"]["amount"] == 9_999_999_999_000_000


async def test_a_sum_may_be_huge(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    line = {"item_id": rice, "quantity": {"amount": 1, "unit": "g"}, "price": euros(9_999_999_999)}
    for _ in range(6):
        await anna.post("/purchases", {"lines": [line] * 200})
    assert (await anna.get("/reports/spending"))["totals"][0]["amount"] == 1200 * 9_999_999_999


async def test_prices_of_what_is_not_known_are_not_there(anna: Kitchen) -> None:
    assert (await anna.ask("GET", f"/items/{new_id()}/prices")).status_code == 404
