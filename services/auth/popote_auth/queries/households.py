"""Households and their members, under row-level security."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from popote_auth.model.roles import Role
from popote_kit.database import Kitchen, many, maybe, one

MOST_MEMBERS = 50
MOST_HOUSEHOLDS = 20


class Membership(Struct, frozen=True):
    """What a person is in a household, and what that household is set to."""

    id: UUID
    name: str
    role: Role
    timezone: str
    language: str
    currency: str


class Household(Struct, frozen=True):
    """Who shares a kitchen, and what follows from where."""

    id: UUID
    name: str
    timezone: str
    language: str
    currency: str
    version: int = 1

    def seen_by(self, role: Role) -> Membership:
        return Membership(self.id, self.name, role, self.timezone, self.language, self.currency)


class Member(Struct, frozen=True):
    """A person in a household."""

    id: UUID
    display_name: str
    role: Role
    joined_at: datetime


_COLUMNS = "household_id AS id, name, timezone, language, currency, version"
_MEMBERSHIP = """
    SELECT household_id AS id, h.name, m.role, h.timezone, h.language, h.currency
      FROM member m JOIN household h USING (household_id)
"""


async def add(kitchen: Kitchen, household: Household) -> None:
    """Store a new household, the kitchen's own."""
    await kitchen.execute(
        """
        INSERT INTO household (household_id, name, timezone, language, currency, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        kitchen.household,
        household.name,
        household.timezone,
        household.language,
        household.currency,
        kitchen.now,
    )


async def read(kitchen: Kitchen, *, lock: bool = False) -> Household:
    """Read the kitchen's household; with `lock`, nobody else changes it or its members' roles until commit."""
    row = await kitchen.fetchrow(
        f"SELECT {_COLUMNS} FROM household WHERE household_id = $1 {'FOR NO KEY UPDATE' if lock else ''}",  # noqa: S608 - fixed
        kitchen.household,
    )
    return one(row, Household)


async def update(kitchen: Kitchen, household: Household) -> None:
    """Store what the kitchen's household is set to now, as its next version."""
    await kitchen.execute(
        """
        UPDATE household SET name = $2, timezone = $3, language = $4, currency = $5, version = version + 1
         WHERE household_id = $1
        """,
        kitchen.household,
        household.name,
        household.timezone,
        household.language,
        household.currency,
    )


async def list_joined(kitchen: Kitchen) -> list[Membership]:
    """Read the households of the kitchen's person, the one last acted for first."""
    rows = await kitchen.fetch(
        f"""
        {_MEMBERSHIP}
         WHERE m.person_id = $1
         ORDER BY (SELECT max(s.last_seen_at) FROM session s
                    WHERE s.person_id = $1 AND s.household_id = m.household_id) DESC NULLS LAST,
                  m.joined_at, household_id
        """,  # noqa: S608 - fixed
        kitchen.person,
    )
    return many(rows, Membership)


async def read_membership(kitchen: Kitchen, person: UUID) -> Membership | None:
    """Read the kitchen's household as `person` sees it, None for one who does not belong to it."""
    row = await kitchen.fetchrow(
        f"{_MEMBERSHIP} WHERE household_id = $1 AND m.person_id = $2",
        kitchen.household,
        person,
    )
    return maybe(row, Membership)


async def add_member(kitchen: Kitchen, person: UUID, role: Role) -> bool:
    """Let a person join the kitchen's household; tell whether there was room."""
    return (
        await kitchen.execute(
            """
        INSERT INTO member (household_id, person_id, role, joined_at)
        SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM member WHERE household_id = $1) < $5
        """,
            kitchen.household,
            person,
            role,
            kitchen.now,
            MOST_MEMBERS,
        )
        == 1
    )


async def list_members(kitchen: Kitchen) -> list[Member]:
    """Read the members of the kitchen's household, the longest standing first; there are at most 50."""
    rows = await kitchen.fetch(
        """
        SELECT person_id AS id, display_name, role, joined_at
          FROM member m JOIN person p ON p.id = m.person_id
         WHERE household_id = $1
         ORDER BY joined_at, person_id
        """,
        kitchen.household,
    )
    return many(rows, Member)


async def set_role(kitchen: Kitchen, person: UUID, role: Role) -> None:
    await kitchen.execute(
        "UPDATE member SET role = $3 WHERE household_id = $1 AND person_id = $2", kitchen.household, person, role
    )


async def remove_member(kitchen: Kitchen, person: UUID) -> None:
    await kitchen.execute("DELETE FROM member WHERE household_id = $1 AND person_id = $2", kitchen.household, person)
