"""Which pictures recipes have."""

from collections.abc import Sequence
from uuid import UUID

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.problems import NotFound


async def find_name(kitchen: Kitchen, id: UUID) -> str:
    """Return the name of a recipe's picture.

    Raises:
        NotFound: the household has no such recipe, or it has none.
    """
    name: str | None = await kitchen.fetchval(
        "SELECT image FROM recipe WHERE household_id = $1 AND id = $2", kitchen.household, id
    )
    if name is None:
        raise NotFound
    return name


async def find_used(kitchen: Kitchen, names: Sequence[str]) -> set[str]:
    """Return those of the names that a recipe refers to."""
    rows = await kitchen.fetch(
        "SELECT DISTINCT image FROM recipe WHERE household_id = $1 AND image = ANY($2)", kitchen.household, list(names)
    )
    return {row["image"] for row in rows}


async def hold(kitchen: Kitchen) -> None:
    """Hold the household's write lock until commit, without taking a version."""
    await kitchen.execute(
        "SELECT FROM counter WHERE household_id = $1 AND person_id = $2 FOR UPDATE", *sync.owner(kitchen, "household")
    )
