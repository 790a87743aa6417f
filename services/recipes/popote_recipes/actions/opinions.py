"""What a person thinks of recipes."""

from uuid import UUID

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_recipes import events, queries
from popote_recipes.queries.opinions import Opinion
from popote_recipes.wire.opinions import NewOpinion


async def read_opinion(kitchen: Kitchen, id: UUID) -> Opinion:
    """Return what the person thinks of a recipe, which may be nothing yet.

    Raises:
        NotFound: there is no such recipe.
    """
    await queries.recipes.read_recipe(kitchen, id)
    return await queries.opinions.find_opinion(kitchen, id) or Opinion(id)


async def put_opinion(kitchen: Kitchen, id: UUID, new: NewOpinion) -> Opinion:
    """Store what the person thinks of a recipe.

    Raises:
        NotFound: there is no such recipe.
    """
    version = await sync.next_version(kitchen, of="person")
    await queries.recipes.read_recipe(kitchen, id)
    opinion = Opinion(id, new.is_favourite, new.note.strip(), new.rating, version)
    await queries.opinions.put_opinion(kitchen, opinion)
    await events.opinions_changed(kitchen, version, [id])
    return opinion
