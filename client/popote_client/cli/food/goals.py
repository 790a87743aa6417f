"""`popote goals`: what one wants to eat in a day."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from popote_client.backend import JSON
from popote_client.cli.food.words import today
from popote_client.cli.nutrients import (
    Carbohydrate,
    Fat,
    Fibre,
    Kcal,
    Kj,
    Protein,
    Salt,
    Saturates,
    Sugars,
    number,
    show_nutrients,
    wished,
)
from popote_client.cli.output import note
from popote_client.cli.run import run
from popote_client.cli.stock.telling import labelled
from popote_client.cli.stock.words import AsJson, day
from popote_client.cli.table import cell
from popote_client.client import Popote
from popote_client.food.goals import Activity, Body, Goals, NewGoals, Sex, Weekday
from popote_client.food.nutrients import CODES, Nutrients
from popote_client.language import language, say
from popote_client.stock.units import plain

app = typer.Typer()
goals = typer.Typer(
    help=say("What you want to eat in a day.", "Ce que vous voulez manger par jour."), invoke_without_command=True
)
app.add_typer(goals, name="goals")

WEEKDAYS: Mapping[Weekday, tuple[str, str]] = {
    "monday": ("Monday", "Lundi"),
    "tuesday": ("Tuesday", "Mardi"),
    "wednesday": ("Wednesday", "Mercredi"),
    "thursday": ("Thursday", "Jeudi"),
    "friday": ("Friday", "Vendredi"),
    "saturday": ("Saturday", "Samedi"),
    "sunday": ("Sunday", "Dimanche"),
}

SHORT = 3  # letters that tell the days of the week apart

From = Annotated[
    date | None,
    typer.Option(
        "--from", parser=day, metavar="DATE", help=say("From which day on; default: today.", "À partir de quel jour.")
    ),
]


@goals.callback(help=say("What you want to eat in a day.", "Ce que vous voulez manger par jour."))
def show_(context: typer.Context, *, as_json: AsJson = False) -> None:
    if context.invoked_subcommand is not None:
        return
    found = run(lambda popote: popote.api.food.get_goals(today()))
    if found is None or not found.weekdays:
        note(say("You have no goals. Set some: popote goals set", "Pas d'objectifs. Fixez-en : popote goals set"))
    elif as_json:
        typer.echo(JSON.encode(found))
    else:
        tell(found)


def tell(found: Goals) -> None:
    """Print goals, a column for the days that have the same."""
    typer.echo(labelled(say("From", "À partir du"), cell(found.from_day).people))
    columns = grouped(found)
    wanted = {code for _, nutrients in columns for code, _ in nutrients.known()}
    show_nutrients([code for code in CODES if code in wanted], *(wished(*each) for each in columns))


def grouped(found: Goals) -> list[tuple[str, Nutrients]]:
    """Return what is wanted, under the names of the days on which it is."""
    groups: list[tuple[list[Weekday], Nutrients]] = []
    for weekday in WEEKDAYS:
        wanted = found.weekdays.get(weekday)
        same = next((days for days, nutrients in groups if nutrients == wanted), None)
        if same:
            same.append(weekday)
        elif wanted:
            groups.append(([weekday], wanted))
    return [(days_named(days), nutrients) for days, nutrients in groups]


def days_named(days: list[Weekday]) -> str:
    if len(days) == len(WEEKDAYS):
        return say("Every day", "Chaque jour")
    return ", ".join(say(*WEEKDAYS[each])[:SHORT] for each in days)


@goals.command("set", help=say("Set your goals.", "Fixer vos objectifs."))
def set_(  # noqa: PLR0913  # what one may want
    *,
    kcal: Kcal = None,
    kj: Kj = None,
    fat: Fat = None,
    saturates: Saturates = None,
    carbohydrate: Carbohydrate = None,
    sugars: Sugars = None,
    fibre: Fibre = None,
    protein: Protein = None,
    salt: Salt = None,
    on: Annotated[
        list[str] | None,
        typer.Option(metavar="DAY", help=say("Only for that day of the week.", "Seulement ce jour de la semaine.")),
    ] = None,
    from_day: From = None,
) -> None:
    wanted = Nutrients(
        energy_kcal=kcal, energy_kj=kj, fat_g=fat, saturates_g=saturates, carbohydrate_g=carbohydrate,
        sugars_g=sugars, fibre_g=fibre, protein_g=protein, salt_g=salt,
    )  # fmt: skip
    if wanted == Nutrients():
        raise typer.BadParameter(say("say what you want, as in --kcal 2000", "dites quoi, par exemple --kcal 2000"))
    days = [weekday_named(each) for each in on or ()]
    tell(run(lambda popote: changed(popote, wanted, days, from_day or today())))


async def changed(popote: Popote, wanted: Nutrients, days: list[Weekday], from_day: date) -> Goals:
    """Set goals for all days of the week, or for some of them, with those of the others as they were."""
    now = await popote.api.food.get_goals(from_day)
    new = NewGoals(from_day=from_day, every_day=wanted)
    if days:
        others = now.weekdays if now else {}
        new = NewGoals(from_day=from_day, weekdays={**others, **dict.fromkeys(days, wanted)})
    return await popote.api.food.set_goals(new, now.version if now else None)


@goals.command(help=say("Have no goals any more.", "Ne plus avoir d'objectifs."))
def end(*, from_day: From = None) -> None:
    run(lambda popote: changed(popote, Nutrients(), [], from_day or today()))
    typer.echo(say("You have no goals any more.", "Vous n'avez plus d'objectifs."))


@goals.command(help=say("Estimate the energy that an adult needs.", "Estimer l'énergie dont un adulte a besoin."))
def estimate(  # noqa: PLR0913  # what the need follows from
    *,
    sex: Annotated[Sex, typer.Option(help=say("As the equation knows it.", "Tel que l'équation le connaît."))],
    born: Annotated[int, typer.Option(metavar="YEAR", help=say("As in 1990.", "Par exemple 1990."))],
    height: Annotated[Decimal, typer.Option(parser=number, metavar="CM", help=say("In cm.", "En cm."))],
    weight: Annotated[
        Decimal | None,
        typer.Option(parser=number, metavar="KG", help=say("Default: the last.", "Défaut : le dernier.")),
    ] = None,
    activity: Annotated[Activity, typer.Option(help=say("How much you move.", "Combien vous bougez."))] = "light",
    as_json: AsJson = False,
) -> None:
    body = Body(sex=sex, birth_year=born, height_cm=height, weight_kg=weight, activity=activity)
    need = run(lambda popote: popote.api.food.estimate_need(body, language()))
    if as_json:
        typer.echo(JSON.encode(need))
        return
    typer.echo(f"{need.energy_kcal} kcal ({need.energy_kj} kJ)")
    note(f"{need.activity}. {need.limitation}")


def weekday_named(said: str) -> Weekday:
    """Read a day of the week, in either language, or its first letters.

    Raises:
        BadParameter: it is none, or may be several.
    """
    found = [each for each, names in WEEKDAYS.items() if any(plain(name).startswith(plain(said)) for name in names)]
    if len(found) != 1:
        raise typer.BadParameter(say("a day as in Saturday", "un jour comme samedi"), param_hint="--on")
    return found[0]
