"""What can be cooked."""

from typing import Annotated, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.pages import Limit
from popote_kit.problems import documented
from popote_kit.rules import READ
from popote_kit.work import asking_first
from popote_recipes import actions
from popote_recipes.model.supply import Supply
from popote_recipes.peers import Stock
from popote_recipes.queries.cookable import Wanted
from popote_recipes.routes.recipes import TagWanted, Within
from popote_recipes.routes.rules import Servings, servings_of
from popote_recipes.wire.cookable import Cookable

MAX_MISSING: Final = 500
MAX_DAYS: Final = 60

Missing = Annotated[int | None, QueryParameter(ge=0, le=MAX_MISSING, description="How many lines may be missing.")]
Days = Annotated[int, QueryParameter(ge=0, le=MAX_DAYS, description="What expires within so many days is to be saved.")]
Staples = Annotated[bool, QueryParameter(description="Whether what the household always has counts as there.")]


async def ask_stock(caller: NamedDependency[Caller], stock: NamedDependency[Stock]) -> Supply:
    """Ask stock what there is."""
    return await stock.supply(caller.household)


@get(
    "/api/recipes/cookable", operation_id="list_cookable", responses=documented(*READ),
    dependencies=asking_first(ask_stock),
)  # fmt: skip
async def list_cookable(  # noqa: PLR0913, PLR0917 - what may be asked for, by name
    kitchen: NamedDependency[Kitchen],
    asked: NamedDependency[Supply],
    max_missing: Missing = None,
    days: Days = 7,
    staples: Staples = True,  # noqa: FBT002 - Litestar passes it by name
    servings: Servings = None,
    max_minutes: Within = None,
    tag: TagWanted = None,
    limit: Limit = 20,
) -> Cookable:
    """List what can be cooked with what there is: first what saves most from spoiling, then what lacks least.

    For each line it tells what it needs, what there is, from which lots, and what is short. What is past its use-by
    date is left out; a conversion that nobody told is said to be unknown. A recipe that needs nothing but what is to
    taste is not listed.
    """
    wanted = Wanted(
        servings=servings_of(servings), max_missing=max_missing, max_minutes=max_minutes,
        tag=tag.strip().lower() if tag else None,
    )  # fmt: skip
    found = await actions.cookable.find_cookable(kitchen, asked, wanted, days=days, staples=staples, limit=limit)
    return Cookable(asked.today, found)


ROUTES = [list_cookable]
