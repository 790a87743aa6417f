"""Messages: stored once, in order, read both ways, never changed."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from popote_chat.errors import MessageChanged
from popote_chat.model import Message, each_once
from popote_kit.testing import Authority, FreshDatabase, new_id

Headers = dict[str, str]


def message(content: str = "hello", **members: Any) -> dict[str, Any]:
    return {"id": str(new_id()), "role": "user", "content": content, "created_at": "2026-11-23T10:00:00Z", **members}


@pytest.fixture
async def url(client: httpx.AsyncClient, anna: Headers) -> str:
    made = await client.post("/api/chat/conversations", json={}, headers=anna)
    return f"/api/chat/conversations/{made.json()['id']}/messages"


async def save(client: httpx.AsyncClient, url: str, who: Headers, *batch: dict[str, Any]) -> httpx.Response:
    return await client.put(url, json={"messages": batch}, headers=who)


async def contents(client: httpx.AsyncClient, url: str, who: Headers, **query: Any) -> list[str]:
    """Read page by page to the end."""
    found: list[str] = []
    while True:
        page = (await client.get(url, params=query, headers=who)).json()
        found += [item["content"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


async def test_five_hundred_messages_sent_twice_are_stored_once(
    client: httpx.AsyncClient, url: str, anna: Headers
) -> None:
    batch = [message(f"line {number}") for number in range(500)]
    first = await save(client, url, anna, *batch)
    again = await save(client, url, anna, *batch)
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, {"stored": 500})
    expected = [f"line {number}" for number in range(500)]
    assert await contents(client, url, anna, limit=200) == expected
    assert await contents(client, url, anna, limit=150, order="desc") == expected[::-1]


async def test_an_overlapping_batch_adds_only_what_is_new(client: httpx.AsyncClient, url: str, anna: Headers) -> None:
    a, b, c = message("a"), message("b"), message("c")
    await save(client, url, anna, a, b)
    assert (await save(client, url, anna, b, c)).json() == {"stored": 2}
    assert await contents(client, url, anna) == ["a", "b", "c"]


async def test_order_is_of_arrival_whatever_the_ids_and_times_say(
    client: httpx.AsyncClient, url: str, anna: Headers
) -> None:
    late, early = message("late"), message("early", created_at="2020-01-01T00:00:00Z")
    await save(client, url, anna, late)
    await save(client, url, anna, early)
    assert await contents(client, url, anna) == ["late", "early"]


async def test_a_stored_message_never_changes(client: httpx.AsyncClient, url: str, anna: Headers) -> None:
    stored = message("the truth")
    await save(client, url, anna, stored)
    answer = await save(client, url, anna, message("new"), {**stored, "content": "a lie"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/message-changed")
    assert answer.json()["ids"] == [stored["id"]]
    assert await contents(client, url, anna) == ["the truth"]


async def test_two_phones_that_save_at_once_lose_nothing(client: httpx.AsyncClient, url: str, anna: Headers) -> None:
    batches = [[message(f"{phone}-{number}") for number in range(5)] for phone in range(12)]
    answers = await asyncio.gather(*(save(client, url, anna, *batch) for batch in batches + batches))
    assert {answer.status_code for answer in answers} == {200}
    found = await contents(client, url, anna, limit=200)
    assert sorted(found) == sorted(one["content"] for batch in batches for one in batch)
    for phone in range(12):
        mine = [content for content in found if content.startswith(f"{phone}-")]
        assert mine == [f"{phone}-{number}" for number in range(5)]


async def test_everything_about_a_message_comes_back(client: httpx.AsyncClient, url: str, anna: Headers) -> None:
    full = message(
        "Voilà 🍲\n\tligne",
        role="assistant",
        model="qwen3:8b",
        done_reason="stop",
        tool_calls=[{"function": {"name": "stock", "arguments": {"amount": 1.5}}}],
        links=[{"kind": "lot", "id": "x"}],
    )
    assert (await save(client, url, anna, full)).status_code == 200
    items = (await client.get(url, headers=anna)).json()["items"]
    assert {key: items[0][key] for key in full} == full


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "robot"},
        {"content": None},
        {"content": "x" * (128 * 1024 + 1)},
        {"content": "é" * (64 * 1024 + 1)},
        {"created_at": "yesterday"},
        {"created_at": "2026-11-23T10:00:00"},
        {"id": "one"},
        {"extra": 1},
        {"links": [{}] * 101},
        {"tool_calls": {"function": 1}},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}={next(iter(wrong.values()))!r}"[:40],
)
async def test_a_wrong_message_is_refused_whole(
    client: httpx.AsyncClient, url: str, anna: Headers, wrong: dict[str, Any]
) -> None:
    answer = await save(client, url, anna, message("fine"), message(**{"content": "x", **wrong}))
    assert answer.status_code == 422, answer.text
    assert await contents(client, url, anna) == []


async def test_a_batch_has_limits(client: httpx.AsyncClient, url: str, anna: Headers) -> None:
    assert (await save(client, url, anna)).status_code == 422
    assert (await save(client, url, anna, *(message() for _ in range(501)))).status_code == 422
    large = await save(client, url, anna, *(message("x" * 120_000) for _ in range(9)))
    assert (large.status_code, large.json()["type"]) == (413, "/problems/too-large")
    assert await contents(client, url, anna) == []


async def test_row_level_security_alone_keeps_rows_apart(
    client: httpx.AsyncClient, url: str, anna: Headers, authority: Authority, database: FreshDatabase
) -> None:
    """The statements of `queries.py` name household and person; these do not."""
    await save(client, url, anna, message("private"))
    own = (await database.rows("SELECT household_id, person_id FROM chat.message"))[0]
    for household, person, expected in (
        (own["household_id"], own["person_id"], 1),
        (own["household_id"], new_id(), 0),
        (new_id(), own["person_id"], 0),
        (None, None, 0),
    ):
        async with database.kitchen("chat", household, person) as kitchen:
            assert await kitchen.fetchval("SELECT count(*) FROM message") == expected
            assert await kitchen.fetchval("SELECT count(*) FROM search_words('private', 10)") == expected
            assert await kitchen.fetchval("SELECT count(*) FROM search_like('privat', 10)") == expected
            assert await kitchen.execute("UPDATE message SET content = content") == expected
            assert await kitchen.execute("UPDATE conversation SET title = title") == expected


def a_message(content: str, **members: Any) -> Message:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Message(**{"id": new_id(), "role": "user", "content": content, "created_at": now, **members})


def test_a_batch_may_hold_the_same_message_twice() -> None:
    one = a_message("x")
    assert each_once([one, one]) == [one]


def test_a_batch_may_not_contradict_itself() -> None:
    one = a_message("x")
    with pytest.raises(MessageChanged):
        each_once([one, a_message("y", id=one.id)])


@pytest.mark.parametrize(
    "time",
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:00:00-14:00"],
)
async def test_a_time_at_the_end_of_all_times_is_refused_and_the_rest_stays_readable(
    client: httpx.AsyncClient, url: str, anna: Headers, time: str
) -> None:
    refused = await save(client, url, anna, message("x", created_at=time))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/messages/0")
    assert (await client.get(url, headers=anna)).status_code == 200


@pytest.mark.parametrize("time", ["1900-01-01T00:00:00Z", "9999-01-01T09:59:59.999999+14:00"])
async def test_a_time_that_only_a_broken_clock_shows_is_kept(
    client: httpx.AsyncClient, url: str, anna: Headers, time: str
) -> None:
    assert (await save(client, url, anna, message("x", created_at=time))).status_code == 200
    assert await contents(client, url, anna) == ["x"]
    assert (await client.get("/api/chat/export", headers=anna)).text.count("\n") == 2


@pytest.mark.parametrize("number", [1e23, 1.5e99, 2**64, 10**30, 0.1, 1e-99, -0.0])
async def test_a_tool_call_with_an_odd_number_may_be_sent_again(
    client: httpx.AsyncClient, url: str, anna: Headers, number: float
) -> None:
    called = message("x", role="assistant", tool_calls=[{"function": {"name": "f", "arguments": {"n": number}}}])
    answers = [await save(client, url, anna, called) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_long_messages_come_on_shorter_pages_and_none_is_left_out(
    client: httpx.AsyncClient, url: str, anna: Headers
) -> None:
    call = {"function": {"name": "f", "arguments": {"text": "x" * 900_000}}}
    for number in range(6):
        await save(client, url, anna, message(str(number), role="assistant", tool_calls=[call]))
    page = (await client.get(url, params={"limit": 200}, headers=anna)).json()
    assert [item["content"] for item in page["items"]] == ["0", "1", "2"]
    assert await contents(client, url, anna, limit=200) == list("012345")
    assert await contents(client, url, anna, limit=200, order="desc") == list("543210")
    exported = (await client.get("/api/chat/export", headers=anna)).text.splitlines()
    assert [json.loads(line)["message"]["content"] for line in exported[1:]] == list("012345")
