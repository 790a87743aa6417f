"""Signing keys."""

from typing import Any

from msgspec import Struct

from popote_kit.database import Kitchen, many

LOCK = "popote-auth-signing-keys"


class StoredKey(Struct, frozen=True):
    """A signing key: its public part as a JSON Web Key, its private part sealed."""

    kid: str
    public: dict[str, Any]
    sealed: bytes


async def lock_all(kitchen: Kitchen) -> list[StoredKey]:
    """Read the keys, the newest first; nobody else makes one until commit."""
    await kitchen.execute("SELECT pg_advisory_xact_lock(hashtext($1))", LOCK)
    rows = await kitchen.fetch("SELECT kid, public, sealed FROM signing_key ORDER BY created_at DESC, kid")
    return many(rows, StoredKey)


async def add(kitchen: Kitchen, key: StoredKey) -> None:
    await kitchen.execute(
        "INSERT INTO signing_key (kid, public, sealed, created_at) VALUES ($1, $2, $3, $4)",
        key.kid,
        key.public,
        key.sealed,
        kitchen.now,
    )
