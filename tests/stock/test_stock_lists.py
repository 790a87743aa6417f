"""Shopping lists: adding, ticking, filling, and the trip that brings everything home."""

from typing import Any

from popote_stock.testing import Kitchen


def of(amount: float, unit: str) -> dict[str, Any]:
    return {"amount": amount, "unit": unit}


async def test_what_was_ticked_comes_home_and_an_undo_puts_it_back_on_the_list(anna: Kitchen, clock: Any) -> None:
    milk = await anna.item("Milk", "l")
    shop = (await anna.post("/lists", {"name": "Saturday"}))["id"]
    lines = [{"item_id": milk, "quantity": of(2, "l")}, {"name": "Bread"}]
    added = (await anna.post(f"/lists/{shop}/items", {"lines": lines}))["items"]
    assert [(line["name"], line["quantity"]) for line in added] == [("Milk", of(2, "l")), ("Bread", None)]
    ticks = [{"line_id": line["id"], "is_ticked": True, "at": clock().isoformat()} for line in added]
    ticked = (await anna.ask("PUT", f"/lists/{shop}/ticks", json={"ticks": ticks})).json()
    assert [line["is_ticked"] for line in ticked["items"]] == [True, True]
    trip = await anna.post(f"/lists/{shop}/commit", {})
    assert await anna.total("Milk") == 2
    assert await anna.total("Bread") == 1
    assert (await anna.get(f"/lists/{shop}/items"))["items"] == []
    await anna.undo(trip["action_id"])
    assert await anna.on_hand() == {}
    assert {line["name"] for line in (await anna.get(f"/lists/{shop}/items"))["items"]} == {"Milk", "Bread"}
