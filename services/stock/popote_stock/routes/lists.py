"""Shopping lists: what stands on them, what is ticked, and the trip that brings it home."""

from uuid import UUID

import uuid_utils.compat as uuid_utils
from litestar import Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, tagged
from popote_kit.idempotency import KeyMissing
from popote_kit.identity import Caller
from popote_kit.pages import Page
from popote_kit.problems import IdTaken, NameTaken, NotFound, PreconditionRequired, Stale, TooMany, documented
from popote_kit.rules import COUNTED, KEYED, READ, WRITE, adults_only, no_guests
from popote_stock import actions, queries
from popote_stock.errors import NothingToDo
from popote_stock.peers import Nutrition
from popote_stock.queries.lists import Counted
from popote_stock.wire.ledger import Purchased
from popote_stock.wire.lists import (
    Commit,
    EditLine,
    EditList,
    Fill,
    Lines,
    LineShown,
    NewLines,
    NewList,
    Ticked,
    Ticks,
)
from popote_stock.wire.lots import LotShown

EDIT = (*WRITE, Stale, PreconditionRequired)


@get("/api/stock/lists", operation_id="list_shopping_lists", responses=documented(*READ))
async def list_shopping_lists(kitchen: NamedDependency[Kitchen]) -> Page[Counted]:
    """List the shopping lists by name; all of them, there are at most 50."""
    return Page(await queries.lists.list_lists(kitchen))


@post(
    "/api/stock/lists", operation_id="create_shopping_list", guards=[adults_only],
    responses=documented(*WRITE, IdTaken, NameTaken, TooMany),
)  # fmt: skip
async def create_shopping_list(data: JSONBody[NewList], kitchen: NamedDependency[Kitchen]) -> Response[Counted]:
    """Make a shopping list; with an id that was used before, give that one again."""
    made = await actions.lists.create_list(kitchen, data.id or uuid_utils.uuid7(), data.name.strip())
    return tagged(made, made.version)


