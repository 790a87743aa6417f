"""What other services ask of stock for a household."""

from litestar import Response, get
from litestar.di import NamedDependency

from popote_kit import sync
from popote_kit.codec import JSONResponse
from popote_kit.database import Kitchen
from popote_kit.etags import IfNoneMatch, etag, is_known, unchanged
from popote_kit.problems import documented
from popote_stock import queries
from popote_stock.routes.rules import READ
from popote_stock.wire.supply import Supply


@get("/internal/supply", operation_id="supply", responses=documented(*READ))
async def supply(kitchen: NamedDependency[Kitchen], if_none_match: IfNoneMatch = None) -> Response[Supply]:
    """Tell what there is of everything, lot by lot.

    The `ETag` changes with anything that the household does to its stock, and with the household's day: with
    `If-None-Match` what is known already is not read again.
    """
    tag = etag(f"{await sync.standing(kitchen)}.{kitchen.today}")
    if is_known(tag, if_none_match):
        return unchanged(tag)
    places = await queries.places.read_freezers(kitchen)
    told = Supply.of(kitchen.today, places, await queries.supply.read_supply(kitchen))
    return JSONResponse(told, headers={"ETag": tag})


ROUTES = [supply]
