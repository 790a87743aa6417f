"""`popote recipes cookable`: what can be cooked tonight, and what that saves from spoiling."""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import typer

from popote_client.backend import JSON
from popote_client.cli.output import note, readable
from popote_client.cli.recipes.choosing import Servings
from popote_client.cli.recipes.telling import MARGIN, echo, lacking, lacking_told, minutes
from popote_client.cli.recipes.telling import servings as servings_told
from popote_client.cli.run import run
from popote_client.cli.stock.telling import labelled
from popote_client.cli.stock.views import left
from popote_client.cli.stock.words import AsJson, known_units
from popote_client.cli.table import Cell, Ids, cell, show_table
from popote_client.client import Popote
from popote_client.language import say
from popote_client.part import MOST, every
from popote_client.recipes.cookable import Dish
from popote_client.stock.api import StockApi
from popote_client.stock.lots import Expiring
from popote_client.stock.quantities import digits
from popote_client.stock.units import Units

app = typer.Typer()

ANY_NUMBER = 1000  # servings: nothing that can be counted limits them


@app.command(help=say("List what you can cook with what there is.", "Lister ce qu'on peut cuisiner avec ce qu'il y a."))
def cookable(  # noqa: PLR0913  # what may be asked for
    *,
    max_missing: Annotated[
        int, typer.Option(min=0, max=500, metavar="N", help=say("Lines that may lack.", "Lignes qui peuvent manquer."))
    ] = 0,
    days: Annotated[
        int, typer.Option(min=0, max=60, help=say("What is to be saved expires by then.", "Ce qui expire d'ici là."))
    ] = 7,
    servings: Servings = None,
    max_minutes: Annotated[
        int | None,
        typer.Option("--minutes", min=0, help=say("Only what takes no longer.", "Seulement ce qui dure moins.")),
    ] = None,
    tag: Annotated[str | None, typer.Option(help=say("Only those with it.", "Seulement celles qui l'ont."))] = None,
    no_staples: Annotated[
        bool, typer.Option("--no-staples", help=say("Count staples, too.", "Compter aussi le fond de placard."))
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help=say("How many at most.", "Combien au plus."))] = 20,
    as_json: AsJson = False,
    ids: Ids = False,
) -> None:
    async def work(popote: Popote) -> None:
        found = await popote.api.recipes.list_cookable(
            max_missing=max_missing, days=days, staples=not no_staples, servings=servings,
            max_minutes=max_minutes, tag=tag, limit=limit,
        )  # fmt: skip
        if as_json:
            for dish in found.items:
                typer.echo(JSON.encode(dish))
        elif not found.items:
            note(nothing(max_missing))
        elif sys.stdout.isatty():
            units, soon = await asyncio.gather(known_units(popote.api.stock), expiring(popote.api.stock, days))
            for dish in found.items:
                tell(dish, soon, units, ids=ids)
        else:
            show_table((), [row(dish) for dish in found.items])

    run(work)


def nothing(max_missing: int) -> str:
    more = max_missing + 1
    return say(
        f"Nothing can be cooked so. What lacks little: --max-missing {more}",
        f"Rien ne peut se cuisiner ainsi. Ce à quoi il manque peu : --max-missing {more}",
    )


async def expiring(stock: StockApi, days: int) -> dict[UUID, Expiring]:
    """Return the lots that do not keep much longer, by id."""
    pages = every(lambda cursor: stock.list_expiring(days, limit=MOST, cursor=cursor))
    return {lot.id: lot async for lot in pages}


def row(dish: Dish) -> list[Cell]:
    texts = dish.title, dish.servings_possible, dish.missing, digits(dish.saves_expiring), dish.minutes
    return [*map(cell, texts), cell("; ".join(each.line for each in lacking(dish.ingredients))), cell(dish.recipe_id)]


def tell(dish: Dish, soon: Mapping[UUID, Expiring], units: Units, *, ids: bool) -> None:
    """Print a dish as a few lines, which fit on a phone."""
    typer.secho(readable(f"{dish.title}  {dish.recipe_id}" if ids else dish.title), bold=True)
    for line in described(dish, soon, units):
        echo(f"{MARGIN}{line}", MARGIN * 2)


def described(dish: Dish, soon: Mapping[UUID, Expiring], units: Units) -> Iterator[str]:
    """Say for how many a dish can be, how long it takes, what it saves, what it lacks, and what else to know."""
    if first := " · ".join(filter(None, (possible(dish), minutes(dish.minutes) if dish.minutes else ""))):
        yield first
    lines = {
        say("Saves", "Sauve"): saved(dish, soon),
        say("Short", "Manque"): [lacking_told(each, units) for each in lacking(dish.ingredients)],
        say("Instead", "À la place"): [each.instead for each in dish.ingredients if each.instead],
        say("Past its best", "Date dépassée"): [each.name for each in dish.ingredients if each.is_past_best_before],
    }
    yield from (labelled(label, ", ".join(told)) for label, told in lines.items() if told)


def possible(dish: Dish) -> str:
    if dish.servings_possible >= ANY_NUMBER:
        return say("for any number", "pour autant qu'on veut")
    if not dish.servings_possible:
        return ""
    return f"≤ {servings_told(Decimal(dish.servings_possible))}"


def saved(dish: Dish, soon: Mapping[UUID, Expiring]) -> list[str]:
    """Name what a dish would use of what does not keep much longer, with how long each keeps."""
    lots = (soon[take.lot_id] for line in dish.ingredients for take in line.takes if take.lot_id in soon)
    return list(dict.fromkeys(f"{lot.name} ({left(lot)})" for lot in lots))
