"""`popote recipes cook`: from the stock onto plates."""

import asyncio
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from popote_client.backend import JSON
from popote_client.cli.food.words import ByMeal, OnDay, meal_named
from popote_client.cli.nutrients import number
from popote_client.cli.output import note
from popote_client.cli.recipes.choosing import Servings, Words, the_recipe
from popote_client.cli.recipes.plan import worded
from popote_client.cli.recipes.telling import lacking_told
from popote_client.cli.recipes.telling import servings as servings_told
from popote_client.cli.run import run
from popote_client.cli.stock.acts import NOT_ENOUGH
from popote_client.cli.stock.telling import labelled, taken
from popote_client.cli.stock.words import AsJson, Place, day, known_units, place_named
from popote_client.client import Popote
from popote_client.food.diary import Meal
from popote_client.language import say
from popote_client.problems import Problem
from popote_client.recipes.cooking import Cook, Eater, Lacking, Leftovers, NewCook
from popote_client.recipes.plan import PlanEntry, Planning
from popote_client.stock.api import StockApi
from popote_client.stock.choosing import Unclear, choose_named
from popote_client.stock.places import Location
from popote_client.stock.units import Units, plain

app = typer.Typer()

ME = ("me", "moi")


class NoFreezer(Unclear):
    code = "NO_FREEZER"
    en = "There is no freezer, or there are several: say which with --at PLACE."
    fr = "Il n'y a pas de congélateur, ou plusieurs : dites lequel avec --at LIEU."


class Shortage(msgspec.Struct):
    """What the problem of a shortage tells."""

    short: list[Lacking] = []


@app.command(help=say("Cook a recipe with what is in stock.", "Cuisiner une recette avec ce qu'il y a en stock."))
def cook(  # noqa: PLR0913  # what may be said of cooking
    words: Words,
    *,
    servings: Servings = None,
    eaters: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            metavar=say("WHO:N,…", "QUI:N,…"),
            help=say(
                "Whose diaries it goes into, and how much: me:1,bob:2.",
                "Dans quels journaux, et combien : moi:1,bob:2.",
            ),
        ),
    ] = None,
    leftovers: Annotated[
        Decimal | None,
        typer.Option(parser=number, metavar="N", help=say("Servings put away.", "Portions mises de côté.")),
    ] = None,
    freezer: Annotated[
        bool, typer.Option("--freezer", help=say("Put them into the freezer.", "Les mettre au congélateur."))
    ] = False,
    at: Place = None,
    use_by: Annotated[
        date | None,
        typer.Option(parser=day, metavar="DATE", help=say("Until when they keep.", "Jusqu'à quand ils se gardent.")),
    ] = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help=say("Without what lacks.", "Sans ce qui manque."))
    ] = False,
    meal: ByMeal = None,
    on: OnDay = None,
    as_json: AsJson = False,
) -> None:
    if leftovers is None and (freezer or at or use_by):
        raise typer.BadParameter(say("how many? --leftovers N", "combien ? --leftovers N"))

    async def work(popote: Popote) -> None:
        stock = popote.api.stock
        found, units, place, who = await asyncio.gather(
            the_recipe(popote.api.recipes, " ".join(words)),
            known_units(stock),
            place_for(stock, at, is_freezer=freezer),
            eating(popote, eaters or ()),
        )
        entry = await planned(popote.api.recipes, found.id, on, meal_named(meal))
        asked = NewCook(
            servings=servings or (entry.servings if entry else None),
            eaters=who,
            leftovers=put_away(leftovers, place, use_by),
            allow_missing=allow_missing,
            plan_id=entry.id if entry else None,
            date=on,
            meal=meal_named(meal),
        )
        try:
            done = await popote.api.recipes.cook(found.id, asked)
        except Problem as problem:
            tell_shortage(problem, units)
            raise
        if as_json:
            typer.echo(JSON.encode(done))
            return
        tell(done, await item_names(stock, done), units)
        if leftovers and done.leftover_lot_id:
            where = f", {place.name}" if place else ""
            typer.echo(labelled(say("Put away", "Mis de côté"), f"{servings_told(leftovers)}{where}"))
        note(say("To take it all back: popote recipes undo", "Pour tout annuler : popote recipes undo"))

    run(work)


async def planned(recipes: Planning, recipe: UUID, on: date | None, meal: Meal | None) -> PlanEntry | None:
    """Return the entry of the plan that is cooked with this, and say so; None where there is none, or several."""
    plan = await recipes.list_plan(on, on)
    entries = [
        entry
        for entry in plan.items
        if entry.recipe_id == recipe
        and entry.date == plan.first
        and entry.cook_id is None
        and meal in {None, entry.meal}
    ]
    if len(entries) != 1:
        return None
    note(labelled(say("As planned", "Comme prévu"), worded(entries[0])))
    return entries[0]


def put_away(servings: Decimal | None, place: Location | None, use_by: date | None) -> Leftovers | None:
    if servings is None:
        return None
    return Leftovers(servings=servings, location_id=place.id if place else None, use_by=use_by)


async def place_for(stock: StockApi, at: str | None, *, is_freezer: bool) -> Location | None:
    """Return the place of that name, or the freezer.

    Raises:
        Unclear: there is no such place, or not only one.
    """
    if at is not None or not is_freezer:
        return await place_named(stock, at)
    freezers = [place for place in await stock.list_locations() if place.is_freezer]
    if len(freezers) != 1:
        raise NoFreezer
    return freezers[0]


async def eating(popote: Popote, said: Iterable[str]) -> list[Eater]:
    """Read who eats how much, as in me:1,bob:2; a number that is left out is 1.

    Raises:
        BadParameter: it is said otherwise.
        Unclear: nobody in the household is called so, or several are.
    """
    pairs = [portion(each) for one in said for each in one.split(",")]
    others = [] if all(is_me(name) for name, _ in pairs) else await popote.api.members()
    me = popote.session.user.id if pairs else None
    return [Eater(me if me and is_me(name) else choose_named(name, others).id, amount) for name, amount in pairs]


def portion(said: str) -> tuple[str, Decimal]:
    name, _, amount = said.strip().partition(":")
    if not name:
        raise typer.BadParameter(say("say it as in me:1,bob:2", "dites par exemple moi:1,bob:2"), param_hint="--for")
    return name, number(amount) if amount else Decimal(1)


def is_me(name: str) -> bool:
    return plain(name) in ME


async def item_names(stock: StockApi, done: Cook) -> dict[UUID, str]:
    items = await asyncio.gather(*(stock.get_item(item) for item in {take.item_id for take in done.takes}))
    return {item.id: item.name for item in items}


def tell(done: Cook, names: dict[UUID, str], units: Units) -> None:
    """Tell what was cooked, what was taken for it, and what it does without."""
    typer.echo(labelled(say("Cooked", "Cuisiné"), f"{done.title}, {servings_told(done.servings)}"))
    for line in taken(done.takes, names, units, "used"):
        typer.echo(line)
    for each in done.lacking:
        note(labelled(say("Left out", "Sans"), lacking_told(each, units)))


def tell_shortage(problem: Problem, units: Units) -> None:
    """Say what is missing and how to do without, where that is the problem."""
    if problem.type != NOT_ENOUGH:
        return
    short = msgspec.convert(problem.facts, Shortage).short
    for each in short:
        if each.line:
            note(labelled(say("Missing", "Il manque"), lacking_told(each, units)))
    note(say("To cook without it: --allow-missing", "Pour cuisiner sans : --allow-missing"))
