"""Roles, schemas, extensions: what must stand before the services come. An administrator makes them; again is fine.

<name>_owner   NOLOGIN; owns the schema <name>; migrations run as it
<name>_app     LOGIN; reads and writes rows, owns nothing, is held by row-level security
<name>_search  NOLOGIN BYPASSRLS; owns the few functions that must see past row-level security to use an index
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Final

import asyncpg

from popote_kit import logs
from popote_kit.migrations import connect
from popote_kit.settings import SettingsError, read

SERVICES: Final = ("auth", "stock", "recipes", "nutrition", "chat", "config")
EXTENSIONS: Final = ("pg_trgm", "unaccent", "btree_gin")
LOCK: Final = "popote-bootstrap"


async def bootstrap(url: str, passwords: Mapping[str, str], *, admin_password: str = "") -> None:
    """Make the roles and schemas of the services that `passwords` names, and give the roles these passwords.

    `url` is an administrator's: a superuser, or a role with CREATEROLE, BYPASSRLS and CREATE on the database.
    """
    connection = await connect(url, admin_password)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", LOCK)
            await _common(connection)
            for name, password in passwords.items():
                await _service(connection, name, password)
    finally:
        await connection.close()


async def _common(connection: asyncpg.Connection) -> None:
    await connection.execute("CREATE SCHEMA IF NOT EXISTS extensions")
    for extension in EXTENSIONS:
        await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA extensions")
    await connection.execute(
        """
        GRANT USAGE ON SCHEMA extensions TO PUBLIC;
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        """
    )


async def _service(connection: asyncpg.Connection, name: str, password: str) -> None:
    await _role(connection, f"{name}_owner", "NOLOGIN")
    await _role(connection, f"{name}_search", "NOLOGIN BYPASSRLS")
    await _role(connection, f"{name}_app", "LOGIN NOBYPASSRLS NOINHERIT")
    set_password = await connection.fetchval(
        "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", f"{name}_app", password
    )
    await connection.execute(set_password)
    await connection.execute(
        f"""
        GRANT {name}_owner TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
        GRANT {name}_owner TO {name}_app WITH INHERIT FALSE, SET TRUE;      -- to migrate its own schema
        GRANT {name}_search TO {name}_owner WITH INHERIT FALSE, SET TRUE;   -- to hand functions over
        CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION {name}_owner;
        SET LOCAL ROLE {name}_owner;
        GRANT USAGE ON SCHEMA {name} TO {name}_app;
        GRANT USAGE, CREATE ON SCHEMA {name} TO {name}_search;
        ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {name}_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT USAGE ON SEQUENCES TO {name}_app;
        RESET ROLE;
        """
    )


async def _role(connection: asyncpg.Connection, name: str, attributes: str) -> None:
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    await connection.execute(f"{'ALTER' if exists else 'CREATE'} ROLE {name} {attributes}")


def main(environ: Mapping[str, str] = os.environ) -> None:
    """Run from `BOOTSTRAP_DATABASE_URL`, `BOOTSTRAP_DATABASE_PASSWORD`, `<NAME>_DATABASE_PASSWORD` (or `…_FILE`)."""
    logs.configure("bootstrap")
    try:
        url = read("BOOTSTRAP_DATABASE_URL", environ)
        if not url:
            raise SettingsError("BOOTSTRAP_DATABASE_URL is not set")
        passwords = {name: read(f"{name.upper()}_DATABASE_PASSWORD", environ) for name in SERVICES}
        given = {name: password for name, password in passwords.items() if password}
        if len(given) < len(SERVICES):
            missing = next(name for name in SERVICES if name not in given)
            raise SettingsError(f"{missing.upper()}_DATABASE_PASSWORD is not set (or its _FILE)")
        admin = read("BOOTSTRAP_DATABASE_PASSWORD", environ) or ""
    except SettingsError as error:
        sys.exit(str(error))
    asyncio.run(bootstrap(url, given, admin_password=admin))


if __name__ == "__main__":
    main()
