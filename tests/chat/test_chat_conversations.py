"""Conversations: made, listed, found, renamed, deleted, exported."""

import json
from typing import Any
from uuid import UUID

import httpx

from popote_kit.testing import Authority, Clock, new_id

Headers = dict[str, str]


def message(content: str, *, role: str = "user", id: UUID | None = None) -> dict[str, Any]:
    return {"id": str(id or new_id()), "role": role, "content": content, "created_at": "2026-11-23T10:00:00Z"}


async def begin(client: httpx.AsyncClient, who: Headers, title: str = "", *contents: str) -> str:
    answer = await client.post("/api/chat/conversations", json={"title": title}, headers=who)
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    if contents:
        await save(client, who, id, [message(content) for content in contents])
    return id


async def save(client: httpx.AsyncClient, who: Headers, id: str, batch: list[dict[str, Any]]) -> httpx.Response:
    return await client.put(f"/api/chat/conversations/{id}/messages", json={"messages": batch}, headers=who)


async def titles(client: httpx.AsyncClient, who: Headers, **query: Any) -> list[str]:
    answer = await client.get("/api/chat/conversations", params=query, headers=who)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def test_a_conversation_is_made_and_read_back(client: httpx.AsyncClient, anna: Headers) -> None:
    made = await client.post("/api/chat/conversations", json={"title": "Gâteau"}, headers=anna)
    read = await client.get(f"/api/chat/conversations/{made.json()['id']}", headers=anna)
    assert (made.status_code, read.status_code) == (201, 200)
    assert made.json() == read.json()
    assert made.headers["etag"] == read.headers["etag"] == '"1"'
    assert {"id", "title", "created_at", "updated_at"} <= made.json().keys()


async def test_the_same_id_twice_is_the_same_conversation(client: httpx.AsyncClient, anna: Headers) -> None:
    body = {"id": str(new_id()), "title": "Soupe"}
    first = await client.post("/api/chat/conversations", json=body, headers=anna)
    again = await client.post("/api/chat/conversations", json={**body, "title": "Other"}, headers=anna)
    assert first.json() == again.json()
    assert await titles(client, anna) == ["Soupe"]


async def test_the_same_key_twice_makes_one_conversation(client: httpx.AsyncClient, anna: Headers) -> None:
    keyed = {**anna, "Idempotency-Key": "k-1"}
    first = await client.post("/api/chat/conversations", json={"title": "Soupe"}, headers=keyed)
    again = await client.post("/api/chat/conversations", json={"title": "Soupe"}, headers=keyed)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert await titles(client, anna) == ["Soupe"]


async def test_a_key_is_not_taken_for_another_body(client: httpx.AsyncClient, anna: Headers) -> None:
    keyed = {**anna, "Idempotency-Key": "k-1"}
    await client.post("/api/chat/conversations", json={"title": "Soupe"}, headers=keyed)
    other = await client.post("/api/chat/conversations", json={"title": "Tarte"}, headers=keyed)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert await titles(client, anna) == ["Soupe"]


async def test_a_refused_request_leaves_its_key_free(client: httpx.AsyncClient, anna: Headers) -> None:
    keyed = {**anna, "Idempotency-Key": "k-1"}
    refused = await client.post("/api/chat/conversations", json={"title": 7}, headers=keyed)
    taken = await client.post("/api/chat/conversations", json={"title": "Soupe"}, headers=keyed)
    assert (refused.status_code, taken.status_code) == (422, 201)


async def test_the_last_used_comes_first_page_by_page(client: httpx.AsyncClient, anna: Headers, clock: Clock) -> None:
    ids = []
    for title in ("one", "two", "three"):
        ids.append(await begin(client, anna, title))
        clock.advance(seconds=1)
    await save(client, anna, ids[0], [message("again")])
    first = (await client.get("/api/chat/conversations", params={"limit": 2}, headers=anna)).json()
    second = (
        await client.get("/api/chat/conversations", params={"limit": 2, "cursor": first["next_cursor"]}, headers=anna)
    ).json()
    assert [item["title"] for item in first["items"] + second["items"]] == ["one", "three", "two"]
    assert second["next_cursor"] is None


async def test_a_changed_cursor_is_refused(client: httpx.AsyncClient, anna: Headers) -> None:
    await begin(client, anna, "one")
    await begin(client, anna, "two")
    page = (await client.get("/api/chat/conversations", params={"limit": 1}, headers=anna)).json()
    cursor = page["next_cursor"]
    for broken in ("", "x", cursor[:-2], cursor[:10] + ("A" if cursor[10] != "A" else "B") + cursor[11:]):
        answer = await client.get("/api/chat/conversations", params={"cursor": broken}, headers=anna)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed"), broken


async def test_a_rename_needs_the_version_that_was_read(client: httpx.AsyncClient, anna: Headers) -> None:
    url = f"/api/chat/conversations/{await begin(client, anna, 'Soupe')}"
    blind = await client.patch(url, json={"title": "a"}, headers=anna)
    first = await client.patch(url, json={"title": "b"}, headers={**anna, "If-Match": '"1"'})
    stale = await client.patch(url, json={"title": "c"}, headers={**anna, "If-Match": '"1"'})
    assert [blind.status_code, first.status_code, stale.status_code] == [428, 200, 412]
    assert first.headers["etag"] == stale.headers["etag"] == '"2"'
    assert await titles(client, anna) == ["b"]


