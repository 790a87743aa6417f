"""Goals: what somebody wants to eat in a day, and what an adult needs. They are that person's alone."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from popote_kit import pages
from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, tagged
from popote_kit.identity import Caller
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import NotFound, PreconditionRequired, Stale, TooMany, documented
from popote_kit.rules import ASKS, READ
from popote_nutrition import actions, queries
from popote_nutrition.errors import AdultsOnly
from popote_nutrition.model.days import check_days
from popote_nutrition.model.goals import estimate
from popote_nutrition.queries.goals import Place
from popote_nutrition.routes.rules import Lang
from popote_nutrition.wire.goals import EstimateAsked, EstimateShown, GoalsShown, SetGoals

On = Annotated[date | None, QueryParameter(name="on", description="A day, today where it is left out.")]
EDIT = (*READ, Stale, PreconditionRequired)


@get("/api/nutrition/goals", operation_id="get_goals", responses=documented(*READ, NotFound))
async def get_goals(kitchen: NamedDependency[Kitchen], on: On = None) -> Response[GoalsShown]:
    """Read the goals that hold on a day."""
    check_days({"on": on})
    found = await queries.goals.find_goals(kitchen, on or kitchen.today)
    if found is None:
        raise NotFound
    return tagged(GoalsShown.of(found), found.version)


@put("/api/nutrition/goals", operation_id="set_goals", responses=documented(*EDIT, TooMany))
async def set_goals(
    data: JSONBody[SetGoals], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> Response[GoalsShown]:
    """Set the goals from a day on. `If-Match` names those that hold on that day; it is needed where some do."""
    stored = await actions.goals.set_goals(kitchen, data, if_match)
    return tagged(GoalsShown.of(stored), stored.version)


@get("/api/nutrition/goals/history", operation_id="list_goals", responses=documented(*READ))
async def list_goals(
    kitchen: NamedDependency[Kitchen], limit: Limit = 50, cursor: CursorText = None
) -> Page[GoalsShown]:
    """List all goals, those from the latest day on first."""
    found = await queries.goals.list_goals(kitchen, limit + 1, pages.place(cursor, Place))
    page = pages.page(found, limit, lambda last: Place(last.from_day))
    return Page([GoalsShown.of(each) for each in page.items], page.next_cursor)


@delete("/api/nutrition/goals/{id:uuid}", operation_id="delete_goals", responses=documented(*EDIT, NotFound))
async def delete_goals(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> None:
    """Forget goals: from their day on those before them hold."""
    await actions.goals.delete_goals(kitchen, id, if_match)


@post(
    "/api/nutrition/goals/estimate", operation_id="estimate_need", status_code=200, opt=ASKS,
    responses=documented(*READ, AdultsOnly),
)  # fmt: skip
async def estimate_need(
    data: JSONBody[EstimateAsked],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    lang: Lang = None,
) -> EstimateShown:
    """Estimate the energy that an adult needs in a day, by Mifflin and St Jeor; nothing is stored."""
    if caller.role == "child":
        raise AdultsOnly
    async with database.kitchen(caller.household, caller.person, zone=caller.zone) as kitchen:
        age, weight_kg = data.years(kitchen.today), await actions.goals.weight_kg(kitchen, data.weight_kg)
    found = estimate(
        sex=data.sex, age=age, height_cm=data.height_cm, weight_kg=weight_kg, activity=data.activity
    )  # fmt: skip
    return EstimateShown.of(found, data.activity, lang or caller.language)


ROUTES = [get_goals, set_goals, list_goals, delete_goals, estimate_need]
