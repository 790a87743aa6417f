"""Meals and days in people's words."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from popote_client.cli.stock.words import day
from popote_client.food.diary import Meal
from popote_client.language import say
from popote_client.stock.units import plain

MEALS: Mapping[Meal, tuple[str, str]] = {
    "breakfast": ("Breakfast", "Petit-déjeuner"),
    "lunch": ("Lunch", "Déjeuner"),
    "dinner": ("Dinner", "Dîner"),
    "snack": ("Snack", "Collation"),
}
ENDS: tuple[tuple[time, Meal], ...] = ((time(11), "breakfast"), (time(15), "lunch"), (time(18), "snack"))

ByMeal = Annotated[
    str | None,
    typer.Option(
        "--meal",
        metavar=say("MEAL", "REPAS"),
        help=say("breakfast, lunch, dinner or snack.", "petit-déjeuner, déjeuner, dîner ou collation."),
    ),
]
OnDay = Annotated[
    date | None,
    typer.Option("--day", parser=day, metavar="DATE", help=say("Default: today.", "Par défaut : aujourd'hui.")),
]


def now() -> datetime:
    """Return the time on this machine's clock."""
    return datetime.now(UTC).astimezone()


def today() -> date:
    return now().date()


def meal_named(said: str | None) -> Meal | None:
    """Read the name of a meal, where one is said; raises as `meal_called` does."""
    return None if said is None else meal_called(said)


def meal_called(said: str) -> Meal:
    """Read the name of a meal, in either language, or its first letters.

    Raises:
        BadParameter: it is none, or may be several.
    """
    found = [meal for meal, names in MEALS.items() if any(plain(name).startswith(plain(said)) for name in names)]
    if len(found) != 1:
        raise typer.BadParameter(
            ", ".join(say(*names).lower() for names in MEALS.values()), param_hint=say("MEAL", "REPAS")
        )
    return found[0]


def meal_at(clock: time) -> Meal:
    """Return the meal that is usual at that time."""
    return next((meal for end, meal in ENDS if clock < end), "dinner")
