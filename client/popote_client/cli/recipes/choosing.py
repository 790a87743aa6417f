"""From the words of a person to the recipe that they mean; at a terminal they may pick one."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

import typer

from popote_client.cli.nutrients import number
from popote_client.cli.output import is_interactive, note, readable
from popote_client.language import say
from popote_client.recipes.choosing import names, recipes_named, unclear
from popote_client.recipes.recipes import Recipes, Titled
from popote_client.stock.choosing import SHOWN

Words = Annotated[
    list[str],
    typer.Argument(
        metavar=say("RECIPE…", "RECETTE…"),
        help=say("Its title, words of it, or its ID.", "Son titre, des mots du titre, ou son ID."),
    ),
]
OneRecipe = Annotated[
    str,
    typer.Argument(
        metavar=say("RECIPE", "RECETTE"),
        help=say("Its title in quotes, words of it, or its ID.", "Son titre entre guillemets, ou son ID."),
    ),
]
Servings = Annotated[
    Decimal | None,
    typer.Option(parser=number, metavar="N", help=say("For how many.", "Pour combien.")),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=say("Do not ask.", "Ne pas demander."))]


async def the_recipe(recipes: Recipes, said: str) -> Titled:
    """Return the one recipe that words mean; the person at a terminal picks it where there are several.

    Raises:
        Unclear: there is none, or there are several and nobody to ask.
    """
    found = await recipes_named(recipes, said)
    if len(found) == 1:
        return found[0]
    if not found or not is_interactive():
        raise unclear(said, found)
    return found[picked(said, names(found[:SHOWN]))]


def picked(said: str, names: Sequence[str]) -> int:
    """Let the person at the terminal pick one of the names; return its place."""
    note(say(f"Which one is “{said}”?", f"Lequel est « {said} » ?"))
    for place, name in enumerate(names, 1):
        typer.echo(f"{place:3}  {readable(name)}", err=True)
    answer = 0
    while not 1 <= answer <= len(names):
        answer = typer.prompt(say("Which one", "Lequel"), type=int, err=True)
    return answer - 1
