"""What the household's food has cost."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from popote_kit import pages
from popote_kit.database import Kitchen
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import Forbidden, NotFound, documented
from popote_kit.rules import READ, adults_only
from popote_stock import queries
from popote_stock.model.months import MAX_MONTHS, PATTERN, USUAL_MONTHS, stretch
from popote_stock.queries.reports import Place, Report
from popote_stock.wire.reports import CostReport, PricePaid

MONTH = {"pattern": PATTERN}  # said here, checked by `stretch`

From = Annotated[
    str | None,
    QueryParameter(
        name="from", schema_extra=MONTH,
        description=f"The first month, {USUAL_MONTHS - 1} before the last where it is left out; {MAX_MONTHS} at most.",
    ),
]  # fmt: skip
To = Annotated[
    str | None,
    QueryParameter(name="to", schema_extra=MONTH, description="The last month, the current one where it is left out."),
]


@get(
    "/api/stock/reports/spending", operation_id="report_spending", guards=[adults_only],
    responses=documented(*READ, Forbidden),
)  # fmt: skip
async def report_spending(kitchen: NamedDependency[Kitchen], first: From = None, last: To = None) -> CostReport:
    """Add up what was bought, by month of the household's time zone, currency and category."""
    return await _report(kitchen, "spending", first, last)


@get(
    "/api/stock/reports/waste", operation_id="report_waste", guards=[adults_only],
    responses=documented(*READ, Forbidden),
)  # fmt: skip
async def report_waste(kitchen: NamedDependency[Kitchen], first: From = None, last: To = None) -> CostReport:
    """Add up what had spoiled had cost, by month of the household's time zone, currency and category."""
    return await _report(kitchen, "waste", first, last)


async def _report(kitchen: Kitchen, report: Report, first: str | None, last: str | None) -> CostReport:
    months = stretch(first, last, kitchen.today, kitchen.zone)
    return CostReport.of(await queries.reports.read_costs(kitchen, report, months))


@get("/api/stock/items/{id:uuid}/prices", operation_id="list_prices", responses=documented(*READ, NotFound))
async def list_prices(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], limit: Limit = 50, cursor: CursorText = None
) -> Page[PricePaid]:
    """List what was paid for an item, the last first."""
    item = await queries.items.read_item(kitchen, id)
    found = await queries.reports.read_prices(kitchen, id, limit + 1, pages.place(cursor, Place))
    page = pages.page(found, limit, lambda last: Place(last.sequence, last.number))
    return Page([PricePaid.of(paid, item) for paid in page.items], page.next_cursor)


ROUTES = [report_spending, report_waste, list_prices]
