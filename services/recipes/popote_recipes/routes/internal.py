"""What other services ask of recipes."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from popote_kit.database import Kitchen
from popote_kit.problems import NotFound, documented
from popote_recipes import queries
from popote_recipes.model.parts import Parts, parts_of
from popote_recipes.routes.rules import READ, Servings, servings_of


@get("/internal/recipes/{id:uuid}/parts", operation_id="recipe_parts", responses=documented(*READ, NotFound))
async def recipe_parts(id: FromPath[UUID], kitchen: NamedDependency[Kitchen], servings: Servings = None) -> Parts:
    """Read what a recipe is made of, for its own servings or for others."""
    known = await queries.recipes.read_used(kitchen, [id])
    if id not in known:
        raise NotFound
    return parts_of(known[id], known, known[id].factor(servings_of(servings)))


ROUTES = [recipe_parts]
