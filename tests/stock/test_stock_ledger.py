"""What comes in, what goes out, and what the journal says of it."""

from popote_stock.testing import Kitchen


async def test_what_was_bought_is_there_and_what_was_used_is_gone(anna: Kitchen) -> None:
    rice = await anna.item("Rice", "kg")
    bought = await anna.buy(rice, 1.5, "kg", best_before="2027-01-31")
    used = await anna.use(rice, 250)
    assert bought["lots"][0]["quantity"] == {"amount": 1.5, "unit": "kg"}
    assert used["takes"][0]["quantity"] == {"amount": 0.25, "unit": "kg"}
    on_hand = (await anna.on_hand())["Rice"]
    assert on_hand["total"] == {"amount": 1.25, "unit": "kg"}
    assert on_hand["lots"][0]["best_before"] == on_hand["soonest"] == "2027-01-31"
    journal = (await anna.get("/journal"))["items"]
    assert [action["kind"] for action in journal] == ["consume", "purchase"]
    assert (await anna.get("/check")) == {"lots": 1, "differences": []}
    await anna.undo(used["action_id"])
    assert await anna.total("Rice") == 1.5
    await anna.undo(bought["action_id"])
    assert await anna.on_hand() == {}
    changes = await anna.get("/changes")
    assert [change["kind"] for change in changes["changes"]] == ["item"]
