"""Trends: what somebody ate and weighed over days, weeks, a year. They are that person's alone."""

from datetime import date
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from popote_kit.database import Kitchen
from popote_kit.problems import documented
from popote_kit.rules import READ
from popote_nutrition import queries
from popote_nutrition.model.days import MAX_DAYS, USUAL_DAYS, period
from popote_nutrition.wire.trends import Trends

From = Annotated[date | None, QueryParameter(name="from", description="The first day, at most 365 before the last.")]
To = Annotated[date | None, QueryParameter(name="to", description="The last day, today where it is left out.")]
Days = Annotated[
    int | None,
    QueryParameter(
        name="days", ge=1, le=MAX_DAYS, description=f"How many days up to the last, in place of `from`; {USUAL_DAYS}."
    ),
]


@get("/api/nutrition/trends", operation_id="read_trends", responses=documented(*READ))
async def read_trends(
    kitchen: NamedDependency[Kitchen], first: From = None, last: To = None, days: Days = None
) -> Trends:
    """Read what was eaten and weighed day by day, what that comes to, and where the weight is going."""
    asked = period(first, last, days, kitchen.today)
    return Trends.of(asked, await queries.trends.read_days(kitchen, asked))


ROUTES = [read_trends]
