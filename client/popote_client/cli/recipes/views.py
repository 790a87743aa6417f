"""`popote recipes list` and `show`: looking."""

from decimal import Decimal
from typing import Annotated

import typer
from msgspec.structs import replace

from popote_client.backend import JSON
from popote_client.cli.recipes.choosing import Servings, Words, the_recipe
from popote_client.cli.recipes.telling import decimal, minutes, read, tell
from popote_client.cli.run import run
from popote_client.cli.stock.words import AsJson, known_units
from popote_client.cli.table import Cell, Ids, cell, show
from popote_client.client import Popote
from popote_client.language import say
from popote_client.part import MOST, every
from popote_client.recipes.recipes import SEARCHED, RecipeBrief
from popote_client.stock.quantities import digits

app = typer.Typer()

STAR = "★"


@app.command("list", help=say("List the recipes.", "Lister les recettes."))
def list_(  # noqa: PLR0913  # what may be asked for
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]", help=say("Only what these words find.", "Seulement ce qu'ils trouvent.")),
    ] = None,
    *,
    tag: Annotated[str | None, typer.Option(help=say("Only those with it.", "Seulement celles qui l'ont."))] = None,
    max_minutes: Annotated[
        int | None,
        typer.Option("--minutes", min=0, help=say("Only what takes no longer.", "Seulement ce qui dure moins.")),
    ] = None,
    favourites: Annotated[
        bool, typer.Option("--favourites", help=say("Only your favourites.", "Seulement vos favorites."))
    ] = False,
    as_json: AsJson = False,
    ids: Ids = False,
) -> None:
    q = " ".join(words or ())[:SEARCHED] or None

    async def work(popote: Popote) -> None:
        recipes = popote.api.recipes
        pages = every(
            lambda cursor: recipes.list_recipes(
                q, tag=tag, max_minutes=max_minutes, favourite=favourites, limit=MOST, cursor=cursor
            )
        )
        found = [each async for each in pages]
        headings = say("Recipe", "Recette"), say("For", "Pour"), say("Time", "Durée"), say("Tags", "Étiquettes")
        show(
            found,
            (*headings, "ID"),
            row,
            nothing=say("There is no such recipe.", "Il n'y a pas de telle recette."),
            as_json=as_json,
            ids=ids,
        )

    run(work)


def row(each: RecipeBrief) -> list[Cell]:
    star = f" {STAR}" if each.is_favourite else ""
    return [
        Cell(f"{each.title}{star}", each.title),
        Cell(decimal(each.servings), digits(each.servings), is_whole=True),
        Cell(minutes(each.minutes) if each.minutes else "", str(each.minutes or ""), is_whole=True),
        cell(", ".join(each.tags)),
        cell(each.id),
    ]


@app.command("show", help=say("Read a recipe.", "Lire une recette."))
def show_(words: Words, *, servings: Servings = None, as_json: AsJson = False) -> None:
    run(lambda popote: shown(popote, " ".join(words), servings, as_json=as_json))


async def shown(popote: Popote, said: str, servings: Decimal | None, *, as_json: bool) -> None:
    found = await the_recipe(popote.api.recipes, said)
    recipe = await popote.api.recipes.get_recipe(found.id, servings)
    if as_json:
        typer.echo(JSON.encode(recipe))
        return
    units, is_scaled = await known_units(popote.api.stock), recipe.servings != found.servings
    told = replace(recipe, yield_text="") if is_scaled else recipe
    tell(told, lambda ingredient: read(ingredient, units, is_scaled=is_scaled))
