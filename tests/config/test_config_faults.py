"""The address is served whatever is away, also after a restart; and replicas agree, with Redis and without."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from redis.asyncio import Redis

from popote_config import app, events, snapshot
from popote_config.model import Standing
from popote_config.snapshot import Snapshot
from popote_kit.codec import encode
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, Template, as_app
from popote_launcher.embedded import Postgres, Valkey

PATH = "/api/system-config/ollama"
LAN = "http://192.168.11.101:11434"
OTHER = "http://192.168.11.102:11434"
NOWHERE = "postgresql://config_app@127.0.0.1:1/popote"
NEVER_S = 3600.0
SAFE = {"synchronous_commit": "on", "full_page_writes": "on"}  # what a killed process has committed stays
Headers = dict[str, str]
Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


async def put(client: httpx.AsyncClient, who: Headers, url: str, path: str = PATH) -> httpx.Response:
    tag = (await client.get(PATH, headers=who)).headers.get("etag")
    condition = {"If-Match": tag} if tag else {}
    return await client.put(path, json={"ollama_base_url": url}, headers={**who, **condition})


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition holds; a test that waits in vain ends with a TimeoutError."""
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.02)


async def serves(client: httpx.AsyncClient, who: Headers, url: str) -> bool:
    answer = await client.get(PATH, headers=who)
    return answer.status_code == 200 and answer.json() == {"ollama_base_url": url}


async def is_marked(client: httpx.AsyncClient) -> bool:
    return "warning" in (await client.get(PATH)).headers


async def nobody(_scope: Any, _receive: Any, _send: Any) -> None:
    """An auth service that is away."""
    raise OSError("away")


@dataclass(frozen=True)
class Surroundings:
    """Servers of one test alone, to kill."""

    postgres: Postgres
    valkey: Valkey

    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()

    def kill(self) -> None:
        for server in (self.postgres, self.valkey):
            server.kill()
            server.stop()  # only waits for its end

    async def make_database(self) -> str:
        """Return the URL of a migrated database, for the service's own role."""
        await Template.make(self.postgres.dsn(), {"config": app.MIGRATIONS})
        [name] = await FreshDatabase(self.postgres.dsn()).rows(
            "SELECT datname FROM pg_database WHERE datname LIKE 'template\\__%\\_%'"
        )
        return as_app(self.postgres.dsn(name["datname"]), "config")


@pytest.fixture
def surroundings() -> Iterator[Surroundings]:
    with tempfile.TemporaryDirectory(prefix="popote-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        own = Surroundings(
            Postgres(folder / "postgres", folder / "run", password=secrets.token_hex(16), durable=False, settings=SAFE),
            Valkey(folder / "valkey", folder / "run", password=secrets.token_hex(16), durable=False),
        )
        own.start()
        try:
            yield own
        finally:
            own.kill()


@pytest.fixture
def redis_url(servers: Any) -> str:
    """A logical database of Valkey that other tests leave alone."""
    url: str = servers.redis_url
    return f"{url}{'&' if '?' in url else '?'}db=7"


@pytest.fixture
async def settings(surroundings: Surroundings, tmp_path: Path) -> dict[str, Any]:
    """Settings for a service in surroundings of its own."""
    return {
        "database_url": await surroundings.make_database(),
        "redis_url": surroundings.valkey.url,
        "state_dir": str(tmp_path / "state"),
        "poll_seconds": 0.05,
    }


