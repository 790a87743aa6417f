"""Who is calling: what counts as an access token, and what happens while auth is away."""

import asyncio
import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import get
from litestar.di import NamedDependency

from popote_kit.identity import MAX_REMEMBERED, Caller, Keys, Verifier, bearer
from popote_kit.problems import Forbidden, Unauthenticated, Unavailable
from popote_kit.testing import Authority, Clock, calling, new_id

Forge = Callable[[Authority], str]


class Auth:
    """An auth that counts how often it is asked for its keys, and that may be away."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.is_away = False
        self.asked = 0

    async def __call__(self) -> bytes:
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.is_away:
            raise ConnectionError
        return self.authority.jwks()


@pytest.fixture
def auth(authority: Authority) -> Auth:
    return Auth(authority)


@pytest.fixture
def verifier(auth: Auth, clock: Clock) -> Verifier:
    return Verifier(Keys(auth, clock=clock), clock=clock)


async def test_a_token_of_auths_tells_who_is_calling(verifier: Verifier, authority: Authority) -> None:
    person, household, session = new_id(), new_id(), new_id()
    token = authority.token(
        person=person, household=household, role="child", scope="operator stock:read", sid=str(session), ver=3,
        zone="Europe/Paris", language="fr", currency="CHF",
    )  # fmt: skip
    caller = await verifier.verify(token)
    assert caller == Caller(
        person, household, session, "child", frozenset({"operator", "stock:read"}), 3,
        "Europe/Paris", "fr", "CHF", at(authority, minutes=10),
    )  # fmt: skip
    assert caller.is_operator
    caller.require("child", "adult")
    with pytest.raises(Forbidden):
        caller.require("owner", "adult")
    caller.require_operator()
    with pytest.raises(Forbidden):
        (await verifier.verify(authority.token(scope="operators"))).require_operator()


async def test_a_token_from_before_households_were_told_of_has_their_defaults(
    verifier: Verifier, authority: Authority
) -> None:
    before = {name: value for name, value in claims(authority).items() if name not in ("zone", "lang", "cur")}
    caller = await verifier.verify(signed(authority, before))
    assert (caller.zone, caller.language, caller.currency) == ("UTC", "en", "EUR")


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims(authority: Authority) -> dict[str, Any]:
    return jwt.decode(authority.token(), options={"verify_signature": False})


def signed_by_hand(authority: Authority, header: dict[str, Any], secret: bytes) -> str:
    text = f"{part(header)}.{part(claims(authority))}"
    signature = hmac.digest(secret, text.encode(), sha256)
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def with_public_key_as_secret(authority: Authority) -> str:
    return signed_by_hand(authority, {"alg": "HS256", "typ": "at+jwt", "kid": "test"}, authority.jwks())


def signed_by(key: Any, algorithm: str, authority: Authority, **headers: Any) -> str:
    headers = {"typ": "at+jwt", "kid": "test", **headers}
    return jwt.encode(claims(authority), key, algorithm=algorithm, headers=headers)


def unsigned(algorithm: str) -> Forge:
    return lambda authority: f"{part({'alg': algorithm, 'typ': 'at+jwt', 'kid': 'test'})}.{part(claims(authority))}."


def headed(**headers: Any) -> Forge:
    return lambda authority: authority.token(headers=headers)


def signed(authority: Authority, payload: object) -> str:
    headers = {"typ": "at+jwt", "kid": "test"}
    return jwt.api_jws.encode(json.dumps(payload).encode(), authority.key, algorithm="ES256", headers=headers)


def claiming(**changes: Any) -> Forge:
    return lambda authority: signed(authority, {**claims(authority), **changes})


def lacking(name: str) -> Forge:
    return lambda authority: signed(authority, {key: value for key, value in claims(authority).items() if key != name})


def at(authority: Authority, **delta: float) -> int:
    return int((authority._clock() + timedelta(**delta)).timestamp())


FORGED: dict[str, Forge] = {
    "no algorithm": unsigned("none"),
    "no algorithm, oddly spelled": unsigned("nOnE"),
    "an empty algorithm": unsigned(""),
    "HS256 with the public key": with_public_key_as_secret,
    "RS256": lambda authority: signed_by(rsa.generate_private_key(65537, 2048), "RS256", authority),
    "ES384": lambda authority: signed_by(ec.generate_private_key(ec.SECP384R1()), "ES384", authority),
    "another's key": lambda authority: signed_by(ec.generate_private_key(ec.SECP256R1()), "ES256", authority),
    "another kid": headed(kid="other"),
    "no kid": headed(kid=""),
    "a type of another kind": headed(typ="JWT"),
    "a service's type": headed(typ="svc+jwt"),
    "the type in full": headed(typ="application/at+jwt"),
    "crit": headed(crit=["exp"]),
    "jku": headed(jku="https://evil.example/jwks.json"),
    "jwk": headed(jwk={"kty": "EC"}),
    "x5u": headed(x5u="https://evil.example/x"),
    "x5c": headed(x5c=["x"]),
    "zip": headed(zip="DEF"),
    "another issuer": claiming(iss="evil"),
    "issuers": claiming(iss=["popote"]),
    "another audience": claiming(aud="other"),
    "audiences": claiming(aud=["popote", "other"]),
    "expired": lambda authority: authority.token(exp=at(authority, seconds=-30)),
    "not yet": lambda authority: authority.token(nbf=at(authority, seconds=31)),
    "issued in the future": lambda authority: authority.token(iat=at(authority, seconds=31)),
    "for ever": claiming(exp=None),
    "an expiry in words": claiming(exp="tomorrow"),
    "an expiry of NaN": claiming(exp=float("nan")),
    "a person who is no UUID": claiming(sub="anna"),
    "a household who is no UUID": claiming(hid=""),
    "no such role": claiming(role="king"),
    "scopes as a list": claiming(scope=["operator"]),
    "a version in words": claiming(ver="1"),
    "an empty zone": claiming(zone=""),
    "a language that we don't speak": claiming(lang="de"),
    "no such currency": claiming(cur="euro"),
    **{f"no {name}": lacking(name) for name in (
        "iss", "sub", "aud", "iat", "nbf", "exp", "jti", "sid", "hid", "role", "scope", "ver")},
    "more than 4 KB": claiming(scope="x" * 4096),
    "nothing": lambda _: "",
    "two parts": lambda authority: authority.token().rpartition(".")[0],
    "four parts": lambda authority: authority.token() + ".x",
    "no signature": lambda authority: authority.token().rpartition(".")[0] + ".",
    "a changed claim": lambda authority: authority.token().replace(".", ".A", 1),
    "a header that is no object": lambda _: f"{part([])}.{part({})}.x",
    "a deep header": lambda _: base64.urlsafe_b64encode(b"[" * 2000).rstrip(b"=").decode() + ".e30.x",
    "claims that are no object": lambda authority: signed(authority, []),
    "not ASCII": lambda authority: authority.token() + "é",
    "dots": lambda _: "...",
}  # fmt: skip


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_any_other_token_is_refused(verifier: Verifier, authority: Authority, forge: Forge) -> None:
    await verifier.verify(signed(authority, claims(authority)))
    with pytest.raises(Unauthenticated):
        await verifier.verify(forge(authority))


@given(text=st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_refused(authority: Authority, text: str) -> None:
    with pytest.raises(Unauthenticated):
        asyncio.run(Verifier(Keys(Auth(authority))).verify(text))


async def test_a_token_lives_thirty_seconds_longer_than_it_says_also_when_remembered(
    verifier: Verifier, authority: Authority, clock: Clock
) -> None:
    token = authority.token()
    await verifier.verify(token)
    clock.advance(seconds=629)
    await verifier.verify(token)
    clock.advance(seconds=1)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await verifier.verify(token)


async def test_a_clock_half_a_minute_behind_auths_is_no_matter(verifier: Verifier, authority: Authority) -> None:
    soon, person = at(authority, seconds=30), new_id()
    caller = await verifier.verify(authority.token(iat=soon, nbf=soon, person=person))
    assert caller.person == person


async def test_a_remembered_token_is_not_verified_again(verifier: Verifier, auth: Auth, authority: Authority) -> None:
    token = authority.token()
    first = await verifier.verify(token)
    verifier._keys = Keys(auth)  # it would have to ask anew
    assert await verifier.verify(token) is first
    assert auth.asked == 1


async def test_only_so_many_tokens_are_remembered(verifier: Verifier, authority: Authority) -> None:
    caller = await verifier.verify(authority.token())
    for number in range(MAX_REMEMBERED + 10):
        verifier._remember(str(number), (2**40, caller))
    assert len(verifier._known) == MAX_REMEMBERED


async def test_all_who_wait_for_the_keys_share_one_question(verifier: Verifier, auth: Auth) -> None:
    tokens = [auth.authority.token() for _ in range(50)]
    await asyncio.gather(*map(verifier.verify, tokens))
    assert auth.asked == 1
    auth.is_away = True
    fresh = Verifier(Keys(auth))
    refusals = await asyncio.gather(*map(fresh.verify, tokens), return_exceptions=True)
    assert {type(refusal) for refusal in refusals} == {Unavailable}
    assert auth.asked == 2


async def test_an_unknown_key_is_asked_for_once_in_thirty_seconds(verifier: Verifier, auth: Auth, clock: Clock) -> None:
    await verifier.verify(auth.authority.token())
    auth.authority = Authority(clock, kid="next")
    token = auth.authority.token()
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)
    clock.advance(seconds=29)
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)
    assert auth.asked == 1
    clock.advance(seconds=1)
    await verifier.verify(token)
    assert auth.asked == 2


async def test_known_keys_go_on_while_auth_is_away(verifier: Verifier, auth: Auth, clock: Clock) -> None:
    await verifier.verify(auth.authority.token())
    auth.is_away = True
    for _ in range(3):
        clock.advance(hours=1)
        await verifier.verify(auth.authority.token())
        await asyncio.sleep(0.02)  # the question to auth runs beside
    assert auth.asked == 4


async def test_old_keys_are_asked_for_again_and_dropped_when_gone(verifier: Verifier, auth: Auth, clock: Clock) -> None:
    retired = auth.authority
    await verifier.verify(retired.token())
    auth.authority = Authority(clock, kid="next")
    clock.advance(minutes=11)
    await verifier.verify(retired.token())  # the last time: it makes the service ask
    await asyncio.sleep(0.05)
    with pytest.raises(Unauthenticated):
        await verifier.verify(retired.token())
    await verifier.verify(auth.authority.token())


async def test_without_keys_and_without_auth_nobody_is_turned_away_for_good(verifier: Verifier, auth: Auth) -> None:
    auth.is_away = True
    with pytest.raises(Unavailable):
        await verifier.verify(auth.authority.token())
    auth.is_away = False
    await verifier.verify(auth.authority.token())


async def test_kept_keys_serve_while_auth_is_away_and_new_ones_are_told(auth: Auth, clock: Clock) -> None:
    told: list[bytes] = []
    keys = Keys(auth, clock=clock, known=auth.authority.jwks(), on_change=told.append)
    auth.is_away = True
    await Verifier(keys, clock=clock).verify(auth.authority.token())
    await asyncio.sleep(0.02)
    auth.is_away, auth.authority = False, Authority(clock, kid="next")
    clock.advance(seconds=30)
    await Verifier(keys, clock=clock).verify(auth.authority.token())
    assert told[-1] == auth.authority.jwks()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "token", "Bearer\ttoken"])
def test_a_header_of_no_bearer_token_is_refused(header: str) -> None:
    with pytest.raises(Unauthenticated):
        bearer(header)


def test_a_bearer_token_is_read_from_its_header() -> None:
    assert (bearer("Bearer a.b.c"), bearer("bearer  a.b.c "), bearer(None)) == ("a.b.c", "a.b.c", None)


async def test_nothing_else_in_a_request_says_who_is_calling(build: Any, authority: Authority) -> None:
    @get("/me", operation_id="me")
    async def me(caller: NamedDependency[Caller]) -> str:
        return str(caller.person)

    person = new_id()
    async with calling(build(me)) as client:
        told = await client.get("/me", headers={**authority.bearer(person=person), "X-User-Id": str(new_id())})
        assert told.text == str(person)
        for headers in ({}, {"X-User-Id": str(person)}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer x"}):
            refused = await client.get(f"/me?access_token={authority.token()}", headers=headers)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
