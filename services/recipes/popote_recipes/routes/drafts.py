"""Drafts of recipes, from pages, pastes and models."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from popote_kit import errors
from popote_kit.egress import Unreachable
from popote_kit.identity import Caller
from popote_kit.problems import documented
from popote_kit.rules import ASKS, READ, no_guests
from popote_recipes import actions
from popote_recipes.actions.drafts import Reader
from popote_recipes.peers import Nutrition
from popote_recipes.sandbox import Unreadable
from popote_recipes.wire.drafts import DraftShown, ToImport
from popote_recipes.wire.recipes import NewIngredient


@post(
    "/api/recipes/import", operation_id="import_recipe", status_code=200, guards=[no_guests], opt=ASKS,
    responses=documented(*READ, Unreachable, Unreadable),
)  # fmt: skip
async def import_recipe(
    data: JSONBody[ToImport],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    reader: NamedDependency[Reader],
    nutrition: NamedDependency[Nutrition],
) -> DraftShown:
    """Read a recipe from a page, a paste or what a model said: a draft for a person to confirm; nothing is stored."""
    data.check()
    draft = await reader.read(data, data.language or caller.language)
    language = data.language or draft.language or caller.language
    lines = [NewIngredient(line=each.line, section=each.section or None) for each in draft.ingredients]
    ingredients, _ = await actions.lines.read(nutrition, caller.household, lines, language)
    return DraftShown.of(draft, ingredients, language, errors.language(request.headers.get("accept-language")))


ROUTES = [import_recipe]
