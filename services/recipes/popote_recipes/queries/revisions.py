"""What recipes were before they were changed."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from popote_kit.codec import exact_json
from popote_kit.database import Kitchen, many
from popote_kit.problems import NotFound
from popote_recipes.model.recipes import MAX_REVISIONS, Recipe


class Revision(Struct, frozen=True):
    """That a recipe was changed: which revision ended then, by whom and when."""

    revision: int
    edited_by: UUID
    edited_at: datetime


async def keep(kitchen: Kitchen, recipe: Recipe) -> None:
    """Keep a recipe as it is before a change; of each the last 50 revisions are kept."""
    await kitchen.execute(
        """
        INSERT INTO revision (household_id, recipe_id, revision, edited_by, edited_at, recipe)
        VALUES ($1, $2, $3, $4, $5, $6::text::jsonb)
            ON CONFLICT DO NOTHING
        """,
        kitchen.household,
        recipe.id,
        recipe.revision,
        kitchen.person,
        kitchen.now,
        exact_json(recipe),
    )
    await kitchen.execute(
        "DELETE FROM revision WHERE household_id = $1 AND recipe_id = $2 AND revision <= $3",
        kitchen.household,
        recipe.id,
        recipe.revision - MAX_REVISIONS,
    )


async def list_revisions(kitchen: Kitchen, id: UUID) -> list[Revision]:
    """Read which revisions of a recipe are kept, the last one first."""
    rows = await kitchen.fetch(
        """
        SELECT revision, edited_by, edited_at
          FROM revision
         WHERE household_id = $1 AND recipe_id = $2
         ORDER BY revision DESC
         LIMIT $3
        """,
        kitchen.household,
        id,
        MAX_REVISIONS,
    )
    return many(rows, Revision)


async def read_revision(kitchen: Kitchen, id: UUID, revision: int) -> Recipe:
    """Read a recipe as it was.

    Raises:
        NotFound: there is no such recipe, or that revision of it is not kept.
    """
    text = await kitchen.fetchval(
        "SELECT recipe::text FROM revision WHERE household_id = $1 AND recipe_id = $2 AND revision = $3",
        kitchen.household,
        id,
        revision,
    )
    if text is None:
        raise NotFound
    return msgspec.json.decode(text, type=Recipe)
