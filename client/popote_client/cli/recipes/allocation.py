"""`popote recipes plan check` and `shop`: what there is for the plan, and what it lacks."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import typer

from popote_client.backend import JSON
from popote_client.cli.food.words import MEALS
from popote_client.cli.output import note
from popote_client.cli.recipes.telling import MARGIN, echo, lacking, lacking_told
from popote_client.cli.recipes.words import From, To, named_day
from popote_client.cli.run import run
from popote_client.cli.shop import OnList
from popote_client.cli.stock.telling import labelled
from popote_client.cli.stock.words import AsJson, known_units
from popote_client.cli.table import Cell, cell, show_table
from popote_client.client import Popote
from popote_client.language import say
from popote_client.recipes.cooking import Lacking
from popote_client.recipes.plan import AllottedDay, AllottedMeal, ToBuy
from popote_client.stock.api import StockApi
from popote_client.stock.choosing import choose_named
from popote_client.stock.quantities import Quantity
from popote_client.stock.units import Units

app = typer.Typer()

ENOUGH = TICKED = "✓"


@app.command(help=say("Check whether there is enough for what is planned.", "Vérifier s'il y a assez pour le plan."))
def check(*, first: From = None, last: To = None, as_json: AsJson = False) -> None:
    async def work(popote: Popote) -> None:
        found, units = await asyncio.gather(
            popote.api.recipes.get_plan_allocation(first, last), known_units(popote.api.stock)
        )
        if as_json:
            typer.echo(JSON.encode(found))
        elif not found.days:
            note(say("Nothing is planned that is yet to be cooked.", "Rien de prévu n'est encore à cuisiner."))
        elif sys.stdout.isatty():
            tell_days(found.days, units)
            tell_to_buy(found.to_buy, units)
        else:
            show_table((), [meal_row(day.date, meal, units) for day in found.days for meal in day.meals])

    run(work)


def meal_row(on: date, meal: AllottedMeal, units: Units) -> list[Cell]:
    texts = on, meal.meal, meal.title, "ok" if meal.ok else "short", "; ".join(short_of(meal, units)), meal.plan_id
    return [*map(cell, texts)]


def short_of(meal: AllottedMeal, units: Units) -> list[str]:
    return [lacking_told(each, units) for each in lacking(meal.short)]


def tell_days(days: Sequence[AllottedDay], units: Units) -> None:
    """Print whether there is enough for each meal, below its day."""
    for day in days:
        typer.secho(named_day(day.date), bold=True)
        for meal in day.meals:
            enough = ENOUGH if meal.ok else labelled(say("short", "manque"), ", ".join(short_of(meal, units)))
            past = say(", past its best", ", date dépassée") if meal.is_past_best_before else ""
            echo(f"{MARGIN}{labelled(say(*MEALS[meal.meal]), meal.title)}  {enough}{past}", MARGIN * 2)


def tell_to_buy(to_buy: Sequence[ToBuy], units: Units) -> None:
    if not to_buy:
        return
    typer.secho(say("To buy", "À acheter"), bold=True)
    for each in to_buy:
        about = "≈ " if each.is_approximate else ""
        echo(f"{MARGIN}{about}{some(each.quantity, each.name, units)}", MARGIN * 2)
    note(say("Onto a list: popote recipes plan shop", "Sur une liste : popote recipes plan shop"))


def some(quantity: Quantity | None, name: str, units: Units) -> str:
    return f"{units.show(quantity)} {name}" if quantity else name


@app.command(help=say("Put on a shopping list what the plan lacks.", "Mettre sur une liste ce qui manque au plan."))
def shop(*, first: From = None, last: To = None, on: OnList = None, as_json: AsJson = False) -> None:
    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        units, chosen = await asyncio.gather(known_units(stock), named_list(stock, on))
        done = await popote.api.recipes.shop_for_plan(first, last, list_id=chosen)
        if as_json:
            typer.echo(JSON.encode(done))
            return
        if not done.to_buy:
            note(say("There is enough for what is planned.", "Il y a assez pour ce qui est prévu."))
        for line in done.items:
            typer.echo(f"{TICKED if line.is_ticked else '·'} {some(line.quantity, line.name, units)}")
        for each in done.unknown:
            unknown = Lacking(line=each.line, name=each.name, status=each.reason)
            note(labelled(say("Nobody can tell", "On ne sait pas"), lacking_told(unknown, units)))

    run(work)


async def named_list(stock: StockApi, name: str | None) -> UUID | None:
    """Return the id of the list of that name; None without a name: that is up to the backend.

    Raises:
        Unclear: there is none, or there are several.
    """
    return None if name is None else choose_named(name, await stock.list_shopping_lists()).id
