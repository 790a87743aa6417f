"""Services that call one another: what counts as a service's token, where it counts, and how a service comes by one."""

import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import jwt
import pytest
import uuid_utils.compat as uuid_utils
from cryptography.hazmat.primitives.asymmetric import ec
from litestar import Litestar, get, post
from litestar.di import NamedDependency

from popote_auth.app import create_app as create_auth
from popote_auth.settings import Settings as AuthSettings
from popote_kit.database import Kitchen
from popote_kit.identity import MAX_TOKEN_BYTES, NOBODY, Caller, Keys, Verifier, auth_keys
from popote_kit.peers import Peers
from popote_kit.problems import NotFound, Unauthenticated, Unavailable
from popote_kit.service_tokens import CALLERS, MAX_KEPT, ServiceTokens
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id, serving

Forge = Callable[[Authority], str]

CREDENTIAL: Final = "what recipes shows auth, in these tests"


@get("/internal/who", operation_id="who_internal")
async def who_internal(caller: NamedDependency[Caller]) -> str:
    return f"{caller.service} for {caller.person}"


@get("/api/who", operation_id="who")
async def who(caller: NamedDependency[Caller]) -> str:
    return str(caller.person)


@get("/internals", operation_id="almost_internal")
async def almost_internal(caller: NamedDependency[Caller]) -> str:
    return str(caller.person)


@post("/internal/notes", operation_id="note", opt={"idempotency": "needed"})
async def note(kitchen: NamedDependency[Kitchen]) -> str:
    words = str(uuid_utils.uuid7())
    await kitchen.execute("INSERT INTO note VALUES ($1, $2, $3)", kitchen.household, kitchen.person, words)
    return words


@pytest.fixture
def verifier(authority: Authority, clock: Clock) -> Verifier:
    """A verifier of those who call chat."""

    async def fetch() -> bytes:
        return authority.jwks()

    return Verifier(Keys(fetch, clock=clock), clock=clock).for_services_calling("chat")


async def test_a_services_token_tells_who_calls_for_whom(verifier: Verifier, authority: Authority) -> None:
    household, person = new_id(), new_id()
    told = {"zone": "Europe/Paris", "lang": "fr", "cur": "CHF"}
    caller = await verifier.verify(
        authority.service_token("recipes", "chat", household=household, person=person, **told)
    )
    assert caller == Caller(
        person, household, NOBODY, "adult", frozenset(), 0, "Europe/Paris", "fr", "CHF", caller.expires_at, "recipes"
    )
    assert not caller.is_operator
    caller.require("adult")


async def test_a_service_may_call_for_nobody(verifier: Verifier, authority: Authority) -> None:
    caller = await verifier.verify(authority.service_token("recipes", "chat"))
    assert (caller.person, caller.service) == (NOBODY, "recipes")


async def test_a_service_is_let_in_under_internal_alone(build: Any, authority: Authority) -> None:
    person = new_id()
    service = authority.service_bearer("recipes", "chat", person=person)
    async with calling(build(who_internal, who, almost_internal)) as client:
        assert (await client.get("/internal/who", headers=service)).text == f"recipes for {person}"
        for path in ("/api/who", "/internals"):
            refused = await client.get(path, headers=service)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_person_is_let_in_everywhere_but_under_internal(build: Any, authority: Authority) -> None:
    person = new_id()
    headers = authority.bearer(person=person, scope="operator")
    async with calling(build(who_internal, who, almost_internal)) as client:
        for path in ("/api/who", "/internals"):
            assert (await client.get(path, headers=headers)).text == str(person)
        assert (await client.get("/internal/who", headers=headers)).status_code == 401
        assert (await client.get("/internal/who")).status_code == 401


async def test_a_service_that_calls_another_is_not_let_in(build: Any, authority: Authority) -> None:
    async with calling(build(who_internal)) as client:
        for audience in ("stock", "popote", "", "CHAT"):
            refused = await client.get("/internal/who", headers=authority.service_bearer("recipes", audience))
            assert refused.status_code == 401


async def test_the_contract_and_the_health_of_a_service_are_open_inside(build: Any) -> None:
    async with calling(build(who_internal)) as client:
        for path in ("/internal/openapi", "/healthz", "/readyz"):
            assert (await client.get(path)).status_code == 200


