"""Recipes that nutrition is to be asked about."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from popote_kit.database import Kitchen
from popote_recipes.model.recipes import Recipe
from popote_recipes.queries.recipes import COLUMNS, recipe_of

FIRST: Final = UUID(int=0)


async def find_household_to_ask_for(kitchen: Kitchen, after: UUID) -> UUID | None:
    """Return the next household, in the order of ids, with recipes that nutrition is to be asked about."""
    household: UUID | None = await kitchen.fetchval("SELECT household_to_ask_for($1)", after)
    return household


async def read_due(kitchen: Kitchen, limit: int, after: UUID) -> list[Recipe]:
    """Read the recipes after `after`, in the order of ids, that nutrition is to be asked about."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM recipe r
         WHERE r.household_id = $1 AND r.due > 0 AND r.id > $2
         ORDER BY r.id
         LIMIT $3
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        after,
        limit,
    )
    return [recipe_of(row) for row in rows]


async def set_asked(kitchen: Kitchen, due: Mapping[UUID, int]) -> None:
    """Note that nutrition was asked about recipes for the reasons that there were; a new one since stays."""
    await kitchen.execute(
        """
        UPDATE recipe SET due = 0
          FROM unnest($2::uuid[], $3::integer[]) AS asked (id, due)
         WHERE household_id = $1 AND recipe.id = asked.id AND recipe.due = asked.due
        """,
        kitchen.household,
        list(due),
        list(due.values()),
    )


async def ask_about_foods(kitchen: Kitchen, foods: Sequence[UUID]) -> None:
    """Have nutrition asked again about the recipes with one of the foods, and those that may have it by a name."""
    await kitchen.execute(
        """
        UPDATE recipe r SET due = due + 1
         WHERE r.household_id = $1
           AND (r.has_unknown OR EXISTS (SELECT
                                           FROM need
                                          WHERE need.household_id = $1 AND need.source_id = r.id
                                            AND need.thing_id = ANY($2)))
        """,
        kitchen.household,
        foods,
    )


async def ask_about_names(kitchen: Kitchen, names: Sequence[str]) -> None:
    """Have nutrition asked again about the recipes with something that might be called so.

    What counts as the same name is nutrition's to say; here the beginning of one word in common is enough.
    """
    await kitchen.execute(
        """
        UPDATE recipe r SET due = due + 1
         WHERE r.household_id = $1
           AND EXISTS (SELECT
                         FROM unnest($2::text[]) AS name,
                              regexp_split_to_table(plain(name), '[^[:alnum:]]+') AS word
                        WHERE word <> '' AND (length(word) > 2 OR plain(name) = word)
                          AND position(left(word, 4) IN plain(r.words)) > 0)
        """,
        kitchen.household,
        names,
    )


async def ask_about_all(kitchen: Kitchen) -> None:
    """Have nutrition asked again about every recipe of every household."""
    await kitchen.execute("SELECT ask_about_all_recipes()")
