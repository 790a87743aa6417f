import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
import redis

from popote_launcher.embedded import Postgres, Valkey


async def test_the_embedded_postgresql_is_18_with_checksums_and_our_extensions(servers: Any) -> None:
    connection = await asyncpg.connect(servers.postgres_dsn)
    try:
        assert (await connection.fetchval("SHOW server_version")).startswith("18.")
        assert await connection.fetchval("SHOW data_checksums") == "on"
        assert await connection.fetchval("SHOW password_encryption") == "scram-sha-256"
        known = await connection.fetch("SELECT name FROM pg_available_extensions")
        assert {"pg_trgm", "unaccent"} <= {row["name"] for row in known}
    finally:
        await connection.close()


def test_the_embedded_valkey_asks_for_its_password(servers: Any) -> None:
    url, _, _ = servers.redis_url.partition("?")
    with redis.Redis.from_url(url) as stranger, redis.Redis.from_url(servers.redis_url) as known:
        assert known.ping()
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()


@pytest.mark.parametrize("kind", [Postgres, Valkey])
def test_a_server_that_its_launcher_left_behind_is_stopped_before_the_next(folder: Path, kind: type) -> None:
    leave = f"""
from pathlib import Path
from popote_launcher.embedded import {kind.__name__}, server

wrap = server.wrap
server.wrap = lambda command, _: wrap(command, 0)  # as where the kernel tells no child of its parent's death
left = {kind.__name__}(Path("{folder}/data"), Path("{folder}/run"), password="of the test")
left.start()
print(left.pid_file.read_text().split()[0])
"""
    found = subprocess.run([sys.executable, "-c", leave], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    orphan = psutil.Process(int(found.stdout))
    assert orphan.status() != psutil.STATUS_ZOMBIE
    server = kind(folder / "data", folder / "run", password="of the test")
    server.start()
    assert server.is_ready()
    assert not psutil.pid_exists(orphan.pid) or orphan.status() == psutil.STATUS_ZOMBIE
    server.stop()


def test_a_process_that_has_the_number_of_a_dead_server_is_left_alone(folder: Path) -> None:
    server = Postgres(folder / "data", folder / "run", password="of the test", durable=False)
    server.start()
    server.stop()
    with subprocess.Popen(["sleep", "60"], cwd=folder) as bystander:  # noqa: S607 - wherever it is
        server.pid_file.write_text(f"{bystander.pid}\n{folder}/data\n")
        server.start()
        assert server.is_ready()
        assert bystander.poll() is None
        server.stop()
        bystander.kill()
