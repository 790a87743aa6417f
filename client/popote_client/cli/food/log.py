"""`popote log` and `unlog`: what was eaten."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from popote_client.backend import JSON
from popote_client.cli.food.words import ByMeal, OnDay, meal_at, meal_named, now, today
from popote_client.cli.nutrients import Carbohydrate, Fat, Kcal, Protein, measured, why
from popote_client.cli.output import note
from popote_client.cli.run import run
from popote_client.cli.stock.acts import item_named
from popote_client.cli.stock.telling import labelled
from popote_client.cli.stock.words import AsJson, known_units, understood
from popote_client.client import Popote
from popote_client.food.diary import Entry, Meal, NewEntry
from popote_client.food.nutrients import Nutrients
from popote_client.language import language, say
from popote_client.stock.api import StockApi
from popote_client.stock.choosing import Unclear
from popote_client.stock.units import Units

app = typer.Typer()


class NothingLogged(Unclear):
    code = "NOTHING_LOGGED"
    en = "Nothing was eaten on that day."
    fr = "Rien n'a été mangé ce jour-là."


@app.command(help=say("Write down what you ate.", "Noter ce que vous avez mangé."))
def log(  # noqa: PLR0913  # what may be said of a meal
    what: Annotated[
        list[str],
        typer.Argument(metavar="WHAT…", help=say("As in 200 g rice.", "Par exemple 200 g de riz.")),
    ],
    *,
    meal: ByMeal = None,
    day: OnDay = None,
    item: Annotated[
        bool, typer.Option("--item", help=say("It is an item of the stock.", "C'est un article du stock."))
    ] = False,
    kcal: Kcal = None,
    fat: Fat = None,
    carbohydrate: Carbohydrate = None,
    protein: Protein = None,
    as_json: AsJson = False,
) -> None:
    words, at, on = " ".join(what), meal_named(meal) or meal_at(now().time()), day or today()
    values = Nutrients(energy_kcal=kcal, fat_g=fat, carbohydrate_g=carbohydrate, protein_g=protein)
    is_told = values != Nutrients()
    if item and is_told:
        raise typer.BadParameter(say("either --item or amounts", "--item ou des quantités, pas les deux"))

    async def work(popote: Popote) -> None:
        units = await known_units(popote.api.stock)
        new = await of_item(popote.api.stock, units, words, on, at) if item else free(words, on, at)
        entry = await popote.api.food.create_entry(msgspec.structs.replace(new, nutrients=values) if is_told else new)
        if as_json:
            typer.echo(JSON.encode(entry))
            return
        tell(entry, units)

    run(work)


def free(words: str, on: date, meal: Meal) -> NewEntry:
    return NewEntry(date=on, meal=meal, free=words, language=language())


async def of_item(stock: StockApi, units: Units, words: str, on: date, meal: Meal) -> NewEntry:
    """Return an entry of an item of the stock.

    Raises:
        BadParameter: it is not said how much.
        Unclear: there is no such item, or there are several.
    """
    (said,) = understood(units, [words])
    if said.quantity is None:
        raise typer.BadParameter(say(f"how much of “{said.name}”?", f"combien de « {said.name} » ?"))
    found = await item_named(stock, said.name)
    return NewEntry(date=on, meal=meal, item_id=found.id, quantity=said.quantity)


def tell(entry: Entry, units: Units) -> None:
    """Tell what was written down, and what is not known of it."""
    energy = measured("energy_kcal", entry.nutrients.energy_kcal, entry.coverage.get("energy_kcal")).people
    about = "≈ " if entry.is_approximate else ""
    typer.echo(labelled(say("Logged", "Noté"), f"{worded(entry, units)}, {about}{energy}"))
    if entry.reason:
        note(why(entry.name, entry.reason, lacking(entry)))
    if entry.reason == "unmatched_food":
        note(
            say(
                "Say which food that is: popote food teach NAME FOOD. Then: popote unlog, and log it again.",
                "Dites quel aliment c'est : popote food teach NOM ALIMENT. Puis : popote unlog, et notez-le à nouveau.",
            )
        )


def lacking(entry: Entry) -> list[str]:
    return [code for code, part in entry.coverage.items() if part < 1]


def worded(entry: Entry, units: Units) -> str:
    """Say how much of what an entry is."""
    return f"{units.show(entry.quantity)} {entry.name}" if entry.quantity else entry.name


@app.command(help=say("Take back what you logged last, or another entry.", "Retirer la dernière note, ou une autre."))
def unlog(
    entry: Annotated[
        UUID | None,
        typer.Argument(
            metavar="ENTRY",
            show_default=False,
            help=say("Its ID, from popote day --ids.", "Son ID, de popote day --ids."),
        ),
    ] = None,
    *,
    day: OnDay = None,
) -> None:
    async def work(popote: Popote) -> None:
        food = popote.api.food
        units = await known_units(popote.api.stock)
        gone = await food.get_entry(entry) if entry else last(list((await food.get_day(day or today())).entries))
        await food.delete_entry(gone.id, gone.version)
        typer.echo(labelled(say("Taken back", "Retiré"), worded(gone, units)))

    run(work)


def last(entries: list[Entry]) -> Entry:
    """Return the entry that was made last.

    Raises:
        NothingLogged: there is none.
    """
    if not entries:
        raise NothingLogged
    return max(entries, key=lambda each: each.created_at)
