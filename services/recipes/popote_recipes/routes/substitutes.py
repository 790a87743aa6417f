"""Foods that a household takes for others."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from popote_kit.database import Kitchen
from popote_kit.etags import tagged
from popote_kit.identity import Caller
from popote_kit.pages import Page
from popote_kit.problems import IdTaken, TooMany, Unavailable, documented
from popote_kit.rules import READ, WRITE, adults_only
from popote_kit.work import asking_first
from popote_recipes import actions, queries
from popote_recipes.peers import Nutrition, Told
from popote_recipes.queries.substitutes import Substitute
from popote_recipes.wire.substitutes import NewSubstitute


async def ask_nutrition(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], nutrition: NamedDependency[Nutrition]
) -> Told:
    """Ask nutrition what the two foods are."""
    new: NewSubstitute = await request.json()
    told = await nutrition.understand(caller.household, [], caller.language, [new.food_id, new.instead_id])
    if told is None:
        raise Unavailable
    return told


@get("/api/recipes/substitutes", operation_id="list_substitutes", responses=documented(*READ))
async def list_substitutes(kitchen: NamedDependency[Kitchen]) -> Page[Substitute]:
    """List which foods the household takes for others; all of them, there are at most 500."""
    return Page(await queries.substitutes.list_substitutes(kitchen))


@post(
    "/api/recipes/substitutes", operation_id="create_substitute", guards=[adults_only],
    responses=documented(*WRITE, IdTaken, TooMany),
    dependencies=asking_first(ask_nutrition),
)  # fmt: skip
async def create_substitute(
    data: JSONBody[NewSubstitute], asked: NamedDependency[Told], kitchen: NamedDependency[Kitchen]
) -> Response[Substitute]:
    """Have a food stand in for another, as much of it, in every recipe."""
    made = await actions.substitutes.create_substitute(kitchen, data, asked)
    return tagged(made, made.version)


@delete(
    "/api/recipes/substitutes/{id:uuid}", operation_id="delete_substitute", guards=[adults_only],
    responses=documented(*WRITE),
)  # fmt: skip
async def delete_substitute(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> None:
    """Have a food no longer stand in for another."""
    await actions.substitutes.delete_substitute(kitchen, id)


ROUTES = [list_substitutes, create_substitute, delete_substitute]
