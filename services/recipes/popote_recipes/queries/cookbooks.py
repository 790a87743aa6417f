"""All recipes of a household, page by page."""

from uuid import UUID

from popote_kit.database import Kitchen
from popote_recipes.model.recipes import Recipe
from popote_recipes.queries.recipes import COLUMNS, recipe_of


async def read_page(kitchen: Kitchen, limit: int, after: UUID) -> list[Recipe]:
    """Read the recipes after `after`, in the order of ids."""
    rows = await kitchen.fetch(
        f"SELECT {COLUMNS} FROM recipe r WHERE r.household_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3",  # noqa: S608 - fixed columns
        kitchen.household,
        after,
        limit,
    )
    return [recipe_of(row) for row in rows]