async def test_a_services_retry_has_one_effect(build: Any, notes: FreshDatabase, authority: Authority) -> None:
    household, person = new_id(), new_id()
    async with calling(build(note)) as client:
        for acted_for in (person, None):
            first, again = [
                await client.post(
                    "/internal/notes",
                    headers={
                        **authority.service_bearer("recipes", "chat", household=household, person=acted_for),
                        "Idempotency-Key": "cooked",
                    },
                )
                for _ in range(2)
            ]
            assert first.status_code == 201, first.text
            assert again.text == first.text
            assert again.headers["idempotent-replayed"] == "true"
    rows = await notes.rows("SELECT household_id, person_id FROM chat.note")
    assert {tuple(row) for row in rows} == {(household, person), (household, NOBODY)}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


HEADER: Final = {"alg": "ES256", "typ": "svc+jwt", "kid": "test"}


def claims(authority: Authority) -> dict[str, Any]:
    token = authority.service_token("recipes", "chat", person=new_id())
    return jwt.decode(token, options={"verify_signature": False})


def signed(authority: Authority, payload: object) -> str:
    return jwt.api_jws.encode(json.dumps(payload).encode(), authority.key, algorithm="ES256", headers=HEADER)


def claiming(**changes: Any) -> Forge:
    return lambda authority: signed(authority, {**claims(authority), **changes})


def lacking(name: str) -> Forge:
    return lambda authority: signed(authority, {key: value for key, value in claims(authority).items() if key != name})


def headed(**headers: Any) -> Forge:
    return lambda authority: authority.service_token("recipes", "chat", headers=headers)


def lasting(**delta: float) -> Forge:
    return lambda authority: claiming(exp=int((authority._clock() + timedelta(**delta)).timestamp()))(authority)


def unsigned(authority: Authority) -> str:
    return f"{part({**HEADER, 'alg': 'none'})}.{part(claims(authority))}."


def with_public_key_as_secret(authority: Authority) -> str:
    text = f"{part({**HEADER, 'alg': 'HS256'})}.{part(claims(authority))}"
    signature = hmac.digest(authority.jwks(), text.encode(), sha256)
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def by_another(authority: Authority) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(claims(authority), key, algorithm="ES256", headers=HEADER)


FORGED: dict[str, Forge] = {
    "no algorithm": unsigned,
    "HS256 with the public key": with_public_key_as_secret,
    "another's key": by_another,
    "another kid": headed(kid="other"),
    "a person's token": lambda authority: authority.token(),
    "a person's token for this service": lambda authority: authority.token(aud="chat"),
    "a person's type": headed(typ="at+jwt"),
    "no type": headed(typ=None),
    "the type in full": headed(typ="application/svc+jwt"),
    "a person's claims": lambda authority: authority.token(aud="chat", headers={"typ": "svc+jwt"}),
    "crit": headed(crit=["exp"]),
    "jku": headed(jku="https://evil.example/jwks.json"),
    "jwk": headed(jwk={"kty": "EC"}),
    "another issuer": claiming(iss="evil"),
    "another audience": claiming(aud="stock"),
    "the audience of persons": claiming(aud="popote"),
    "audiences": claiming(aud=["chat", "stock"]),
    "expired": lasting(seconds=-30),
    "for ever": claiming(exp=None),
    "a service that is a person": claiming(sub=str(new_id())),
    "a service without a name": claiming(sub=""),
    "a person acted for who is no UUID": claiming(act="anna"),
    "an actor as RFC 8693 has it": claiming(act={"sub": str(new_id())}),
    "a household that is no UUID": claiming(hid="home"),
    **{f"no {name}": lacking(name) for name in (
        "iss", "sub", "aud", "iat", "nbf", "exp", "jti", "hid", "zone", "lang", "cur")},
    "more than 4 KB": claiming(more="x" * MAX_TOKEN_BYTES),
    "no signature": lambda authority: signed(authority, claims(authority)).rpartition(".")[0] + ".",
}  # fmt: skip


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_any_other_token_is_refused_of_a_service(verifier: Verifier, authority: Authority, forge: Forge) -> None:
    await verifier.verify(signed(authority, claims(authority)))
    with pytest.raises(Unauthenticated):
        await verifier.verify(forge(authority))