async def test_a_delete_takes_the_messages_with_it(client: httpx.AsyncClient, anna: Headers, database: Any) -> None:
    url = f"/api/chat/conversations/{await begin(client, anna, 'Soupe', 'poireaux')}"
    assert (await client.delete(url, headers=anna)).status_code == 428
    assert (await client.delete(url, headers={**anna, "If-Match": '"1"'})).status_code == 204
    assert (await client.get(url, headers=anna)).status_code == 404
    assert (await client.get(f"{url}/messages", headers=anna)).status_code == 404
    assert await database.rows("SELECT id FROM chat.message") == []


async def test_a_search_forgives_accents_and_typos(client: httpx.AsyncClient, anna: Headers) -> None:
    await begin(client, anna, "Gâteau aux pommes")
    await begin(client, anna, "Dinner", "How long do I cook a potato gratin?", "About an hour.")
    await begin(client, anna, "Œufs à la neige")
    assert await titles(client, anna, q="gateau") == ["Gâteau aux pommes"]
    assert await titles(client, anna, q="gatteau") == ["Gâteau aux pommes"]
    assert await titles(client, anna, q="POTATOE") == ["Dinner"]
    assert await titles(client, anna, q="oeuf") == ["Œufs à la neige"]
    assert await titles(client, anna, q="hour about") == ["Dinner"]
    assert await titles(client, anna, q="pomm") == ["Gâteau aux pommes"]
    for nothing in ("kangaroo", "  ", "&|!:*", "'; DROP", "(", "<->", "\\"):
        assert await titles(client, anna, q=nothing) == []


async def test_a_model_that_said_the_same_for_ever_does_not_hold_up_a_search(
    client: httpx.AsyncClient, anna: Headers
) -> None:
    await begin(client, anna, "Loop", "a " * 65536, "a" * 131072)
    await begin(client, anna, "Dinner", "How do I cook a potato gratin?")
    assert await titles(client, anna, q="a b c d e") == []
    assert await titles(client, anna, q="potatto") == ["Dinner"]


async def test_a_search_shows_the_words_that_it_found(client: httpx.AsyncClient, anna: Headers) -> None:
    await begin(client, anna, "Dinner", "nothing of note", "a potato gratin")
    answer = await client.get("/api/chat/conversations", params={"q": "potato"}, headers=anna)
    assert [item["found"] for item in answer.json()["items"]] == ["a potato gratin"]


async def test_an_export_holds_everything_in_order(client: httpx.AsyncClient, anna: Headers) -> None:
    await begin(client, anna, "Soupe", *(f"line {number}" for number in range(450)))
    await begin(client, anna, "Tarte", "pommes")
    lines = [json.loads(line) for line in (await client.get("/api/chat/export", headers=anna)).text.splitlines()]
    assert {line["conversation"]["title"] for line in lines if "conversation" in line} == {"Soupe", "Tarte"}
    contents = [line["message"]["content"] for line in lines if "message" in line]
    assert [one for one in contents if one.startswith("line")] == [f"line {number}" for number in range(450)]
    assert "pommes" in contents


async def test_conversations_are_private_within_the_household(client: httpx.AsyncClient, authority: Authority) -> None:
    household = new_id()
    anna, ben = authority.bearer(household=household), authority.bearer(household=household)
    id = await begin(client, anna, "Surprise party", "cake for Ben")
    url = f"/api/chat/conversations/{id}"
    assert await titles(client, ben) == await titles(client, ben, q="cake") == []
    assert (await client.get("/api/chat/export", headers=ben)).content == b""
    for method, path, body in (
        ("GET", url, None),
        ("GET", f"{url}/messages", None),
        ("PATCH", url, {"title": "x"}),
        ("DELETE", url, None),
        ("PUT", f"{url}/messages", {"messages": [message("x")]}),
    ):
        answer = await client.request(method, path, json=body, headers={**ben, "If-Match": '"1"'})
        absent = await client.request(
            method, path.replace(id, str(new_id())), json=body, headers={**ben, "If-Match": '"1"'}
        )
        assert (answer.status_code, answer.content) == (404, absent.content), method
    assert await titles(client, anna) == ["Surprise party"]


async def test_the_same_id_belongs_to_each_person_alone(client: httpx.AsyncClient, authority: Authority) -> None:
    household, id = new_id(), str(new_id())
    anna, ben = authority.bearer(household=household), authority.bearer(household=household)
    await client.post("/api/chat/conversations", json={"id": id, "title": "Anna's"}, headers=anna)
    made = await client.post("/api/chat/conversations", json={"id": id, "title": "Ben's"}, headers=ben)
    assert (made.status_code, made.json()["title"]) == (201, "Ben's")
    assert await titles(client, anna) == ["Anna's"]


async def test_without_a_token_nothing_is_given(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/chat/conversations", headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "Il faut un jeton d'accès valide."


async def test_who_has_no_token_is_told_so_before_the_body_is_looked_at(client: httpx.AsyncClient) -> None:
    for body in (b'{"title": 7}', b"{", b""):
        headers = {"Content-Type": "application/json"}
        answer = await client.post("/api/chat/conversations", content=body, headers=headers)
        assert answer.status_code == 401, body
