"""What things hold: analyses and labels."""

from fractions import Fraction

from litestar import Request, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody
from msgspec import Struct

from popote_kit.database import Database, Kitchen
from popote_kit.identity import Caller
from popote_kit.problems import NotFound, documented
from popote_kit.rules import ASKS, COUNTED, READ
from popote_nutrition.actions import analysis
from popote_nutrition.model.analysis import Told, Whole
from popote_nutrition.peers import ItemFacts, Recipes, Stock
from popote_nutrition.wire.analysis import Analyse, Analysis, Label

MAY = documented(*READ, *COUNTED, NotFound)


class Analyst(Struct, frozen=True):
    """Works out what a caller asks about; other services are asked before a connection is taken."""

    caller: Caller
    authorization: str
    database: Database
    stock: Stock
    recipes: Recipes

    async def analyse(self, data: Analyse) -> Whole:
        data.check()
        home = self.caller.household
        item = await self.stock.item(self.authorization, data.item_id) if data.item_id else None
        recipe = await self.recipes.recipe(home, data.recipe_id, data.servings) if data.recipe_id else None
        meals = await self.recipes.planned(home, data.planned) if data.planned else None
        async with self.database.kitchen(home, self.caller.person, zone=self.caller.zone) as kitchen:
            if recipe is not None:
                return await analysis.of_recipe(kitchen, recipe, data.cooked_mass)
            if meals is not None:
                return await analysis.of_meals(kitchen, meals)
            parts = await self._parts(kitchen, data, item)
        return Whole.of(parts, Fraction(data.servings) if data.servings else None, data.cooked_mass)

    async def _parts(self, kitchen: Kitchen, data: Analyse, item: ItemFacts | None) -> list[Told]:
        language = data.language or self.caller.language
        if data.lines is not None:
            return await analysis.of_lines(kitchen, data.lines, language)
        if data.food_id and data.quantity:
            return [await analysis.of_known_food(kitchen, data.food_id, data.quantity, language)]
        if item and data.quantity:
            return [await analysis.of_item(kitchen, item, data.quantity)]
        return await analysis.of_day(kitchen, data.date) if data.date else []


def provide_analyst(
    request: Request,  # type: ignore[type-arg]  # Litestar's own
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    stock: NamedDependency[Stock],
    recipes: NamedDependency[Recipes],
) -> Analyst:
    return Analyst(caller, request.headers["authorization"], database, stock, recipes)


ANALYST = {"analyst": Provide(provide_analyst, sync_to_thread=False)}


@post(
    "/api/nutrition/analyse", operation_id="analyse", status_code=200, opt=ASKS, responses=MAY, dependencies=ANALYST
)  # fmt: skip
async def analyse(
    data: JSONBody[Analyse], caller: NamedDependency[Caller], analyst: NamedDependency[Analyst]
) -> Analysis:
    """Work out what lines, a food, an item, a recipe or a day hold; and say what is not known."""
    return Analysis.of(await analyst.analyse(data), data.language or caller.language)


@post("/api/nutrition/label", operation_id="label", status_code=200, opt=ASKS, responses=MAY, dependencies=ANALYST)
async def label(data: JSONBody[Analyse], caller: NamedDependency[Caller], analyst: NamedDependency[Analyst]) -> Label:
    """Show the same as a label does: rounded, with percents of reference intakes."""
    return Label.of(await analyst.analyse(data), data.language or caller.language)


ROUTES = [analyse, label]
