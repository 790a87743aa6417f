"""Who may publish an address, on which condition, and what is kept of it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import httpx
import pytest

from popote_kit.testing import Authority, FreshDatabase, new_id

PATH = "/api/system-config/ollama"
DEFAULT = f"{PATH}/default"
LAN = "http://192.168.11.101:11434"
OTHER = "http://192.168.11.102:11434"
Headers = dict[str, str]
Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


async def put(
    client: httpx.AsyncClient, who: Headers, url: str = LAN, *, path: str = PATH, if_match: str = "", **body: Any
) -> httpx.Response:
    condition = {"If-Match": if_match} if if_match else {}
    return await client.put(path, json={"ollama_base_url": url, **body}, headers={**who, **condition})


async def publish(client: httpx.AsyncClient, who: Headers, *urls: str, path: str = PATH) -> list[int]:
    """Publish one after the other; gives the revisions."""
    revisions, tag = [], "*"
    for url in urls:
        answer = await put(client, who, url, path=path, if_match="" if tag == "*" else tag)
        assert answer.status_code == 200, answer.text
        tag = answer.headers["etag"]
        revisions.append(answer.json()["revision"])
    return revisions


async def history(client: httpx.AsyncClient, who: Headers, path: str = PATH, **query: Any) -> Any:
    answer = await client.get(f"{path}/history", params=query, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_owner_publishes_and_reads_it_back_at_once(client: httpx.AsyncClient, owner: Headers) -> None:
    answer = await put(client, owner, f"{LAN}/api/chat")
    assert answer.status_code == 200
    assert answer.json() == {
        "ollama_base_url": LAN,
        "revision": 1,
        "warnings": [
            {
                "code": "ollama_path_dropped",
                "message": "The part from /api or /v1 on was dropped; clients add it themselves.",
            }
        ],
    }
    read = await client.get(PATH, headers=owner)
    assert read.json() == {"ollama_base_url": LAN}
    assert read.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("role", ["adult", "child", "guest"])
async def test_only_owners_publish_for_a_household(
    client: httpx.AsyncClient, authority: Authority, owner: Headers, household: UUID, role: Any
) -> None:
    who = authority.bearer(household=household, role=role, scope="operator")
    assert (await put(client, who)).status_code == 403
    assert (await client.post(f"{PATH}/rollback", json={"revision": 1}, headers=who)).status_code == 403
    assert (await client.get(PATH, headers=owner)).status_code == 404


async def test_only_operators_publish_for_all(client: httpx.AsyncClient, owner: Headers, operator: Headers) -> None:
    for method, path, body in (
        ("PUT", DEFAULT, {"ollama_base_url": LAN}),
        ("GET", DEFAULT, None),
        ("GET", f"{DEFAULT}/history", None),
        ("POST", f"{DEFAULT}/rollback", {"revision": 1}),
    ):
        assert (await client.request(method, path, json=body, headers=owner)).status_code == 403, (method, path)
    assert (await client.get(PATH)).status_code == 404
    await publish(client, operator, LAN, path=DEFAULT)
    assert (await client.get(PATH)).json() == {"ollama_base_url": LAN}


async def test_without_a_token_nothing_is_published(client: httpx.AsyncClient) -> None:
    for path in (PATH, DEFAULT):
        assert (await put(client, {}, path=path)).status_code == 401
    for path in (f"{PATH}/history", f"{DEFAULT}/history", DEFAULT):
        assert (await client.get(path)).status_code == 401


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://0.0.0.0:11434", "unspecified_address"),
        ("http://localhost:11434", "loopback_is_the_phone"),
        ("http://8.8.8.8:11434", "cleartext_public"),
        ("http://192.168.11.101:11434\\@evil.com/", "backslash"),
        ("https://popote.example.com", "own_host"),
        ("", "empty_address"),
        ("é" * 200, "too_long"),
    ],
)
async def test_a_refused_address_says_why_and_changes_nothing(
    start: Start, owner: Headers, url: str, code: str
) -> None:
    async with start(own_hosts="popote.example.com, api") as client:
        await publish(client, owner, LAN)
        tag = (await client.get(PATH, headers=owner)).headers["etag"]
        answer = await put(client, {**owner, "Accept-Language": "fr"}, url, if_match=tag)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/ollama-address-refused")
        assert answer.json()["code"] == code
        assert answer.json()["errors"] == [{"pointer": "/ollama_base_url", "message": answer.json()["detail"]}]
        assert "adresse" in answer.json()["detail"]
        assert (await client.get(PATH, headers=owner)).json() == {"ollama_base_url": LAN}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"ollama_base_url": 7}', 422),
        (b'{"ollama_base_url": null}', 422),
        (b"{}", 422),
        (b"[]", 422),
        (b'{"ollama_base_url": "http://192.168.1.1", "extra": 1}', 422),
        (b'{"ollama_base_url": "http://192.168.1.1", "reason": "' + b"x" * 201 + b'"}', 422),
        (b'{"ollama_base_url": "http://192.168.1.1\\u0000"}', 400),
        (b'{"ollama_base_url": "\\ud800"}', 400),
        (b'{"ollama_base_url": "a", "ollama_base_url": "http://192.168.1.1"}', 400),
        (b"{", 400),
        (b"", 400),
        (b'"' + b"x" * 2_000_000 + b'"', 413),
    ],
)
async def test_a_hostile_body_is_refused_clearly(
    client: httpx.AsyncClient, owner: Headers, body: bytes, status: int
) -> None:
    answer = await client.put(PATH, content=body, headers={**owner, "Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get(PATH, headers=owner)).status_code == 404


async def test_a_change_needs_the_tag_of_what_stands(client: httpx.AsyncClient, owner: Headers) -> None:
    await publish(client, owner, LAN)
    tag = (await client.get(PATH, headers=owner)).headers["etag"]
    blind = await put(client, owner, OTHER)
    wrong = await put(client, owner, OTHER, if_match='"1-wrong"')
    first = await put(client, owner, OTHER, if_match=tag)
    stale = await put(client, owner, "192.168.11.103", if_match=tag)
    assert [one.status_code for one in (blind, wrong, first, stale)] == [428, 412, 200, 412]
    assert stale.headers["etag"] == first.headers["etag"]
    assert (await put(client, owner, "192.168.11.103", if_match="*")).status_code == 200


async def test_the_same_address_again_is_no_change(client: httpx.AsyncClient, owner: Headers) -> None:
    first = await put(client, owner, LAN)
    again = await put(client, owner, f" {LAN}/ ", if_match=first.headers["etag"])
    retried = await put(client, owner, LAN, if_match='"0-outdated"')
    assert [one.json()["revision"] for one in (first, again, retried)] == [1, 1, 1]
    assert again.headers["etag"] == first.headers["etag"]
    assert len((await history(client, owner))["items"]) == 1


async def test_an_inherited_address_may_be_the_condition(
    client: httpx.AsyncClient, owner: Headers, operator: Headers, authority: Authority
) -> None:
    await publish(client, operator, LAN, path=DEFAULT)
    inherited = (await client.get(PATH, headers=owner)).headers["etag"]
    assert (await put(client, owner, OTHER, if_match='"9-other"')).status_code == 412
    taken = await put(client, owner, OTHER, if_match=inherited)
    assert (taken.status_code, taken.json()["revision"]) == (200, 2)
    assert (await put(client, authority.bearer(), OTHER)).status_code == 200  # and may be left away
    assert (await client.get(PATH)).json() == {"ollama_base_url": LAN}


async def test_a_household_may_hold_on_to_the_address_it_inherits(
    client: httpx.AsyncClient, owner: Headers, operator: Headers
) -> None:
    await publish(client, operator, LAN, path=DEFAULT)
    held = await put(client, owner, LAN)
    assert held.json()["revision"] == 2
    tag = (await client.get(DEFAULT, headers=operator)).headers["etag"]
    assert (await put(client, operator, OTHER, path=DEFAULT, if_match=tag)).status_code == 200
    assert (await client.get(PATH, headers=owner)).json() == {"ollama_base_url": LAN}


async def test_a_condition_on_nothing_is_stale(client: httpx.AsyncClient, owner: Headers) -> None:
    assert (await put(client, owner, LAN, if_match="*")).status_code == 412
    assert (await put(client, owner, LAN, if_match="rubbish")).status_code == 400
    assert (await put(client, owner, LAN)).status_code == 200


async def test_the_system_wide_address_has_the_same_rules(client: httpx.AsyncClient, operator: Headers) -> None:
    assert (await client.get(DEFAULT, headers=operator)).status_code == 404
    await publish(client, operator, LAN, path=DEFAULT)
    read = await client.get(DEFAULT, headers=operator)
    assert read.json() == {"ollama_base_url": LAN, "revision": 1}
    assert (await put(client, operator, OTHER, path=DEFAULT)).status_code == 428
    assert (await put(client, operator, OTHER, path=DEFAULT, if_match='"1-x"')).status_code == 412
    moved = await put(client, operator, OTHER, path=DEFAULT, if_match=read.headers["etag"], reason="new box")
    assert (moved.status_code, moved.json()["revision"]) == (200, 2)
    back = await client.post(f"{DEFAULT}/rollback", json={"revision": 1}, headers=operator)
    assert (back.status_code, back.json()["ollama_base_url"], back.json()["revision"]) == (200, LAN, 3)
    items = (await history(client, operator, DEFAULT))["items"]
    assert [(one["revision"], one["replaced"], one["restores"]) for one in items] == [
        (3, OTHER, 1),
        (2, LAN, None),
        (1, None, None),
    ]
    assert (await client.get(PATH)).json() == {"ollama_base_url": LAN}


async def test_a_dry_run_tells_and_changes_nothing(
    client: httpx.AsyncClient, owner: Headers, operator: Headers
) -> None:
    for who, path in ((owner, PATH), (operator, DEFAULT)):
        answer = await client.put(
            path,
            params={"dry_run": "1"},
            json={"ollama_base_url": "GPU-Box:80"},
            headers={**who, "Accept-Language": "fr"},
        )
        assert answer.status_code == 200
        assert answer.json()["normalised"] == "http://gpu-box"
        assert [one["code"] for one in answer.json()["warnings"]] == ["port_80_not_11434", "single_label_host"]
        assert answer.json()["warnings"][0]["message"].startswith("C'est le port 80")
        refused = await client.put(path, params={"dry_run": "1"}, json={"ollama_base_url": "x y"}, headers=who)
        assert (refused.status_code, refused.json()["code"]) == (422, "inner_blank")
        assert (await client.get(path, headers=who)).status_code == 404
        assert (await history(client, who, path))["items"] == []


async def test_the_history_says_who_what_and_why_page_by_page(
    client: httpx.AsyncClient, authority: Authority, household: UUID
) -> None:
    anna, ben = new_id(), new_id()
    first = await put(client, authority.bearer(household=household, person=anna), LAN, reason="the new box")
    who = authority.bearer(household=household, person=ben)
    await put(client, who, OTHER, if_match=first.headers["etag"])
    page = await history(client, who, limit=1)
    rest = await history(client, who, limit=1, cursor=page["next_cursor"])
    newest, oldest = page["items"][0], rest["items"][0]
    assert (rest["next_cursor"], newest["revision"], oldest["revision"]) == (None, 2, 1)
    assert (oldest["ollama_base_url"], oldest["replaced"], oldest["reason"]) == (LAN, None, "the new box")
    assert (newest["ollama_base_url"], newest["replaced"], newest["reason"]) == (OTHER, LAN, None)
    assert (oldest["published_by"], newest["published_by"]) == (f"person:{anna}", f"person:{ben}")
    for role, status in (("adult", 200), ("child", 403), ("guest", 403)):
        reader = authority.bearer(household=household, role=role)
        assert (await client.get(f"{PATH}/history", headers=reader)).status_code == status
    assert (await client.get(f"{PATH}/history?cursor=zzz", headers=who)).status_code == 400


async def test_a_rollback_publishes_the_old_address_anew(client: httpx.AsyncClient, owner: Headers) -> None:
    await publish(client, owner, LAN, OTHER)
    answer = await client.post(f"{PATH}/rollback", json={"revision": 1, "reason": "typo"}, headers=owner)
    assert (answer.status_code, answer.json()) == (200, {"ollama_base_url": LAN, "revision": 3, "warnings": []})
    assert (await client.get(PATH, headers=owner)).headers["etag"] == answer.headers["etag"]
    newest = (await history(client, owner))["items"][0]
    assert (newest["restores"], newest["replaced"], newest["reason"]) == (1, OTHER, "typo")
    to_the_same = await client.post(f"{PATH}/rollback", json={"revision": 1}, headers=owner)
    assert to_the_same.json()["revision"] == 3


async def test_a_rollback_has_its_effect_once(client: httpx.AsyncClient, owner: Headers) -> None:
    await publish(client, owner, LAN, OTHER)
    keyed = {**owner, "Idempotency-Key": "k-1"}
    first = await client.post(f"{PATH}/rollback", json={"revision": 1}, headers=keyed)
    await put(client, owner, OTHER, if_match=first.headers["etag"])
    again = await client.post(f"{PATH}/rollback", json={"revision": 1}, headers=keyed)
    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, first.headers["etag"])
    assert (await client.get(PATH, headers=owner)).json() == {"ollama_base_url": OTHER}
    other = await client.post(f"{PATH}/rollback", json={"revision": 2}, headers=keyed)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")


async def test_a_system_wide_rollback_has_its_effect_once(client: httpx.AsyncClient, operator: Headers) -> None:
    await publish(client, operator, LAN, OTHER, path=DEFAULT)
    keyed = {**operator, "Idempotency-Key": "k-1"}
    answers = [await client.post(f"{DEFAULT}/rollback", json={"revision": 1}, headers=keyed) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert len((await history(client, operator, DEFAULT))["items"]) == 3


@pytest.mark.parametrize("revision", [2, 3, 999, 2**63 - 1])
async def test_a_rollback_reaches_only_the_household_s_own_past(
    client: httpx.AsyncClient, owner: Headers, operator: Headers, authority: Authority, revision: int
) -> None:
    await publish(client, owner, LAN)
    await publish(client, operator, OTHER, path=DEFAULT)
    await publish(client, authority.bearer(), OTHER)
    answer = await client.post(f"{PATH}/rollback", json={"revision": revision}, headers=owner)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-revision")
    assert (await client.get(PATH, headers=owner)).json() == {"ollama_base_url": LAN}


@pytest.mark.parametrize("revision", [0, -1, 2**63, 1.5, "1", None])
async def test_a_rollback_to_what_is_no_revision_is_invalid(
    client: httpx.AsyncClient, owner: Headers, revision: Any
) -> None:
    answer = await client.post(f"{PATH}/rollback", json={"revision": revision}, headers=owner)
    assert answer.status_code == 422


async def test_a_rollback_obeys_the_rules_of_today(start: Start, owner: Headers) -> None:
    async with start(allow_loopback=True) as client:
        await publish(client, owner, "http://127.0.0.1:11434", LAN)
    async with start() as client:
        answer = await client.post(f"{PATH}/rollback", json={"revision": 1}, headers=owner)
        assert (answer.status_code, answer.json()["code"]) == (422, "loopback_is_the_phone")


async def test_of_many_changes_at_once_on_one_tag_one_wins(client: httpx.AsyncClient, owner: Headers) -> None:
    await publish(client, owner, LAN)
    tag = (await client.get(PATH, headers=owner)).headers["etag"]
    urls = [f"http://192.168.11.{number}:11434" for number in range(10, 20)]
    answers = await asyncio.gather(*(put(client, owner, url, if_match=tag) for url in urls))
    assert sorted(one.status_code for one in answers) == [200] + [412] * 9
    winner = next(one for one in answers if one.status_code == 200)
    assert (await client.get(PATH, headers=owner)).json() == {"ollama_base_url": winner.json()["ollama_base_url"]}
    assert len((await history(client, owner))["items"]) == 2


async def test_revisions_are_in_the_order_of_commit_across_households(
    client: httpx.AsyncClient, authority: Authority, database: FreshDatabase
) -> None:
    answers = await asyncio.gather(*(put(client, authority.bearer(), LAN) for _ in range(20)))
    assert sorted(one.json()["revision"] for one in answers) == list(range(1, 21))
    rows = await database.rows("SELECT last FROM config.last_revision")
    assert [row["last"] for row in rows] == [20]
