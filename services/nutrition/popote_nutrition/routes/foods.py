"""Foods: the kitchen's dictionary."""

from hashlib import blake2s
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from popote_kit import codec, pages
from popote_kit.codec import JSONResponse
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, IfNoneMatch, etag, is_known, tagged, unchanged
from popote_kit.identity import Caller
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import IdTaken, NameTaken, NotFound, PreconditionRequired, Stale, TooMany, documented
from popote_kit.quantity import BadFact, UnknownUnit
from popote_kit.rules import READ, WRITE, adults_only
from popote_nutrition import actions, queries
from popote_nutrition.errors import NoName
from popote_nutrition.model import names
from popote_nutrition.queries.foods import Place
from popote_nutrition.routes.rules import Lang
from popote_nutrition.wire.foods import MAX_IDS, EditFood, FoodFacts, FoodShown, NewFood

Words = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=100, description="Words to look for, in either language; accents and typos are fine."
    ),
]
Ids = Annotated[list[UUID], QueryParameter(min_items=1, max_items=MAX_IDS, description="Foods, at most 200.")]
STORED = (*WRITE, NoName, UnknownUnit, BadFact, NameTaken, TooMany)


@get("/api/nutrition/foods", operation_id="list_foods", responses=documented(*READ))
async def list_foods(  # noqa: PLR0913, PLR0917 - what may be asked for, by name
    caller: NamedDependency[Caller],
    kitchen: NamedDependency[Kitchen],
    q: Words = None,
    lang: Lang = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[FoodShown]:
    """List foods, the household's own first; or with `q` the best matches, on one page."""
    language = lang or caller.language
    if q is not None:
        words = names.key(q)
        found = await queries.foods.search_foods(kitchen, words, language, limit) if words else []
        return Page([FoodShown.of(food, language) for food in found])
    listed = await queries.foods.list_foods(kitchen, limit + 1, pages.place(cursor, Place), language)
    page = pages.page(listed, limit, lambda last: last[0])
    return Page([FoodShown.of(food, language) for _, food in page.items], page.next_cursor)


@post(
    "/api/nutrition/foods", operation_id="create_food", guards=[adults_only], responses=documented(*STORED, IdTaken)
)  # fmt: skip
async def create_food(
    data: JSONBody[NewFood], caller: NamedDependency[Caller], kitchen: NamedDependency[Kitchen]
) -> Response[FoodShown]:
    """Make a food of the household's own; with an id that was used before, give that one again."""
    made = await actions.foods.create_food(kitchen, data, caller.language)
    return tagged(FoodShown.of(made, data.language or caller.language), made.version)


@get("/api/nutrition/foods/conversions", operation_id="food_conversions", responses=documented(*READ))
async def food_conversions(
    ids: Ids,
    caller: NamedDependency[Caller],
    kitchen: NamedDependency[Kitchen],
    lang: Lang = None,
    if_none_match: IfNoneMatch = None,
) -> Response[Page[FoodFacts]]:
    """Read how amounts of foods count: density, pieces, packs; approximate ones are marked. Unknown foods are left out.

    The `ETag` changes when any of them does: with `If-None-Match` what is known already is not sent again.
    """
    foods = await queries.foods.read_foods(kitchen, ids)
    page = Page([FoodFacts.of(food, lang or caller.language) for _, food in sorted(foods.items())])
    tag = etag(blake2s(codec.encode(page), digest_size=12).hexdigest())
    if is_known(tag, if_none_match):
        return unchanged(tag)
    return JSONResponse(page, headers={"ETag": tag})


@get("/api/nutrition/foods/{id:uuid}", operation_id="get_food", responses=documented(*READ, NotFound))
async def get_food(
    id: FromPath[UUID], caller: NamedDependency[Caller], kitchen: NamedDependency[Kitchen], lang: Lang = None
) -> Response[FoodShown]:
    """Read a food, as this household sees it."""
    found = await queries.foods.read_food(kitchen, id)
    return tagged(FoodShown.of(found, lang or caller.language), found.version)


@patch(
    "/api/nutrition/foods/{id:uuid}", operation_id="edit_food", guards=[adults_only],
    responses=documented(*STORED, Stale, PreconditionRequired),
)  # fmt: skip
async def edit_food(
    id: FromPath[UUID],
    data: JSONBody[EditFood],
    caller: NamedDependency[Caller],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[FoodShown]:
    """Change a food of the household's own; or, of one that all share, what this household sees of it."""
    changed = await actions.foods.edit_food(kitchen, id, data, if_match, caller.language)
    return tagged(FoodShown.of(changed, data.language or caller.language), changed.version)


@delete(
    "/api/nutrition/foods/{id:uuid}", operation_id="delete_food", guards=[adults_only],
    responses=documented(*WRITE, Stale, PreconditionRequired),
)  # fmt: skip
async def delete_food(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> None:
    """Forget a food of the household's own; or, of one that all share, what the household had changed."""
    await actions.foods.delete_food(kitchen, id, if_match)


ROUTES = [list_foods, create_food, food_conversions, get_food, edit_food, delete_food]