class Auth:
    """A real auth that counts the questions and may be away or out of its mind."""

    def __init__(self, app: Litestar) -> None:
        self._app = app
        self.url = ""
        self.asked = 0
        self.answers_with: bytes | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += scope["type"] == "http"
        if self.answers_with is None or scope["type"] != "http":
            await self._app(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": self.answers_with})


@pytest.fixture
async def auth(database: FreshDatabase, clock: Clock) -> AsyncIterator[Auth]:
    settings = AuthSettings(
        database_url=database.url("auth"),
        database_password=PASSWORD,
        secret="a secret that nobody guesses, in these tests",
        recipes_credential=CREDENTIAL,
    )
    auth = Auth(create_auth(settings, peers=Peers(), clock=clock))
    async with serving(auth) as auth.url:
        yield auth


@pytest.fixture
async def household(database: FreshDatabase) -> UUID:
    [row] = await database.rows(
        """
        INSERT INTO auth.household (household_id, name, timezone, language, currency, created_at)
        VALUES (gen_random_uuid(), 'Chez nous', 'Europe/Paris', 'fr', 'EUR', now()) RETURNING household_id
        """
    )
    return UUID(str(row["household_id"]))


@pytest.fixture
async def peers(auth: Auth) -> AsyncIterator[Peers]:
    peers = Peers(urls={"auth": auth.url})
    yield peers
    await peers.close()


@pytest.fixture
def tokens(peers: Peers, clock: Clock) -> ServiceTokens:
    return ServiceTokens(peers, "recipes", CREDENTIAL, clock=clock)


async def test_with_what_auth_gives_a_service_is_let_in(
    tokens: ServiceTokens, peers: Peers, household: UUID, build: Any, clock: Clock
) -> None:
    person = new_id()
    verifier = Verifier(Keys(auth_keys(peers), clock=clock), clock=clock)
    async with calling(build(who_internal, verifier=verifier)) as client:
        answer = await client.get("/internal/who", headers=await tokens.header("chat", household, person))
        assert answer.text == f"recipes for {person}"
        answer = await client.get("/internal/who", headers=await tokens.header("stock", household, person))
        assert answer.status_code == 401


async def test_a_token_is_kept_until_a_minute_before_its_end(
    tokens: ServiceTokens, auth: Auth, household: UUID, clock: Clock
) -> None:
    first = await tokens.header("chat", household)
    clock.advance(seconds=239)
    assert await tokens.header("chat", household) == first
    assert auth.asked == 1
    clock.advance(seconds=1)
    assert await tokens.header("chat", household) != first
    assert auth.asked == 2


async def test_each_service_household_and_person_has_a_token_of_its_own(
    tokens: ServiceTokens, auth: Auth, household: UUID
) -> None:
    person = new_id()
    whom = [("chat", household, None), ("stock", household, None), ("chat", household, person)]
    headers = [await tokens.header(*one) for one in whom + whom]
    assert len({header["Authorization"] for header in headers}) == auth.asked == 3


async def test_only_so_many_tokens_are_kept(tokens: ServiceTokens, auth: Auth, household: UUID) -> None:
    await tokens.header("chat", household)
    [kept] = tokens._kept.values()
    for _ in range(MAX_KEPT):
        tokens._keep(("chat", new_id(), None), kept)
    assert len(tokens._kept) == MAX_KEPT
    await tokens.header("chat", household)
    assert auth.asked == 2


async def test_without_auth_a_kept_token_serves_and_a_new_one_is_not_available(
    tokens: ServiceTokens, household: UUID
) -> None:
    kept = await tokens.header("chat", household)
    tokens._peers = Peers(urls={"auth": "http://127.0.0.1:1"})
    assert await tokens.header("chat", household) == kept
    with pytest.raises(Unavailable):
        await tokens.header("stock", household)
    await tokens._peers.close()


@pytest.mark.parametrize("answer", [b"", b"{}", b"<html>", b'{"access_token": 1, "expires_in": 300}'])
async def test_an_answer_that_makes_no_sense_is_no_token(
    tokens: ServiceTokens, auth: Auth, household: UUID, answer: bytes
) -> None:
    auth.answers_with = answer
    with pytest.raises(Unavailable):
        await tokens.header("chat", household)


@pytest.mark.parametrize("credential", [None, "another credential, of the right length"])
async def test_a_service_without_its_credential_is_told_that_it_can_not_go_on(
    peers: Peers, household: UUID, credential: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Unavailable):
        await ServiceTokens(peers, "recipes", credential).header("chat", household)
    assert "auth gives no service token" in caplog.text
    assert str(credential) not in caplog.text


async def test_for_an_unknown_household_there_is_nothing(tokens: ServiceTokens) -> None:
    with pytest.raises(NotFound):
        await tokens.header("chat", new_id())


def test_auth_has_a_setting_for_the_credential_of_each_service_that_works_alone() -> None:
    credentials = {name for name in AuthSettings.__struct_fields__ if name.endswith("_credential")}
    assert credentials == {f"{name}_credential" for name in CALLERS}
