"""The shapes that clients already rely on: more members may come, these stay as they are."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from popote_kit.testing import new_id
from popote_launcher.testing import House, Person


def is_uuid(value: object) -> bool:
    return isinstance(value, str) and str(UUID(value)) == value


def is_time(value: object) -> bool:
    return isinstance(value, str) and value.endswith("Z") and datetime.fromisoformat(value).tzinfo is not None


LOGIN: dict[str, Any] = {
    "user": {"id": is_uuid, "email": str, "display_name": str},
    "household": {"id": is_uuid, "name": str, "role": "owner"},
    "tokens": {"access_token": str, "refresh_token": str, "token_type": "Bearer", "expires_in": int},
}
CONVERSATION = {"id": is_uuid, "title": str, "created_at": is_time, "updated_at": is_time}


def fits(value: Any, shape: Any) -> bool:
    """Tell whether `value` has at least the members of `shape`: literals, types, predicates, and lists of one shape."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(key in value and fits(value[key], want) for key, want in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
    if isinstance(shape, type):
        return type(value) is shape
    return bool(shape(value)) if callable(shape) else bool(value == shape)


@pytest.mark.parametrize(
    ("value", "shape", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": int}, True),
        ({"a": "1"}, {"a": int}, False),
        ({}, {"a": int}, False),
        ([1], ["x"], False),
    ],
)
def test_a_shape_can_fail(value: Any, shape: Any, expected: bool) -> None:
    assert fits(value, shape) is expected


@pytest.fixture
async def her(house: House) -> Person:
    return await house.sign_up("her", timezone="Europe/Paris", language="fr", device_name="phone")


async def test_signing_up_and_in(house: House, her: Person) -> None:
    assert fits(her.answer, {**LOGIN, "recovery_codes": [str]})
    assert len(her.answer["recovery_codes"]) == 8
    body = {"email": her.email, "password": her.password, "device_name": "tablet"}
    answer = await house.client.post("/api/auth/login", json=body)
    assert (answer.status_code, fits(answer.json(), LOGIN)) == (200, True), answer.text


async def test_keeping_a_session(house: House, her: Person) -> None:
    rotation = {"refresh_token": her.answer["tokens"]["refresh_token"], "refresh_id": str(new_id())}
    answer = await house.client.post("/api/auth/refresh", json=rotation)
    assert (answer.status_code, fits(answer.json(), {"tokens": LOGIN["tokens"]})) == (200, True), answer.text
    second = await her.ask("POST", "/api/auth/households", json={"name": "The cabin"})
    assert second.status_code == 201, second.text
    refresh_token = answer.json()["tokens"]["refresh_token"]
    switch = {"household_id": second.json()["id"], "refresh_token": refresh_token, "refresh_id": str(new_id())}
    switched = await her.ask("POST", "/api/auth/switch", json=switch)
    assert (switched.status_code, fits(switched.json(), LOGIN)) == (200, True), switched.text
    assert switched.json()["household"]["name"] == "The cabin"


async def test_who_i_am(her: Person) -> None:
    me = await her.ask("GET", "/api/auth/me")
    assert me.status_code == 200
    shape = {"user": LOGIN["user"], "household": LOGIN["household"], "households": [LOGIN["household"]]}
    assert fits(me.json(), shape), me.text
    assert len(me.json()["households"]) == 1


async def test_recovering(house: House, her: Person) -> None:
    body = {"email": her.email, "recovery_code": her.answer["recovery_codes"][0], "new_password": "a whole new way in"}
    answer = await house.client.post("/api/auth/recover", json=body)
    assert (answer.status_code, fits(answer.json(), LOGIN)) == (200, True), answer.text


async def test_inviting(house: House, her: Person) -> None:
    made = await her.ask("POST", "/api/auth/invitations", json={"role": "adult"})
    assert (made.status_code, fits(made.json(), {"id": is_uuid, "code": str, "expires_at": is_time})) == (201, True)
    header = {"X-Invitation-Code": made.json()["code"]}
    preview = await house.client.get("/api/auth/invitations/preview", headers=header)
    assert (preview.status_code, fits(preview.json(), {"household_name": str, "role": "adult"})) == (200, True)
    guest = await house.sign_up("guest")
    rotation = {"refresh_token": guest.answer["tokens"]["refresh_token"], "refresh_id": str(new_id())}
    accepted = await guest.ask("POST", "/api/auth/invitations/accept", json={"code": made.json()["code"], **rotation})
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["household"] == {**accepted.json()["household"], "id": her.household, "role": "adult"}


async def test_the_address_is_exactly_one_member(house: House, her: Person) -> None:
    unset = await her.ask("GET", "/api/system-config/ollama")
    assert (unset.status_code, unset.json()["type"]) == (404, "/problems/ollama-not-configured")
    body = {"ollama_base_url": "192.168.11.101", "reason": "new box"}
    put = await her.ask("PUT", "/api/system-config/ollama", json=body)
    shape = {"ollama_base_url": "http://192.168.11.101:11434", "revision": int, "warnings": list}
    assert (put.status_code, fits(put.json(), shape)) == (200, True), put.text
    got = await her.ask("GET", "/api/system-config/ollama")
    assert got.content == b'{"ollama_base_url":"http://192.168.11.101:11434"}'
    assert got.headers["cache-control"] == "private, max-age=60, stale-if-error=86400"
    assert got.headers["vary"] == "Authorization"
    again = await her.ask("GET", "/api/system-config/ollama", headers={"If-None-Match": got.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_conversations_and_messages(her: Person) -> None:
    made = await her.ask("POST", "/api/chat/conversations", json={"id": str(new_id()), "title": "Soupe"})
    assert (made.status_code, fits(made.json(), CONVERSATION)) == (201, True), made.text
    path = f"/api/chat/conversations/{made.json()['id']}/messages"
    message = {"id": str(new_id()), "role": "tool", "content": "ok", "created_at": "2026-11-23T10:00:00Z"}
    full = {**message, "model": "m", "done_reason": "stop", "tool_calls": [], "tool_name": "t", "links": []}
    put = await her.ask("PUT", path, json={"messages": [full]})
    assert (put.status_code, put.json()) == (200, {"stored": 1})
    page = await her.ask("GET", path, params={"limit": 1, "order": "desc"})
    assert fits(page.json(), {"items": [full], "next_cursor": None}), page.text


async def test_a_refusal_is_a_problem_document(house: House) -> None:
    answer = await house.client.get("/api/auth/me", headers={"Accept-Language": "fr"})
    shape = {"type": "/problems/unauthenticated", "title": str, "status": 401, "detail": str, "request_id": str}
    assert (answer.status_code, fits(answer.json(), shape)) == (401, True), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
