"""Whatever a client sends gets a problem document, never a 500, and changes nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import msgspec
import pytest

from popote_auth.app import create_app
from popote_auth.settings import Settings
from popote_kit.command import contract
from popote_kit.settings import SettingsError, load
from popote_kit.testing import FreshDatabase

SignUp = Callable[..., Awaitable[dict[str, Any]]]

POSTS = ["register", "login", "recover", "refresh", "switch", "invitations/accept"]
SIGNED_IN = ["password", "recovery-codes", "setup", "households", "invitations"]
BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "null": b"null",
    "a number": b"1e3000000",
    "deep": b"[" * 100_000,
    "a huge number": b'{"email": 1e3000000}',
    "not a number": b'{"email": NaN}',
    "twice the same": b'{"email": "a@b", "email": "c@d"}',
    "NUL": b'{"email": "a\\u0000@b"}',
    "a lone surrogate": b'{"email": "\\ud800@b"}',
    "not UTF-8": b'{"email": "\xff@b"}',
    "objects for texts": b'{"email": {}, "password": {}, "code": {}, "refresh_token": {}, "name": {}, "role": {}}',
    "numbers for texts": b'{"email": 1, "password": 2, "code": 3, "refresh_token": 4, "name": 5, "role": 6}',
    "unknown members": b'{"is_operator": true, "role": "owner"}',
    "long texts": b'{"email": "' + b"a" * 100_000 + b'@b", "password": "' + b"p" * 100_000 + b'"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_a_hostile_body_is_refused(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase, body: bytes
) -> None:
    anna = await sign_up()
    headers = {**anna["headers"], "Content-Type": "application/json"}
    before = await database.rows("SELECT p::text, s::text FROM auth.person p, auth.session s")
    for route in POSTS + SIGNED_IN:
        answer = await client.post(f"/api/auth/{route}", content=body, headers=headers)
        assert answer.status_code in {400, 422}, (route, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    for route in ("me", "household"):
        answer = await client.patch(f"/api/auth/{route}", content=body, headers={**headers, "If-Match": '"1"'})
        assert answer.status_code in {400, 422}, (route, answer.text)
    assert await database.rows("SELECT p::text, s::text FROM auth.person p, auth.session s") == before


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("a@b", "p" * 1024),
        ("a@b", "🍎" * 1024),
        ("' OR 1=1 --@b", "' OR 1=1 --"),
        ("\u202e@b", "\u0301" * 500),
        ("ﷺ" * 100 + "@b", "ﷺ" * 1000),  # a sign that normalises into eighteen
        ("a" * 254, ""),
    ],
)
async def test_odd_credentials_are_only_wrong(client: httpx.AsyncClient, email: str, password: str) -> None:
    answer = await client.post("/api/auth/login", json={"email": email, "password": password})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/wrong-credentials")


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Basic YTpi", "Bearer a.b.c", "Bearer " + "a" * 5000, "Bearer popote_rt_AAAA"],
)
async def test_a_bad_access_token_is_refused(client: httpx.AsyncClient, authorization: str) -> None:
    for path in ("me", "sessions", "households", "household", "household/members", "invitations"):
        answer = await client.get(f"/api/auth/{path}", headers={"Authorization": authorization})
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated"), path


@pytest.mark.parametrize("code", ["", "x" * 65, "%00", "{}", "' OR 1=1"])
async def test_a_bad_invitation_code_is_refused(client: httpx.AsyncClient, code: str) -> None:
    answer = await client.get("/api/auth/invitations/preview", headers={"X-Invitation-Code": code})
    assert answer.status_code in {404, 422}


async def test_a_header_without_a_code_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/auth/invitations/preview")).status_code == 422


@pytest.mark.parametrize("id", ["x", "..", "00000000-0000-0000-0000-00000000000g", "%2e%2e"])
async def test_an_id_that_is_none_is_not_found(client: httpx.AsyncClient, sign_up: SignUp, id: str) -> None:
    anna = await sign_up()
    for path in ("sessions", "invitations", "household/members"):
        answer = await client.delete(f"/api/auth/{path}/{id}", headers=anna["headers"])
        assert answer.status_code in {404, 405, 422}, path


async def test_refusals_speak_french_too(client: httpx.AsyncClient) -> None:
    login = {"email": "nobody@example.org", "password": "tarte aux pommes"}
    answer = await client.post("/api/auth/login", json=login, headers={"Accept-Language": "fr"})
    assert answer.json()["detail"] == "L'adresse e-mail ou le mot de passe est incorrect."
    assert answer.json()["title"] == "Wrong e-mail address or password"


def test_the_contract_names_every_problem_and_what_needs_no_token() -> None:
    paths = contract(Settings, create_app)["paths"]
    operations = {operation["operationId"]: operation for path in paths.values() for operation in path.values()}
    assert len(operations) == len([1 for path in paths.values() for _ in path])
    described = {
        name: " ".join(response["description"] for response in operation["responses"].values())
        for name, operation in operations.items()
    }
    assert "/problems/refresh-reused" in described["refresh"]
    assert "/problems/email-taken" in described["register"]
    assert "/problems/last-owner" in described["remove_member"]
    assert all("/problems/unavailable" in text for text in described.values())
    open_to_all = {name for name, operation in operations.items() if operation.get("security") == [{}]}
    assert open_to_all == {
        *("register", "login", "recover", "refresh", "switch"),
        *("preview_invitation", "accept_invitation", "jwks"),
        "issue_service_token",  # the service's credential opens it, inside alone
    }


def test_a_short_secret_is_refused_by_its_name() -> None:
    needed = {"AUTH_DATABASE_URL": "postgresql://", "AUTH_SECRET": "x" * 32}
    assert load(Settings, "AUTH_", needed).registration == "open"
    for wrong, name in [
        ({"AUTH_SECRET": "x" * 31}, "AUTH_SECRET"),
        ({"AUTH_REGISTRATION": "friends"}, "AUTH_REGISTRATION"),
        ({"AUTH_PASSWORD_MIN_LENGTH": "4"}, "AUTH_PASSWORD_MIN_LENGTH"),
        ({"AUTH_REGISTRATIONS_PER_HOUR": "0"}, "AUTH_REGISTRATIONS_PER_HOUR"),
    ]:
        with pytest.raises(SettingsError, match=name):
            load(Settings, "AUTH_", {**needed, **wrong})
    del needed["AUTH_SECRET"]
    with pytest.raises(SettingsError, match="AUTH_SECRET is not set"):
        load(Settings, "AUTH_", needed)


def test_settings_say_what_they_are_for() -> None:
    schema = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
    assert [name for name, field in schema.items() if "description" not in str(field)] == []
