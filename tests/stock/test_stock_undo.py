"""Undo: exact, in any order, and refused only where something was done with the result since."""

from typing import Any

from popote_kit.testing import new_id
from popote_stock.testing import Kitchen


async def refused(who: Kitchen, action: str) -> list[str]:
    """Try to undo; return the ids of the actions that stand in the way."""
    answer = await who.ask("POST", "/undo", json={"action_id": action})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/undo-blocked"), answer.text
    return [each["action_id"] for each in answer.json()["blocked_by"]]


async def move(who: Kitchen, lot: str, to: str | None) -> str:
    return str((await who.post("/move", {"lines": [{"lot_id": lot, "location_id": to}]}))["action_id"])


async def test_uses_are_undone_in_any_order(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    first, second = await anna.use(rice, 200), await anna.use(rice, 100)
    await anna.undo(first["action_id"])
    assert await anna.total("Rice") == 400
    await anna.undo(second["action_id"])
    assert await anna.total("Rice") == 500


async def test_a_purchase_that_was_used_can_be_undone_when_the_use_is(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    bought = (await anna.buy(rice, 500))["action_id"]
    used = (await anna.use(rice, 200))["action_id"]
    assert await refused(anna, bought) == [used]
    await anna.undo(used)
    await anna.undo(bought)
    assert await anna.on_hand() == {}


async def test_an_undo_is_undone_like_any_action(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    bought = await anna.buy(rice, 500, best_before="2027-01-01", price={"amount": 2.5, "currency": "EUR"})
    undo = await anna.undo(bought["action_id"])
    redo = await anna.undo(undo)
    assert (await anna.get(f"/items/{rice}/lots"))["items"] == bought["lots"]
    used = (await anna.use(rice, 100))["action_id"]
    assert await refused(anna, redo) == [used]
    await anna.undo(used)
    await anna.undo(redo)
    assert await anna.on_hand() == {}
    journal = (await anna.get("/journal"))["items"]
    assert [action["kind"] for action in journal] == ["undo", "undo", "consume", "undo", "undo", "purchase"]
    assert [journal[-1]["undone_by"], journal[-2]["undone_by"], journal[-3]["undone_by"]] == [
        undo,
        redo,
        journal[0]["id"],
    ]


async def test_what_was_undone_is_not_undone_again(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    bought = (await anna.buy(rice, 500))["action_id"]
    undo = await anna.undo(bought)
    again = await anna.ask("POST", "/undo", json={"action_id": bought})
    assert (again.status_code, again.json()["type"], again.json()["undone_by"]) == (
        409,
        "/problems/already-undone",
        undo,
    )
    unknown = await anna.ask("POST", "/undo", json={"action_id": str(new_id())})
    assert unknown.status_code == 404


async def test_a_use_can_not_come_back_when_the_purchase_is_gone(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    bought = (await anna.buy(rice, 500))["action_id"]
    used = (await anna.use(rice, 200))["action_id"]
    undo = await anna.undo(used)
    gone = await anna.undo(bought)
    assert await refused(anna, undo) == [gone]
    await anna.undo(gone)
    await anna.undo(undo)
    assert await anna.total("Rice") == 300


async def test_moves_are_undone_the_last_one_first(anna: Kitchen) -> None:
    places = [each["id"] for each in (await anna.get("/locations"))["items"]]
    rice = await anna.item("Rice")
    lot = (await anna.buy(rice, 500))["lots"][0]["id"]
    first = await move(anna, lot, places[0])
    second = await move(anna, lot, places[2])
    third = await move(anna, lot, places[0])  # back to where the first had put it
    assert await refused(anna, first) == [second, third]
    await anna.use(rice, 100)  # from wherever it lies: that is no use of the move
    for action in (third, second, first):
        await anna.undo(action)
    (after,) = (await anna.get(f"/items/{rice}/lots"))["items"]
    assert (after["location_id"], after["quantity"]["amount"]) == (None, 400)


async def test_an_upward_count_that_was_eaten_is_not_undone(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    lot = (await anna.buy(rice, 500))["lots"][0]["id"]
    line = {"lot_id": lot, "quantity": {"amount": 600, "unit": "g"}}
    counted = (await anna.post("/correct", {"lines": [line]}))["action_id"]
    used = (await anna.use(rice, 600))["action_id"]
    assert await refused(anna, counted) == [used]


async def test_an_undo_takes_all_lines_back_or_none(anna: Kitchen) -> None:
    rice, salt = await anna.item("Rice"), await anna.item("Salt")
    lines: list[dict[str, Any]] = [
        {"item_id": item, "quantity": {"amount": 100, "unit": "g"}} for item in (rice, salt, rice)
    ]
    bought = (await anna.post("/purchases", {"lines": lines}))["action_id"]
    used = (await anna.use(salt, 10))["action_id"]
    assert await refused(anna, bought) == [used]
    assert (await anna.total("Rice"), await anna.total("Salt")) == (200, 90)


async def test_a_lost_answer_is_asked_for_again_under_the_same_key(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    line = {"item_id": rice, "quantity": {"amount": 500, "unit": "g"}}
    first = await anna.ask("POST", "/purchases", key="k-1", json={"lines": [line]})
    again = await anna.ask("POST", "/purchases", key="k-1", json={"lines": [line]})
    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    undo = [await anna.ask("POST", "/undo", key="k-2", json={"action_id": first.json()["action_id"]}) for _ in range(2)]
    assert undo[0].content == undo[1].content
    assert await anna.on_hand() == {}


async def test_an_action_needs_a_key_and_an_id_of_its_own(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    id, lot = str(new_id()), str(new_id())
    line = {"item_id": rice, "quantity": {"amount": 500, "unit": "g"}, "lot_id": lot}
    made = await anna.post("/purchases", {"id": id, "lines": [line]})
    assert (made["action_id"], made["lots"][0]["id"]) == (id, lot)
    for body in ({"id": id, "lines": [{**line, "lot_id": str(new_id())}]}, {"lines": [line]}):
        answer = await anna.ask("POST", "/purchases", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/id-taken")
    twice = await anna.ask("POST", "/purchases", json={"lines": [{**line, "lot_id": str(new_id())}] * 2})
    assert twice.status_code == 422
    headers = {**anna.headers, "Content-Type": "application/json"}
    keyless = await anna.client.post("/api/stock/purchases", json={"lines": [line]}, headers=headers)
    assert (keyless.status_code, keyless.json()["type"]) == (400, "/problems/idempotency-key-missing")
    assert await anna.total("Rice") == 500


async def test_what_was_frozen_and_thawed_is_not_left_thawed_only(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    bought = (await anna.buy(rice, 500))["lots"]
    line = {"lines": [{"lot_id": bought[0]["id"]}]}
    frozen, thawed = [(await anna.post(path, line))["action_id"] for path in ("/freeze", "/thaw")]
    assert await refused(anna, frozen) == [thawed]
    await anna.undo(thawed)
    await anna.undo(frozen)
    assert (await anna.get(f"/items/{rice}/lots"))["items"] == bought


async def test_a_price_never_comes_back_in_another_currency(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    bought = (await anna.buy(rice, 500, price={"amount": 2, "currency": "EUR"}))["lots"]
    actions = []
    for price in ({"amount": 3, "currency": "EUR"}, {"amount": 3, "currency": "CHF"}):
        line = {"lot_id": bought[0]["id"], "price": price}
        actions.append((await anna.post("/correct", {"lines": [line]}))["action_id"])
    assert await refused(anna, actions[0]) == [actions[1]]
    for action in reversed(actions):
        await anna.undo(action)
    assert (await anna.get(f"/items/{rice}/lots"))["items"] == bought


async def test_a_label_is_read_as_a_whole(anna: Kitchen) -> None:
    ham = await anna.item("Ham")
    lot = (await anna.buy(ham, 500, best_before="2027-01-01"))["lots"][0]["id"]
    labels: list[dict[str, Any]] = [{"use_by": "2027-01-01"}, {"best_before": None}]
    first, second = [
        (await anna.post("/correct", {"lines": [{"lot_id": lot, **label}]}))["action_id"] for label in labels
    ]
    assert await refused(anna, first) == [second]
