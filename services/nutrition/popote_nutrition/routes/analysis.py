"""What things hold: analyses and labels."""

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from popote_kit.database import Database
from popote_kit.identity import Caller
from popote_kit.problems import NotFound, documented
from popote_nutrition.actions import analysis
from popote_nutrition.actions.analysis import Told
from popote_nutrition.peers import Stock
from popote_nutrition.routes.rules import ASKS, COUNTED, READ
from popote_nutrition.wire.analysis import Analyse, Analysis, Label

MAY = documented(*READ, *COUNTED, NotFound)


@post("/api/nutrition/analyse", operation_id="analyse", status_code=200, opt=ASKS, responses=MAY)
async def analyse(
    data: JSONBody[Analyse],
    request: Request,  # type: ignore[type-arg]  # Litestar's own
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    stock: NamedDependency[Stock],
) -> Analysis:
    """Work out what lines, a food, an item or a day hold; and say what is not known."""
    told = await _told(data, request, caller, database, stock)
    return Analysis.of(told, data, data.language or caller.language)


@post("/api/nutrition/label", operation_id="label", status_code=200, opt=ASKS, responses=MAY)
async def label(
    data: JSONBody[Analyse],
    request: Request,  # type: ignore[type-arg]  # Litestar's own
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    stock: NamedDependency[Stock],
) -> Label:
    """Show the same as a label does: rounded, with percents of reference intakes."""
    told = await _told(data, request, caller, database, stock)
    return Label.of(told, data, data.language or caller.language)


async def _told(
    data: Analyse,
    request: Request,  # type: ignore[type-arg]  # Litestar's own
    caller: Caller,
    database: Database,
    stock: Stock,
) -> list[Told]:
    """Work out the parts; stock is asked before a connection is taken."""
    data.check()
    item = await stock.item(request.headers["authorization"], data.item_id) if data.item_id else None
    language = data.language or caller.language
    async with database.kitchen(caller.household, caller.person, zone=caller.zone) as kitchen:
        if data.lines is not None:
            return await analysis.of_lines(kitchen, data.lines, language)
        if data.food_id and data.quantity:
            return [await analysis.of_known_food(kitchen, data.food_id, data.quantity, language)]
        if item and data.quantity:
            return [await analysis.of_item(kitchen, item, data.quantity)]
        return await analysis.of_day(kitchen, data.date) if data.date else []


ROUTES = [analyse, label]
