"""Whatever a client sends: an answer that says what is wrong, and nothing stored."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from popote_kit.testing import FreshDatabase, new_id

ID = str(new_id())
GOOD: dict[str, Any] = {"id": ID, "role": "user", "content": "hello", "created_at": "2026-11-23T10:00:00Z"}


def batch(**members: Any) -> bytes:
    """Return a batch of one message, with other members than a good one's."""
    return json.dumps({"messages": [{**GOOD, **members}]}).encode()


def valued(literal: str) -> bytes:
    """Return a batch whose message holds `literal`, as it is, where any JSON may stand."""
    return batch(links=[{"value": "HERE"}]).replace(b'"HERE"', literal.encode())


def said(content: bytes) -> bytes:
    """Return a batch whose message's content is `content`, as it is."""
    return batch(content="HERE").replace(b"HERE", content)


NUMBERS = {
    literal[:20]: valued(literal)
    for literal in (
        "1e3000000", "-1e3000000", "1E+999999999", "1e-3000000", "0e999999999999", "1e100", "9" * 400, "-" + "9" * 400,
        "0." + "3" * 400, "1" * 39 + "e9", "NaN", "Infinity", "-Infinity", "nan", "01", "1.", ".5", "+1", "0x10",
        "1_000", "1e", "1e+", "--1", "-", "1,5", "٣",
    )
}  # fmt: skip

TEXTS = {
    "a lone high surrogate": said(rb"\ud83c"),
    "a lone low surrogate": said(rb"\udf72"),
    "surrogates the wrong way round": said(rb"\udf72\ud83c"),
    "a high surrogate before a letter": said(rb"\ud83cA"),
    "an escaped NUL": said(rb"a\u0000b"),
    "a raw NUL": said(b"a\x00b"),
    "an escaped control": said(rb"\u001b[2J"),
    "a raw control": said(b"\x1b[2J"),
    "a backspace": said(rb"a\b"),
    "a form feed": said(rb"a\f"),
    "an escaped DEL": said(rb"\u007F"),
    "a raw DEL": said(b"\x7f"),
    "a raw line feed": said(b"a\nb"),
    "a raw tab": said(b"a\tb"),
    "an unknown escape": said(rb"\x41"),
    "half an escape": said(rb"\u00"),
    "an escape of no hexadecimal": said(rb"\uZZZZ"),
    "a NUL in a name": batch(links=[{"HERE": 1}]).replace(b"HERE", rb"\u0000"),
    "a control in a name": batch(links=[{"HERE": 1}]).replace(b"HERE", rb"\u0007"),
    "a NUL deep inside": valued(r'[[{"a": ["\u0000"]}]]'),
    "a lone byte of UTF-8": said(b"\xff"),
    "overlong UTF-8": said(b"\xc0\xaf"),
    "a surrogate in UTF-8": said(b"\xed\xa0\x80"),
    "half a character": said(b"\xe2\x82"),
    "past the last code point": said(b"\xf4\x90\x80\x80"),
    "latin-1": said("é".encode("latin-1")),
    "a byte order mark": b"\xef\xbb\xbf" + batch(),
    "UTF-16": batch().decode().encode("utf-16"),
    "UTF-16 without a mark": batch().decode().encode("utf-16-le"),
    "UTF-32": batch().decode().encode("utf-32"),
    "a huge content": batch(content="x" * 900_000),
    "a huge name of a member": batch(**{"x" * 900_000: 1}),
    "a huge role": batch(role="x" * 900_000),
    "a huge id": batch(id="x" * 900_000),
}

