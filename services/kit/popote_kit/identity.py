"""Who is calling: an access token (RFC 9068), verified by every service itself against auth's public keys.

A person's token (`typ: at+jwt`) counts everywhere but under `/internal/`, a service's (`typ: svc+jwt`) nowhere else.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import jwt
import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from msgspec import Meta

from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.peers import Peers
from popote_kit.problems import Forbidden, OperatorsOnly, Unauthenticated, Unavailable

log = logging.getLogger(__name__)

Role = Literal["owner", "adult", "child", "guest"]
Language = Literal["en", "fr"]
ServiceName = Annotated[str, Meta(pattern="^[a-z]{1,32}$")]
Zone = Annotated[str, Meta(min_length=1, max_length=64)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]

ALGORITHM: Final = "ES256"
TYPE: Final = "at+jwt"
SERVICE_TYPE: Final = "svc+jwt"
AUDIENCE: Final = "popote"
INTERNAL: Final = "/internal/"
NOBODY: Final = UUID(int=0)  # in place of a person or a session where there is none
LEEWAY_S: Final = 30
MAX_TOKEN_BYTES: Final = 4096
MAX_REMEMBERED: Final = 10_000
REFETCH_EVERY: Final = timedelta(seconds=30)
KEYS_LIVE: Final = timedelta(minutes=10)
NEEDS_CALLER: Final = "needs_caller"  # the mark on a handler that asks for one
_DANGEROUS: Final = frozenset({"crit", "jku", "jwk", "x5u", "x5c", "x5t", "zip"})


class Caller(msgspec.Struct, frozen=True):
    """Whom an access token speaks for, in one household.

    `zone` (a name of the IANA time zone database), `language` and `currency` (ISO 4217) are the household's; the token
    ends at `expires_at`, in seconds since 1970. `service` is the name of the service that calls, under `/internal/`:
    with the role of an adult, for the `person` that it acts for, or for `NOBODY`.
    """

    person: UUID
    household: UUID
    session: UUID
    role: Role
    scopes: frozenset[str]
    version: int
    zone: str
    language: Language
    currency: str
    expires_at: int
    service: str | None = None

    @property
    def is_operator(self) -> bool:
        return "operator" in self.scopes

    def require(self, *roles: Role) -> None:
        """Let only these roles pass.

        Raises:
            Forbidden: the caller has another role.
        """
        if self.role not in roles:
            raise Forbidden

    def require_operator(self) -> None:
        """Let only operators of the system pass.

        Raises:
            OperatorsOnly: the caller is none.
        """
        if not self.is_operator:
            raise OperatorsOnly


class Claims(msgspec.Struct, frozen=True):
    """The claims that every access token has; times are seconds since 1970."""

    iss: str
    aud: str
    iat: int
    nbf: int
    exp: int
    jti: Annotated[str, Meta(max_length=64)]
    hid: UUID


class PersonClaims(Claims, frozen=True):
    """The claims of a person's token; those signed before they told of the household have the defaults."""

    sub: UUID
    sid: UUID
    role: Role
    scope: str
    ver: int
    zone: Zone = "UTC"
    lang: Language = "en"
    cur: Currency = "EUR"

    def caller(self) -> Caller:
        return Caller(
            person=self.sub,
            household=self.hid,
            session=self.sid,
            role=self.role,
            scopes=frozenset(self.scope.split()),
            version=self.ver,
            zone=self.zone,
            language=self.lang,
            currency=self.cur,
            expires_at=self.exp,
        )


class ServiceClaims(Claims, frozen=True):
    """The claims of a service's token; `aud` is the service called, `act` the person acted for."""

    sub: ServiceName
    zone: Zone
    lang: Language
    cur: Currency
    act: UUID | None = None

    def caller(self) -> Caller:
        return Caller(
            person=self.act or NOBODY,
            household=self.hid,
            session=NOBODY,
            role="adult",
            scopes=frozenset(),
            version=0,
            zone=self.zone,
            language=self.lang,
            currency=self.cur,
            expires_at=self.exp,
            service=self.sub,
        )


class Kind(msgspec.Struct, frozen=True):
    """What sets tokens of one kind apart."""

    typ: str
    audience: str
    claims: type[PersonClaims | ServiceClaims]


PERSONS: Final = Kind(TYPE, AUDIENCE, PersonClaims)


