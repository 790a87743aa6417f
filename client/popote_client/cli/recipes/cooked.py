"""`popote recipes cooked` and `undo`: what was cooked, and taken back."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from popote_client.cli.food.words import MEALS
from popote_client.cli.output import is_interactive, note
from popote_client.cli.recipes.telling import servings as servings_told
from popote_client.cli.run import run
from popote_client.cli.stock.acts import BLOCKED, tell_blocking
from popote_client.cli.stock.telling import labelled
from popote_client.cli.stock.words import AsJson, known_units
from popote_client.cli.table import Cell, Ids, cell, moment, show
from popote_client.client import Popote
from popote_client.language import say
from popote_client.part import MOST, every
from popote_client.problems import Problem
from popote_client.recipes.cooking import Cook
from popote_client.stock.choosing import Unclear
from popote_client.stock.quantities import digits

app = typer.Typer()


class NothingCooked(Unclear):
    code = "NOTHING_COOKED"
    en = "Nothing that you cooked stands. Name a cook of: popote recipes cooked --ids"
    fr = "Rien de ce que vous avez cuisiné n'est en vigueur. Nommez-en un de : popote recipes cooked --ids"


@app.command(help=say("List what was cooked.", "Lister ce qui a été cuisiné."))
def cooked(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=say("How many to list.", "Combien en lister."))] = 20,
    as_json: AsJson = False,
    ids: Ids = False,
) -> None:
    async def work(popote: Popote) -> None:
        pages = every(lambda cursor: popote.api.recipes.list_cooked(limit=min(limit, MOST), cursor=cursor), limit)
        found = [each async for each in pages]
        headings = say("When", "Quand"), say("Recipe", "Recette"), say("For", "Pour"), say("Meal", "Repas")
        show(
            found,
            (*headings, "", "ID"),
            row,
            nothing=say("Nothing was cooked yet.", "Rien n'a encore été cuisiné."),
            as_json=as_json,
            ids=ids,
        )

    run(work)


def row(each: Cook) -> list[Cell]:
    is_undone = each.state == "undone"
    return [
        moment(each.created_at),
        cell(each.title),
        Cell(digits(each.servings), digits(each.servings), is_whole=True),
        Cell(say(*MEALS[each.meal]), each.meal),
        Cell(say("undone", "annulé") if is_undone else "", "undone" if is_undone else ""),
        cell(each.cook_id),
    ]


@app.command(
    help=say("Take back what you cooked last, or another time.", "Annuler votre dernière cuisine, ou une autre.")
)
def undo(
    cook_id: Annotated[
        UUID | None,
        typer.Argument(
            metavar="COOK",
            show_default=False,
            help=say("Its ID, from popote recipes cooked --ids.", "Son ID, de popote recipes cooked --ids."),
        ),
    ] = None,
) -> None:
    async def work(popote: Popote) -> None:
        recipes = popote.api.recipes
        chosen = await (recipes.get_cooked(cook_id) if cook_id else last_of_mine(popote))
        what = f"{moment(chosen.created_at).people} {chosen.title}, {servings_told(chosen.servings)}"
        note(what)
        if cook_id is None and is_interactive() and not typer.confirm(say("Take it back?", "L'annuler ?"), err=True):
            return
        try:
            gone = await recipes.undo_cooked(chosen.cook_id)
        except Problem as problem:
            if problem.type == BLOCKED:
                units, journal = await asyncio.gather(
                    known_units(popote.api.stock), popote.api.stock.list_journal(limit=MOST)
                )
                tell_blocking(problem, {each.id: each for each in journal.items}, units)
            raise
        typer.echo(labelled(say("Taken back", "Annulé"), gone.title))

    run(work)


async def last_of_mine(popote: Popote) -> Cook:
    """Return what the person cooked last and did not take back.

    Raises:
        NothingCooked: there is nothing.
    """
    me = popote.session.user.id
    latest = (await popote.api.recipes.list_cooked(limit=MOST)).items
    mine = next((each for each in latest if each.person_id == me and each.state != "undone"), None)
    if mine is None:
        raise NothingCooked
    return mine
