"""What other services ask of recipes."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from popote_kit.database import Kitchen
from popote_kit.problems import NotFound, documented
from popote_kit.rules import READ
from popote_recipes import queries
from popote_recipes.model.parts import Parts, parts_of
from popote_recipes.routes.rules import Servings, servings_of
from popote_recipes.wire.parts import PlannedParts

Day = Annotated[dt.date, QueryParameter(name="date", description="The day.")]


@get("/internal/recipes/{id:uuid}/parts", operation_id="recipe_parts", responses=documented(*READ, NotFound))
async def recipe_parts(id: FromPath[UUID], kitchen: NamedDependency[Kitchen], servings: Servings = None) -> Parts:
    """Read what a recipe is made of, for its own servings or for others."""
    known = await queries.recipes.read_used(kitchen, [id])
    if id not in known:
        raise NotFound
    return parts_of(known[id], known, known[id].factor(servings_of(servings)))


@get("/internal/plan/parts", operation_id="plan_parts", responses=documented(*READ))
async def plan_parts(kitchen: NamedDependency[Kitchen], day: Day) -> PlannedParts:
    """Read what the recipes that are planned for a day are made of, meal by meal."""
    entries = [each for each in await queries.plan.list_day(kitchen, day) if each.recipe_id]
    known = await queries.recipes.read_used(kitchen, {each.recipe_id for each in entries if each.recipe_id})
    return PlannedParts.of(entries, known)


ROUTES = [recipe_parts, plan_parts]
