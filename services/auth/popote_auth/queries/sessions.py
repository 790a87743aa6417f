"""Sessions. Not under row-level security: statements name the session or the person."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from popote_auth.model.refresh import IDLE, LIFETIME, Session
from popote_kit.database import Kitchen, many, maybe

MOST = 20
ENDED_KEPT = timedelta(days=1)


class Opened(Session, frozen=True, kw_only=True):
    """A session with whose it is."""

    id: UUID
    person_id: UUID
    household_id: UUID


class Device(Struct, frozen=True):
    """What someone signs in on, in their own words."""

    name: str
    platform: str


class Listed(Struct, frozen=True):
    """What a person is shown of a session."""

    id: UUID
    device_name: str
    platform: str
    created_at: datetime
    last_seen_at: datetime


async def add(kitchen: Kitchen, id: UUID, person: UUID, household: UUID, device: Device) -> None:
    """Open a session; the person is locked by the caller."""
    await kitchen.execute(
        """
        INSERT INTO session (id, person_id, household_id, device_name, platform, rotated_at, created_at, last_seen_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6, $6)
        """,
        id,
        person,
        household,
        device.name,
        device.platform,
        kitchen.now,
    )


async def prune(kitchen: Kitchen, person: UUID) -> None:
    """Forget the person's dead sessions, and end the oldest of the live ones beyond the 20 last used."""
    await kitchen.execute(
        "DELETE FROM session WHERE person_id = $1 AND (ended_at < $2 OR last_seen_at < $3 OR created_at < $4)",
        person,
        kitchen.now - ENDED_KEPT,
        kitchen.now - IDLE,
        kitchen.now - LIFETIME,
    )
    await kitchen.execute(
        """
        UPDATE session SET ended_at = $2
         WHERE id IN (SELECT id FROM session WHERE person_id = $1 AND ended_at IS NULL
                       ORDER BY last_seen_at DESC, id DESC OFFSET $3)
        """,
        person,
        kitchen.now,
        MOST,
    )


async def find_person(kitchen: Kitchen, id: UUID) -> UUID | None:
    """Read whose session it is."""
    found: UUID | None = await kitchen.fetchval("SELECT person_id FROM session WHERE id = $1", id)
    return found


async def lock(kitchen: Kitchen, id: UUID) -> Opened | None:
    """Read a session, and lock it until commit: of two who refresh, the second sees what the first did."""
    row = await kitchen.fetchrow(
        """
        SELECT id, person_id, household_id, generation, refresh_ids, rotated_at, created_at, last_seen_at, ended_at
          FROM session WHERE id = $1 FOR NO KEY UPDATE
        """,
        id,
    )
    return maybe(row, Opened)


async def rotate(kitchen: Kitchen, id: UUID, refresh_id: UUID) -> None:
    """Make the successor of the current token the current one."""
    await kitchen.execute(
        """
        UPDATE session
           SET generation = generation + 1, refresh_ids = ARRAY[$2::uuid], rotated_at = $3, last_seen_at = $3
         WHERE id = $1
        """,
        id,
        refresh_id,
        kitchen.now,
    )


async def repeat(kitchen: Kitchen, id: UUID, refresh_id: UUID) -> None:
    """Remember who else was given the current token."""
    await kitchen.execute(
        """
        UPDATE session SET last_seen_at = $3,
               refresh_ids = CASE WHEN $2 = ANY(refresh_ids) THEN refresh_ids ELSE refresh_ids || $2::uuid END
         WHERE id = $1
        """,
        id,
        refresh_id,
        kitchen.now,
    )


async def move(kitchen: Kitchen, id: UUID, household: UUID) -> None:
    """Let the session act for another household."""
    await kitchen.execute("UPDATE session SET household_id = $2 WHERE id = $1", id, household)


async def is_live(kitchen: Kitchen, id: UUID, person: UUID, version: int) -> bool:
    """Tell whether an access token of this session and `ver` still counts."""
    return bool(
        await kitchen.fetchval(
            """
            SELECT true
              FROM session s JOIN person p ON p.id = s.person_id
             WHERE s.id = $1 AND s.person_id = $2 AND s.ended_at IS NULL AND p.version <= $3 AND p.disabled_at IS NULL
            """,
            id,
            person,
            version,
        )
    )


async def list_live(kitchen: Kitchen, person: UUID) -> list[Listed]:
    """Read the person's live sessions, the last used first; there are at most 20."""
    rows = await kitchen.fetch(
        """
        SELECT id, device_name, platform, created_at, last_seen_at
          FROM session
         WHERE person_id = $1 AND ended_at IS NULL AND last_seen_at > $2 AND created_at > $3
         ORDER BY last_seen_at DESC, id DESC
        """,
        person,
        kitchen.now - IDLE,
        kitchen.now - LIFETIME,
    )
    return many(rows, Listed)


async def end(kitchen: Kitchen, person: UUID, id: UUID) -> bool:
    """End one session of the person; tell whether it was live."""
    return (
        await kitchen.execute(
            "UPDATE session SET ended_at = $3 WHERE person_id = $1 AND id = $2 AND ended_at IS NULL",
            person,
            id,
            kitchen.now,
        )
        == 1
    )


async def end_all(kitchen: Kitchen, person: UUID, *, but: UUID | None = None) -> None:
    """End the person's sessions, all or all but one."""
    await kitchen.execute(
        "UPDATE session SET ended_at = $3 WHERE person_id = $1 AND id IS DISTINCT FROM $2 AND ended_at IS NULL",
        person,
        but,
        kitchen.now,
    )