@get("/api/stock/lists/{id:uuid}", operation_id="get_shopping_list", responses=documented(*READ, NotFound))
async def get_shopping_list(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Response[Counted]:
    """Read a shopping list, without its lines."""
    found = await queries.lists.read_list(kitchen, id)
    return tagged(found, found.version)


@patch(
    "/api/stock/lists/{id:uuid}", operation_id="edit_shopping_list", guards=[adults_only],
    responses=documented(*EDIT, NameTaken),
)  # fmt: skip
async def edit_shopping_list(
    id: FromPath[UUID],
    data: JSONBody[EditList],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[Counted]:
    """Give a shopping list another name, or its aisles another order."""
    changed = await actions.lists.edit_list(kitchen, id, data, if_match)
    return tagged(changed, changed.version)


@delete(
    "/api/stock/lists/{id:uuid}", operation_id="delete_shopping_list", guards=[adults_only],
    responses=documented(*EDIT),
)  # fmt: skip
async def delete_shopping_list(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> None:
    """Forget a shopping list, with its lines."""
    await actions.lists.delete_list(kitchen, id, if_match)


@get("/api/stock/lists/{id:uuid}/items", operation_id="list_shopping_lines", responses=documented(*READ, NotFound))
async def list_shopping_lines(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Page[LineShown]:
    """Read what is to be bought, in the order of the shop's aisles, and at the end what is ticked; all on one page."""
    return Page([LineShown.of(line) for line in await queries.lists.read_lines(kitchen, id)])


@post(
    "/api/stock/lists/{id:uuid}/items", operation_id="add_shopping_lines", status_code=200, guards=[adults_only],
    responses=documented(*WRITE, *COUNTED, TooMany),
)  # fmt: skip
async def add_shopping_lines(id: FromPath[UUID], data: JSONBody[NewLines], kitchen: NamedDependency[Kitchen]) -> Lines:
    """Put things on a list: on the unticked line of the same where there is one. A line's id counts once.

    A name means the item that is called so. Where that can't be counted in the unit the line stays a name.
    """
    return Lines.of(*await actions.list_lines.add(kitchen, id, data.lines))


@patch(
    "/api/stock/lists/{id:uuid}/items/{line_id:uuid}", operation_id="edit_shopping_line", guards=[adults_only],
    responses=documented(*EDIT, *COUNTED),
)  # fmt: skip
async def edit_shopping_line(
    id: FromPath[UUID],
    line_id: FromPath[UUID],
    data: JSONBody[EditLine],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[LineShown]:
    """Change how much is to be bought, or the note."""
    changed = await actions.list_lines.edit_line(kitchen, id, line_id, data, if_match)
    return tagged(LineShown.of(changed), changed.version)


@delete(
    "/api/stock/lists/{id:uuid}/items/{line_id:uuid}", operation_id="delete_shopping_line", guards=[adults_only],
    responses=documented(*EDIT),
)  # fmt: skip
async def delete_shopping_line(
    id: FromPath[UUID],
    line_id: FromPath[UUID],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> None:
    """Take a line off its list."""
    await actions.list_lines.delete_line(kitchen, id, line_id, if_match)


@put(
    "/api/stock/lists/{id:uuid}/ticks", operation_id="tick_shopping_lines", guards=[no_guests],
    responses=documented(*WRITE),
)  # fmt: skip
async def tick_shopping_lines(id: FromPath[UUID], data: JSONBody[Ticks], kitchen: NamedDependency[Kitchen]) -> Ticked:
    """Tick and untick lines. The last by the phones' clocks counts, whenever it arrives; of one moment, the tick."""
    settled = await actions.list_lines.tick(kitchen, id, data.ticks)
    return Ticked([LineShown.of(line) for line in settled.changed], settled.superseded, settled.gone)


@post(
    "/api/stock/lists/{id:uuid}/fill", operation_id="fill_shopping_list", status_code=200, guards=[adults_only],
    responses=documented(*WRITE, *COUNTED, TooMany),
)  # fmt: skip
async def fill_shopping_list(id: FromPath[UUID], data: JSONBody[Fill], kitchen: NamedDependency[Kitchen]) -> Lines:
    """Put on a list what is short of the minimum stock and of what is needed, and not to be bought already.

    What stands unticked on any list counts, so again, or on another list, it is nothing more. Names mean what they mean
    where lines are added.
    """
    return Lines.of(*await actions.shortages.fill(kitchen, id, data))


@post(
    "/api/stock/lists/{id:uuid}/commit", operation_id="commit_shopping_trip", status_code=200, guards=[adults_only],
    opt=KEYED, responses=documented(*WRITE, *COUNTED, KeyMissing, IdTaken, NothingToDo, TooMany),
)  # fmt: skip
async def commit_shopping_trip(
    id: FromPath[UUID],
    data: JSONBody[Commit],
    kitchen: NamedDependency[Kitchen],
    caller: NamedDependency[Caller],
    nutrition: NamedDependency[Nutrition],
) -> Purchased:
    """Bring home what is ticked: each line becomes a lot and leaves the list, in one action with one undo.

    A line that can't be counted is named as `line_id`, and nothing comes home; say its quantity another way.
    """
    told = await actions.foods.of_trip(kitchen, nutrition, id)
    done = await actions.trips.bring_home(kitchen, caller, id, data, told)
    return Purchased(done.action.id, [LotShown.of(lot, done.units[lot.item_id]) for lot in done.new_lots])


ROUTES = [
    list_shopping_lists, create_shopping_list, get_shopping_list, edit_shopping_list, delete_shopping_list,
    list_shopping_lines, add_shopping_lines, edit_shopping_line, delete_shopping_line, tick_shopping_lines,
    fill_shopping_list, commit_shopping_trip,
]  # fmt: skip
