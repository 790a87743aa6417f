"""What happens to lots while they are kept: opened, moved, frozen, thawed, counted, corrected."""

from datetime import timedelta
from typing import Any

import pytest

from popote_kit.testing import Clock, new_id
from popote_stock.testing import Kitchen


async def lots(who: Kitchen, item: str) -> list[dict[str, Any]]:
    return list((await who.get(f"/items/{item}/lots"))["items"])


async def amounts(who: Kitchen, item: str) -> list[Any]:
    return [lot["quantity"]["amount"] for lot in await lots(who, item)]


async def act(who: Kitchen, what: str, *lines: dict[str, Any]) -> str:
    """Do something to lots; return the id of the action."""
    return str((await who.post(f"/{what}", {"lines": list(lines)}))["action_id"])


async def place(who: Kitchen, name: str) -> str:
    return next(str(each["id"]) for each in (await who.get("/locations"))["items"] if each["name"] == name)


async def test_opening_one_of_six_makes_it_a_lot_of_its_own(anna: Kitchen, clock: Clock) -> None:
    cans = await anna.item("Beans", "can", shelf_life={"opened": 2})
    lot = (await anna.buy(cans, 6, "can", best_before="2028-01-01"))["lots"][0]
    opened = await act(anna, "open", {"lot_id": lot["id"], "quantity": {"amount": 1, "unit": "can"}})
    first, rest = await lots(anna, cans)
    assert (first["quantity"]["amount"], rest["quantity"]["amount"]) == (1, 5)
    assert first["opened_at"]
    assert rest["opened_at"] is None
    assert (first["expires_why"], rest["expires_why"]) == ("opened", "best_before")
    assert (await anna.on_hand())["Beans"]["opened"] == {"amount": 1, "unit": "can"}
    used = await anna.use(cans, 1, "can")
    assert used["takes"][0]["lot_id"] == first["id"], "what is opened goes first"
    await anna.undo(used["action_id"])
    await anna.undo(opened)
    assert await lots(anna, cans) == [lot]


async def test_opening_all_of_a_lot_opens_that_lot_and_the_same_twice_is_nothing(anna: Kitchen) -> None:
    milk = await anna.item("Milk", "l")
    lot = (await anna.buy(milk, 1, "l"))["lots"][0]["id"]
    await act(anna, "open", {"item_id": milk})
    assert [each["id"] for each in await lots(anna, milk)] == [lot]
    again = await anna.ask("POST", "/open", json={"lines": [{"lot_id": lot}]})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/nothing-to-do")
    none = await anna.ask("POST", "/open", json={"lines": [{"item_id": milk}]})
    assert (none.status_code, none.json()["type"]) == (409, "/problems/not-enough-stock")


async def test_opening_so_much_of_an_item_goes_through_its_closed_lots(anna: Kitchen, clock: Clock) -> None:
    milk = await anna.item("Milk", "l")
    first, second = [(await anna.buy(milk, 0.5, "l", use_by=f"2199-01-0{day}"))["lots"][0]["id"] for day in (1, 2)]
    line = {"item_id": milk, "quantity": {"amount": 0.7, "unit": "l"}}
    action = await act(anna, "open", line)
    opened = [lot for lot in await lots(anna, milk) if lot["opened_at"]]
    assert [lot["quantity"]["amount"] for lot in opened] == [0.5, 0.2]
    assert opened[0]["id"] == first
    told = (await anna.get("/journal"))["items"][0]["lines"]
    assert [each["typed"] for each in told] == [{"amount": 0.7, "unit": "l"}, None, None]
    short = await anna.ask("POST", "/open", json={"lines": [line]})
    assert (short.status_code, short.json()["short"][0]["missing"]) == (409, {"amount": 0.4, "unit": "l"})
    assert sum(lot["opened_at"] is not None for lot in await lots(anna, milk)) == 2
    await anna.undo(action)
    assert [lot["id"] for lot in await lots(anna, milk)] == [first, second]


