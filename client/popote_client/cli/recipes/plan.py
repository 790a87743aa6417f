"""`popote recipes plan`: which meals the household means to have."""

import sys
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

import typer

from popote_client.backend import JSON
from popote_client.cli.food.words import MEALS, meal_called, today
from popote_client.cli.output import is_interactive, note
from popote_client.cli.recipes import allocation
from popote_client.cli.recipes.choosing import OneRecipe, Servings, picked, the_recipe
from popote_client.cli.recipes.telling import decimal
from popote_client.cli.recipes.words import ComingDay, From, To, coming_day, named_day
from popote_client.cli.run import run
from popote_client.cli.stock.telling import labelled
from popote_client.cli.stock.words import AsJson
from popote_client.cli.table import Cell, Ids, cell, show_table
from popote_client.client import Popote
from popote_client.language import say
from popote_client.recipes.plan import MOST_DAYS, NewPlanEntry, PlanEntry
from popote_client.stock.choosing import SHOWN, Unknown, WhichOne, alike, exactly, holding
from popote_client.stock.quantities import digits

app = typer.Typer()
plan = typer.Typer(
    help=say("What you mean to cook, and when.", "Ce que vous comptez cuisiner, et quand."), invoke_without_command=True
)
plan.add_typer(allocation.app)
app.add_typer(plan, name="plan")

COOKED = "✓"


@plan.callback(help=say("What you mean to cook, and when.", "Ce que vous comptez cuisiner, et quand."))
def show_(
    context: typer.Context, *, first: From = None, last: To = None, as_json: AsJson = False, ids: Ids = False
) -> None:
    if context.invoked_subcommand is not None:
        return
    found = run(lambda popote: popote.api.recipes.list_plan(first or today(), last))
    if as_json:
        for entry in found.items:
            typer.echo(JSON.encode(entry))
    elif not found.items:
        note(
            say(
                "Nothing is planned. Plan something: popote recipes plan add RECIPE DAY MEAL",
                "Rien n'est prévu. Prévoyez : popote recipes plan add RECETTE JOUR REPAS",
            )
        )
    else:
        shown = None if ids or not sys.stdout.isatty() else -1
        headings = say("Day", "Jour"), say("Meal", "Repas"), say("Dish", "Plat"), say("For", "Pour"), "", "ID"
        show_table(headings[:shown], [row(entry)[:shown] for entry in found.items])


def row(entry: PlanEntry) -> list[Cell]:
    servings = Cell(decimal(entry.servings), digits(entry.servings), is_whole=True) if entry.servings else cell(None)
    return [
        Cell(named_day(entry.date), str(entry.date), is_whole=True),
        Cell(say(*MEALS[entry.meal]), entry.meal),
        cell(entry.title),
        servings,
        Cell(COOKED, "cooked") if entry.cook_id else cell(None),
        cell(entry.id),
    ]


@plan.command(help=say("Plan a recipe.", "Prévoir une recette."))
def add(
    recipe: OneRecipe,
    day: ComingDay,
    meal: Annotated[
        str,
        typer.Argument(
            metavar=say("MEAL", "REPAS"),
            help=say("breakfast, lunch, dinner or snack.", "petit-déjeuner, déjeuner, dîner ou collation."),
        ),
    ],
    *,
    servings: Servings = None,
    title: Annotated[
        bool, typer.Option("--title", help=say("It is no recipe, only a title.", "Pas une recette, juste un titre."))
    ] = False,
) -> None:
    at = meal_called(meal)

    async def work(popote: Popote) -> None:
        recipes = popote.api.recipes
        if title:
            new = NewPlanEntry(date=day, meal=at, title=recipe, servings=servings)
        else:
            found = await the_recipe(recipes, recipe)
            new = NewPlanEntry(date=day, meal=at, recipe_id=found.id, servings=servings)
        entry = await recipes.create_plan_entry(new)
        typer.echo(labelled(say("Planned", "Prévu"), worded(entry)))

    run(work)


def worded(entry: PlanEntry) -> str:
    """Say what is planned for when, in a line."""
    return f"{named_day(entry.date)}, {say(*MEALS[entry.meal]).lower()}, {entry.title}"


@plan.command(help=say("Take something off the plan.", "Retirer quelque chose du plan."))
def rm(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar=say("DISH…", "PLAT…"),
            help=say("Its title, words of it, or its ID.", "Son titre, des mots du titre, ou son ID."),
        ),
    ],
    *,
    day: Annotated[
        date | None,
        typer.Option(parser=coming_day, metavar="DATE", help=say("Only on that day.", "Seulement ce jour.")),
    ] = None,
) -> None:
    async def work(popote: Popote) -> None:
        entry = await the_entry(popote, " ".join(words), day)
        await popote.api.recipes.delete_plan_entry(entry.id, entry.version)
        typer.echo(labelled(say("Off the plan", "Retiré"), worded(entry)))

    run(work)


async def the_entry(popote: Popote, said: str, day: date | None) -> PlanEntry:
    """Return the one entry from today on, or of a day, that words mean; the person at a terminal picks it.

    Raises:
        Unclear: there is none, or there are several and nobody to ask.
    """
    try:
        return await popote.api.recipes.get_plan_entry(UUID(said))
    except ValueError:
        first = day or today()
    planned = await popote.api.recipes.list_plan(first, day or first + timedelta(days=MOST_DAYS - 1))
    found = exactly(said, planned.items) or alike(said, planned.items) or holding(said, planned.items)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Unknown(said=said)
    if not is_interactive():
        raise WhichOne(said=said, names="; ".join(worded(entry) for entry in found[:SHOWN]))
    return found[picked(said, [worded(entry) for entry in found[:SHOWN]])]
