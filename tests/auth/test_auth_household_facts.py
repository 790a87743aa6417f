"""What an access token tells of the household: its time zone, language and currency, as they are when it is signed."""

from typing import Any

import httpx
import jwt
import pytest

from popote_kit.testing import new_id

PARIS = {"timezone": "Europe/Paris", "language": "fr", "currency": "EUR"}
ZURICH = {"timezone": "Europe/Zurich", "language": "en", "currency": "CHF"}


def facts(access_token: str) -> dict[str, str]:
    claims = jwt.decode(access_token, options={"verify_signature": False})
    return {"timezone": claims["zone"], "language": claims["lang"], "currency": claims["cur"]}


def facts_of(answer: httpx.Response) -> dict[str, str]:
    assert answer.is_success, answer.text
    body = answer.json()
    return facts(body.get("tokens", body)["access_token"])


def rotation(tokens: dict[str, str], **more: str) -> dict[str, str]:
    return {"refresh_token": tokens["refresh_token"], "refresh_id": str(new_id()), **more}


async def move_to_zurich(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.patch("/api/auth/household", json=ZURICH, headers={**headers, "If-Match": '"1"'})
    assert answer.is_success, answer.text


async def test_a_newcomers_token_tells_of_the_household(sign_up: Any) -> None:
    anna = await sign_up(**PARIS)
    assert facts(anna["tokens"]["access_token"]) == PARIS


@pytest.mark.parametrize("way", ["login", "refresh", "switch", "password", "setup", "recover"])
async def test_a_change_of_the_household_is_in_the_next_token(
    client: httpx.AsyncClient, sign_up: Any, way: str
) -> None:
    anna = await sign_up(email="anna@example.org", **PARIS)
    await move_to_zurich(client, anna["headers"])
    proof = {"email": "anna@example.org", "password": "tarte aux pommes"}
    bodies: dict[str, dict[str, str]] = {
        "login": proof,
        "refresh": rotation(anna["tokens"]),
        "switch": rotation(anna["tokens"], household_id=anna["household"]["id"]),
        "password": {"current_password": proof["password"], "new_password": "clafoutis aux cerises"},
        "setup": {"code": "open sesame"},
        "recover": {
            "email": proof["email"],
            "recovery_code": anna["recovery_codes"][0],
            "new_password": "clafoutis aux cerises",
        },
    }
    answer = await client.post(f"/api/auth/{way}", json=bodies[way], headers=anna["headers"])
    assert facts_of(answer) == ZURICH


async def test_a_guest_is_told_of_the_household_that_they_join(client: httpx.AsyncClient, sign_up: Any) -> None:
    anna = await sign_up(**PARIS)
    codes = [
        (await client.post("/api/auth/invitations", json={"role": "guest"}, headers=anna["headers"])).json()["code"]
        for _ in range(2)
    ]
    bea = await sign_up(**ZURICH)
    accepted = await client.post("/api/auth/invitations/accept", json=rotation(bea["tokens"], code=codes[0]))
    newcomer = await sign_up(household_name=None, invitation_code=codes[1])
    assert facts_of(accepted) == facts(newcomer["tokens"]["access_token"]) == PARIS


async def test_a_token_tells_of_the_one_household_that_it_acts_for(client: httpx.AsyncClient, sign_up: Any) -> None:
    anna = await sign_up(**PARIS)
    made = await client.post("/api/auth/households", json={"name": "Chalet", **ZURICH}, headers=anna["headers"])
    body = rotation(anna["tokens"], household_id=made.json()["id"])
    assert facts_of(await client.post("/api/auth/switch", json=body)) == ZURICH
