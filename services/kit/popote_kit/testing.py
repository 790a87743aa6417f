"""What tests of several packages share: a clock to turn, tokens to present, a fresh database."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import httpx
import jwt
import msgspec
import uuid_utils.compat as uuid_utils
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from popote_kit import identity, serve, service_tokens
from popote_kit.bootstrap import bootstrap
from popote_kit.database import Database, Kitchen
from popote_kit.migrations import KIT, Seed, migrate

PASSWORD: Final = "for tests only"
_numbers = itertools.count(1)


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        """Turn it on by a `timedelta(**delta)`."""
        self.now += timedelta(**delta)


class Authority:
    """Signs access tokens as auth does, with a key of its own.

    As an ASGI app it serves the JWKS, and tokens to any service that asks; `languages` has those of households that do
    not speak English, `zones` those of households that are not in UTC.
    """

    def __init__(self, clock: Any = None, *, kid: str = "test") -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._kid = kid
        self.languages: dict[UUID, identity.Language] = {}
        self.zones: dict[UUID, str] = {}
        self.key = ec.generate_private_key(ec.SECP256R1())

    def jwks(self) -> bytes:
        public = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return msgspec.json.encode({"keys": [{**public, "kid": self._kid, "alg": "ES256", "use": "sig"}]})

    def token(  # noqa: PLR0913 - the claims that tests choose, by name
        self,
        *,
        household: UUID | None = None,
        person: UUID | None = None,
        role: identity.Role = "owner",
        scope: str = "",
        zone: str = "UTC",
        language: identity.Language = "en",
        currency: str = "EUR",
        **claims: Any,
    ) -> str:
        """Return a valid access token; `claims` replace its claims, and `headers` adds to its header."""
        now = int(self._clock().timestamp())
        headers = {"typ": identity.TYPE, "kid": self._kid, **claims.pop("headers", {})}
        payload = {
            "iss": "popote", "sub": str(person or new_id()), "aud": identity.AUDIENCE, "iat": now, "nbf": now,
            "exp": now + 600, "jti": str(new_id()), "sid": str(new_id()), "hid": str(household or new_id()),
            "role": role, "scope": scope, "ver": 1, "zone": zone, "lang": language, "cur": currency,
        }  # fmt: skip
        return jwt.encode({**payload, **claims}, self.key, algorithm="ES256", headers=headers)

    def service_token(
        self, service: str, audience: str, *, household: UUID | None = None, person: UUID | None = None, **claims: Any
    ) -> str:
        """Return a valid token with which `service` calls `audience`; `claims` as for `token`."""
        now = int(self._clock().timestamp())
        headers = {"typ": identity.SERVICE_TYPE, "kid": self._kid, **claims.pop("headers", {})}
        payload = {
            "iss": "popote", "sub": service, "aud": audience, "iat": now, "nbf": now, "exp": now + 300,
            "jti": str(new_id()), "hid": str(household or new_id()), "zone": "UTC", "lang": "en", "cur": "EUR",
            **({"act": str(person)} if person else {}),
        }  # fmt: skip
        return jwt.encode({**payload, **claims}, self.key, algorithm="ES256", headers=headers)

    def service_bearer(self, service: str, audience: str, **claims: Any) -> dict[str, str]:
        """Return the `Authorization` header with a `service_token(…)`."""
        return {"Authorization": f"Bearer {self.service_token(service, audience, **claims)}"}

    def bearer(self, **claims: Any) -> dict[str, str]:
        """Return the `Authorization` header with a `token(**claims)`."""
        return {"Authorization": f"Bearer {self.token(**claims)}"}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = self._issued((await receive())["body"]) if scope["path"] == service_tokens.PATH else self.jwks()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _issued(self, question: bytes) -> bytes:
        asked = msgspec.json.decode(question)
        whom = {name: UUID(asked[f"{name}_id"]) for name in ("household", "person") if asked.get(f"{name}_id")}
        facts: dict[str, Any] = {}
        for claim, known in (("lang", self.languages), ("zone", self.zones)):
            if whom.get("household") in known:
                facts[claim] = known[whom["household"]]
        token = self.service_token(asked["service"], asked["audience"], **whom, **facts)
        return msgspec.json.encode({"access_token": token, "expires_in": 300})


def new_id() -> UUID:
    """Return a UUIDv7."""
    return uuid_utils.uuid7()


class Template:
    """A database with every service's schema, to clone: a fresh one costs tens of milliseconds."""

    def __init__(self, admin_url: str, name: str) -> None:
        self._admin_url = admin_url
        self._name = name

    @classmethod
    async def make(
        cls, admin_url: str, folders: Mapping[str, Path], seeds: Mapping[str, Seed] | None = None
    ) -> "Template":
        """Bootstrap, migrate and seed; `folders` has each service's folder of migrations, `seeds` its seed if any."""
        template = cls(admin_url, f"template_{os.getpid()}_{next(_numbers)}")
        await template._administer(f"CREATE DATABASE {template._name}")
        await bootstrap(_at(admin_url, template._name), dict.fromkeys(folders, PASSWORD))
        for service, folder in folders.items():
            url = as_app(_at(admin_url, template._name), service)
            seed = (seeds or {}).get(service)
            await migrate(url, schema=service, folders=[KIT, folder], password=PASSWORD, seed=seed)
        return template

    @asynccontextmanager
    async def clone(self) -> AsyncIterator["FreshDatabase"]:
        name = f"fresh_{os.getpid()}_{next(_numbers)}"
        await self._administer(f"CREATE DATABASE {name} TEMPLATE {self._name} STRATEGY FILE_COPY")
        try:
            yield FreshDatabase(_at(self._admin_url, name))
        finally:
            await self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    async def _administer(self, statement: str) -> None:
        connection = await asyncpg.connect(self._admin_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def serving(app: Any, port: int = 0) -> AsyncIterator[str]:
    """Serve `app` by real HTTP on a loopback port (0: a free one), lifespan and all; gives its base URL."""
    with serve.listen("127.0.0.1", port) as listener:
        server = serve.server(app, timeout_graceful_shutdown=1)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            if running.done():
                raise RuntimeError("the app did not start")
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


@asynccontextmanager
async def calling(app: Any, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Serve `app` and give a client for it; `options` are the client's."""
    async with serving(app) as base_url, httpx.AsyncClient(base_url=base_url, **options) as client:
        yield client


class FreshDatabase:
    """One test's database."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url

    def url(self, service: str) -> str:
        """Return the URL for the service's own role; its password is `PASSWORD`."""
        return as_app(self.admin_url, service)

    @asynccontextmanager
    async def kitchen(
        self, service: str, household: UUID | None = None, person: UUID | None = None
    ) -> AsyncIterator[Kitchen]:
        """Give a writing kitchen as the service's own role."""
        own = Database(self.url(service), schema=service, password=PASSWORD)
        try:
            async with own.kitchen(household, person, write=True) as kitchen:
                yield kitchen
        finally:
            await own.close()

    async def rows(self, statement: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """Run a statement as the administrator, past row-level security."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    async def run(self, script: str) -> None:
        """Run statements as the administrator."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            await connection.execute(script)
        finally:
            await connection.close()


def as_app(url: str, service: str) -> str:
    """Return `url` with the service's role instead of its user and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{service}_app@{parts.netloc.rpartition('@')[2]}"))


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