async def test_what_gets_into_the_freezer_is_frozen_and_what_leaves_it_thaws(anna: Kitchen, clock: Clock) -> None:
    freezer, fridge = await place(anna, "Freezer"), await place(anna, "Fridge")
    meat = await anna.item("Mince", shelf_life={"frozen": 90, "thawed": 1}, date_kind="use_by", location_id=fridge)
    lot = (await anna.buy(meat, 500, use_by=str(clock.now.date() + timedelta(days=30))))["lots"][0]
    clock.advance(seconds=1)
    frozen = await act(
        anna, "move", {"lot_id": lot["id"], "location_id": freezer, "quantity": {"amount": 300, "unit": "g"}}
    )
    kept, cold = sorted(await lots(anna, meat), key=lambda each: each["quantity"]["amount"])
    assert (kept["location_id"], kept["frozen_at"], kept["expires_why"]) == (fridge, None, "use_by")
    assert (cold["location_id"], cold["expires_why"], cold["is_use_by"]) == (freezer, "frozen", False)
    clock.advance(days=5)
    thawed = await act(anna, "move", {"lot_id": cold["id"], "location_id": fridge})
    (after,) = [each for each in await lots(anna, meat) if each["id"] == cold["id"]]
    assert (after["expires_why"], after["is_use_by"]) == ("thawed", True)
    assert after["thawed_at"] > after["frozen_at"]
    await anna.undo(thawed)
    await anna.undo(frozen)
    assert await lots(anna, meat) == [lot]


async def test_what_is_bought_frozen_keeps_by_its_label(anna: Kitchen) -> None:
    freezer = await place(anna, "Freezer")
    peas = await anna.item("Peas", location_id=freezer, shelf_life={"frozen": 90})
    lot = (await anna.buy(peas, 500, best_before="2028-01-01"))["lots"][0]
    assert (lot["expires_on"], lot["expires_why"]) == ("2028-01-01", "best_before")
    assert lot["frozen_at"] == lot["added_at"]


async def test_freezing_and_thawing_need_no_freezer(anna: Kitchen) -> None:
    bread = await anna.item("Bread", "loaf", shelf_life={"frozen": 30})
    lot = (await anna.buy(bread, 2, "loaf"))["lots"][0]["id"]
    frozen = await act(anna, "freeze", {"lot_id": lot})
    assert (await anna.ask("POST", "/freeze", json={"lines": [{"lot_id": lot}]})).status_code == 409
    thawed = await act(anna, "thaw", {"lot_id": lot, "quantity": {"amount": 1, "unit": "loaf"}})
    assert sorted(bool(each["thawed_at"]) for each in await lots(anna, bread)) == [False, True]
    await anna.undo(thawed)
    await anna.undo(frozen)
    assert [each["frozen_at"] for each in await lots(anna, bread)] == [None]


async def test_a_count_puts_the_books_right(anna: Kitchen, clock: Clock) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500, best_before="2027-01-01")
    clock.advance(seconds=1)
    late = (await anna.buy(rice, 500, best_before="2028-01-01"))["lots"][0]["id"]
    less = await act(anna, "correct", {"item_id": rice, "quantity": {"amount": 300, "unit": "g"}})
    assert await lots(anna, rice) == [{**(await lots(anna, rice))[0], "id": late}], "the soonest are gone first"
    assert await amounts(anna, rice) == [300]
    more = await act(anna, "correct", {"item_id": rice, "quantity": {"amount": 1, "unit": "kg"}})
    assert sorted(await amounts(anna, rice)) == [300, 700]
    one = await act(anna, "correct", {"lot_id": late, "quantity": {"amount": 0, "unit": "g"}})
    assert await amounts(anna, rice) == [700]
    for action in (one, more, less):
        await anna.undo(action)
    assert await amounts(anna, rice) == [500, 500]
    assert (await anna.get("/check"))["differences"] == []
    same = {"lines": [{"item_id": rice, "quantity": {"amount": 1, "unit": "kg"}}]}
    assert (await anna.ask("POST", "/correct", json=same)).json()["type"] == "/problems/nothing-to-do"


