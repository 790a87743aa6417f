"""The tokens that auth gives to services: to whom, for what, and for how long."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import httpx
import jwt
import pytest

from popote_auth.settings import Settings
from popote_kit.settings import SettingsError, load
from popote_kit.testing import Clock, new_id

SignUp = Callable[..., Awaitable[dict[str, Any]]]

PATH: Final = "/internal/service-tokens"
RECIPES: Final = "what recipes shows auth, in these tests"
STOCK: Final = "what stock shows auth, in these same tests"
PARIS: Final = {"timezone": "Europe/Paris", "language": "fr", "currency": "EUR"}


@pytest.fixture
async def client(serve: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an auth that knows recipes and stock."""
    async with serve(recipes_credential=RECIPES, stock_credential=STOCK) as client:
        yield client


@pytest.fixture
async def anna(sign_up: SignUp) -> dict[str, Any]:
    return await sign_up(**PARIS)


def asked(anna: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {
        "service": "recipes",
        "credential": RECIPES,
        "audience": "stock",
        "household_id": anna["household"]["id"],
    }
    return {key: value for key, value in {**body, **changes}.items() if value is not None}


async def claims_of(client: httpx.AsyncClient, token: str, audience: str) -> tuple[dict[str, Any], dict[str, Any]]:
    jwks = (await client.get("/.well-known/jwks.json")).json()
    header = jwt.get_unverified_header(token)
    key = jwt.PyJWKSet.from_dict(jwks)[header["kid"]]
    return header, jwt.decode(token, key, algorithms=["ES256"], audience=audience, issuer="popote")


async def test_a_service_gets_a_token_to_call_one_other_for_one_household(
    client: httpx.AsyncClient, anna: dict[str, Any], clock: Clock
) -> None:
    answer = await client.post(PATH, json=asked(anna, person_id=anna["user"]["id"]))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"access_token", "expires_in"}
    header, claims = await claims_of(client, answer.json()["access_token"], "stock")
    now = int(clock().timestamp())
    assert (header["typ"], header["alg"]) == ("svc+jwt", "ES256")
    assert answer.json()["expires_in"] == 300
    assert claims.pop("jti")
    assert claims == {
        "iss": "popote", "sub": "recipes", "aud": "stock", "iat": now, "nbf": now, "exp": now + 300,
        "hid": anna["household"]["id"], "act": anna["user"]["id"],
        "zone": "Europe/Paris", "lang": "fr", "cur": "EUR",
    }  # fmt: skip


async def test_a_token_for_nobody_names_nobody(client: httpx.AsyncClient, anna: dict[str, Any]) -> None:
    answer = await client.post(PATH, json=asked(anna))
    _, claims = await claims_of(client, answer.json()["access_token"], "stock")
    assert "act" not in claims


async def test_a_token_may_be_for_no_household_where_that_is_said(
    client: httpx.AsyncClient, anna: dict[str, Any]
) -> None:
    answer = await client.post(PATH, json={**asked(anna), "household_id": None})
    _, claims = await claims_of(client, answer.json()["access_token"], "stock")
    assert (claims["hid"], claims["zone"], "act" in claims) == (str(UUID(int=0)), "UTC", False)
    for forgotten in (asked(anna, household_id=None), asked(anna, household_id=str(UUID(int=0)))):
        assert (await client.post(PATH, json=forgotten)).status_code in (404, 422)


async def test_a_person_who_left_can_still_be_acted_for(client: httpx.AsyncClient, anna: dict[str, Any]) -> None:
    gone = str(new_id())
    answer = await client.post(PATH, json=asked(anna, person_id=gone))
    _, claims = await claims_of(client, answer.json()["access_token"], "stock")
    assert claims["act"] == gone


async def test_a_change_of_the_households_zone_is_in_the_next_token(
    client: httpx.AsyncClient, anna: dict[str, Any]
) -> None:
    headers = {**anna["headers"], "If-Match": '"1"'}
    await client.patch("/api/auth/household", json={"timezone": "Asia/Tokyo"}, headers=headers)
    answer = await client.post(PATH, json=asked(anna))
    _, claims = await claims_of(client, answer.json()["access_token"], "stock")
    assert claims["zone"] == "Asia/Tokyo"


async def test_whatever_is_wrong_about_a_service_the_refusal_is_the_same(
    client: httpx.AsyncClient, anna: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    wrong = [
        {"credential": RECIPES + "."},
        {"credential": RECIPES[:-1]},
        {"credential": ""},
        {"credential": "é" * 40},
        {"credential": STOCK},
        {"service": "stock"},
        {"service": "chat"},  # it was given no credential
        {"service": "chat", "credential": ""},
        {"service": "chat", "credential": "None"},
        {"service": "auth"},
        {"service": "gateway"},
        {"service": "recipes_credential"},
        {"service": "__class__"},
        {"credential": "wrong", "household_id": str(new_id())},  # whether there is one is not told either
    ]
    with caplog.at_level(logging.WARNING):
        answers = [await client.post(PATH, json=asked(anna, **one)) for one in wrong]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["type"] == "/problems/unknown-service"
    refusals = [record for record in caplog.records if record.message == "a service token was refused"]
    assert [record.__dict__["service_name"] for record in refusals] == [one.get("service", "recipes") for one in wrong]
    assert RECIPES not in caplog.text


async def test_a_refusal_speaks_french_too(client: httpx.AsyncClient, anna: dict[str, Any]) -> None:
    body = asked(anna, credential="wrong")
    answer = await client.post(PATH, json=body, headers={"Accept-Language": "fr"})
    assert answer.json()["detail"] == "Le nom ou l'identifiant du service est incorrect."


async def test_for_a_household_that_is_not_there_is_no_token(client: httpx.AsyncClient, anna: dict[str, Any]) -> None:
    answer = await client.post(PATH, json=asked(anna, household_id=str(new_id())))
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"audience": "gateway"}, 422),
        ({"audience": ["stock", "chat"]}, 422),
        ({"audience": None}, 422),
        ({"service": ""}, 422),
        ({"service": "r" * 33}, 422),
        ({"credential": "c" * 257}, 422),
        ({"credential": None}, 422),
        ({"household_id": "home"}, 422),
        ({"person_id": "anna"}, 422),
        ({"role": "owner"}, 422),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, anna: dict[str, Any], change: dict[str, Any], status: int
) -> None:
    answer = await client.post(PATH, json=asked(anna, **change))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_services_token_opens_nothing_of_a_persons(client: httpx.AsyncClient, anna: dict[str, Any]) -> None:
    body = asked(anna, audience="auth", person_id=anna["user"]["id"])
    token = (await client.post(PATH, json=body)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("me", "household", "sessions"):
        assert (await client.get(f"/api/auth/{path}", headers=headers)).status_code == 401


def test_a_credential_is_long_or_not_there() -> None:
    needed = {"AUTH_DATABASE_URL": "postgresql://", "AUTH_SECRET": "s" * 32}
    assert load(Settings, "AUTH_", needed).credential_of("recipes") is None
    assert load(Settings, "AUTH_", {**needed, "AUTH_RECIPES_CREDENTIAL": ""}).credential_of("recipes") is None
    long = {**needed, "AUTH_RECIPES_CREDENTIAL": "r" * 32}
    assert load(Settings, "AUTH_", long).credential_of("recipes") == "r" * 32
    with pytest.raises(SettingsError, match="AUTH_RECIPES_CREDENTIAL"):
        load(Settings, "AUTH_", {**needed, "AUTH_RECIPES_CREDENTIAL": "r" * 31})
