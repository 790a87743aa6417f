"""The plan: which meals the household means to have."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, tagged
from popote_kit.idempotency import KeyMissing
from popote_kit.identity import Caller
from popote_kit.problems import IdTaken, NotFound, PreconditionRequired, Stale, TooMany, documented
from popote_kit.rules import ASKS, KEYED, READ, WRITE, adults_only, no_guests
from popote_kit.work import asking_first
from popote_recipes import actions, queries
from popote_recipes.model.plan import Period
from popote_recipes.model.supply import Supply
from popote_recipes.peers import Stock
from popote_recipes.routes.cookable import ask_stock
from popote_recipes.wire.allocation import AllocationShown, PlanShopped, ShopForPlan
from popote_recipes.wire.plan import CopyPlan, EditPlanEntry, NewPlanEntry, PlanCopied, PlanEntryShown, PlanShown

EDIT = (Stale, PreconditionRequired)

From = Annotated[dt.date | None, QueryParameter(name="from", description="The first day; today unless told.")]
To = Annotated[
    dt.date | None,
    QueryParameter(name="to", description="The last day, at most 91 after the first; six after it unless told."),
]


@get("/api/recipes/plan", operation_id="list_plan", responses=documented(*READ))
async def list_plan(kitchen: NamedDependency[Kitchen], first: From = None, last: To = None) -> PlanShown:
    """Read the plan of some days, in the order of days, meals, and when entries were made."""
    period = Period.of(first, last, kitchen.today)
    return PlanShown.of(period, await queries.plan.list_entries(kitchen, period.first, period.last))


@post(
    "/api/recipes/plan", operation_id="create_plan_entry", guards=[no_guests],
    responses=documented(*WRITE, IdTaken, TooMany),
)  # fmt: skip
async def create_plan_entry(
    data: JSONBody[NewPlanEntry], kitchen: NamedDependency[Kitchen]
) -> Response[PlanEntryShown]:
    """Plan a dish; with an id that was used before, give that entry again."""
    data.check()
    made = await actions.plan.create_entry(kitchen, data)
    return tagged(PlanEntryShown.of(made), made.version)


@get("/api/recipes/plan/{id:uuid}", operation_id="get_plan_entry", responses=documented(*READ, NotFound))
async def get_plan_entry(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Response[PlanEntryShown]:
    """Read an entry of the plan."""
    found = await queries.plan.read_entry(kitchen, id)
    return tagged(PlanEntryShown.of(found), found.version)


@patch(
    "/api/recipes/plan/{id:uuid}", operation_id="edit_plan_entry", guards=[no_guests],
    responses=documented(*WRITE, *EDIT, TooMany),
)  # fmt: skip
async def edit_plan_entry(
    id: FromPath[UUID],
    data: JSONBody[EditPlanEntry],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[PlanEntryShown]:
    """Change an entry: another day, meal or dish, other servings. Another dish has not been cooked yet."""
    data.check()
    changed = await actions.plan.edit_entry(kitchen, id, data, if_match)
    return tagged(PlanEntryShown.of(changed), changed.version)


@delete(
    "/api/recipes/plan/{id:uuid}", operation_id="delete_plan_entry", guards=[no_guests],
    responses=documented(*WRITE, *EDIT),
)  # fmt: skip
async def delete_plan_entry(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> None:
    """Take an entry off the plan."""
    await actions.plan.delete_entry(kitchen, id, if_match)


@post(
    "/api/recipes/plan/copy", operation_id="copy_plan", guards=[no_guests], opt=KEYED,
    responses=documented(*WRITE, KeyMissing, TooMany),
)  # fmt: skip
async def copy_plan(data: JSONBody[CopyPlan], kitchen: NamedDependency[Kitchen]) -> PlanCopied:
    """Plan a week, or some days, as another was; what is there stays. The copies are yet to be cooked."""
    data.check()
    return PlanCopied([PlanEntryShown.of(entry) for entry in await actions.plan.copy_days(kitchen, data)])


@get(
    "/api/recipes/plan/allocation", operation_id="get_plan_allocation", responses=documented(*READ),
    dependencies=asking_first(ask_stock),
)  # fmt: skip
async def get_plan_allocation(
    kitchen: NamedDependency[Kitchen], asked: NamedDependency[Supply], first: From = None, last: To = None
) -> AllocationShown:
    """Tell what there is for each meal that is yet to be had, and what is to be bought.

    All that is planned from today on is served in its order, and each meal reserves its lots: the next finds what is
    left. What is past its use-by date on a meal's day is not for that meal. What was cooked has had its lots.
    """
    period = Period.of(first, last, asked.today)
    return AllocationShown.of(await actions.allocation.read_allocation(kitchen, asked, period), asked)


@post(
    "/api/recipes/plan/shop", operation_id="shop_for_plan", status_code=200, guards=[adults_only], opt=ASKS,
    responses=documented(*WRITE, TooMany),
)  # fmt: skip
async def shop_for_plan(
    data: JSONBody[ShopForPlan],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    stock: NamedDependency[Stock],
) -> PlanShopped:
    """Put on a shopping list what the plan lacks. What stands on any list counts: asked again, nothing changes."""
    return PlanShopped.of(*await actions.allocation.shop(database, stock, caller, data))


ROUTES = [
    list_plan, create_plan_entry, get_plan_entry, edit_plan_entry, delete_plan_entry, copy_plan, get_plan_allocation,
    shop_for_plan,
]  # fmt: skip
