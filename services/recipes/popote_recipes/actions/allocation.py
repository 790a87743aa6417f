"""What there is for each meal of the plan, and what is put on a shopping list for it."""

import logging
from typing import Final

from popote_kit.database import Database, Kitchen
from popote_kit.identity import Caller
from popote_kit.problems import Invalid, Stale
from popote_recipes import queries
from popote_recipes.model.allocation import Allocation, allocate, as_planned, effort
from popote_recipes.model.plan import Period
from popote_recipes.model.shopping import foods_of
from popote_recipes.model.supply import Supply
from popote_recipes.peers import Put, Stock
from popote_recipes.wire.allocation import ShopForPlan

log = logging.getLogger(__name__)

MAX_MEALS: Final = 2000  # from today to the last day that is asked about
MAX_EFFORT: Final = 100_000  # half a second; three months of three meals with twelve lines take about a tenth
TRIES: Final = 4


async def read_allocation(kitchen: Kitchen, supply: Supply, period: Period) -> Allocation:
    """Serve all that is planned from today on, in its order, and tell of the days of the period.

    Raises:
        Invalid: that is too much for one answer.
    """
    entries = await queries.plan.list_to_cook(kitchen, supply.today, period.last, MAX_MEALS + 1)
    known = await queries.recipes.read_used(kitchen, {entry.recipe_id for entry in entries if entry.recipe_id})
    substitutes = queries.substitutes.by_food(await queries.substitutes.list_substitutes(kitchen))
    meals = as_planned(entries, known, substitutes)
    if len(meals) > MAX_MEALS or effort(meals, supply) > MAX_EFFORT:
        raise Invalid(errors=[{"pointer": "/to", "message": "Expected an earlier day: there is too much until then"}])
    return allocate(meals, supply, foods_of(known.values()), period.first)


async def shop(database: Database, stock: Stock, caller: Caller, asked: ShopForPlan) -> tuple[Allocation, Put]:
    """Put on a list what the plan lacks, once: what is on hand, or on a list already, is not put there again.

    Raises:
        NotFound: there is no such list.
        TooMany: the list, or what there may be of lists, is full.
        Unavailable: stock is away.
    """
    for _ in range(TRIES):
        supply, allocation = await _count(database, stock, caller, asked)
        try:
            return allocation, await _put(stock, caller, asked, allocation, supply)
        except Stale:
            log.info("what there is changed while it was counted: it is counted anew")
    _, allocation = await _count(database, stock, caller, asked)
    return allocation, await _put(stock, caller, asked, allocation, None)


async def _count(database: Database, stock: Stock, caller: Caller, asked: ShopForPlan) -> tuple[Supply, Allocation]:
    supply = await stock.supply(caller.household)
    period = Period.of(asked.first, asked.last, supply.today)
    async with database.kitchen(caller.household, caller.person, zone=caller.zone) as kitchen:
        return supply, await read_allocation(kitchen, supply, period)


async def _put(stock: Stock, caller: Caller, asked: ShopForPlan, allocation: Allocation, counted: Supply | None) -> Put:
    return await stock.put_on_list(
        caller.household, caller.person, allocation.to_buy, list_id=asked.list_id, counted=counted
    )
