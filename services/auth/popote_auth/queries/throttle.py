"""Strikes and quotas. Not under row-level security: nobody is known yet when they are counted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from popote_auth.model.throttle import FORGOTTEN_AFTER, Strikes
from popote_kit.database import Kitchen

_PRUNED_AT_ONCE = 20


async def read(kitchen: Kitchen, keys: Sequence[bytes], *, lock: bool = False) -> dict[bytes, Strikes]:
    """Read the strikes under those of `keys` that have any; with `lock`, nobody else changes them until commit."""
    rows = await kitchen.fetch(
        f"SELECT key, failures, last_at FROM strike WHERE key = ANY($1) ORDER BY key {'FOR UPDATE' if lock else ''}",  # noqa: S608 - fixed
        keys,
    )
    return {row["key"]: Strikes(row["failures"], row["last_at"]) for row in rows}


async def lock_all(kitchen: Kitchen, keys: Sequence[bytes]) -> dict[bytes, Strikes]:
    """Read the strikes under all of `keys`, with none where there are none, and lock them until commit."""
    rows = await kitchen.fetch(
        """
        INSERT INTO strike AS s (key, failures, last_at)
        SELECT key, 0, $2 FROM unnest($1::bytea[]) AS key ORDER BY key      -- two guessers lock in the same order
            ON CONFLICT (key) DO UPDATE SET failures = s.failures
        RETURNING key, failures, last_at
        """,
        keys,
        kitchen.now,
    )
    return {row["key"]: Strikes(row["failures"], row["last_at"]) for row in rows}


async def store(kitchen: Kitchen, strikes: Mapping[bytes, Strikes]) -> None:
    await kitchen.execute(
        """
        UPDATE strike SET failures = new.failures, last_at = new.last_at
          FROM unnest($1::bytea[], $2::integer[], $3::timestamptz[]) AS new (key, failures, last_at)
         WHERE strike.key = new.key
        """,
        list(strikes),
        [one.failures for one in strikes.values()],
        [one.last_at for one in strikes.values()],
    )


async def forgive(kitchen: Kitchen, key: bytes) -> None:
    await kitchen.execute("DELETE FROM strike WHERE key = $1", key)


async def prune(kitchen: Kitchen) -> None:
    """Delete some of the strikes that are forgotten; called with each new one, it keeps the table small."""
    await kitchen.execute(
        """
        DELETE FROM strike WHERE key IN
            (SELECT key FROM strike WHERE last_at < $1 ORDER BY last_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        kitchen.now - FORGOTTEN_AFTER,
        _PRUNED_AT_ONCE,
    )


async def take(kitchen: Kitchen, key: bytes, *, limit: int, window: timedelta) -> datetime | None:
    """Count one use under `key`; return None, or when the window ends that is used up."""
    taken = await kitchen.execute(
        """
        INSERT INTO quota AS q (key, used, since) VALUES ($1, 1, $2)
            ON CONFLICT (key) DO UPDATE
           SET used = CASE WHEN q.since <= $4 THEN 1 ELSE q.used + 1 END,
               since = CASE WHEN q.since <= $4 THEN $2 ELSE q.since END
         WHERE q.since <= $4 OR q.used < $3
        """,
        key,
        kitchen.now,
        limit,
        kitchen.now - window,
    )
    if taken:
        return None
    since: datetime = await kitchen.fetchval("SELECT since FROM quota WHERE key = $1", key)
    return since + window


async def prune_quotas(kitchen: Kitchen, *, window: timedelta) -> None:
    """Delete some of the windows that are over."""
    await kitchen.execute(
        """
        DELETE FROM quota WHERE key IN
            (SELECT key FROM quota WHERE since < $1 ORDER BY since LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        kitchen.now - window,
        _PRUNED_AT_ONCE,
    )
