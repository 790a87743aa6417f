"""From the words of a person to the recipe that they mean."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from popote_client.recipes.recipes import SEARCHED, Recipes, Titled
from popote_client.stock.choosing import Unclear, Unknown, WhichOne, alike, exactly


async def recipes_named(recipes: Recipes, said: str) -> Sequence[Titled]:
    """Return the recipe of that id; else those of that title; else those that a search finds."""
    try:
        return [await recipes.get_recipe(UUID(said))]
    except ValueError:
        hits = (await recipes.list_recipes(said[:SEARCHED])).items
        return exactly(said, hits) or alike(said, hits) or hits


def unclear(said: str, found: Sequence[Titled]) -> Unclear:
    """Say that words may mean any of these recipes; those that share a title are told by their ids."""
    return WhichOne(said=said, names=", ".join(names(found))) if found else Unknown(said=said)


def names(found: Sequence[Titled]) -> list[str]:
    times = Counter(each.title for each in found)
    return [f"{each.title} ({each.id})" if times[each.title] > 1 else each.title for each in found]
