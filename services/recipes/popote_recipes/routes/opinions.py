"""What a person thinks of recipes: nobody else sees it, nor those of the same household."""

from uuid import UUID

from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from popote_kit import pages
from popote_kit.database import Kitchen
from popote_kit.etags import tagged
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import NotFound, documented
from popote_kit.rules import READ
from popote_recipes import actions, queries
from popote_recipes.queries.opinions import Opinion
from popote_recipes.wire.opinions import NewOpinion


@get("/api/recipes/opinions", operation_id="list_opinions", responses=documented(*READ))
async def list_opinions(
    kitchen: NamedDependency[Kitchen], limit: Limit = 50, cursor: CursorText = None
) -> Page[Opinion]:
    """List what one thinks of recipes: `id` is the recipe's."""
    found = await queries.opinions.list_opinions(kitchen, limit + 1, pages.place(cursor, UUID))
    return pages.page(found, limit, lambda last: last.id)


@get("/api/recipes/{id:uuid}/opinion", operation_id="get_opinion", responses=documented(*READ, NotFound))
async def get_opinion(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Response[Opinion]:
    """Read what one thinks of a recipe."""
    found = await actions.opinions.read_opinion(kitchen, id)
    return tagged(found, found.version)


@put("/api/recipes/{id:uuid}/opinion", operation_id="put_opinion", responses=documented(*READ, NotFound))
async def put_opinion(
    id: FromPath[UUID], data: JSONBody[NewOpinion], kitchen: NamedDependency[Kitchen]
) -> Response[Opinion]:
    """Say what one thinks of a recipe: whether it is a favourite, a note, stars."""
    stored = await actions.opinions.put_opinion(kitchen, id, data)
    return tagged(stored, stored.version)


ROUTES = [list_opinions, get_opinion, put_opinion]
