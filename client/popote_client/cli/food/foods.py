"""`popote food`: what foods hold, and what the household calls them."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

import typer

from popote_client.backend import JSON
from popote_client.cli.food.choosing import food_named
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
    amounts,
    counted,
    known,
    lacking,
    measured,
    number,
    show_nutrients,
)
from popote_client.cli.output import note
from popote_client.cli.run import run
from popote_client.cli.stock.telling import labelled
from popote_client.cli.stock.words import AsJson, known_units
from popote_client.cli.table import Cell, Ids, cell, show
from popote_client.client import Popote
from popote_client.food.analyses import Analysis, Subject
from popote_client.food.foods import Conversion, Food, NewFood
from popote_client.food.nutrients import Nutrients
from popote_client.language import count, language, say
from popote_client.stock.quantities import Fact
from popote_client.stock.units import NotUnderstood, Units

app = typer.Typer()
food = typer.Typer(help=say("What foods hold.", "Ce que contiennent les aliments."), no_args_is_help=True)
app.add_typer(food, name="food")

STORAGE = {"pantry": ("in the cupboard", "au placard"), "fridge": ("in the fridge", "au réfrigérateur"),
           "freezer": ("in the freezer", "au congélateur")}  # fmt: skip
SOURCES = {
    "household": ("yours", "à vous"),
    "popote": ("Popote", "Popote"),
    "ciqual": ("Anses Ciqual", "Anses Ciqual"),
    "ndb": ("USDA SR Legacy", "USDA SR Legacy"),
    "usda": ("USDA FoodData Central", "USDA FoodData Central"),
}

Words = Annotated[
    list[str], typer.Argument(metavar="WORDS…", help=say("In English or French.", "En français ou en anglais."))
]
Name = Annotated[str, typer.Argument(metavar="NAME", help=say("As in brown rice.", "Par exemple riz complet."))]


@food.command(help=say("Look for foods.", "Chercher des aliments."))
def search(
    words: Words,
    *,
    limit: Annotated[int, typer.Option(min=1, max=200, help=say("How many at most.", "Combien au plus."))] = 20,
    as_json: AsJson = False,
    ids: Ids = False,
) -> None:
    async def work(popote: Popote) -> None:
        found = (await popote.api.food.list_foods(" ".join(words), language=language(), limit=limit)).items
        show(
            found,
            (say("Food", "Aliment"), say("In 100", "Dans 100"), say("From", "De"), "ID"),
            row,
            nothing=say("No such food is known.", "Aucun aliment de ce nom n'est connu."),
            as_json=as_json,
            ids=ids,
        )

    run(work)


def row(each: Food) -> list[Cell]:
    return [cell(each.name), measured("energy_kcal", each.per_100g.energy_kcal), cell(source(each)), cell(each.id)]


def source(each: Food) -> str:
    """Say where a food comes from, and that the household changed it where it did."""
    kind = each.source_id.partition(":")[0] if each.source == "starter" else each.source
    told = say(*SOURCES.get(kind, (each.source, each.source)))
    return say(f"{told}, changed here", f"{told}, modifié ici") if each.is_override else told


@food.command("show", help=say("Tell what 100 g of a food hold.", "Dire ce que contiennent 100 g d'un aliment."))
def show_(words: Words, *, as_json: AsJson = False) -> None:
    async def work(popote: Popote) -> None:
        found, units = await asyncio.gather(food_named(popote.api.food, " ".join(words)), known_units(popote.api.stock))
        if as_json:
            typer.echo(JSON.encode(found))
            return
        typer.echo(found.name)
        heading = say(f"In 100 {found.per}", f"Dans 100 {found.per}")
        show_nutrients(counted(found.per_100g), amounts(heading, found.per_100g))
        for line in described(found, units):
            note(line)

    run(work)


def described(found: Food, units: Units) -> Iterator[str]:
    """Tell what else is known of a food, a line a fact."""
    if found.aliases:
        yield labelled(say("Also called", "Aussi appelé"), ", ".join(found.aliases))
    for fact in first_of_each(found.facts):
        about = "≈" if fact.is_approximate else "="
        yield f"{units.one(fact.unit)} {about} {units.show(fact.equals)}"
    if found.keeping.storage:
        yield labelled(say("Keeps", "Se garde"), kept(found))
    known_as = f" ({found.source_id})" if found.source_id else ""
    yield labelled(say("From", "Source"), f"{source(found)}{known_as}")


def first_of_each(facts: list[Fact]) -> list[Fact]:
    """Return the facts that win: the first of each unit."""
    return list({fact.unit: fact for fact in reversed(facts)}.values())[::-1]


def kept(found: Food) -> str:
    where, days = say(*STORAGE[found.keeping.storage or "pantry"]), found.keeping.keeps_days
    if days is None:
        return where
    return f"{where}, " + count(days, one=("{n} day", "{n} jour"), several=("{n} days", "{n} jours"))


@food.command(help=say("Make a food of your own, from its label.", "Créer un aliment à vous, d'après son étiquette."))
def add(  # noqa: PLR0913  # what a label says
    name: Name,
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
    ml: Annotated[
        bool, typer.Option("--ml", help=say("The label is for 100 ml.", "L'étiquette est pour 100 ml."))
    ] = False,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="UNIT=AMOUNT",
            help=say("What one of a unit is, as in slice=30 g.", "Ce que fait une unité, par exemple tranche=30 g."),
        ),
    ] = None,
) -> None:
    nutrients = Nutrients(
        energy_kcal=kcal, energy_kj=kj, fat_g=fat, saturates_g=saturates, carbohydrate_g=carbohydrate,
        sugars_g=sugars, fibre_g=fibre, protein_g=protein, salt_g=salt,
    )  # fmt: skip

    async def work(popote: Popote) -> None:
        units = await known_units(popote.api.stock) if unit else Units([])
        new = NewFood(
            name=name,
            language=language(),
            per="ml" if ml else "g",
            nutrients=nutrients,
            conversions=[conversion(each, units) for each in unit or ()],
        )
        made = await popote.api.food.create_food(new)
        typer.echo(labelled(say("Made", "Créé"), made.name))

    run(work)


def conversion(said: str, units: Units) -> Conversion:
    """Read what one of a unit is, as in slice=30 g.

    Raises:
        BadParameter: it is said otherwise.
    """
    name, _, amount = said.partition("=")
    try:
        known, equals = units.named(name), units.measure(amount)
    except NotUnderstood as error:
        raise bad_conversion() from error
    if known is None:
        raise bad_conversion()
    return Conversion(known.code, equals)


def bad_conversion() -> typer.BadParameter:
    return typer.BadParameter(say('say it as in "slice=30 g"', "dites par exemple « tranche=30 g »"))


@food.command(help=say("Say which food a name means to you.", "Dire quel aliment un nom désigne chez vous."))
def teach(
    name: Name,
    means: Annotated[list[str], typer.Argument(metavar="FOOD…", help=say("Its name or ID.", "Son nom ou son ID."))],
) -> None:
    async def work(popote: Popote) -> None:
        meant = await food_named(popote.api.food, " ".join(means))
        await popote.api.food.teach_name(name, meant.id)
        typer.echo(say(f"“{name}” now means: {meant.name}", f"« {name} » désigne maintenant : {meant.name}"))

    run(work)


@food.command(
    "count",
    help=say("Add up what ingredients hold.", "Additionner ce que contiennent des ingrédients."),
)
def count_(
    lines: Annotated[
        list[str],
        typer.Argument(
            metavar="LINE…",
            help=say('As in "200 g rice".', "Par exemple « 200 g de riz »."),
        ),
    ],
    *,
    servings: Annotated[
        Decimal | None, typer.Option(parser=number, metavar="N", help=say("For how many.", "Pour combien."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    subject = Subject(lines=lines, servings=servings, language=language())
    found = run(lambda popote: popote.api.food.analyse(subject))
    if as_json:
        typer.echo(JSON.encode(found))
        return
    tell(found)


def tell(found: Analysis) -> None:
    columns = [amounts(say("Total", "Total"), found.total, found.coverage)]
    if found.per_serving:
        columns.append(amounts(say("A serving", "Par portion"), found.per_serving, found.coverage))
    show_nutrients(counted(found.total), *columns, known(found.coverage))
    for line in lacking(found.missing):
        note(line)