SHAPES = {
    "nothing": b"",
    "spaces": b" \n\t ",
    "a word": b"hello",
    "text behind": batch() + b" x",
    "two documents": batch() + batch(),
    "a NUL behind": batch() + b"\x00",
    "a comma too many": b'{"messages": [],}',
    "a comma too few": b'{"messages": [] "x": 1}',
    "no colon": b'{"messages" []}',
    "single quotes": b"{'messages': []}",
    "names without quotes": b"{messages: []}",
    "a comment": b'{"messages": [] /* none */}',
    "an array that stays open": b"[" * 10,
    "only closed": b"]]]]}}}}",
    "crossed brackets": b'{"messages": [}]',
    "a quote": b'"',
    "a backslash": b'"\\',
    "a text that stays open": b'"' + rb"\"" * 500_000,
    "many texts that stay open": b'"a' * 300_001,
    "the same member twice": b'{"messages": [], "messages": []}',
    "the same member twice, once escaped": rb'{"messages": [], "\u006dessages": []}',
    "the same member twice, inside": valued('{"a": 1, "a": 2}'),
    "the same member twice, deep inside": valued('[[[{"b": {"a": 1, "a": 1}}]]]'),
    "65 deep": valued("[" * 60 + "]" * 60),
    "100,000 arrays deep": valued("[" * 100_000 + "]" * 100_000),
    "100,000 objects deep": valued('{"a":' * 100_000 + "1" + "}" * 100_000),
    "500,000 arrays that stay open": b"[" * 500_000,
    "100,000 messages": json.dumps({"messages": [1] * 100_000}).encode(),
    "an array of 500,000": b"[" + b"1," * 499_999 + b"1]",
    "100,000 members": json.dumps({str(number): 0 for number in range(100_000)}).encode(),
    "a megabyte and more": batch(content="x" * 1_100_000),
}

WRONG: dict[str, tuple[Any, ...]] = {
    "id": (None, 1, "", "x", [], {}, "0" * 31, "../../etc/passwd"),
    "role": (None, 1, "", "robot", "User", ["user"], {}),
    "content": (None, 1, True, [], {}, ["hello"], "é" * 65_537),
    "created_at": (None, 1, "", "yesterday", "2026-11-23", "2026-11-23T10:00:00", "2026-13-45T99:99:99Z",
                   "2026-02-30T10:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", [], {}),
    "model": (1, [], "x" * 201),
    "done_reason": (1, "x" * 51),
    "tool_name": ({}, "x" * 201),
    "tool_calls": (1, "x", {}, [1], [None], ["x"], [{}] * 51, [dict.fromkeys(map(str, range(51)))]),
    "links": (1, "x", {}, [1], [[]], [{}] * 101),
}  # fmt: skip

TYPES = {
    "null": b"null",
    "true": b"true",
    "a number": b"7",
    "a text": b'"messages"',
    "an array": b"[]",
    "an empty object": b"{}",
    "no messages": b'{"messages": []}',
    "messages of null": b'{"messages": null}',
    "messages of an object": b'{"messages": {}}',
    "messages of text": b'{"messages": "hello"}',
    "a message of null": b'{"messages": [null]}',
    "a message of a number": b'{"messages": [1]}',
    "a message of an array": b'{"messages": [[]]}',
    "an unknown member": json.dumps({"messages": [GOOD], "more": 1}).encode(),
    "an unknown member of a message": batch(household_id=str(new_id())),
    **{f"{name} of {value!r:.40}": batch(**{name: value}) for name, values in WRONG.items() for value in values},
    **{f"without {name}": batch().replace(f'"{name}"'.encode(), b'"model"') for name in GOOD},
}  # fmt: skip


@pytest.fixture
async def conversation(chat: httpx.AsyncClient, anna: dict[str, str]) -> str:
    made = await chat.post("/api/chat/conversations", json={"title": "Soupe"}, headers=anna)
    return f"/api/chat/conversations/{made.json()['id']}"


@pytest.mark.parametrize("bodies", [NUMBERS, TEXTS, SHAPES, TYPES], ids=["numbers", "texts", "shapes", "types"])
async def test_a_hostile_body_is_refused_and_stores_nothing(
    chat: httpx.AsyncClient,
    anna: dict[str, str],
    conversation: str,
    database: FreshDatabase,
    bodies: Mapping[str, bytes],
) -> None:
    headers = {**anna, "Content-Type": "application/json", "If-Match": '"1"'}
    for name, body in bodies.items():
        for method, path in (
            ("PUT", f"{conversation}/messages"), ("PATCH", conversation), ("POST", "/api/chat/conversations"),
        ):  # fmt: skip
            if (method, body) == ("POST", b"{}"):
                continue  # a conversation may begin with nothing
            answer = await chat.request(method, path, content=body, headers=headers)
            assert answer.status_code in (400, 413, 422), (name, method, answer.text[:300])
            assert answer.headers["content-type"] == "application/problem+json", name
            assert len(answer.content) < 1500, (name, method)
    stored = await database.rows("SELECT title, version, last_sequence FROM chat.conversation")
    assert [tuple(row) for row in stored] == [("Soupe", 1, 0)]
    assert await database.rows("SELECT id FROM chat.message") == []


