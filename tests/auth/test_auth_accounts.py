"""Accounts: signing up and in, passwords, recovery, the first operator, oneself."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import jwt
import pytest

from popote_kit.testing import Clock, FreshDatabase, new_id

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
SignUp = Callable[..., Awaitable[dict[str, Any]]]

PASSWORD = "tarte aux pommes"


async def log_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/auth/login", json={"email": email, "password": password})


def without_id(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    return answer.status_code, {key: value for key, value in answer.json().items() if key != "request_id"}


async def test_a_newcomer_has_an_account_a_household_tokens_and_codes(client: httpx.AsyncClient) -> None:
    body = {
        "email": "Camille@Example.org",
        "password": PASSWORD,
        "display_name": "Camille",
        "household_name": "Chez nous",
        "device_name": "Pixel",
        "timezone": "Europe/Paris",
        "language": "fr",
        "currency": "EUR",
    }
    answer = await client.post("/api/auth/register", json=body)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert made.keys() == {"user", "household", "tokens", "recovery_codes"}
    assert made["user"] | {"id": 0} == {"id": 0, "email": "Camille@Example.org", "display_name": "Camille"}
    assert made["household"] | {"id": 0} == {"id": 0, "name": "Chez nous", "role": "owner"}
    assert made["tokens"].keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert made["tokens"]["token_type"] == "Bearer"
    assert made["tokens"]["expires_in"] == 600
    assert len(set(made["recovery_codes"])) == 8
    headers = {"Authorization": f"Bearer {made['tokens']['access_token']}"}
    me = (await client.get("/api/auth/me", headers=headers)).json()
    assert me == {
        "user": made["user"],
        "household": made["household"],
        "households": [made["household"]],
        "operator": False,
    }
    household = (await client.get("/api/auth/household", headers=headers)).json()
    assert (household["timezone"], household["language"], household["currency"]) == ("Europe/Paris", "fr", "EUR")


async def test_a_new_household_speaks_the_language_of_the_phone(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    client.headers["accept-language"] = "fr-CH, en;q=0.5"
    anna = await sign_up()
    household = (await client.get("/api/auth/household", headers=anna["headers"])).json()
    assert household["language"] == "fr"


async def test_login_gives_the_shape_that_clients_rely_on(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up(email="anna@example.org")
    answer = await log_in(client, "ANNA@example.org")
    assert answer.status_code == 200
    assert answer.json().keys() == {"user", "household", "tokens"}
    assert answer.json()["user"] == anna["user"]
    assert answer.json()["household"] == anna["household"]


async def test_the_tokens_verify_against_the_published_keys_alone(
    client: httpx.AsyncClient, sign_up: SignUp, clock: Clock
) -> None:
    anna = await sign_up()
    jwks = await client.get("/.well-known/jwks.json")
    assert jwks.status_code == 200
    assert jwks.headers["cache-control"].startswith("public, max-age=")
    assert all("d" not in key for key in jwks.json()["keys"])
    token = anna["tokens"]["access_token"]
    header = jwt.get_unverified_header(token)
    key = jwt.PyJWKSet.from_dict(jwks.json())[header["kid"]]
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="popote", issuer="popote")
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")
    assert claims.keys() == {
        "iss", "sub", "aud", "iat", "nbf", "exp", "jti", "sid", "hid", "role", "scope", "ver", "zone", "lang", "cur",
    }  # fmt: skip
    assert claims["sub"] == anna["user"]["id"]
    assert claims["hid"] == anna["household"]["id"]
    assert claims["role"] == "owner"
    assert claims["iat"] == int(clock().timestamp())
    assert claims["exp"] - claims["iat"] == 600


async def test_an_address_has_one_account_under_every_spelling(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org")
    body = {
        "email": "Anna@EXAMPLE.org",
        "password": PASSWORD,
        "display_name": "Anna",
        "household_name": "Encore",
    }
    answers = await asyncio.gather(*(client.post("/api/auth/register", json=body) for _ in range(4)))
    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {(409, "/problems/email-taken")}
    body["email"] = "new@example.org"
    answers = await asyncio.gather(*(client.post("/api/auth/register", json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"email": "no address"}, "/email"),
        ({"display_name": " "}, "/display_name"),
        ({"household_name": "two\nlines"}, "/household_name"),
        ({"household_name": None}, "/household_name"),
        ({"invitation_code": "AAAA-BBBB"}, "/household_name"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"timezone": "../../etc/passwd"}, "/timezone"),
        ({"language": "de"}, "/language"),
        ({"currency": "XXX"}, "/currency"),
        ({"currency": "eur"}, "/currency"),
        ({"password": "short"}, "/password"),
        ({"password": "password1234"}, "/password"),
        ({"password": "i am camille!"}, "/password"),
        ({"password": "CHEZ LES PAPILLON", "household_name": "Chez les Papillon"}, "/password"),
        ({"admin": True}, ""),
    ],
)
async def test_a_wrong_value_is_refused_by_its_name_and_makes_nothing(
    client: httpx.AsyncClient, database: FreshDatabase, changes: dict[str, Any], pointer: str
) -> None:
    body = {
        "email": "camille@example.org",
        "password": PASSWORD,
        "display_name": "Camille",
        "household_name": "Chez nous",
    }
    body = {key: value for key, value in {**body, **changes}.items() if value is not None}
    answer = await client.post("/api/auth/register", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await database.rows("SELECT id FROM auth.person") == []


async def test_a_weak_password_is_refused_with_its_reason_in_ones_language(client: httpx.AsyncClient) -> None:
    body = {"email": "a@example.org", "password": "court", "display_name": "A", "household_name": "B"}
    english = await client.post("/api/auth/register", json=body)
    french = await client.post("/api/auth/register", json=body, headers={"Accept-Language": "fr"})
    assert english.json()["type"] == "/problems/weak-password"
    assert english.json()["reason"] == french.json()["reason"] == "too-short"
    assert "at least 12" in english.json()["detail"]
    assert "au moins 12" in french.json()["detail"]


async def test_why_a_login_fails_is_not_told(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    await sign_up(email="anna@example.org")
    await sign_up(email="gone@example.org")
    await database.rows("UPDATE auth.person SET disabled_at = now() WHERE email = 'gone@example.org'")
    wrong = await log_in(client, "anna@example.org", "tarte aux poires")
    unknown = await log_in(client, "nobody@example.org")
    disabled = await log_in(client, "gone@example.org")
    assert without_id(wrong) == without_id(unknown) == without_id(disabled)
    assert wrong.headers.keys() == unknown.headers.keys() == disabled.headers.keys()
    assert (wrong.status_code, wrong.json()["type"]) == (401, "/problems/wrong-credentials")


async def test_a_disabled_person_is_out_at_once(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    anna = await sign_up()
    await database.rows("UPDATE auth.person SET disabled_at = now()")
    refresh = {"refresh_token": anna["tokens"]["refresh_token"], "refresh_id": str(new_id())}
    recover = {
        "email": anna["user"]["email"],
        "recovery_code": anna["recovery_codes"][0],
        "new_password": "tarte aux poires",
    }
    assert (await client.get("/api/auth/me", headers=anna["headers"])).status_code == 401
    assert (await client.post("/api/auth/refresh", json=refresh)).json()["type"] == "/problems/invalid-grant"
    assert (await client.post("/api/auth/recover", json=recover)).status_code == 401


async def test_registration_can_be_closed_or_by_invitation(serve: Serve, sign_up: SignUp) -> None:
    body = {"email": "a@example.org", "password": PASSWORD, "display_name": "A", "household_name": "B"}
    async with serve(registration="closed") as client:
        closed = await client.post("/api/auth/register", json=body)
    async with serve(registration="invite") as client:
        invite = await client.post("/api/auth/register", json=body)
    assert (closed.status_code, closed.json()["type"]) == (403, "/problems/registration-closed")
    assert (invite.status_code, invite.json()["type"]) == (403, "/problems/invitation-needed")


async def test_a_password_hashed_under_other_parameters_is_hashed_anew(
    serve: Serve, sign_up: SignUp, database: FreshDatabase
) -> None:
    await sign_up(email="anna@example.org")
    async with serve(password_profile="strong") as client:
        first = await asyncio.gather(*(log_in(client, "anna@example.org") for _ in range(3)))
        [row] = await database.rows("SELECT password_hash FROM auth.person")
        again = await log_in(client, "anna@example.org")
    [unchanged] = await database.rows("SELECT password_hash FROM auth.person")
    assert [answer.status_code for answer in (*first, again)] == [200] * 4
    assert row["password_hash"].startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert unchanged["password_hash"] == row["password_hash"]


async def test_a_password_is_the_same_from_two_keyboards(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    await sign_up(email="anna@example.org", password="cr\u00e8me br\u00fbl\u00e9e")
    decomposed = await log_in(client, "anna@example.org", "cre\u0300me bru\u0302le\u0301e")
    trimmed = await log_in(client, "anna@example.org", "cr\u00e8me br\u00fbl\u00e9e ")
    assert (decomposed.status_code, trimmed.status_code) == (200, 401)


async def test_another_secret_opens_no_account(serve: Serve, sign_up: SignUp, database: FreshDatabase) -> None:
    await sign_up(email="anna@example.org")
    await database.rows("DELETE FROM auth.signing_key")
    async with serve(secret="another secret that nobody guesses either") as client:
        assert (await log_in(client, "anna@example.org")).status_code == 401


async def test_a_password_change_ends_the_other_sessions(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up(email="anna@example.org")
    other = (await log_in(client, "anna@example.org")).json()["tokens"]
    change = {"current_password": PASSWORD, "new_password": "tarte aux poires"}
    changed = await client.post("/api/auth/password", json=change, headers=anna["headers"])
    assert changed.status_code == 200
    assert changed.json().keys() == {"access_token", "token_type", "expires_in"}
    new = {"Authorization": f"Bearer {changed.json()['access_token']}"}
    assert (await client.get("/api/auth/me", headers=anna["headers"])).status_code == 401
    assert (await client.get("/api/auth/me", headers=new)).status_code == 200
    tokens = [anna["tokens"]["refresh_token"], other["refresh_token"]]
    refreshed = [
        await client.post("/api/auth/refresh", json={"refresh_token": token, "refresh_id": str(new_id())})
        for token in tokens
    ]
    assert [answer.status_code for answer in refreshed] == [200, 401]
    assert (await log_in(client, "anna@example.org")).status_code == 401
    assert (await log_in(client, "anna@example.org", "tarte aux poires")).status_code == 200


async def test_a_password_change_needs_the_old_one_and_a_good_new_one(
    client: httpx.AsyncClient, sign_up: SignUp
) -> None:
    anna = await sign_up(email="anna@example.org", household_name="Les Papillons Bleus")
    for change, status, type_ in [
        ({"current_password": "wrong", "new_password": "tarte aux poires"}, 403, "/problems/wrong-password"),
        ({"current_password": PASSWORD, "new_password": "les papillons bleus"}, 422, "/problems/weak-password"),
        ({"current_password": PASSWORD, "new_password": "anna anna oh anna"}, 422, "/problems/weak-password"),
    ]:
        answer = await client.post("/api/auth/password", json=change, headers=anna["headers"])
        assert (answer.status_code, answer.json()["type"]) == (status, type_), change
    assert (await log_in(client, "anna@example.org")).status_code == 200


async def test_a_recovery_code_opens_the_account_once(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up(email="anna@example.org")
    typed = anna["recovery_codes"][3].replace("-", " ").lower()
    recover = {"email": "anna@example.org", "recovery_code": typed, "new_password": "tarte aux poires"}
    weak = await client.post("/api/auth/recover", json={**recover, "new_password": "court"})
    first = await client.post("/api/auth/recover", json=recover)
    again = await client.post("/api/auth/recover", json=recover)
    assert [weak.status_code, first.status_code, again.status_code] == [422, 200, 401]
    assert first.json().keys() == {"user", "household", "tokens"}
    assert (await client.get("/api/auth/me", headers=anna["headers"])).status_code == 401
    headers = {"Authorization": f"Bearer {first.json()['tokens']['access_token']}"}
    assert (await client.get("/api/auth/me", headers=headers)).status_code == 200
    assert (await log_in(client, "anna@example.org", "tarte aux poires")).status_code == 200


async def test_one_code_used_by_many_at_once_works_once(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up(email="anna@example.org")
    code = anna["recovery_codes"][0]
    answers = await asyncio.gather(
        *(
            client.post(
                "/api/auth/recover",
                json={"email": "anna@example.org", "recovery_code": code, "new_password": f"tarte aux poires {n}"},
            )
            for n in range(6)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]


async def test_why_a_recovery_fails_is_not_told(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna, bea = await sign_up(email="anna@example.org"), await sign_up()
    answers = [
        await client.post(
            "/api/auth/recover", json={"email": email, "recovery_code": code, "new_password": "tarte aux poires"}
        )
        for email, code in [
            ("anna@example.org", "AAAA-AAAA-AAAA-AAAA"),
            ("nobody@example.org", anna["recovery_codes"][0]),
            ("anna@example.org", bea["recovery_codes"][0]),
        ]
    ]
    assert without_id(answers[0]) == without_id(answers[1]) == without_id(answers[2])
    assert answers[0].json()["type"] == "/problems/wrong-recovery-code"


async def test_new_recovery_codes_replace_the_old_and_need_the_password(
    client: httpx.AsyncClient, sign_up: SignUp
) -> None:
    anna = await sign_up(email="anna@example.org")
    refused = await client.post("/api/auth/recovery-codes", json={"password": "wrong"}, headers=anna["headers"])
    made = await client.post("/api/auth/recovery-codes", json={"password": PASSWORD}, headers=anna["headers"])
    assert (refused.status_code, made.status_code) == (403, 201)
    assert len(set(made.json()["recovery_codes"]) - set(anna["recovery_codes"])) == 8
    outcomes = [
        await client.post(
            "/api/auth/recover",
            json={"email": "anna@example.org", "recovery_code": code, "new_password": "tarte aux poires"},
        )
        for code in (anna["recovery_codes"][0], made.json()["recovery_codes"][0])
    ]
    assert [answer.status_code for answer in outcomes] == [401, 200]


async def test_nothing_secret_is_stored_in_the_clear(sign_up: SignUp, database: FreshDatabase) -> None:
    anna = await sign_up(email="anna@example.org")
    secrets = [PASSWORD, *anna["recovery_codes"], *(code.replace("-", "") for code in anna["recovery_codes"])]
    secrets += [anna["tokens"]["refresh_token"], anna["tokens"]["access_token"]]
    tables = await database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'auth'")
    dump = ""
    for table in tables:
        dump += str(await database.rows(f"SELECT t::text FROM auth.{table['tablename']} t"))  # noqa: S608 - our own names
    assert "anna@example.org" in dump
    assert not [secret for secret in secrets if secret in dump or secret.encode().hex() in dump]


async def test_the_setup_code_makes_one_operator_once(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna, bea = await sign_up(), await sign_up()
    wrong = await client.post("/api/auth/setup", json={"code": "sesame"}, headers=anna["headers"])
    assert (wrong.status_code, wrong.json()["type"]) == (403, "/problems/wrong-setup-code")
    answers = await asyncio.gather(
        *(
            client.post("/api/auth/setup", json={"code": "open sesame"}, headers=who["headers"])
            for who in (anna, bea) * 3
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410, 410, 410]
    [won] = [answer for answer in answers if answer.status_code == 200]
    assert won.json()["operator"] is True
    claims = jwt.decode(won.json()["access_token"], options={"verify_signature": False})
    assert claims["scope"] == "operator"
    me = await client.get("/api/auth/me", headers={"Authorization": f"Bearer {won.json()['access_token']}"})
    assert me.json()["operator"] is True


async def test_setup_needs_a_code_and_an_account(serve: Serve, client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    assert (await client.post("/api/auth/setup", json={"code": "open sesame"})).status_code == 401
    async with serve(setup_code="") as without:
        answer = await without.post("/api/auth/setup", json={"code": " "}, headers=anna["headers"])
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/set-up-already")


async def test_one_renames_oneself(client: httpx.AsyncClient, sign_up: SignUp) -> None:
    anna = await sign_up()
    answer = await client.patch("/api/auth/me", json={"display_name": "Anouk 🧑‍🍳"}, headers=anna["headers"])
    blank = await client.patch("/api/auth/me", json={"display_name": "\u200b \u202e"}, headers=anna["headers"])
    assert answer.json()["user"]["display_name"] == "Anouk 🧑‍🍳"
    assert blank.status_code == 422


async def test_what_is_done_to_accounts_is_written_down_for_good(
    client: httpx.AsyncClient, sign_up: SignUp, database: FreshDatabase
) -> None:
    await sign_up(email="anna@example.org")
    await log_in(client, "anna@example.org")
    rows = await database.rows("SELECT what FROM auth.audit ORDER BY id")
    assert [row["what"] for row in rows] == ["registered", "household-founded", "signed-in"]
    granted = await database.rows(
        "SELECT privilege_type FROM information_schema.role_table_grants"
        " WHERE table_schema = 'auth' AND table_name = 'audit' AND grantee = 'auth_app'"
    )
    assert {row["privilege_type"] for row in granted} == {"SELECT", "INSERT"}
