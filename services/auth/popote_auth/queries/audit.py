"""The audit log: it is only added to."""

from uuid import UUID

from popote_kit.database import Kitchen


async def record(
    kitchen: Kitchen,
    what: str,
    person: UUID,
    *,
    actor: UUID | None = None,
    household: UUID | None = None,
    **facts: object,
) -> None:
    """Write down that `actor` (the person itself, unless said) did `what` to a person or household."""
    await kitchen.execute(
        "INSERT INTO audit (at, what, actor_id, person_id, household_id, facts) VALUES ($1, $2, $3, $4, $5, $6)",
        kitchen.now,
        what,
        actor or person,
        person,
        household,
        facts,
    )
