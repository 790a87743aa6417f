"""What other services ask of stock for a household."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from popote_kit.codec import JSONResponse
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, IfNoneMatch, is_known, unchanged
from popote_kit.identity import Caller
from popote_kit.problems import Stale, TooMany, documented
from popote_kit.rules import COUNTED, READ, WRITE
from popote_stock import actions, queries
from popote_stock.wire.lists import Buy, LineShown, ToBuyShown
from popote_stock.wire.supply import Supply


@get("/internal/supply", operation_id="supply", responses=documented(*READ))
async def supply(kitchen: NamedDependency[Kitchen], if_none_match: IfNoneMatch = None) -> Response[Supply]:
    """Tell what there is of everything, lot by lot.

    The `ETag` changes with anything that the household does to its stock, and with the household's day: with
    `If-None-Match` what is known already is not read again.
    """
    tag = await queries.supply.read_tag(kitchen)
    if is_known(tag, if_none_match):
        return unchanged(tag)
    places = await queries.places.read_freezers(kitchen)
    told = Supply.of(kitchen.today, places, await queries.supply.read_supply(kitchen))
    return JSONResponse(told, headers={"ETag": tag})


@post(
    "/internal/shopping", operation_id="put_on_shopping_list", status_code=200,
    responses=documented(*WRITE, *COUNTED, TooMany, Stale),
)  # fmt: skip
async def put_on_shopping_list(
    data: JSONBody[Buy],
    kitchen: NamedDependency[Kitchen],
    caller: NamedDependency[Caller],
    if_match: NamedDependency[IfMatch],
) -> ToBuyShown:
    """Put on a list what is to be bought for a service that has counted what is on hand.

    What stands on any list counts, ticked or not: asked again, nothing changes. A list that is named is made where
    there is none, and a first one where there is none at all.
    Who names in `If-Match` the supply that was counted is refused when it has changed since.
    """
    list_id, lines = await actions.shortages.buy(kitchen, caller, data, if_match)
    return ToBuyShown(list_id, [LineShown.of(line) for line in lines])


ROUTES = [supply, put_on_shopping_list]
