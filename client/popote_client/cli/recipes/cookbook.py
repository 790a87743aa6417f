"""`popote recipes export`, and `import` of what it writes: the whole cookbook as a zip."""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from popote_client.cli.output import note
from popote_client.cli.run import run
from popote_client.cli.stock.telling import labelled
from popote_client.client import Popote
from popote_client.language import count, say
from popote_client.recipes.cookbook import CookbookTaken, Told

app = typer.Typer()

BEGIN = b"PK\x03\x04"
EMPTY = b"PK\x05\x06"
NOT_ALL_TAKEN = 4  # as for any refusal


@app.command(help=say("Write all recipes into a zip.", "Écrire toutes les recettes dans un zip."))
def export(
    file: Annotated[
        Path, typer.Argument(metavar=say("FILE.zip", "FICHIER.zip"), help=say("Replaced whole.", "Remplacé en entier."))
    ],
    *,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help=say("Only the texts.", "Seulement les textes."))
    ] = False,
) -> None:
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as begun:
            run(lambda popote: write(popote, begun, with_pictures=not no_pictures))
        part.replace(file)
    except OSError as error:
        raise typer.BadParameter(str(error), param_hint=say("FILE.zip", "FICHIER.zip")) from error
    finally:
        part.unlink(missing_ok=True)
    typer.echo(labelled(say("Written", "Écrit"), str(file)))


async def write(popote: Popote, file: BinaryIO, *, with_pictures: bool) -> None:
    async with aclosing(popote.api.recipes.export_cookbook("full" if with_pictures else "none")) as pieces:
        async for piece in pieces:
            file.write(piece)


def is_cookbook(body: bytes) -> bool:
    return body.startswith((BEGIN, EMPTY))


def tell(taken: CookbookTaken) -> None:
    """Tell what was taken of a cookbook, and what was not, and why.

    Raises:
        Exit: not all was taken.
    """
    typer.echo(
        count(
            taken.taken,
            one=("Kept: {n} recipe", "Gardée : {n} recette"),
            several=("Kept: {n} recipes", "Gardées : {n} recettes"),
        )
    )
    if taken.unchanged:
        typer.echo(say(f"Here already: {taken.unchanged}", f"Déjà là : {taken.unchanged}"))
    tell_each(taken.remarks)
    tell_each(taken.not_taken)
    if taken.not_taken:
        raise typer.Exit(NOT_ALL_TAKEN)


def tell_each(told: Sequence[Told]) -> None:
    for each in told:
        note(labelled(each.name, each.message))
