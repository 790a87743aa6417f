"""Days as people name them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

import typer

from popote_client.cli.food.goals import WEEKDAYS
from popote_client.cli.food.words import today
from popote_client.cli.stock.words import day
from popote_client.cli.table import cell
from popote_client.language import say
from popote_client.stock.units import plain

WEEK = 7
SHORTEST = 3  # letters that tell the days of the week apart
SOON: Mapping[str, int] = {"today": 0, "aujourd'hui": 0, "tomorrow": 1, "demain": 1}


def coming_day(said: str) -> date:
    """Read a day as `day_from` does, from today on."""
    return day_from(said, today())


def day_from(said: str, now: date) -> date:
    """Read a day: a date, today, tomorrow, or the next one of a name, which may be today.

    Raises:
        BadParameter: it is none.
    """
    words = plain(said.replace("\u2019", "'"))
    if words in SOON:
        return now + timedelta(days=SOON[words])
    for weekday, names in enumerate(WEEKDAYS.values()):
        if len(words) >= SHORTEST and any(plain(name).startswith(words) for name in names):
            return now + timedelta(days=(weekday - now.weekday()) % WEEK)
    return day(said)


def named_day(on: date) -> str:
    """Write a date with the name of its weekday, in short."""
    weekday = say(*list(WEEKDAYS.values())[on.weekday()])[:SHORTEST]
    return f"{weekday} {cell(on).people}"


ComingDay = Annotated[
    date,
    typer.Argument(
        metavar=say("DAY", "JOUR"),
        parser=coming_day,
        help=say("As in friday, tomorrow or 2026-12-31.", "Par exemple vendredi, demain ou 31/12/2026."),
    ),
]
From = Annotated[
    date | None,
    typer.Option("--from", parser=coming_day, metavar="DATE", help=say("Default: today.", "Défaut : aujourd'hui.")),
]
To = Annotated[
    date | None,
    typer.Option(
        "--to", parser=coming_day, metavar="DATE", help=say("Default: six days later.", "Défaut : six jours plus tard.")
    ),
]