class Keys:
    """Auth's public keys by `kid`: cached, asked anew when old or when a `kid` is unknown, kept when auth is away."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[bytes]],
        *,
        clock: Clock = SYSTEM_CLOCK,
        known: bytes | None = None,
        on_change: Callable[[bytes], None] | None = None,
    ) -> None:
        """`known` is a JWKS kept from before; `on_change` is told of each new one, so that it can be kept."""
        self._fetch = fetch
        self._clock = clock
        self._on_change = on_change
        self._document = b""
        self._keys: dict[str, Any] = {}
        self._fetched_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._asking: asyncio.Task[None] | None = None
        if known:
            self._recall(known)

    async def get(self, kid: str) -> Any | None:
        """Return the key, or None when auth knows no such `kid`.

        Raises:
            Unavailable: no keys are known, and auth is away.
        """
        if kid not in self._keys or self._is_old():
            asking = self._ask()
            if asking is not None and kid not in self._keys:
                await asyncio.shield(asking)
        if not self._keys:
            raise Unavailable
        return self._keys.get(kid)

    def _is_old(self) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at > KEYS_LIVE

    def _ask(self) -> asyncio.Task[None] | None:
        """Return the question to auth that is under way, or a new one; None when it was asked a moment ago."""
        if self._asking is not None and not self._asking.done():
            return self._asking
        now = self._clock()
        if self._keys and self._asked_at is not None and now - self._asked_at < REFETCH_EVERY:
            return None
        self._asked_at = now
        self._asking = asyncio.create_task(self._read(now))
        return self._asking

    async def _read(self, now: datetime) -> None:
        try:
            self._take(await self._fetch())
        except Exception as error:  # noqa: BLE001 - whatever keeps auth from answering, the known keys go on
            log.warning("auth's keys can't be read", extra={"reason": repr(error)})
        else:
            self._fetched_at = now

    def _recall(self, known: bytes) -> None:
        try:
            self._take(known)
        except Exception as error:  # noqa: BLE001 - whatever was damaged, auth is asked anew
            log.warning("the kept keys can't be read", extra={"reason": repr(error)})

    def _take(self, document: bytes) -> None:
        keys = {key.key_id: key.key for key in jwt.PyJWKSet.from_json(document.decode()).keys if key.key_id}
        is_new = document != self._document
        self._document, self._keys = document, keys
        if is_new and self._on_change:
            self._on_change(document)


def auth_keys(peers: Peers) -> Callable[[], Awaitable[bytes]]:
    """Return the question to auth for its JWKS."""

    async def fetch() -> bytes:
        answer = await peers.client("auth").get("/.well-known/jwks.json")
        answer.raise_for_status()
        return answer.content

    return fetch


class Verifier:
    """Turns access tokens of one kind into callers, remembering those it has verified."""

    def __init__(
        self, keys: Keys, *, issuer: str = "popote", clock: Clock = SYSTEM_CLOCK, kind: Kind = PERSONS
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._kind = kind
        self._known: OrderedDict[str, tuple[int, Caller]] = OrderedDict()

    def for_services_calling(self, name: str) -> "Verifier":
        """Return a verifier by the same keys, of the tokens with which services call the service `name`."""
        kind = Kind(SERVICE_TYPE, name, ServiceClaims)
        return Verifier(self._keys, issuer=self._issuer, clock=self._clock, kind=kind)

    async def verify(self, token: str) -> Caller:
        """Return the caller.

        Raises:
            Unauthenticated: the token is not one of ours, or not valid now.
            Unavailable: auth's keys are not known yet, and auth is away.
        """
        now = int(self._clock().timestamp())
        known = self._known.get(token)
        if known is None:
            claims = await self._read(token)
            _check_times(claims, now)
            known = (claims.exp, claims.caller())
            self._remember(token, known)
        if known[0] + LEEWAY_S <= now:
            self._known.pop(token, None)
            raise Unauthenticated
        return known[1]

    async def _read(self, token: str) -> PersonClaims | ServiceClaims:
        if len(token) > MAX_TOKEN_BYTES or not token.isascii():
            raise Unauthenticated
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != self._kind.typ or header.get("alg") != ALGORITHM or _DANGEROUS & header.keys():
                raise Unauthenticated
            key = await self._keys.get(str(header.get("kid", "")))
            if key is None:
                raise Unauthenticated
            # times are checked against our own clock, below
            options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
            payload = jwt.decode(
                token, key, algorithms=[ALGORITHM], audience=self._kind.audience, issuer=self._issuer, options=options
            )
            return msgspec.convert(payload, self._kind.claims)
        except (jwt.PyJWTError, msgspec.ValidationError, ValueError, RecursionError) as error:
            raise Unauthenticated from error

    def _remember(self, token: str, known: tuple[int, Caller]) -> None:
        self._known[token] = known
        if len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)


def _check_times(claims: Claims, now: int) -> None:
    if not max(claims.iat, claims.nbf) - LEEWAY_S <= now < claims.exp + LEEWAY_S:
        raise Unauthenticated


def bearer(header: str | None) -> str | None:
    """Return the token of an `Authorization` header, None when there is no header.

    Raises:
        Unauthenticated: it is there and holds something else.
    """
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()


async def require_caller(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse, before a body is read, who calls without a valid token what asks for a `caller`: a Litestar guard."""
    if handler.opt.get(NEEDS_CALLER):
        connection.scope["state"]["caller"] = await _verified(connection)


async def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    """Return who is calling; a handler without this dependency is open to everyone."""
    known: Caller | None = request.scope["state"].get("caller")
    return known or await _verified(request)


async def _verified(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    token = bearer(connection.headers.get("authorization"))
    if token is None:
        raise Unauthenticated
    is_internal = connection.scope["path_template"].startswith(INTERNAL)
    state = connection.app.state
    verifier: Verifier = state.service_verifier if is_internal else state.verifier
    return await verifier.verify(token)
