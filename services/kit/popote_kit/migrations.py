"""Numbered SQL files, run once each, in order, under a lock, as the owner of the schema; a seed may follow them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

import asyncpg

log = logging.getLogger(__name__)

KIT: Final = Path(__file__).parent / "migrations"
PATIENCE_S: Final = 60  # how long a service waits for PostgreSQL before it gives up

Seed = Callable[[asyncpg.Connection], Awaitable[None]]


class MigrationError(Exception):
    """A migration that was run has changed since."""


async def migrate(  # noqa: PLR0913 - what to bring where, by name
    url: str,
    *,
    schema: str,
    folders: Iterable[Path],
    password: str = "",
    patience_s: float = PATIENCE_S,
    seed: Seed | None = None,
) -> list[str]:
    """Bring `schema` up to date and return the names of the files that were run now.

    The name of a file is `<folder's package>/<file>`, so that two folders may both start at 0001.

    `seed` loads what the service brings along into its tables, after the files, in a transaction of its own. It comes
    at every start, and does nothing when all of it is there.

    Raises:
        MigrationError: a file that was run before differs from what stands in its folder.
    """
    connection = await connect(url, password, patience_s=patience_s)
    try:
        await connection.execute(f'SET ROLE "{schema}_owner"')
        await connection.execute(f'SET search_path = "{schema}", extensions')
        await connection.execute("SELECT pg_advisory_lock(hashtext($1))", f"popote-migrate-{schema}")
        done = await _done(connection)
        run = [name for name, text in _files(folders) if await _run(connection, name, text, done)]
        if seed is not None:
            async with connection.transaction():
                await seed(connection)
        return run
    finally:
        await connection.close()


async def connect(url: str, password: str = "", *, patience_s: float = PATIENCE_S) -> asyncpg.Connection:
    """Return a connection, waiting for a PostgreSQL that is still starting."""
    deadline = asyncio.get_running_loop().time() + patience_s
    while True:
        try:
            return await asyncpg.connect(url, password=password or None, timeout=5)
        except (
            OSError,
            TimeoutError,
            asyncpg.CannotConnectNowError,
            asyncpg.PostgresConnectionError,
        ) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise
            log.info("waiting for PostgreSQL", extra={"reason": repr(error)})
            await asyncio.sleep(0.5)


def _files(folders: Iterable[Path]) -> list[tuple[str, str]]:
    return [
        (f"{folder.parent.name}/{file.name}", file.read_text(encoding="utf-8"))
        for folder in folders
        for file in sorted(folder.glob("[0-9]*.sql"))
    ]


async def _done(connection: asyncpg.Connection) -> dict[str, str]:
    await connection.execute(
        """
        -- A migration is one file that was run. Not under row-level security: it belongs to the system.
        CREATE TABLE IF NOT EXISTS migration (
            name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    return {row["name"]: row["checksum"] for row in await connection.fetch("SELECT name, checksum FROM migration")}


async def _run(connection: asyncpg.Connection, name: str, text: str, done: dict[str, str]) -> bool:
    checksum = sha256(text.encode()).hexdigest()
    if name in done:
        if done[name] != checksum:
            raise MigrationError(f"{name} was changed after it had been run; write a new file instead")
        return False
    async with connection.transaction():
        await connection.execute(text)
        await connection.execute("INSERT INTO migration (name, checksum) VALUES ($1, $2)", name, checksum)
    log.info("migrated", extra={"file": name})
    return True
