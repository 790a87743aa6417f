from typing import Any

import asyncpg
import pytest
import redis


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
