"""Cooking, and what was cooked."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from popote_kit import codec, idempotency, pages
from popote_kit.database import Kitchen
from popote_kit.etags import tagged
from popote_kit.idempotency import KeyInUse, KeyMissing, KeyReused
from popote_kit.identity import Caller
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import IdTaken, NotFound, TooMany, documented
from popote_kit.quantity import TooMuch
from popote_recipes import queries
from popote_recipes.actions.cooking import Stove
from popote_recipes.errors import NotEnough, TooManyLines, UndoBlocked
from popote_recipes.queries.cooks import Place
from popote_recipes.routes.rules import ASKS, READ, WRITE, no_guests
from popote_recipes.wire.cooking import CookAsked, CookShown

OfRecipe = Annotated[UUID | None, QueryParameter(description="Only of this recipe.")]


@post(
    "/api/recipes/{id:uuid}/cook", operation_id="cook", guards=[no_guests], opt=ASKS,
    responses=documented(*WRITE, NotEnough, TooManyLines, TooMuch, TooMany, IdTaken, KeyMissing, KeyInUse, KeyReused),
)  # fmt: skip
async def cook(
    id: FromPath[UUID],
    data: JSONBody[CookAsked],
    request: Request,  # type: ignore[type-arg]  # Litestar's own
    caller: NamedDependency[Caller],
    stove: NamedDependency[Stove],
) -> Response[CookShown]:
    """Cook a recipe: stock takes what it needs, keeps what is left over, and the diaries of the eaters follow.

    It needs an `Idempotency-Key`, and happens once, all of it or nothing, whatever breaks on the way: the same request
    again tells what became of it.
    """
    key = _key(request)
    done = await stove.cook(
        caller,
        id,
        data,
        key=key,
        request_hash=idempotency.fingerprint(f"cook {id}", codec.encode(data)),
        authorization=request.headers["authorization"],
    )
    shown = CookShown.of(done)
    return Response(shown, status_code=201, headers={"Location": f"/api/recipes/cooked/{shown.cook_id}"})


@get("/api/recipes/cooked", operation_id="list_cooked", responses=documented(*READ))
async def list_cooked(
    kitchen: NamedDependency[Kitchen], recipe_id: OfRecipe = None, limit: Limit = 50, cursor: CursorText = None
) -> Page[CookShown]:
    """List what was cooked, the last first."""
    found = await queries.cooks.list_cooks(kitchen, limit + 1, pages.place(cursor, Place), recipe_id)
    page = pages.page(found, limit, lambda last: Place(last.created_at, last.id))
    return Page([CookShown.of(each) for each in page.items], page.next_cursor)


@get("/api/recipes/cooked/{id:uuid}", operation_id="get_cooked", responses=documented(*READ, NotFound))
async def get_cooked(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Response[CookShown]:
    """Read what was cooked."""
    found = await queries.cooks.read_cook(kitchen, id)
    return tagged(CookShown.of(found), found.version)


@post(
    "/api/recipes/cooked/{id:uuid}/undo", operation_id="undo_cooked", status_code=200, guards=[no_guests], opt=ASKS,
    responses=documented(*WRITE, UndoBlocked, TooMuch, TooMany, KeyInUse),
)  # fmt: skip
async def undo_cooked(id: FromPath[UUID], caller: NamedDependency[Caller], stove: NamedDependency[Stove]) -> CookShown:
    """Take a cook back, exactly: stock, what was left over, and every diary. Again, it stays so.

    A child takes back only what it cooked itself.
    """
    return CookShown.of(await stove.undo(caller, id))


def _key(request: Request[Any, Any, Any]) -> str:
    key = idempotency.parse(request.headers.get(idempotency.HEADER))
    if key is None:
        raise KeyMissing
    return key


ROUTES = [cook, list_cooked, get_cooked, undo_cooked]
