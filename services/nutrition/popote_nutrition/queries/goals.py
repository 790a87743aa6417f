"""Goals: what a person wants, from which day on."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from popote_kit import codec
from popote_kit.database import Kitchen, many, maybe, one
from popote_kit.quantity import Amount
from popote_nutrition.model.goals import Goals, GoalSet
from popote_nutrition.model.nutrients import Nutrients

COLUMNS = "id, from_day, weekdays, version, created_at"


class Place(Struct, frozen=True):
    """Where a page of goals ended."""

    day: date


class StoredGoals(Struct, frozen=True):
    """Goals as they are stored."""

    id: UUID
    from_day: date
    weekdays: dict[str, dict[str, str]]
    version: int
    created_at: datetime

    def read(self) -> GoalSet:
        goals = {int(number): nutrients_of(stored) for number, stored in self.weekdays.items()}
        return GoalSet(
            id=self.id, from_day=self.from_day, goals=goals, version=self.version, created_at=self.created_at
        )


def nutrients_of(stored: Mapping[str, str]) -> Nutrients:
    """Return the goals of one day, which are stored as texts."""
    return Nutrients(**{code: Amount(amount) for code, amount in stored.items()})


def _stored(goals: Goals) -> str:
    known = {
        number: {code: amount for code, amount in each.items() if amount is not None} for number, each in goals.items()
    }
    return codec.exact_json(known)


async def find_goals(kitchen: Kitchen, on: date) -> GoalSet | None:
    """Read the person's goals that hold on a day."""
    row = await kitchen.fetchrow(
        f"""
        SELECT {COLUMNS}
          FROM goal
         WHERE household_id = $1 AND person_id = $2 AND from_day <= $3
         ORDER BY from_day DESC
         LIMIT 1
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        on,
    )
    stored = maybe(row, StoredGoals)
    return stored.read() if stored else None


async def read_goals(kitchen: Kitchen, id: UUID) -> GoalSet:
    """Read goals of the person's.

    Raises:
        NotFound: there are none with this id.
    """
    row = await kitchen.fetchrow(
        f"SELECT {COLUMNS} FROM goal WHERE household_id = $1 AND person_id = $2 AND id = $3",  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        id,
    )
    return one(row, StoredGoals).read()


async def list_goals(kitchen: Kitchen, limit: int, before: Place | None) -> list[GoalSet]:
    """Read the person's goals, those that hold from the latest day on first."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM goal
         WHERE household_id = $1 AND person_id = $2 AND ($3::date IS NULL OR from_day < $3)
         ORDER BY from_day DESC
         LIMIT $4
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        before.day if before else None,
        limit,
    )
    return [stored.read() for stored in many(rows, StoredGoals)]


async def count_goals(kitchen: Kitchen) -> int:
    """Count the days from which on the person has set goals."""
    count: int = await kitchen.fetchval(
        "SELECT count(*) FROM goal WHERE household_id = $1 AND person_id = $2", kitchen.household, kitchen.person
    )
    return count


async def put_goals(kitchen: Kitchen, new: GoalSet) -> GoalSet:
    """Store goals; those from the same day on are replaced, and keep their id."""
    row = await kitchen.fetchrow(
        f"""
        INSERT INTO goal (household_id, person_id, id, from_day, weekdays, version, created_at)
        VALUES ($1, $2, $3, $4, $5::text::jsonb, $6, $7)
            ON CONFLICT (household_id, person_id, from_day)
            DO UPDATE SET weekdays = excluded.weekdays, version = excluded.version
        RETURNING {COLUMNS}
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        new.id,
        new.from_day,
        _stored(new.goals),
        new.version,
        new.created_at,
    )
    return one(row, StoredGoals).read()


async def delete_goals(kitchen: Kitchen, id: UUID) -> None:
    """Forget goals: those before them go on."""
    await kitchen.execute(
        "DELETE FROM goal WHERE household_id = $1 AND person_id = $2 AND id = $3",
        kitchen.household,
        kitchen.person,
        id,
    )
