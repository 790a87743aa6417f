"""Servers that exist already are used instead of our own."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from popote_launcher.embedded import Postgres, Valkey


@pytest.fixture
def postgres(folder: Path) -> Iterator[Postgres]:
    """A cluster of its own, since roles and their passwords belong to the whole cluster."""
    postgres = Postgres(folder / "postgres", folder / "run", password="of the test", durable=False)
    postgres.start()
    yield postgres
    postgres.stop()


def test_a_named_database_and_redis_replace_the_embedded_ones(start: Any, folder: Path, postgres: Postgres) -> None:
    valkey = Valkey(folder / "valkey", folder / "run", password="of the test", durable=False)
    valkey.start()
    try:
        popote = start("up", DATABASE_URL=postgres.dsn(), REDIS_URL=valkey.url).up()
        assert popote.servers == []
        assert not (folder / "home/postgres").exists()
        assert popote.stop() == 0
    finally:
        valkey.stop()
    assert postgres.is_alive


def test_all_services_run_on_a_named_database_without_a_redis(start: Any, postgres: Postgres) -> None:
    popote = start("serve", "--all", DATABASE_URL=postgres.dsn(), AUTH_SECRET="for a test, at least 32 characters").up()
    assert httpx.get(f"{popote.url}/.well-known/jwks.json").is_success
    assert all(line.startswith("{") for line in popote.output.splitlines())
    assert popote.stop() == 0


def test_without_its_postgresql_a_restart_still_serves_the_address_and_the_rest_follows(
    start: Any, folder: Path, postgres: Postgres
) -> None:
    address = "http://192.168.11.101:11434"
    given = {
        "DATABASE_URL": postgres.dsn(),
        "AUTH_SECRET": "for a test, at least 32 characters",
        "CONFIG_STATE_DIR": str(folder),
        "OLLAMA_BASE_URL": address,
    }
    assert start("serve", "--all", **given).up().stop() == 0
    postgres.stop()

    popote = start("serve", "--all", **given)
    published = {"ollama_base_url": address}
    popote.eventually(lambda: popote.url and answer(popote, "/api/system-config/ollama") == published)
    assert not popote.is_ready()
    assert '"ready"' not in popote.output

    postgres.start()
    popote.eventually(popote.is_ready)
    popote.eventually(lambda: '"ready"' in popote.output)
    assert popote.stop() == 0


def test_it_can_be_stopped_while_it_waits_for_postgresql(start: Any, folder: Path) -> None:
    nowhere = f"postgresql://somebody@/popote?host={folder}"
    popote = start("serve", "--all", DATABASE_URL=nowhere, AUTH_SECRET="for a test, at least 32 characters")
    popote.eventually(lambda: popote.url and answer(popote, "/healthz"))
    assert popote.stop() == 0
    assert "PostgreSQL does not answer" in popote.output


@pytest.mark.parametrize(("name", "scheme"), [("DATABASE_URL", "postgresql"), ("REDIS_URL", "redis")])
def test_a_server_that_is_no_url_is_refused(start: Any, name: str, scheme: str) -> None:
    popote = start(**{name: "localhost"})
    assert popote.ended() == os.EX_CONFIG
    assert popote.output == f"Popote can't start: {name} must begin with {scheme}://\n"


def test_a_database_url_that_cannot_be_read_is_refused_without_its_password(start: Any) -> None:
    popote = start(DATABASE_URL="postgresql://somebody:secret@localhost:port/popote", REDIS_URL="redis://localhost:1")
    assert popote.ended() == os.EX_CONFIG
    assert popote.output.startswith("Popote can't start: DATABASE_URL: ")
    assert "secret" not in popote.output


def answer(popote: Any, path: str) -> Any:
    """Return what it answers, None where it does not yet."""
    try:
        answer = httpx.get(f"{popote.url}{path}")
    except httpx.HTTPError:
        return None
    return answer.json() if answer.is_success else None


@pytest.mark.parametrize("missing", ["DATABASE_URL", "AUTH_SECRET"])
def test_serving_all_names_the_setting_that_is_missing(start: Any, missing: str) -> None:
    given = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1/popote",
        "AUTH_SECRET": "for a test, at least 32 characters",
    }
    popote = start("serve", "--all", **{name: value for name, value in given.items() if name != missing})
    assert popote.ended() == os.EX_CONFIG
    assert f"{missing} is not set" in popote.output


def test_a_wrong_password_for_the_named_database_is_told(start: Any, postgres: Postgres) -> None:
    popote = start(DATABASE_URL=postgres.dsn(password="wrong"))
    assert popote.ended() == os.EX_CONFIG
    assert "DATABASE_URL: password authentication failed" in popote.output
    assert postgres.is_alive