async def test_a_wrong_date_or_price_is_put_right_and_back(anna: Kitchen) -> None:
    ham = await anna.item("Ham")
    lot = (await anna.buy(ham, 200, best_before="2026-12-01", price={"amount": 4, "currency": "EUR"}))["lots"][0]
    line = {
        "lot_id": lot["id"],
        "best_before": None,
        "use_by": "2026-12-02",
        "price": {"amount": 3.5, "currency": "EUR"},
    }
    action = await act(anna, "correct", line)
    (after,) = await lots(anna, ham)
    assert (after["best_before"], after["use_by"], after["is_use_by"]) == (None, "2026-12-02", True)
    assert after["price"] == {"amount": 3.5, "currency": "EUR"}
    await anna.undo(action)
    assert await lots(anna, ham) == [lot]


def euros(amount: float) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


async def test_a_corrected_price_is_that_of_what_the_lot_has(anna: Kitchen) -> None:
    wine = await anna.item("Wine", "bottle")
    bought = await anna.buy(wine, 3, "bottle", price=euros(10))
    lot = bought["lots"][0]["id"]
    first = await anna.use(wine, 1, "bottle")
    await act(anna, "correct", {"lot_id": lot, "price": euros(3)})
    assert [each["price"] for each in await lots(anna, wine)] == [euros(3)]
    await anna.use(wine, 1, "bottle")
    assert [each["price"] for each in await lots(anna, wine)] == [euros(1.5)]
    await anna.undo(first["action_id"])
    assert [each["price"] for each in await lots(anna, wine)] == [euros(3)]
    assert (await anna.get("/reports/spending"))["totals"][0]["amount"] == 4.5
    paid = (await anna.get(f"/items/{wine}/prices"))["items"][0]
    assert (paid["quantity"]["amount"], paid["price"], paid["per_unit"]) == (3, euros(4.5), euros(1.5))


async def test_a_price_corrected_with_the_amount_is_that_of_the_new_amount(anna: Kitchen) -> None:
    wine = await anna.item("Wine", "bottle")
    lot = (await anna.buy(wine, 1, "bottle", price=euros(10)))["lots"][0]
    line = {"lot_id": lot["id"], "quantity": {"amount": 4, "unit": "bottle"}, "price": euros(30)}
    action = await act(anna, "correct", line)
    assert [each["price"] for each in await lots(anna, wine)] == [euros(30)]
    used = await anna.use(wine, 1, "bottle")
    assert [each["price"] for each in await lots(anna, wine)] == [euros(22.5)]
    assert (await anna.get("/reports/spending"))["totals"][0]["amount"] == 30
    await anna.undo(used["action_id"])
    await anna.undo(action)
    assert await lots(anna, wine) == [lot]


async def test_a_price_that_was_read_and_is_sent_back_changes_nothing(anna: Kitchen) -> None:
    wine = await anna.item("Wine", "bottle")
    lot = (await anna.buy(wine, 3, "bottle", price=euros(10)))["lots"][0]["id"]
    await anna.use(wine, 2, "bottle")
    (shown,) = await lots(anna, wine)
    assert shown["price"] == euros(3.3333)
    same = {"lines": [{"lot_id": lot, "price": shown["price"]}]}
    assert (await anna.ask("POST", "/correct", json=same)).json()["type"] == "/problems/nothing-to-do"
    await act(anna, "correct", {"lot_id": lot, "price": {"amount": 3.3333, "currency": "CHF"}})
    assert [each["price"]["currency"] for each in await lots(anna, wine)] == ["CHF"]


async def test_a_price_beyond_all_prices_is_refused(anna: Kitchen) -> None:
    saffron = await anna.item("Saffron")
    lot = (await anna.buy(saffron, 1000, price=euros(10)))["lots"][0]["id"]
    await anna.use(saffron, 999)
    (before,) = await lots(anna, saffron)
    answer = await anna.ask("POST", "/correct", json={"lines": [{"lot_id": lot, "price": euros(9_999_999_999)}]})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/too-much")
    assert await lots(anna, saffron) == [before]


async def test_what_is_found_in_a_count_where_it_freezes_is_frozen(anna: Kitchen) -> None:
    peas = await anna.item("Peas", location_id=await place(anna, "Freezer"), shelf_life={"frozen": 90})
    await act(anna, "correct", {"item_id": peas, "quantity": {"amount": 300, "unit": "g"}})
    (found,) = await lots(anna, peas)
    assert found["frozen_at"] == found["added_at"]
    assert found["expires_why"] == "frozen"


