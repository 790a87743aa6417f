"""Recipes: the household's cookbook."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET

from popote_kit import pages
from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, tagged
from popote_kit.identity import Caller
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import IdTaken, NotFound, PreconditionRequired, Stale, TooMany, documented
from popote_kit.rules import ASKS, COUNTED, READ, WRITE, adults_only
from popote_kit.work import asking_first
from popote_recipes import actions, queries
from popote_recipes.actions.images import Album
from popote_recipes.actions.recipes import Read
from popote_recipes.errors import RecipeLoop, TooManyLines, UsedElsewhere
from popote_recipes.model.recipes import MAX_MINUTES, MAX_RECIPES, MAX_TAG, Language
from popote_recipes.model.supply import Supply
from popote_recipes.peers import Nutrition, Stock
from popote_recipes.queries.recipes import Listed, Place, Tag, Wanted
from popote_recipes.queries.revisions import Revision
from popote_recipes.routes.rules import Servings, Words, servings_of
from popote_recipes.wire.recipes import EditRecipe, NewRecipe, ParsedShown, RecipeBrief, RecipeShown, ToParse

MAX_TAGS_LISTED = 500

STORED = (*WRITE, *COUNTED, RecipeLoop, TooManyLines)
EDIT = (Stale, PreconditionRequired)

TagWanted = Annotated[str | None, QueryParameter(min_length=1, max_length=MAX_TAG, description="Only those with it.")]
Within = Annotated[int | None, QueryParameter(ge=0, le=MAX_MINUTES, description="Only those that take no longer.")]
Favourite = Annotated[bool, QueryParameter(description="Only one's favourites.")]
OnlyCookable = Annotated[bool, QueryParameter(description="Only those for which all is there.")]
OnlyExpiring = Annotated[bool, QueryParameter(description="Only those that use what expires within a week.")]
In = Annotated[Language | None, QueryParameter(name="lang", description="Only those in this language.")]


async def read_lines(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], nutrition: NamedDependency[Nutrition]
) -> Read:
    """Ask nutrition what the lines of a body mean."""
    sent: NewRecipe = await request.json()
    language = sent.language or caller.language
    return Read(*await actions.lines.read(nutrition, caller.household, sent.ingredients, language))


async def read_edited_lines(
    id: FromPath[UUID],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    nutrition: NamedDependency[Nutrition],
) -> Read:
    """Ask nutrition what the lines of an edit mean, if there are any."""
    sent: EditRecipe = await request.json()
    if sent.ingredients is UNSET:
        return Read()
    async with database.kitchen(caller.household, caller.person) as kitchen:
        recipe = await queries.recipes.read_recipe(kitchen, id)
    asked = actions.lines.keeping_choices(sent.ingredients, recipe)
    language = recipe.language if sent.language is UNSET else sent.language
    return Read(*await actions.lines.read(nutrition, caller.household, asked, language))


async def ask_stock_if_wanted(
    caller: NamedDependency[Caller],
    stock: NamedDependency[Stock],
    cookable: OnlyCookable = False,  # noqa: FBT002 - Litestar passes it by name
    uses_expiring: OnlyExpiring = False,  # noqa: FBT002
) -> Supply | None:
    """Ask stock what there is, where the list depends on that."""
    return await stock.supply(caller.household) if cookable or uses_expiring else None


@get(
    "/api/recipes", operation_id="list_recipes", responses=documented(*READ),
    dependencies=asking_first(ask_stock_if_wanted),
)  # fmt: skip
async def list_recipes(  # noqa: PLR0913, PLR0917 - what may be asked for, by name
    kitchen: NamedDependency[Kitchen],
    asked: NamedDependency[Supply | None],
    q: Words = None,
    tag: TagWanted = None,
    max_minutes: Within = None,
    favourite: Favourite = False,  # noqa: FBT002 - Litestar passes it by name
    lang: In = None,
    cookable: OnlyCookable = False,  # noqa: FBT002
    uses_expiring: OnlyExpiring = False,  # noqa: FBT002
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[RecipeBrief]:
    """List recipes by title; with `q`, `cookable` or `uses_expiring` the best first, on one page."""
    wanted = Wanted(
        tag=tag.strip().lower() if tag else None, max_minutes=max_minutes, language=lang, is_favourite=favourite
    )
    if asked is not None:
        best = await actions.cookable.rank(kitchen, asked, all_there=cookable, saving=uses_expiring)
        if q is not None:
            served = set(best)
            found = await queries.recipes.search_recipes(kitchen, q, MAX_RECIPES)
            best = [each for each in found if each in served]
    elif q is not None:
        best = await queries.recipes.search_recipes(kitchen, q, limit if wanted == Wanted() else MAX_RECIPES)
    else:
        return await _by_title(kitchen, wanted, limit, cursor)
    return Page([_brief(each) for each in await queries.recipes.list_among(kitchen, best, wanted, limit)])


@post(
    "/api/recipes", operation_id="create_recipe", guards=[adults_only],
    responses=documented(*STORED, IdTaken, TooMany),
    dependencies=asking_first(read_lines),
)  # fmt: skip
async def create_recipe(
    data: JSONBody[NewRecipe],
    caller: NamedDependency[Caller],
    asked: NamedDependency[Read],
    kitchen: NamedDependency[Kitchen],
) -> Response[RecipeShown]:
    """Make a recipe; with an id that was used before, give that one again.

    What its lines mean, or that a person is to be asked, stands in the answer; where nutrition is away they wait for
    it.
    """
    made = await actions.recipes.create_recipe(kitchen, data, asked, caller.language)
    return tagged(RecipeShown.of(made), made.version)


@get("/api/recipes/tags", operation_id="list_tags", responses=documented(*READ))
async def list_tags(kitchen: NamedDependency[Kitchen]) -> Page[Tag]:
    """List the tags in use, the most used first; at most 500."""
    return Page(await queries.recipes.list_tags(kitchen, MAX_TAGS_LISTED))


@post("/api/recipes/parse", operation_id="parse_lines", status_code=200, opt=ASKS, responses=documented(*READ))
async def parse_lines(
    data: JSONBody[ToParse], caller: NamedDependency[Caller], nutrition: NamedDependency[Nutrition]
) -> ParsedShown:
    """Read lines of ingredients; nothing is stored. Lines that nutrition does not read now are `waiting`."""
    language = data.language or caller.language
    lines = [line for line in data.lines if line.strip()]
    ingredients, _ = await actions.lines.read(nutrition, caller.household, lines, language)
    return ParsedShown.of(ingredients)


@get("/api/recipes/{id:uuid}", operation_id="get_recipe", responses=documented(*READ, NotFound))
async def get_recipe(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], servings: Servings = None
) -> Response[RecipeShown]:
    """Read a recipe; with `servings`, its amounts for so many."""
    found = await queries.recipes.read_recipe(kitchen, id)
    return tagged(RecipeShown.of(found, servings_of(servings)), found.version)


@patch(
    "/api/recipes/{id:uuid}", operation_id="edit_recipe", guards=[adults_only], responses=documented(*STORED, *EDIT),
    dependencies=asking_first(read_edited_lines),
)  # fmt: skip
async def edit_recipe(
    id: FromPath[UUID],
    data: JSONBody[EditRecipe],
    asked: NamedDependency[Read],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[RecipeShown]:
    """Change a recipe; what it was before can be brought back."""
    changed = await actions.recipes.edit_recipe(kitchen, id, data, asked, if_match)
    return tagged(RecipeShown.of(changed), changed.version)


@delete(
    "/api/recipes/{id:uuid}", operation_id="delete_recipe", guards=[adults_only],
    responses=documented(*WRITE, *EDIT, UsedElsewhere),
)  # fmt: skip
async def delete_recipe(
    id: FromPath[UUID],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
    album: NamedDependency[Album],
) -> None:
    """Forget a recipe, its picture, its revisions, and what people think of it."""
    gone = await actions.recipes.delete_recipe(kitchen, id, if_match)
    album.forget(kitchen, gone.image)


@get("/api/recipes/{id:uuid}/revisions", operation_id="list_revisions", responses=documented(*READ, NotFound))
async def list_revisions(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Page[Revision]:
    """List what a recipe was before, the last revision first; the last 50 are kept."""
    await queries.recipes.read_recipe(kitchen, id)
    return Page(await queries.revisions.list_revisions(kitchen, id))


@get(
    "/api/recipes/{id:uuid}/revisions/{revision:int}", operation_id="get_revision",
    responses=documented(*READ, NotFound),
)  # fmt: skip
async def get_revision(id: FromPath[UUID], revision: FromPath[int], kitchen: NamedDependency[Kitchen]) -> RecipeShown:
    """Read a recipe as it was."""
    return RecipeShown.of(await queries.revisions.read_revision(kitchen, id, _number(revision)))


@post(
    "/api/recipes/{id:uuid}/revisions/{revision:int}/restore", operation_id="restore_revision", status_code=200,
    guards=[adults_only], responses=documented(*STORED, *EDIT),
)  # fmt: skip
async def restore_revision(
    id: FromPath[UUID],
    revision: FromPath[int],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[RecipeShown]:
    """Let a recipe be what it was; that is a change like any, and can be taken back so too."""
    changed = await actions.recipes.restore_revision(kitchen, id, _number(revision), if_match)
    return tagged(RecipeShown.of(changed), changed.version)


async def _by_title(kitchen: Kitchen, wanted: Wanted, limit: int, cursor: str | None) -> Page[RecipeBrief]:
    found = await queries.recipes.list_recipes(kitchen, wanted, limit + 1, pages.place(cursor, Place))
    page = pages.page(found, limit, lambda last: Place(last.title_key, last.id))
    return Page([_brief(each) for each in page.items], page.next_cursor)


def _brief(listed: Listed) -> RecipeBrief:
    return RecipeBrief(**{name: getattr(listed, name) for name in RecipeBrief.__struct_fields__})


def _number(revision: int) -> int:
    if not 0 < revision < 2**31:
        raise NotFound
    return revision


ROUTES = [
    list_recipes, create_recipe, list_tags, parse_lines, get_recipe, edit_recipe, delete_recipe, list_revisions,
    get_revision, restore_revision,
]  # fmt: skip
