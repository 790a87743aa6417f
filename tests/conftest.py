"""Servers of the tests' own: a real PostgreSQL and a real Valkey for the session, thrown away at its end."""

import asyncio
import importlib.util
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from popote_kit.bootstrap import SERVICES
from popote_kit.testing import Authority, Clock, FreshDatabase, Template
from popote_launcher.embedded import Postgres, Valkey
from popote_launcher.services import SEEDS
from popote_launcher.testing import House, environment, open_house


@dataclass(frozen=True)
class Servers:
    postgres_dsn: str  # as an administrator, who may create databases and roles
    redis_url: str


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Start both servers, or take those that TEST_DATABASE_URL and TEST_REDIS_URL name."""
    # Not pytest's own folder: its path may be too long for a unix socket, and it keeps old data.
    with tempfile.TemporaryDirectory(prefix="popote-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield from _servers(Path(folder))


def _servers(folder: Path) -> Iterator[Servers]:
    postgres = Postgres(
        folder / "postgres",
        folder / "run",
        password=secrets.token_hex(16),
        durable=False,
        settings={"max_connections": "200"},
    )
    valkey = Valkey(folder / "valkey", folder / "run", password=secrets.token_hex(16), durable=False)
    database_url, redis_url = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    try:
        if not database_url:
            postgres.start()
        if not redis_url:
            valkey.start()
        yield Servers(database_url or postgres.dsn(), redis_url or valkey.url)
    finally:
        valkey.stop()
        postgres.stop()


@pytest.fixture(scope="session")
def template(servers: Servers) -> Template:
    """A database with every service's schema, to clone."""
    return asyncio.run(Template.make(servers.postgres_dsn, {name: _migrations(name) for name in SERVICES}, SEEDS))


def _migrations(service: str) -> Path:
    spec = importlib.util.find_spec(f"popote_{service}")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "migrations"


@pytest.fixture
async def database(template: Template) -> AsyncIterator[FreshDatabase]:
    """A database of this test's own."""
    async with template.clone() as fresh:
        yield fresh


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authority(clock: Clock) -> Authority:
    """Who signs the tokens of this test."""
    return Authority(clock)


@pytest.fixture
async def house(database: FreshDatabase, servers: Servers, tmp_path: Path) -> AsyncIterator[House]:
    """All of Popote in this process, behind its gateway."""
    async with open_house(environment(database, servers.redis_url, tmp_path)) as house:
        yield house
