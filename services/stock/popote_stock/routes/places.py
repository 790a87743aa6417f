"""Locations and categories."""

from uuid import UUID

import uuid_utils.compat as uuid_utils
from litestar import Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, tagged
from popote_kit.identity import Caller
from popote_kit.pages import Page
from popote_kit.problems import IdTaken, NameTaken, NotFound, PreconditionRequired, Stale, TooMany, documented
from popote_kit.rules import READ, WRITE, adults_only
from popote_stock import actions, queries
from popote_stock.errors import InUse
from popote_stock.queries.places import Category, Location
from popote_stock.wire.places import EditCategory, EditLocation, NewCategory, NewLocation, Order


@get("/api/stock/locations", operation_id="list_locations", responses=documented(*READ))
async def list_locations(database: NamedDependency[Database], caller: NamedDependency[Caller]) -> Page[Location]:
    """List the places where food is kept; a new household has a fridge, a freezer and a cupboard."""
    return Page(await actions.places.list_locations(database, caller))


@post(
    "/api/stock/locations", operation_id="create_location", guards=[adults_only],
    responses=documented(*WRITE, IdTaken, NameTaken, TooMany),
)  # fmt: skip
async def create_location(
    data: JSONBody[NewLocation], kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]
) -> Response[Location]:
    """Make a place; with an id that was used before, give that one again."""
    asked = Location(data.id or uuid_utils.uuid7(), data.name.strip(), data.is_freezer, 0, kitchen.now)
    made = await actions.places.create_location(kitchen, caller, asked)
    return tagged(made, made.version)


@get("/api/stock/locations/{id:uuid}", operation_id="get_location", responses=documented(*READ, NotFound))
async def get_location(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Response[Location]:
    """Read a place."""
    found = await queries.places.read_location(kitchen, id)
    return tagged(found, found.version)


@patch(
    "/api/stock/locations/{id:uuid}", operation_id="edit_location", guards=[adults_only],
    responses=documented(*WRITE, Stale, PreconditionRequired, NameTaken),
)  # fmt: skip
async def edit_location(
    id: FromPath[UUID],
    data: JSONBody[EditLocation],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[Location]:
    """Change a place. What lies there stays as it is: it is not frozen or thawed by this."""
    changed = await actions.places.edit_location(kitchen, id, data, if_match)
    return tagged(changed, changed.version)


@delete(
    "/api/stock/locations/{id:uuid}", operation_id="delete_location", guards=[adults_only],
    responses=documented(*WRITE, Stale, PreconditionRequired, InUse),
)  # fmt: skip
async def delete_location(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> None:
    """Forget a place where nothing lies; items that are usually kept there are kept nowhere in particular."""
    await actions.places.delete_location(kitchen, id, if_match)


@get("/api/stock/categories", operation_id="list_categories", responses=documented(*READ))
async def list_categories(kitchen: NamedDependency[Kitchen]) -> Page[Category]:
    """List the categories of items, in the order of the aisles."""
    return Page(await queries.places.list_categories(kitchen))


@post(
    "/api/stock/categories", operation_id="create_category", guards=[adults_only],
    responses=documented(*WRITE, IdTaken, NameTaken, TooMany),
)  # fmt: skip
async def create_category(data: JSONBody[NewCategory], kitchen: NamedDependency[Kitchen]) -> Response[Category]:
    """Make a category, in the last aisle; with an id that was used before, give that one again."""
    made = await actions.places.create_category(kitchen, data.id or uuid_utils.uuid7(), data.name.strip())
    return tagged(made, made.version)


@patch(
    "/api/stock/categories/{id:uuid}", operation_id="edit_category", guards=[adults_only],
    responses=documented(*WRITE, Stale, PreconditionRequired, NameTaken),
)  # fmt: skip
async def edit_category(
    id: FromPath[UUID],
    data: JSONBody[EditCategory],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[Category]:
    """Give a category another name."""
    changed = await actions.places.rename_category(kitchen, id, data.name.strip(), if_match)
    return tagged(changed, changed.version)


@delete(
    "/api/stock/categories/{id:uuid}", operation_id="delete_category", guards=[adults_only],
    responses=documented(*WRITE, Stale, PreconditionRequired),
)  # fmt: skip
async def delete_category(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> None:
    """Forget a category; its items have none then."""
    await actions.places.delete_category(kitchen, id, if_match)


@put(
    "/api/stock/categories/order", operation_id="order_categories", guards=[adults_only], responses=documented(*WRITE)
)  # fmt: skip
async def order_categories(data: JSONBody[Order], kitchen: NamedDependency[Kitchen]) -> Page[Category]:
    """Put the categories in the order of the aisles; whoever does so last is right."""
    return Page(await actions.places.order_categories(kitchen, data.ids))


ROUTES = [
    list_locations, create_location, get_location, edit_location, delete_location,
    list_categories, create_category, edit_category, delete_category, order_categories,
]  # fmt: skip
