"""Invitations. Not under row-level security: a code is shown by someone who belongs to no household yet."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from popote_auth.model.roles import Role
from popote_kit.database import Kitchen, many, maybe

MOST_OPEN = 50


class Invitation(Struct, frozen=True):
    """What a code is good for."""

    household_id: UUID
    id: UUID
    role: Role
    expires_at: datetime
    accepted_by: UUID | None


class Open(Struct, frozen=True):
    """An invitation that nobody has accepted yet, without its code."""

    id: UUID
    role: Role
    invited_by: UUID
    created_at: datetime
    expires_at: datetime


async def add(kitchen: Kitchen, id: UUID, code_hash: bytes, role: Role, expires_at: datetime) -> bool:
    """Store an invitation to the kitchen's household by its person; tell whether there was room."""
    return (
        await kitchen.execute(
            """
        INSERT INTO invitation (household_id, id, code_hash, role, invited_by, created_at, expires_at)
        SELECT $1, $2, $3, $4, $5, $6, $7
         WHERE (SELECT count(*) FROM invitation
                 WHERE household_id = $1 AND accepted_by IS NULL AND expires_at > $6) < $8
        """,
            kitchen.household,
            id,
            code_hash,
            role,
            kitchen.person,
            kitchen.now,
            expires_at,
            MOST_OPEN,
        )
        == 1
    )


async def prune(kitchen: Kitchen) -> None:
    """Delete the invitations to the kitchen's household that were not accepted in time."""
    await kitchen.execute(
        "DELETE FROM invitation WHERE household_id = $1 AND accepted_by IS NULL AND expires_at <= $2",
        kitchen.household,
        kitchen.now,
    )


async def find(kitchen: Kitchen, code_hash: bytes, *, lock: bool = False) -> Invitation | None:
    """Read the invitation with this code; with `lock`, nobody else accepts it until commit."""
    row = await kitchen.fetchrow(
        f"""
        SELECT household_id, id, role, expires_at, accepted_by
          FROM invitation WHERE code_hash = $1 {"FOR NO KEY UPDATE" if lock else ""}
        """,  # noqa: S608 - two fixed texts
        code_hash,
    )
    return maybe(row, Invitation)


async def list_open(kitchen: Kitchen) -> list[Open]:
    """Read the open invitations to the kitchen's household, the newest first; there are at most 50."""
    rows = await kitchen.fetch(
        """
        SELECT id, role, invited_by, created_at, expires_at
          FROM invitation
         WHERE household_id = $1 AND accepted_by IS NULL AND expires_at > $2
         ORDER BY created_at DESC, id DESC
        """,
        kitchen.household,
        kitchen.now,
    )
    return many(rows, Open)


async def accept(kitchen: Kitchen, id: UUID, person: UUID) -> None:
    """Use up an invitation to the kitchen's household."""
    await kitchen.execute(
        "UPDATE invitation SET accepted_by = $3, accepted_at = $4 WHERE household_id = $1 AND id = $2",
        kitchen.household,
        id,
        person,
        kitchen.now,
    )


async def delete(kitchen: Kitchen, id: UUID) -> bool:
    """Delete an open invitation to the kitchen's household; tell whether there was one."""
    return (
        await kitchen.execute(
            "DELETE FROM invitation WHERE household_id = $1 AND id = $2 AND accepted_by IS NULL", kitchen.household, id
        )
        == 1
    )


async def delete_by(kitchen: Kitchen, person: UUID) -> None:
    """Delete the open invitations to the kitchen's household that a person made."""
    await kitchen.execute(
        "DELETE FROM invitation WHERE household_id = $1 AND invited_by = $2 AND accepted_by IS NULL",
        kitchen.household,
        person,
    )