def test_the_hostile_bodies_are_many() -> None:
    assert sum(map(len, (NUMBERS, TEXTS, SHAPES, TYPES))) >= 60


async def test_a_body_that_ends_early_is_refused_wherever_it_ends(
    chat: httpx.AsyncClient, anna: dict[str, str], conversation: str, database: FreshDatabase
) -> None:
    headers = {**anna, "Content-Type": "application/json"}
    whole = batch(content="Gâteau \\ 🍲", links=[{"amount": -1.5e3}])
    for end in range(len(whole)):
        answer = await chat.put(f"{conversation}/messages", content=whole[:end], headers=headers)
        assert answer.status_code == 400, (end, answer.text)
    assert await database.rows("SELECT id FROM chat.message") == []


@pytest.mark.parametrize(
    "media_type",
    [None, "", "text/plain", "text/json", "application/xml", "application/jsonp", "application/problem+json",
     "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", "application/", "*/*"],
)  # fmt: skip
async def test_a_body_that_is_not_called_json_is_refused(
    chat: httpx.AsyncClient, anna: dict[str, str], conversation: str, database: FreshDatabase, media_type: str | None
) -> None:
    headers = {**anna, **({} if media_type is None else {"Content-Type": media_type})}
    answer = await chat.put(f"{conversation}/messages", content=batch(), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert await database.rows("SELECT id FROM chat.message") == []


@pytest.mark.parametrize(
    "body",
    [
        batch(),
        said("Gâteau 🍲 \u2028 \U0010ffff".encode()),
        said(rb"\ud83c\udf72 \u00e9 \t \n \r \/ \\ \""),
        valued("[" * 59 + "]" * 59),
        valued("-0.125e-9"),
        valued("9" * 40),
        valued("0.125e15"),
        valued('"]]]]}}}}"'),
        valued('{"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 1}]}'),
        valued('"[[[[[ 1e3000000 \\" {{{{{"'),
        batch(content="x" * 131_072),
        b"\n\t " + batch() + b" \r\n",
    ],
    ids=lambda body: repr(body[-70:-4]) if len(body) < 500 else "long",
)
async def test_an_odd_but_honest_body_is_taken(
    chat: httpx.AsyncClient, anna: dict[str, str], conversation: str, body: bytes
) -> None:
    headers = {**anna, "Content-Type": "Application/JSON; charset=utf-8"}
    answer = await chat.put(f"{conversation}/messages", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"stored": 1})
    read = (await chat.get(f"{conversation}/messages", headers=anna)).json()["items"][0]
    sent = json.loads(body)["messages"][0]
    assert {name: read[name] for name in sent} == sent


async def test_an_odd_target_never_fails_the_service(chat: httpx.AsyncClient, anna: dict[str, str]) -> None:
    for query in (
        "q=%00", "q=%ff%fe", "q=%ed%a0%80", "q=%", "q=%zz", "q", "q=" + "x" * 101, "%00=1", "limit=0", "limit=-1",
        "limit=201", "limit=1e3000000", "limit=" + "9" * 400, "limit=NaN", "limit=1&limit=2", "limit=", "cursor=%00",
        "cursor=" + "A" * 1025, "cursor=" + "A" * 100, "cursor=é", "a=1&" * 5000,
    ):  # fmt: skip
        answer = await chat.get(f"/api/chat/conversations?{query}", headers=anna)
        assert answer.status_code in (200, 400, 422), (query, answer.text)
    for path in ("//api/chat/conversations", "/api/chat/conversations/", "/api//chat/conversations",
                 "/api/chat/%63onversations", "/api/chat/conversations%00", "/api/chat/conversations/%ff",
                 "/api/chat/conversations/x", "/api/chat/conversations/..%2f..", "/"):  # fmt: skip
        answer = await chat.get(httpx.URL(str(chat.base_url)).copy_with(raw_path=path.encode()), headers=anna)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found"), path
