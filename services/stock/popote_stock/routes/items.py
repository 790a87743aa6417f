"""Items: what a household knows."""

from typing import Annotated
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from popote_kit import errors, pages
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, tagged
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import (
    IdTaken,
    Malformed,
    NameTaken,
    NotFound,
    PreconditionRequired,
    Stale,
    TooMany,
    documented,
)
from popote_kit.quantity import BadFact
from popote_kit.rules import COUNTED, READ, WRITE, adults_only
from popote_kit.units import UNITS, Unit
from popote_stock import actions, queries
from popote_stock.errors import BadBarcode, BarcodeTaken, InUse, UnitFixed
from popote_stock.peers import Nutrition
from popote_stock.queries.items import Place
from popote_stock.routes.rules import Words
from popote_stock.wire.items import EditItem, ItemFacts, ItemShown, NewItem

CategoryFilter = Annotated[UUID | None, QueryParameter(description="Only items of this category.")]
STORED = (*WRITE, *COUNTED, BadFact, BadBarcode, NameTaken, BarcodeTaken)


class UnitShown(Struct):
    """A unit: `measure` is what it counts (mass, volume, or pieces of something), `base` how many base units one is.

    Base units are nanograms, nanolitres, and millionths of a piece. `names` is everything that it is called, in English
    and in French; case, accents, dots and blanks do not count.
    """

    code: str
    measure: str
    base: int
    singular: str
    plural: str
    names: list[str]


@get("/api/stock/items", operation_id="list_items", responses=documented(*READ))
async def list_items(
    kitchen: NamedDependency[Kitchen],
    q: Words = None,
    category_id: CategoryFilter = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[ItemShown]:
    """List items by name; or with `q` the best matches, on one page."""
    if q is not None:
        return Page([ItemShown.of(item) for item in await queries.items.search_items(kitchen, q, limit)])
    found = await queries.items.list_items(kitchen, limit + 1, pages.place(cursor, Place), category_id)
    page = pages.page(found, limit, lambda last: Place(last.name_key, last.id))
    return Page([ItemShown.of(item) for item in page.items], page.next_cursor)


@post(
    "/api/stock/items", operation_id="create_item", guards=[adults_only],
    responses=documented(*STORED, IdTaken, TooMany),
)  # fmt: skip
async def create_item(
    data: JSONBody[NewItem], kitchen: NamedDependency[Kitchen], nutrition: NamedDependency[Nutrition]
) -> Response[ItemShown]:
    """Make an item; with an id that was used before, give that one again.

    Which food it is, follows from its name where that is plain, unless `food_id` says it.
    """
    told = await actions.foods.of_new_item(kitchen, nutrition, data)
    made = await actions.items.create_item(kitchen, data, told)
    return tagged(ItemShown.of(made), made.version)


@get("/api/stock/items/{id:uuid}", operation_id="get_item", responses=documented(*READ, NotFound))
async def get_item(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Response[ItemShown]:
    """Read an item."""
    found = await queries.items.read_item(kitchen, id)
    return tagged(ItemShown.of(found), found.version)


@get("/api/stock/items/{id:uuid}/facts", operation_id="get_item_facts", responses=documented(*READ, NotFound))
async def get_item_facts(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> ItemFacts:
    """Read what is known of how an item counts, and what the label of its product says."""
    item = await queries.items.read_item(kitchen, id)
    return ItemFacts.of(item, await queries.products.find_labelled(kitchen, [each.gtin for each in item.barcodes]))


@patch(
    "/api/stock/items/{id:uuid}", operation_id="edit_item", guards=[adults_only],
    responses=documented(*STORED, Stale, PreconditionRequired, UnitFixed, TooMany),
)  # fmt: skip
async def edit_item(
    id: FromPath[UUID],
    data: JSONBody[EditItem],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
    nutrition: NamedDependency[Nutrition],
) -> Response[ItemShown]:
    """Change an item; with another shelf life its lots keep until other dates.

    A `food_id` that was sent stands, null too: its name no longer says which food it is.
    """
    told = await actions.foods.of_edited_item(kitchen, nutrition, id, data)
    changed = await actions.items.edit_item(kitchen, id, data, if_match, told)
    return tagged(ItemShown.of(changed), changed.version)


@delete(
    "/api/stock/items/{id:uuid}", operation_id="delete_item", guards=[adults_only],
    responses=documented(*WRITE, Stale, PreconditionRequired, InUse),
)  # fmt: skip
async def delete_item(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> None:
    """Forget an item of which nothing is left; the journal goes on telling of it."""
    await actions.items.delete_item(kitchen, id, if_match)


@get("/api/stock/units", operation_id="list_units", security=[{}], responses=documented(Malformed))
async def list_units(request: Request) -> Page[UnitShown]:  # type: ignore[type-arg]  # Litestar's own
    """List the units that quantities may have, with their names in the language of the request."""
    language = errors.language(request.headers.get("accept-language"))
    return Page([_shown(unit, language) for unit in UNITS])


def _shown(unit: Unit, language: str) -> UnitShown:
    singular, plural = unit.fr if language == "fr" else unit.en
    return UnitShown(unit.code, unit.measure, unit.base, singular, plural, list(dict.fromkeys(unit.spellings())))


ROUTES = [list_items, create_item, get_item, get_item_facts, edit_item, delete_item, list_units]
