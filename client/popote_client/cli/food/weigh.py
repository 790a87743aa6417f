"""`popote weigh`: what one weighs."""

from datetime import timedelta
from typing import Annotated

import typer

from popote_client.cli.food.words import OnDay, today
from popote_client.cli.run import run
from popote_client.cli.stock.telling import labelled
from popote_client.cli.stock.words import AsJson, known_units
from popote_client.cli.table import Ids, amount, cell, show
from popote_client.client import Popote
from popote_client.language import say
from popote_client.part import MOST
from popote_client.stock.amounts import NoAmount, cut_amount, tidy
from popote_client.stock.quantities import Quantity
from popote_client.stock.units import NotUnderstood, Units

app = typer.Typer()

SHOWN_DAYS = 90


@app.command(help=say("Write down your weight, or read the last ones.", "Noter votre poids, ou relire les derniers."))
def weigh(
    weight: Annotated[
        str | None,
        typer.Argument(
            metavar="[WEIGHT]", show_default=False, help=say("In kg, or as in 160 lb.", "En kg, ou par exemple 160 lb.")
        ),
    ] = None,
    *,
    day: OnDay = None,
    as_json: AsJson = False,
    ids: Ids = False,
) -> None:
    async def work(popote: Popote) -> None:
        food, on = popote.api.food, day or today()
        units = await known_units(popote.api.stock)
        if weight is None:
            show(
                (await food.list_weights(on - timedelta(days=SHOWN_DAYS), on, limit=MOST)).items,
                (say("Day", "Jour"), say("Weight", "Poids"), say("Note", "Note"), "ID"),
                lambda each: [cell(each.date), amount(each.weight, units), cell(each.note), cell(each.id)],
                nothing=say("No weight is noted.", "Aucun poids n'est noté."),
                as_json=as_json,
                ids=ids,
            )
            return
        there = (await food.list_weights(on, on)).items
        told = read(weight, units)
        stored = await food.put_weight(on, told, version=there[0].version if there else None)
        typer.echo(labelled(cell(stored.date).people, units.show(stored.weight)))

    run(work)


def read(said: str, units: Units) -> Quantity:
    """Read a weight, in kilograms where no unit is said.

    Raises:
        BadParameter: it is none.
    """
    try:
        counted = cut_amount(tidy(said))
        if counted and not counted[1].strip():
            return Quantity(counted[0], "kg")
        return units.measure(said)
    except (NoAmount, NotUnderstood) as error:
        raise typer.BadParameter(say("a weight as in 72.4", "un poids comme 72,4")) from error
