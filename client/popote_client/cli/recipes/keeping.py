"""`popote recipes new`, `delete`, `favourite`: what is kept."""

import sys
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from popote_client.cli.nutrients import number
from popote_client.cli.output import is_interactive, note
from popote_client.cli.recipes.choosing import OneRecipe, Words, Yes, the_recipe
from popote_client.cli.recipes.telling import left_open
from popote_client.cli.run import run
from popote_client.cli.stock.tables import content
from popote_client.cli.stock.telling import labelled
from popote_client.client import Popote
from popote_client.language import language, say
from popote_client.recipes.opinions import NewOpinion
from popote_client.recipes.recipes import NewRecipe, Recipe
from popote_client.recipes.texts import typed

app = typer.Typer()

STDIN = Path("-")
USUAL_SERVINGS = Decimal(4)


@app.command(
    help=say(
        "Keep a recipe that you type: its ingredients, a line each; an empty line; its steps, a line each.",
        "Garder une recette que vous tapez : ses ingrédients, un par ligne ; une ligne vide ; ses étapes.",
    )
)
def new(
    title: Annotated[str, typer.Argument(metavar=say("TITLE", "TITRE"), help=say("In quotes.", "Entre guillemets."))],
    file: Annotated[
        Path,
        typer.Argument(
            metavar=say("[FILE]", "[FICHIER]"),
            show_default=False,
            help=say("Default: standard input.", "Défaut : l'entrée standard."),
        ),
    ] = STDIN,
    *,
    servings: Annotated[
        Decimal | None,
        typer.Option(parser=number, metavar="N", help=say("For how many; default: 4.", "Pour combien ; défaut : 4.")),
    ] = None,
    minutes: Annotated[
        int | None, typer.Option(min=0, help=say("How long it takes in all.", "Combien de temps en tout."))
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help=say("As in winter.", "Par exemple hiver."))] = None,
) -> None:
    if file == STDIN and sys.stdin.isatty():
        note(
            say(
                "Type the ingredients, a line each; an empty line; the steps, a line each. Then Ctrl-D.",
                "Tapez les ingrédients, un par ligne ; une ligne vide ; les étapes. Puis Ctrl-D.",
            )
        )
    ingredients, steps = typed(text_of(file))
    recipe = NewRecipe(
        title=title,
        servings=USUAL_SERVINGS if servings is None else servings,
        ingredients=ingredients,
        steps=steps,
        language=language(),
        minutes=minutes,
        tags=tag or (),
    )
    tell_kept(run(lambda popote: popote.api.recipes.create_recipe(recipe)))


def tell_kept(recipe: Recipe) -> None:
    typer.echo(labelled(say("Kept", "Gardée"), recipe.title))
    for line in left_open(recipe.ingredients):
        note(line)


def text_of(file: Path) -> str:
    """Return the text that a file holds.

    Raises:
        BadParameter: it can't be read, or is no text in UTF-8.
    """
    try:
        return content(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = say("not a text in UTF-8", "pas un texte en UTF-8")
        raise typer.BadParameter(reason, param_hint=say("FILE", "FICHIER")) from error


@app.command(help=say("Forget a recipe.", "Oublier une recette."))
def delete(words: Words, *, yes: Yes = False) -> None:
    async def work(popote: Popote) -> None:
        found = await the_recipe(popote.api.recipes, " ".join(words))
        question = say(f"Forget “{found.title}” for good?", f"Oublier « {found.title} » pour de bon ?")
        if not yes and is_interactive() and not typer.confirm(question, err=True):
            return
        await popote.api.recipes.delete_recipe(found.id, found.version)
        typer.echo(labelled(say("Forgotten", "Oubliée"), found.title))

    run(work)


@app.command(help=say("Make a recipe one of your favourites.", "Mettre une recette parmi vos favorites."))
def favourite(
    words: Words,
    *,
    off: Annotated[bool, typer.Option("--off", help=say("It is none any more.", "Elle n'en est plus."))] = False,
) -> None:
    async def work(popote: Popote) -> None:
        recipes = popote.api.recipes
        found = await the_recipe(recipes, " ".join(words))
        thought = await recipes.get_opinion(found.id)
        opinion = NewOpinion(is_favourite=not off, note=thought.note, rating=thought.rating)
        await recipes.put_opinion(found.id, opinion)
        said = say("No favourite any more", "N'est plus favorite") if off else say("A favourite", "Favorite")
        typer.echo(labelled(said, found.title))

    run(work)


@app.command(help=say("Give a recipe a picture.", "Donner une image à une recette."))
def image(
    recipe: OneRecipe,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar=say("[FILE]", "[FICHIER]"),
            help=say("A JPEG, PNG, WebP, AVIF or GIF.", "Un JPEG, PNG, WebP, AVIF ou GIF."),
        ),
    ] = None,
    *,
    off: Annotated[bool, typer.Option("--off", help=say("Take it away.", "La retirer."))] = False,
) -> None:
    if off == (file is not None):
        raise typer.BadParameter(say("either a file or --off", "un fichier ou --off"))
    picture = content(file) if file else None

    async def work(popote: Popote) -> None:
        recipes = popote.api.recipes
        found = await the_recipe(recipes, recipe)
        if picture is None:
            await recipes.delete_image(found.id, found.version)
        else:
            await recipes.put_image(found.id, found.version, picture)
        said = say("No picture any more", "Sans image") if off else say("A picture for", "Une image pour")
        typer.echo(labelled(said, found.title))

    run(work)