async def test_with_everything_killed_it_is_served_also_after_a_restart(
    start: Start, surroundings: Surroundings, settings: dict[str, Any], authority: Authority, clock: Clock
) -> None:
    anna, ben, operator = authority.bearer(), authority.bearer(), authority.bearer(scope="operator")
    async with start(**settings) as client:
        await put(client, operator, OTHER, f"{PATH}/default")
        tag = (await put(client, anna, LAN)).headers["etag"]
        assert not await is_marked(client)

        surroundings.kill()
        await eventually(lambda: is_marked(client))
        clock.advance(seconds=90)
        answer = await client.get(PATH, headers=anna)
        assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, {"ollama_base_url": LAN}, tag)
        assert answer.headers["warning"] == '110 - "Response is Stale"'
        assert int(answer.headers["age"]) >= 90
        unchanged = await client.get(PATH, headers={**anna, "If-None-Match": tag})
        assert (unchanged.status_code, "age" in unchanged.headers) == (304, True)
        refused = await put(client, anna, OTHER)
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/unavailable")
        assert refused.headers["retry-after"] == "1"
        assert (await client.get("/readyz")).status_code == 200

    async with start(auth=nobody, **settings) as client:  # auth is away as well
        for who, url in ((anna, LAN), (ben, OTHER), ({}, OTHER)):
            assert await serves(client, who, url)
        answer = await client.get(PATH, headers=anna)
        assert (answer.headers["etag"], "warning" in answer.headers) == (tag, True)
        assert int(answer.headers["age"]) >= 90
        assert (await client.get(PATH, headers={"Authorization": "Bearer x.y.z"})).status_code == 401
        assert (await put(client, anna, OTHER)).status_code == 503

        surroundings.start()

        async def is_published() -> bool:
            return (await put(client, anna, "192.168.11.103")).status_code == 200

        await eventually(is_published)
        assert not await is_marked(client)
        assert await serves(client, anna, "http://192.168.11.103:11434")


async def test_without_a_file_redis_is_remembered(start: Start, owner: Headers, redis_url: str) -> None:
    async with start(redis_url=redis_url) as client:
        await put(client, owner, LAN)
    async with start(database_url=NOWHERE, redis_url=redis_url) as client:
        assert await serves(client, owner, LAN)
        assert "warning" in (await client.get(PATH, headers=owner)).headers
        assert (await client.get(PATH)).status_code == 404


async def test_no_keys_are_taken_from_redis(start: Start, owner: Headers, redis_url: str) -> None:
    async with start(redis_url=redis_url) as client:
        await put(client, owner, LAN)
    async with Redis.from_url(redis_url) as redis:
        found = await redis.get(events.SNAPSHOT)
    assert found is not None
    kept = snapshot.decode(found[events.SEAL_BYTES :])
    assert kept is not None
    assert (len(kept.values), kept.jwks) == (1, None)
    async with start(auth=nobody, redis_url=redis_url) as client:
        assert (await client.get(PATH, headers=owner)).status_code == 503


async def test_where_nothing_is_known_it_does_not_say_that_nothing_is_published(start: Start, owner: Headers) -> None:
    async with start(database_url=NOWHERE) as client:
        for who in (owner, {}):
            answer = await client.get(PATH, headers=who)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"confirmed_at": "yesterday", "values": []}',
        b'{"confirmed_at": null, "values": [], "jwks": "{}"}',
        None,
    ],
)
async def test_a_damaged_state_file_is_survived(
    start: Start, owner: Headers, tmp_path: Path, damage: bytes | None
) -> None:
    file = tmp_path / "config.json"
    file.mkdir() if damage is None else file.write_bytes(damage)
    async with start(database_url=NOWHERE, state_dir=str(tmp_path)) as client:
        assert (await client.get(PATH)).status_code == 503
    async with start(state_dir=str(tmp_path)) as client:
        assert (await put(client, owner, LAN)).status_code == 200
        assert await serves(client, owner, LAN)
    if damage is not None:
        kept = snapshot.load(file)
        assert kept is not None
        assert [value.url for value in kept.values] == [LAN]


