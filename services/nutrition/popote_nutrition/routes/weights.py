"""What somebody weighs, day by day. It is that person's alone."""

from datetime import date
from typing import Annotated

from litestar import Response, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from popote_kit import pages
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, tagged
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import NotFound, PreconditionRequired, Stale, documented
from popote_kit.rules import COUNTED, READ
from popote_nutrition import actions, queries
from popote_nutrition.model.days import check_days
from popote_nutrition.queries.weights import Place
from popote_nutrition.wire.weights import PutWeight, WeightShown

From = Annotated[date | None, QueryParameter(name="from", description="The first day.")]
To = Annotated[date | None, QueryParameter(name="to", description="The last day.")]
EDIT = (*READ, Stale, PreconditionRequired)


@get("/api/nutrition/weights", operation_id="list_weights", responses=documented(*READ))
async def list_weights(
    kitchen: NamedDependency[Kitchen],
    first: From = None,
    last: To = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[WeightShown]:
    """List weights in the order of their days."""
    check_days({"from": first, "to": last})
    found = await queries.weights.list_weights(kitchen, limit + 1, pages.place(cursor, Place), first, last)
    page = pages.page(found, limit, lambda last: Place(last.day))
    return Page([WeightShown.of(each) for each in page.items], page.next_cursor)


@get("/api/nutrition/weights/{day:date}", operation_id="get_weight", responses=documented(*READ, NotFound))
async def get_weight(day: FromPath[date], kitchen: NamedDependency[Kitchen]) -> Response[WeightShown]:
    """Read the weight of a day."""
    found = await queries.weights.find_weight(kitchen, day)
    if found is None:
        raise NotFound
    return tagged(WeightShown.of(found), found.version)


@put("/api/nutrition/weights/{day:date}", operation_id="put_weight", responses=documented(*EDIT, *COUNTED))
async def put_weight(
    day: FromPath[date],
    data: JSONBody[PutWeight],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[WeightShown]:
    """Store the weight of a day. `If-Match` names the one that stands there; it is needed where there is one."""
    stored = await actions.goals.put_weight(kitchen, day, data, if_match)
    return tagged(WeightShown.of(stored), stored.version)


@delete("/api/nutrition/weights/{day:date}", operation_id="delete_weight", responses=documented(*EDIT, NotFound))
async def delete_weight(
    day: FromPath[date], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> None:
    """Forget the weight of a day."""
    await actions.goals.delete_weight(kitchen, day, if_match)


ROUTES = [list_weights, get_weight, put_weight, delete_weight]
