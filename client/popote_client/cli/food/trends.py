"""`popote trends`: what was eaten and weighed over days, weeks, a year."""

import shutil
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

import typer

from popote_client.backend import JSON
from popote_client.cli.nutrients import amounts, counted, known, measured, share, show_nutrients, told
from popote_client.cli.output import note
from popote_client.cli.plot import Plot, blocks_for
from popote_client.cli.run import run
from popote_client.cli.stock.telling import labelled
from popote_client.cli.stock.words import AsJson
from popote_client.cli.table import Cell, cell, show_table
from popote_client.food.goals import TrendDay, Trends, WeightTrend
from popote_client.language import count, language, say
from popote_client.stock.quantities import digits

app = typer.Typer()

HEIGHT = 8
MARGIN = 6  # columns of the figures at the left


@app.command(
    help=say("See what you ate and weighed over time.", "Voir ce que vous avez mangé et pesé au fil du temps.")
)
def trends(
    *,
    days: Annotated[
        int, typer.Option(min=1, max=366, help=say("How many, up to today.", "Combien, jusqu'à aujourd'hui."))
    ] = 30,
    as_json: AsJson = False,
) -> None:
    found = run(lambda popote: popote.api.food.read_trends(days=days))
    if as_json:
        typer.echo(JSON.encode(found))
    elif not found.days:
        note(say("Nothing is logged in this time.", "Rien n'est noté sur cette période."))
    elif sys.stdout.isatty():
        tell(found, shutil.get_terminal_size().columns, blocks_for(sys.stdout.encoding))
    else:
        show_table((), [row(each) for each in found.days])


def row(day: TrendDay) -> list[Cell]:
    energy = measured("energy_kcal", day.total.energy_kcal)
    return [cell(day.date), energy, share(day.coverage.get("energy_kcal")), kilograms(day.weight_kg)]


def kilograms(weight: Decimal | None) -> Cell:
    return cell(None) if weight is None else Cell(in_kg(weight), digits(weight), is_whole=True)


def in_kg(weight: Decimal, *, is_signed: bool = False) -> str:
    shown = f"{weight:+.1f}" if is_signed else f"{weight:.1f}"
    return f"{shown.replace('.', ',') if language() == 'fr' else shown} kg"


def tell(found: Trends, columns: int, blocks: str) -> None:
    """Show the energy of each day, what a day comes to on average, and where the weight goes."""
    for line in [*drawn(found, columns, blocks), *(weighed(found.weight) if found.weight else ())]:
        typer.echo(line)
    if not found.average.days:
        return
    typer.echo()
    heading = count(
        found.average.days,
        one=("Mean of {n} day", "Moyenne de {n} jour"),
        several=("Mean of {n} days", "Moyenne de {n} jours"),
    )
    column = amounts(heading, found.average.total, found.average.coverage)
    show_nutrients(counted(found.average.total), column, known(found.average.coverage))


def drawn(found: Trends, columns: int, blocks: str) -> list[str]:
    """Draw the energy of each day, with the goal as a dashed line where there is one; nothing where none is known."""
    energies = every_day(found, lambda day: day.total.energy_kcal)
    goal = next((day.goal_energy_kcal for day in reversed(found.days) if day.goal_energy_kcal), None)
    top = max(*(each or Decimal() for each in energies), goal or Decimal(), Decimal())
    if not any(energies):
        return []
    drawing = Plot(width=max(columns - MARGIN - 1, 1), height=HEIGHT, top=top, blocks=blocks, goal=goal)
    figures = [f"{top:.0f}", *[""] * (HEIGHT - 2), "0"]
    heading = labelled(say("Energy, kcal", "Énergie, kcal"), f"{cell(found.first).people} … {cell(found.last).people}")
    aim = [labelled(say("Goal", "Objectif"), told("energy_kcal", goal))] if goal else []
    lines = (f"{figure:>{MARGIN}} {bar}".rstrip() for figure, bar in zip(figures, drawing.draw(energies), strict=True))
    return [heading, *lines, *aim]


def every_day(found: Trends, value: Callable[[TrendDay], Decimal | None]) -> list[Decimal | None]:
    """Return a value for each day of the whole time, None where there is none."""
    known_days = {day.date: value(day) for day in found.days}
    length = (found.last - found.first).days + 1
    return [known_days.get(found.first + timedelta(days=number)) for number in range(length)]


def weighed(weight: WeightTrend) -> list[str]:
    """Say where the weight comes from and goes to."""
    change = f"{in_kg(weight.first.weight_kg)} → {in_kg(weight.last.weight_kg)}"
    if weight.kg_per_week is None:
        return [labelled(say("Weight", "Poids"), in_kg(weight.last.weight_kg))]
    rate = in_kg(weight.kg_per_week, is_signed=True)
    return [labelled(say("Weight", "Poids"), say(f"{change}, {rate} a week", f"{change}, {rate} par semaine"))]
