"""Accounts, their recovery codes, and the first operator. Not under row-level security but the codes."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from popote_auth.model.person import email_key
from popote_kit.database import Kitchen, maybe


class Person(Struct, frozen=True):
    """An account. `version` is the `ver` of its access tokens."""

    id: UUID
    email: str
    display_name: str
    password_hash: str
    password_version: int = 1
    version: int = 1
    is_operator: bool = False
    is_disabled: bool = False


_COLUMNS = (
    "id, email, display_name, password_hash, password_version, version, is_operator, "
    "disabled_at IS NOT NULL AS is_disabled"
)


async def add(kitchen: Kitchen, person: Person) -> bool:
    """Store a new account; tell whether its e-mail address was free."""
    return (
        await kitchen.execute(
            """
        INSERT INTO person (id, email, email_key, display_name, password_hash, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (email_key) DO NOTHING
        """,
            person.id,
            person.email,
            email_key(person.email),
            person.display_name,
            person.password_hash,
            kitchen.now,
        )
        == 1
    )


async def find(kitchen: Kitchen, email: str) -> Person | None:
    row = await kitchen.fetchrow(f"SELECT {_COLUMNS} FROM person WHERE email_key = $1", email_key(email))  # noqa: S608 - fixed
    return maybe(row, Person)


async def read(kitchen: Kitchen, id: UUID) -> Person | None:
    row = await kitchen.fetchrow(f"SELECT {_COLUMNS} FROM person WHERE id = $1", id)  # noqa: S608 - fixed
    return maybe(row, Person)


async def lock(kitchen: Kitchen, id: UUID) -> Person | None:
    """Read an account, and lock it until commit: logins and changes of its password come one by one."""
    row = await kitchen.fetchrow(f"SELECT {_COLUMNS} FROM person WHERE id = $1 FOR NO KEY UPDATE", id)  # noqa: S608 - fixed
    return maybe(row, Person)


async def rename(kitchen: Kitchen, id: UUID, display_name: str) -> None:
    await kitchen.execute("UPDATE person SET display_name = $2 WHERE id = $1", id, display_name)


async def rehash(kitchen: Kitchen, id: UUID, password_hash: str) -> None:
    """Store a better hash of the same password; the person is locked by the caller."""
    await kitchen.execute("UPDATE person SET password_hash = $2 WHERE id = $1", id, password_hash)


async def set_password(kitchen: Kitchen, id: UUID, password_hash: str) -> None:
    """Store another password; access tokens from before are refused."""
    await kitchen.execute(
        """
        UPDATE person SET password_hash = $2, password_version = password_version + 1, version = version + 1
         WHERE id = $1
        """,
        id,
        password_hash,
    )


async def outdate_tokens(kitchen: Kitchen, id: UUID) -> None:
    """Let auth refuse the person's access tokens from before; other services take them until they expire."""
    await kitchen.execute("UPDATE person SET version = version + 1 WHERE id = $1", id)


async def replace_codes(kitchen: Kitchen, id: UUID, hashes: Sequence[bytes]) -> None:
    """Store a new set of recovery codes in place of the old."""
    await kitchen.execute("DELETE FROM recovery_code WHERE person_id = $1", id)
    await kitchen.execute(
        "INSERT INTO recovery_code (person_id, code_hash) SELECT $1, unnest($2::bytea[])", id, list(hashes)
    )


async def has_code(kitchen: Kitchen, id: UUID, code_hash: bytes) -> bool:
    return bool(
        await kitchen.fetchval("SELECT true FROM recovery_code WHERE person_id = $1 AND code_hash = $2", id, code_hash)
    )


async def spend_code(kitchen: Kitchen, id: UUID, code_hash: bytes) -> bool:
    """Use up a recovery code; tell whether it was there."""
    return (
        await kitchen.execute("DELETE FROM recovery_code WHERE person_id = $1 AND code_hash = $2", id, code_hash) == 1
    )


async def is_set_up(kitchen: Kitchen) -> bool:
    return bool(await kitchen.fetchval("SELECT true FROM setup"))


async def set_up(kitchen: Kitchen, id: UUID) -> bool:
    """Make a person the first operator; tell whether there was none."""
    return (
        await kitchen.execute(
            """
        WITH first AS (
            INSERT INTO setup (person_id, done_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING person_id
        )
        UPDATE person SET is_operator = true FROM first WHERE id = first.person_id
        """,
            id,
            kitchen.now,
        )
        == 1
    )
