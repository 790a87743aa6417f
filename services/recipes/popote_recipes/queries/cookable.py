"""What can be cooked: the whole library against what there is, in one statement (`rank_recipes`)."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from popote_kit.database import Kitchen, many
from popote_recipes.model.supply import Columns


class Wanted(Struct, frozen=True, kw_only=True):
    """Which recipes are ranked, for how many `servings`; None: for as many as each is written for."""

    servings: Decimal | None = None
    max_missing: int | None = None
    max_minutes: int | None = None
    tag: str | None = None
    among: Sequence[UUID] | None = None


class Ranked(Struct, frozen=True):
    """A recipe, how many of its lines are not known to be covered, and how much it would save from spoiling."""

    recipe_id: UUID
    missing: int
    saves_expiring: Decimal


async def rank(kitchen: Kitchen, columns: Columns, always: Sequence[UUID], wanted: Wanted, limit: int) -> list[Ranked]:
    """Return the recipes that may be cooked of `columns`, and of the things that are `always` there, the best first.

    What saves most from spoiling comes first, then what lacks the fewest lines, then what takes least time. It is what
    the pantry finds, but for where three lines or more compete for things that stand in for each other, and for several
    items of one thing that count otherwise. A recipe that asks for nothing but what is to taste is left out.
    """
    rows = await kitchen.fetch(
        "SELECT * FROM rank_recipes($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        kitchen.household,
        *columns,
        list(always),
        wanted.servings,
        wanted.max_minutes,
        wanted.tag,
        None if wanted.among is None else list(wanted.among),
        wanted.max_missing,
        limit,
    )
    return many(rows, Ranked)
