"""What is on hand, and what does not keep much longer."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec.structs import asdict

from popote_kit import pages
from popote_kit.database import Kitchen
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import NotFound, documented
from popote_kit.rules import READ
from popote_stock import queries
from popote_stock.queries.lots import HeldLot, Place, Soon
from popote_stock.wire.lots import Expiring, LotShown, OnHand, on_hand

DaysAhead = Annotated[int, QueryParameter(ge=0, le=3650, description="How many days from today; 0: today and before.")]
At = Annotated[UUID | None, QueryParameter(description="Only what lies there.")]


@get("/api/stock/on-hand", operation_id="list_on_hand", responses=documented(*READ))
async def list_on_hand(
    kitchen: NamedDependency[Kitchen], location_id: At = None, limit: Limit = 100, cursor: CursorText = None
) -> Page[OnHand]:
    """List what there is, item by item in the order of their names; of the lots of each, the one that goes first."""
    lots = await queries.lots.read_on_hand(kitchen, limit + 1, pages.place(cursor, Place), location_id)
    places = {lot.item_id: Place(lot.name_key, lot.item_id) for lot in lots}
    return pages.page(on_hand(lots), limit, lambda last: places[last.item_id])


@get("/api/stock/items/{id:uuid}/lots", operation_id="list_lots", responses=documented(*READ, NotFound))
async def list_lots(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Page[LotShown]:
    """List the lots of an item that hold something, the one that goes first at the front."""
    return Page([LotShown.of(lot, lot.unit) for lot in await queries.lots.read_of_item(kitchen, id)])


@get("/api/stock/expiring", operation_id="list_expiring", responses=documented(*READ))
async def list_expiring(
    kitchen: NamedDependency[Kitchen], days: DaysAhead = 7, limit: Limit = 100, cursor: CursorText = None
) -> Page[Expiring]:
    """List the lots whose date is at most so many days away, the soonest first; today is the household's."""
    until = kitchen.today + timedelta(days)
    found = await queries.lots.read_expiring(kitchen, until, limit + 1, pages.place(cursor, Soon))

    def place(last: HeldLot) -> Soon:
        assert last.expires_on is not None  # noqa: S101 - only those with a date were read
        return Soon(last.expires_on, last.id)

    page = pages.page(found, limit, place)
    return Page([_expiring(kitchen, lot) for lot in page.items], page.next_cursor)


def _expiring(kitchen: Kitchen, lot: HeldLot) -> Expiring:
    days = (lot.expires_on - kitchen.today).days if lot.expires_on else 0
    return Expiring(**asdict(LotShown.of(lot, lot.unit)), name=lot.name, days=days)


ROUTES = [list_on_hand, list_lots, list_expiring]
