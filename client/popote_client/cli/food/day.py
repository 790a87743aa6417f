"""`popote day`: what was eaten in a day, and how that stands against the goals."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import date
from typing import Annotated

import typer

from popote_client.backend import JSON
from popote_client.cli.food.words import MEALS, today
from popote_client.cli.nutrients import Column, amounts, counted, known, lacking, measured, show_nutrients, wished
from popote_client.cli.output import note
from popote_client.cli.run import run
from popote_client.cli.stock.words import AsJson, known_units
from popote_client.cli.stock.words import day as day_of
from popote_client.cli.table import Cell, Ids, amount, cell, show_table
from popote_client.client import Popote
from popote_client.food.analyses import Missing
from popote_client.food.diary import Day, Entry, Standing
from popote_client.language import say
from popote_client.stock.quantities import Quantity
from popote_client.stock.units import Units

app = typer.Typer()

PORTION = "portion"


@app.command(help=say("Read what you ate in a day.", "Lire ce que vous avez mangé dans une journée."))
def day(
    on: Annotated[
        date | None,
        typer.Argument(
            metavar="[DATE]", parser=day_of, show_default=False, help=say("Default: today.", "Défaut : aujourd'hui.")
        ),
    ] = None,
    *,
    as_json: AsJson = False,
    ids: Ids = False,
) -> None:
    async def work(popote: Popote) -> None:
        found, units = await asyncio.gather(popote.api.food.get_day(on or today()), known_units(popote.api.stock))
        if as_json:
            typer.echo(JSON.encode(found))
            return
        tell(found, units, ids=ids)

    run(work)


def tell(found: Day, units: Units, *, ids: bool) -> None:
    """Print the entries, what they come to, and what is not counted."""
    if found.entries:
        tell_entries(found, units, ids=ids)
        typer.echo()
    else:
        note(say("Nothing is logged for this day.", "Rien n'est noté pour cette journée."))
    if found.entries or found.goals:
        show_nutrients(counted(found.total), *columns(found))
    for line in lacking([Missing(each.name, each.reason, each.nutrients) for each in found.missing]):
        note(line)


def tell_entries(found: Day, units: Units, *, ids: bool) -> None:
    """Print the entries, on a terminal below the sum of each meal."""
    headings = say("Meal", "Repas"), say("What", "Quoi"), say("Amount", "Quantité"), say("Energy", "Énergie"), "ID"
    if sys.stdout.isatty():
        shown = None if ids else -1
        show_table(headings[:shown], [row[:shown] for row in by_meal(found, units)])
    else:
        show_table(headings, [entry_row(each, units) for each in found.entries])


def by_meal(found: Day, units: Units) -> Iterator[list[Cell]]:
    for meal, names in MEALS.items():
        eaten = [entry for entry in found.entries if entry.meal == meal]
        if eaten:
            whole = found.meals[meal]
            energy = measured("energy_kcal", whole.total.energy_kcal, whole.coverage.get("energy_kcal"))
            yield [cell(say(*names)), cell(None), cell(None), energy, cell(None)]
            yield from ([cell(None), *entry_row(each, units)[1:]] for each in eaten)


def entry_row(entry: Entry, units: Units) -> list[Cell]:
    quantity = entry.quantity or (Quantity(entry.portions, PORTION) if entry.portions else None)
    energy = measured("energy_kcal", entry.nutrients.energy_kcal, entry.coverage.get("energy_kcal"))
    return [cell(entry.meal), cell(entry.name), amount(quantity, units), energy, cell(entry.id)]


def columns(found: Day) -> Iterator[Column]:
    yield amounts(say("Total", "Total"), found.total, found.coverage)
    if found.goals:
        standings = {each.code: each for each in found.left or ()}
        yield wished(say("Goal", "Objectif"), found.goals)
        yield Column(say("Left", "Reste"), lambda code: left(standings.get(code)))
    yield known(found.coverage)


def left(standing: Standing | None) -> Cell:
    """Say what is left of a goal, or by how much it is passed; at most, and at least, where more may be eaten."""
    if standing is None or standing.left is None:
        return cell(None)
    if standing.over:
        told = measured(standing.code, standing.over)
        least = "≥ " if standing.is_partial else ""
        return Cell(f"{least}{told.people} {say('over', 'de trop')}", f"-{told.scripts}", is_whole=True)
    told = measured(standing.code, standing.left)
    return Cell(f"{'≤ ' if standing.is_partial else ''}{told.people}", told.scripts, is_whole=True)
