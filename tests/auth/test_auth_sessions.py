"""Sessions: every row of the refresh table by HTTP, many at once, switching, ending."""

import asyncio
import base64
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest

from popote_auth.keys import KeyRing, SealedKeyError
from popote_kit.database import Database
from popote_kit.testing import PASSWORD as DATABASE_PASSWORD
from popote_kit.testing import Clock, FreshDatabase, new_id

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
SignUp = Callable[..., Awaitable[dict[str, Any]]]

PASSWORD = "tarte aux pommes"


async def refresh(client: httpx.AsyncClient, token: str, refresh_id: UUID | None = None) -> httpx.Response:
    body = {"refresh_token": token, "refresh_id": str(refresh_id or new_id())}
    return await client.post("/api/auth/refresh", json=body)


async def rotated(client: httpx.AsyncClient, token: str, refresh_id: UUID | None = None) -> str:
    answer = await refresh(client, token, refresh_id)
    assert answer.status_code == 200, answer.text
    successor: str = answer.json()["tokens"]["refresh_token"]
    return successor


def verdict(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("type", "")


REUSED = (401, "/problems/refresh-reused")
INVALID = (401, "/problems/invalid-grant")


async def test_the_current_token_rotates_and_its_access_token_works(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    answer = await refresh(client, anna["tokens"]["refresh_token"])
    assert answer.status_code == 200
    assert answer.json().keys() == {"tokens"}
    tokens = answer.json()["tokens"]
    assert tokens["refresh_token"] != anna["tokens"]["refresh_token"]
    me = await client.get("/api/auth/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert me.json()["user"] == anna["user"]
    before, after = (
        jwt.decode(token, options={"verify_signature": False})
        for token in (anna["tokens"]["access_token"], tokens["access_token"])
    )
    assert before["sid"] == after["sid"]
    assert before["jti"] != after["jti"]


async def test_a_lost_answer_is_given_again_for_a_day(client: httpx.AsyncClient, sign_up: SignUp, clock: Clock) -> None:
    token, id = (await sign_up())["tokens"]["refresh_token"], new_id()
    successor = await rotated(client, token, id)
    clock.advance(hours=24)
    assert await rotated(client, token, id) == successor
    clock.advance(seconds=1)
    assert verdict(await refresh(client, token, id)) == REUSED
    assert verdict(await refresh(client, successor)) == INVALID


async def test_other_threads_get_the_same_successor_within_ten_seconds(
    client: httpx.AsyncClient, sign_up: SignUp, clock: Clock
) -> None:
    token = (await sign_up())["tokens"]["refresh_token"]
    successor = await rotated(client, token)
    clock.advance(seconds=10)
    assert await rotated(client, token) == successor
    clock.advance(seconds=1)
    assert verdict(await refresh(client, token)) == REUSED
    assert verdict(await refresh(client, successor)) == INVALID


async def test_a_token_whose_successor_was_used_is_reuse(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    token, id = (await sign_up())["tokens"]["refresh_token"], new_id()
    current = await rotated(client, await rotated(client, token, id))
    assert verdict(await refresh(client, token, id)) == REUSED
    assert verdict(await refresh(client, current)) == INVALID


async def test_a_token_from_ahead_revokes_nothing(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    token = (await sign_up())["tokens"]["refresh_token"]
    ahead = await rotated(client, await rotated(client, token))
    await database.rows("UPDATE auth.session SET generation = 0, refresh_ids = '{}'")  # restored from a backup
    assert verdict(await refresh(client, ahead)) == INVALID
    assert (await refresh(client, token)).status_code == 200


async def test_a_bad_signature_revokes_nothing(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    token = (await sign_up())["tokens"]["refresh_token"]
    raw = base64.urlsafe_b64decode(token.removeprefix("popote_rt_"))
    forged = "popote_rt_" + base64.urlsafe_b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()
    for bad in (forged, token[:-1], token + "A", token.removeprefix("popote_rt_"), "", "popote_rt_", "é" * 90):
        assert verdict(await refresh(client, bad)) == INVALID, bad
    assert (await refresh(client, token)).status_code == 200


async def test_any_replica_goes_on_and_another_secret_does_not(
    serve: Serve, sign_up: SignUp, database: FreshDatabase
) -> None:
    token = (await sign_up())["tokens"]["refresh_token"]
    async with serve() as replica:
        successor = await rotated(replica, token)
    await database.rows("DELETE FROM auth.signing_key")
    async with serve(secret="another secret that nobody guesses either") as other:
        assert verdict(await refresh(other, successor)) == INVALID


async def test_a_session_dies_of_thirty_idle_days(client: httpx.AsyncClient, sign_up: SignUp, clock: Clock) -> None:
    token = (await sign_up())["tokens"]["refresh_token"]
    clock.advance(days=30, seconds=-1)
    token = await rotated(client, token)
    clock.advance(days=30)
    assert verdict(await refresh(client, token)) == INVALID


async def test_a_session_dies_after_half_a_year_however_busy(
    client: httpx.AsyncClient, sign_up: SignUp, clock: Clock
) -> None:
    token = (await sign_up())["tokens"]["refresh_token"]
    for _ in range(8):
        clock.advance(days=20)
        token = await rotated(client, token)
    clock.advance(days=20)
    assert verdict(await refresh(client, token)) == INVALID


async def test_a_hundred_retries_at_once_end_with_one_live_session(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    token = (await sign_up())["tokens"]["refresh_token"]
    for _ in range(20):
        id = new_id()
        answers = await asyncio.gather(*(refresh(client, token, id) for _ in range(100)))
        assert Counter(answer.status_code for answer in answers) == {200: 100}
        [token] = {answer.json()["tokens"]["refresh_token"] for answer in answers}
    [session] = await database.rows("SELECT generation, ended_at FROM auth.session")
    assert (session["generation"], session["ended_at"]) == (20, None)


async def test_three_more_ids_at_once_pass_and_a_fifth_is_reuse(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    for _ in range(5):
        token = (await sign_up())["tokens"]["refresh_token"]
        answers = await asyncio.gather(*(refresh(client, token) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [200] * 4
        [successor] = {answer.json()["tokens"]["refresh_token"] for answer in answers}
        assert verdict(await refresh(client, token)) == REUSED
        assert verdict(await refresh(client, successor)) == INVALID


async def test_five_ids_at_once_end_the_session(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    token = (await sign_up())["tokens"]["refresh_token"]
    answers = await asyncio.gather(*(refresh(client, token) for _ in range(5)))
    assert sorted(map(verdict, answers)) == [(200, "")] * 4 + [REUSED]
    assert verdict(await refresh(client, token)) == INVALID


async def test_reuse_ends_the_access_tokens_of_the_session_here_at_once(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    anna = await sign_up()
    await rotated(client, await rotated(client, anna["tokens"]["refresh_token"]))
    assert (await client.get("/api/auth/me", headers=anna["headers"])).status_code == 200
    assert verdict(await refresh(client, anna["tokens"]["refresh_token"])) == REUSED
    assert (await client.get("/api/auth/me", headers=anna["headers"])).status_code == 401
    assert len(await database.rows("SELECT id FROM auth.audit WHERE what = 'refresh-reused'")) == 1


async def test_an_outage_logs_nobody_out(client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase) -> None:
    anna = await sign_up()
    [row] = await database.rows("SELECT current_database() AS name")
    await database.rows(f"ALTER DATABASE {row['name']} CONNECTION LIMIT 0")
    await database.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND usename = 'auth_app'",
        row["name"],
    )
    answers = [
        await refresh(client, anna["tokens"]["refresh_token"]),
        await refresh(client, anna["tokens"]["refresh_token"]),
        await client.get("/api/auth/me", headers=anna["headers"]),
        await client.post("/api/auth/login", json={"email": anna["user"]["email"], "password": PASSWORD}),
    ]
    jwks = await client.get("/.well-known/jwks.json")
    await database.rows(f"ALTER DATABASE {row['name']} CONNECTION LIMIT -1")
    assert {answer.status_code for answer in answers} == {503}
    assert all("retry-after" in answer.headers for answer in answers)
    assert jwks.status_code == 200
    assert (await refresh(client, anna["tokens"]["refresh_token"])).status_code == 200


async def test_logout_ends_this_session_alone(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    login = await client.post("/api/auth/login", json={"email": anna["user"]["email"], "password": PASSWORD})
    assert (await client.post("/api/auth/logout", headers=anna["headers"])).status_code == 204
    assert (await client.get("/api/auth/me", headers=anna["headers"])).status_code == 401
    assert verdict(await refresh(client, anna["tokens"]["refresh_token"])) == INVALID
    assert (await refresh(client, login.json()["tokens"]["refresh_token"])).status_code == 200


async def test_logout_all_ends_every_session(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna, bea = await sign_up(), await sign_up()
    login = await client.post("/api/auth/login", json={"email": anna["user"]["email"], "password": PASSWORD})
    assert (await client.post("/api/auth/logout-all", headers=anna["headers"])).status_code == 204
    other = {"Authorization": f"Bearer {login.json()['tokens']['access_token']}"}
    statuses = [
        (await client.get("/api/auth/me", headers=headers)).status_code
        for headers in (anna["headers"], other, bea["headers"])
    ]
    assert statuses == [401, 401, 200]
    assert verdict(await refresh(client, login.json()["tokens"]["refresh_token"])) == INVALID


async def test_sessions_are_listed_and_ended_one_by_one(
    client: httpx.AsyncClient, sign_up: SignUp, clock: Clock
) -> None:
    anna, bea = await sign_up(device_name="Pixel", platform="android"), await sign_up()
    clock.advance(minutes=1)
    body = {"email": anna["user"]["email"], "password": PASSWORD, "device_name": "iPad"}
    login = await client.post("/api/auth/login", json=body)
    listed = (await client.get("/api/auth/sessions", headers=anna["headers"])).json()
    assert listed["next_cursor"] is None
    shown = [(one["device_name"], one["platform"], one["is_current"]) for one in listed["items"]]
    assert shown == [("iPad", "", False), ("Pixel", "android", True)]
    url = f"/api/auth/sessions/{listed['items'][0]['id']}"
    assert (await client.delete(url, headers=bea["headers"])).status_code == 404
    assert (await client.delete(url, headers=anna["headers"])).status_code == 204
    assert (await client.delete(url, headers=anna["headers"])).status_code == 404
    assert verdict(await refresh(client, login.json()["tokens"]["refresh_token"])) == INVALID
    assert (await client.get("/api/auth/me", headers=anna["headers"])).status_code == 200


async def test_the_oldest_of_more_than_twenty_sessions_is_ended(
    client: httpx.AsyncClient, sign_up: SignUp, clock: Clock
) -> None:
    anna = await sign_up()
    body = {"email": anna["user"]["email"], "password": PASSWORD}
    tokens = [anna["tokens"]["refresh_token"]]
    for _ in range(20):
        clock.advance(seconds=1)
        tokens.append((await client.post("/api/auth/login", json=body)).json()["tokens"]["refresh_token"])
    answers = [await refresh(client, token) for token in tokens]
    assert verdict(answers[0]) == INVALID
    assert [answer.status_code for answer in answers[1:]] == [200] * 20


async def test_logins_at_once_keep_to_twenty_sessions(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    anna = await sign_up()
    body = {"email": anna["user"]["email"], "password": PASSWORD}
    for _ in range(3):
        answers = await asyncio.gather(*(client.post("/api/auth/login", json=body) for _ in range(9)))
        assert [answer.status_code for answer in answers] == [200] * 9
    assert len(await database.rows("SELECT id FROM auth.session WHERE ended_at IS NULL")) == 20


async def test_switch_goes_on_for_another_household_and_a_retry_is_the_same(
    client: httpx.AsyncClient, sign_up: SignUp
) -> None:
    anna = await sign_up()
    made = await client.post("/api/auth/households", json={"name": "Chalet"}, headers=anna["headers"])
    assert made.status_code == 201
    body = {
        "household_id": made.json()["id"],
        "refresh_token": anna["tokens"]["refresh_token"],
        "refresh_id": str(new_id()),
    }
    first = await client.post("/api/auth/switch", json=body)
    again = await client.post("/api/auth/switch", json=body)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json().keys() == {"user", "household", "tokens"}
    assert first.json()["household"] == {"id": made.json()["id"], "name": "Chalet", "role": "owner"}
    assert first.json()["tokens"]["refresh_token"] == again.json()["tokens"]["refresh_token"]
    headers = {"Authorization": f"Bearer {again.json()['tokens']['access_token']}"}
    me = (await client.get("/api/auth/me", headers=headers)).json()
    assert me["household"]["name"] == "Chalet"
    assert {one["name"] for one in me["households"]} == {"Chez nous", "Chalet"}
    next_tokens = (await refresh(client, first.json()["tokens"]["refresh_token"])).json()["tokens"]
    claims = jwt.decode(next_tokens["access_token"], options={"verify_signature": False})
    assert claims["hid"] == made.json()["id"]
    login = await client.post("/api/auth/login", json={"email": anna["user"]["email"], "password": PASSWORD})
    assert login.json()["household"]["name"] == "Chalet"


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
async def test_a_refused_switch_leaves_the_token_as_it_was(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase, whose: str
) -> None:
    anna, bea = await sign_up(), await sign_up()
    target = bea["household"]["id"] if whose == "another's" else str(new_id())
    body = {
        "household_id": target,
        "refresh_token": anna["tokens"]["refresh_token"],
        "refresh_id": str(new_id()),
    }
    refused = await client.post("/api/auth/switch", json=body)
    assert verdict(refused) == (404, "/problems/not-found")
    [session] = await database.rows("SELECT generation FROM auth.session WHERE person_id = $1", anna["user"]["id"])
    assert session["generation"] == 0
    assert (await refresh(client, anna["tokens"]["refresh_token"])).status_code == 200


async def test_reuse_by_switch_ends_the_session_too(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    token = await rotated(client, await rotated(client, anna["tokens"]["refresh_token"]))
    body = {
        "household_id": anna["household"]["id"],
        "refresh_token": anna["tokens"]["refresh_token"],
        "refresh_id": str(new_id()),
    }
    assert verdict(await client.post("/api/auth/switch", json=body)) == REUSED
    assert verdict(await refresh(client, token)) == INVALID


async def test_services_that_start_at_once_make_one_signing_key(serve: Serve, database: FreshDatabase) -> None:
    async def published() -> str:
        async with serve() as client:
            assert (await client.get("/readyz")).json()["checks"] == {"database": "ok", "signing_keys": "ok"}
            return (await client.get("/.well-known/jwks.json")).text

    assert len(set(await asyncio.gather(*(published() for _ in range(4))))) == 1
    assert len(await database.rows("SELECT kid FROM auth.signing_key")) == 1


async def test_a_signing_key_opens_under_its_own_secret_alone(database: FreshDatabase) -> None:
    own = Database(database.url("auth"), schema="auth", password=DATABASE_PASSWORD)
    made = await KeyRing(own, b"s" * 32).signer()
    assert (await KeyRing(own, b"s" * 32).signer()).kid == made.kid
    with pytest.raises(SealedKeyError):
        await KeyRing(own, b"t" * 32).signer()
    await own.close()