async def test_a_state_folder_that_can_t_be_written_stops_nothing(start: Start, owner: Headers, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with start(state_dir=str(tmp_path / "file" / "state")) as client:
        assert (await put(client, owner, LAN)).status_code == 200
        assert await serves(client, owner, LAN)


def test_a_write_that_fails_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, old = tmp_path / "config.json", Snapshot(None, [], "old")
    snapshot.save(file, old)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        snapshot.save(file, Snapshot(None, [], "new"))
    assert snapshot.load(file) == old
    assert list(tmp_path.iterdir()) == [file]


async def test_a_change_is_pushed_to_the_other_replica(
    start: Start, owner: Headers, operator: Headers, redis_url: str
) -> None:
    settings = {"redis_url": redis_url, "poll_seconds": NEVER_S}
    async with start(**settings) as one, start(**settings) as other:
        await put(one, operator, OTHER, f"{PATH}/default")
        await eventually(lambda: serves(other, {}, OTHER))
        await put(other, owner, LAN)
        await eventually(lambda: serves(one, owner, LAN))
        assert await serves(one, {}, OTHER)


async def test_without_redis_a_change_is_found_by_looking(start: Start, authority: Authority) -> None:
    anna, ben = authority.bearer(), authority.bearer()
    async with start(poll_seconds=0.05) as one, start(poll_seconds=0.05) as other:
        await asyncio.gather(put(one, anna, LAN), put(other, ben, OTHER))  # neither hides the other's
        await eventually(lambda: serves(other, anna, LAN))
        await eventually(lambda: serves(one, ben, OTHER))
        for replica in (one, other):
            assert await serves(replica, anna, LAN)
            assert await serves(replica, ben, OTHER)


async def test_redis_may_go_and_come_back(start: Start, owner: Headers, surroundings: Surroundings) -> None:
    settings = {"redis_url": surroundings.valkey.url, "poll_seconds": NEVER_S}
    async with start(**settings) as one, start(redis_url=surroundings.valkey.url, poll_seconds=0.05) as other:
        surroundings.valkey.kill()
        surroundings.valkey.stop()
        assert (await put(one, owner, LAN)).status_code == 200
        await eventually(lambda: serves(other, owner, LAN))
        surroundings.valkey.start()
        async with Redis.from_url(surroundings.valkey.url) as redis:

            async def is_kept_again() -> bool:
                return LAN.encode() in (await redis.get(events.SNAPSHOT) or b"")

            await eventually(is_kept_again)
        addresses = (f"http://192.168.12.{number}:11434" for number in range(1, 255))

        async def is_pushed_again() -> bool:
            address = next(addresses)
            await put(other, owner, address)
            await asyncio.sleep(0.1)
            return await serves(one, owner, address)

        await eventually(is_pushed_again)


async def test_rubbish_in_redis_is_survived(start: Start, redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.set(events.SNAPSHOT, b"\xff{")
        async with start(database_url=NOWHERE, redis_url=redis_url) as client:
            assert (await client.get(PATH)).status_code == 503
        assert await redis.get(events.SNAPSHOT) == b"\xff{"  # nor is it replaced by what nobody knows
        await redis.delete(events.SNAPSHOT)


async def test_an_address_that_someone_else_put_into_redis_is_not_served(
    start: Start, owner: Headers, household: UUID, redis_url: str
) -> None:
    async with start(redis_url=redis_url) as client:
        await put(client, owner, LAN)
    planted = Snapshot(datetime.now(UTC), [Standing(household, "https://thief.example", 99)])
    async with Redis.from_url(redis_url) as redis:
        ours = await redis.get(events.SNAPSHOT)
        assert isinstance(ours, bytes)
        for seal in (b"", bytes(events.SEAL_BYTES), ours[: events.SEAL_BYTES]):
            await redis.set(events.SNAPSHOT, seal + encode(planted))
            async with start(database_url=NOWHERE, redis_url=redis_url) as client:
                assert (await client.get(PATH, headers=owner)).status_code == 503
        await redis.delete(events.SNAPSHOT)


async def test_a_restored_backup_is_noticed(
    start: Start, owner: Headers, operator: Headers, database: FreshDatabase
) -> None:
    async with start(poll_seconds=0.05) as client:
        await put(client, operator, OTHER, f"{PATH}/default")
        await put(client, owner, LAN)
        assert await serves(client, owner, LAN)
        await asyncio.sleep(0.2)
        await database.rows("DELETE FROM config.publication WHERE revision = 2")
        await database.rows("UPDATE config.last_revision SET last = 1")
        await eventually(lambda: serves(client, owner, OTHER))
        assert (await client.get(PATH, headers=owner)).json() == {"ollama_base_url": OTHER}


async def test_the_service_migrates_its_own_schema_when_postgresql_comes(
    start: Start, surroundings: Surroundings, owner: Headers
) -> None:
    url = await surroundings.make_database()
    name = url.rpartition("/")[2].partition("?")[0]
    fresh = FreshDatabase(surroundings.postgres.dsn(name))
    tables = await fresh.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'config'")
    await fresh.run(f"DROP TABLE {', '.join(f'config.{table}' for (table,) in tables)} CASCADE")
    surroundings.kill()
    async with start(database_url=url, database_password=PASSWORD, poll_seconds=0.05) as client:
        assert (await client.get(PATH, headers=owner)).status_code == 503
        surroundings.start()

        async def is_published() -> bool:
            return (await put(client, owner, LAN)).status_code == 200

        await eventually(is_published)
        assert await serves(client, owner, LAN)
