"""Reading the journal: all of it, or what happened to one item."""

from typing import Any

import pytest

from popote_kit import pages
from popote_kit.testing import new_id
from popote_stock.testing import Kitchen


async def test_the_journal_of_an_item_has_the_whole_of_each_action_that_touched_it(anna: Kitchen) -> None:
    rice, salt = await anna.item("Rice"), await anna.item("Salt")
    lines = [{"item_id": item, "quantity": {"amount": 500, "unit": "g"}} for item in (rice, salt)]
    both = await anna.post("/purchases", {"lines": lines})
    await anna.use(salt, 5)
    eaten = await anna.use(rice, 80)
    found = (await anna.get("/journal", item_id=rice))["items"]
    assert [action["id"] for action in found] == [eaten["action_id"], both["action_id"]]
    assert {line["item_id"] for line in found[1]["lines"]} == {rice, salt}


async def test_the_journal_of_an_item_is_read_page_by_page(anna: Kitchen) -> None:
    rice, salt = await anna.item("Rice"), await anna.item("Salt")
    bought = [(await anna.buy(item, 1))["action_id"] for item in (rice, salt, rice, salt, rice)]
    first = await anna.get("/journal", item_id=rice, limit=2)
    second = await anna.get("/journal", item_id=rice, limit=2, cursor=first["next_cursor"])
    assert [action["id"] for action in first["items"] + second["items"]] == [bought[4], bought[2], bought[0]]
    assert second["next_cursor"] is None


async def test_an_item_that_was_never_bought_has_no_journal(anna: Kitchen) -> None:
    await anna.buy(await anna.item("Rice"), 1)
    assert (await anna.get("/journal", item_id=await anna.item("Salt")))["items"] == []


async def test_a_page_of_the_journal_has_no_more_whole_actions_than_make_2000_lines(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    line = {"item_id": rice, "quantity": {"amount": 1, "unit": "g"}}
    for count in (3, *[200] * 11):
        await anna.post("/purchases", {"lines": [line] * count})
    for of_item in ({}, {"item_id": rice}):
        first = await anna.get("/journal", limit=200, **of_item)
        assert [len(action["lines"]) for action in first["items"]] == [200] * 10
        second = await anna.get("/journal", limit=200, cursor=first["next_cursor"], **of_item)
        assert [len(action["lines"]) for action in second["items"]] == [200, 3]
        assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/journal", 7),
        ("/journal", {"sequence": 2**70}),
        ("/journal", {"sequence": -1}),
        ("/items", {"name_key": "a\0", "id": str(new_id())}),
        ("/on-hand", {"name_key": "a\0", "id": str(new_id())}),
        ("/expiring", {"expires_on": "yesterday", "id": str(new_id())}),
        ("/items/$rice/prices", {"sequence": 2**63, "number": 1}),
        ("/items/$rice/prices", {"sequence": 1, "number": 2**15}),
    ],
)
async def test_a_cursor_that_is_none_of_ours_is_malformed(anna: Kitchen, path: str, place: Any) -> None:
    path = path.replace("$rice", await anna.item("Rice"))
    answer = await anna.ask("GET", path, params={"cursor": pages.cursor(place)})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed")