async def test_the_typed_total_of_a_count_is_told_once(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    for _ in range(3):
        await anna.buy(rice, 100)
    await act(anna, "correct", {"item_id": rice, "quantity": {"amount": 50, "unit": "g"}})
    lines = (await anna.get("/journal"))["items"][0]["lines"]
    assert [line["typed"] for line in lines] == [{"amount": 50, "unit": "g"}, None, None]


async def test_the_price_of_a_lot_is_that_of_what_is_left(anna: Kitchen) -> None:
    wine = await anna.item("Wine", "bottle")
    await anna.buy(wine, 3, "bottle", price={"amount": 10, "currency": "EUR"})
    await anna.use(wine, 1, "bottle")
    assert [each["price"] for each in await lots(anna, wine)] == [{"amount": 6.6667, "currency": "EUR"}]


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("open", {}),
        ("open", {"lot_id": str(new_id()), "item_id": str(new_id())}),
        ("correct", {"quantity": {"amount": 1, "unit": "g"}}),
        ("correct", {"lot_id": str(new_id()), "item_id": str(new_id()), "quantity": {"amount": 1, "unit": "g"}}),
        ("correct", {"item_id": str(new_id())}),
        ("correct", {"item_id": str(new_id()), "quantity": {"amount": 1, "unit": "g"}, "use_by": "2026-12-01"}),
        ("correct", {"lot_id": str(new_id()), "use_by": "1026-12-01"}),
        ("move", {"lot_id": str(new_id())}),
    ],
)
async def test_a_line_that_says_nothing_clear_is_refused(anna: Kitchen, what: str, line: dict[str, Any]) -> None:
    answer = await anna.ask("POST", f"/{what}", json={"lines": [line]})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
    assert all(error["pointer"].startswith("/lines/0") for error in answer.json()["errors"])


async def test_more_than_a_lot_holds_can_be_neither_opened_nor_moved(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    lot = (await anna.buy(rice, 500))["lots"][0]["id"]
    part = {"lot_id": lot, "quantity": {"amount": 501, "unit": "g"}}
    for what, more in (("open", {}), ("move", {"location_id": await place(anna, "Fridge")}), ("freeze", {})):
        answer = await anna.ask("POST", f"/{what}", json={"lines": [{**part, **more}]})
        assert (answer.status_code, answer.json()["short"][0]["missing"]["amount"]) == (409, 1), what
    assert await amounts(anna, rice) == [500]


async def test_what_expires_is_told_with_the_reason_the_soonest_first(anna: Kitchen, clock: Clock) -> None:
    today = clock.now.date()
    milk = await anna.item("Milk", "l", shelf_life={"opened": 3})
    ham, rice = await anna.item("Ham"), await anna.item("Rice")
    lot = (await anna.buy(milk, 1, "l", best_before="2199-01-01"))["lots"][0]["id"]
    await act(anna, "open", {"lot_id": lot})
    await anna.buy(ham, 100, use_by=str(today))
    await anna.buy(rice, 100)
    clock.advance(days=1)
    found = (await anna.get("/expiring", days=2))["items"]
    assert [(each["name"], each["days"], each["expires_why"]) for each in found] == [
        ("Ham", -1, "use_by"),
        ("Milk", 2, "opened"),
    ]
    page = await anna.get("/expiring", days=30, limit=1)
    rest = await anna.get("/expiring", days=30, limit=1, cursor=page["next_cursor"])
    assert [each["name"] for each in page["items"] + rest["items"]] == ["Ham", "Milk"]
    short = await anna.ask("POST", "/consume", json={"lines": [{"item_id": ham, "quantity": "all"}], "reason": "used"})
    assert (short.status_code, short.json()["past_use_by"]) == (409, [ham])
    named = (await anna.get(f"/items/{ham}/lots"))["items"][0]["id"]
    line = {"item_id": ham, "lot_id": named, "quantity": {"amount": 40, "unit": "g"}}
    await anna.post("/consume", {"lines": [line], "reason": "used"})
    await anna.post("/consume", {"lines": [{"item_id": ham, "quantity": "all"}], "reason": "spoiled"})
    assert await anna.total("Ham") == 0
