"""`popote stock export` and `import`: the stock as a table (CSV)."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from popote_client.cli.output import note
from popote_client.cli.run import run
from popote_client.client import Popote
from popote_client.language import say
from popote_client.problems import PopoteError
from popote_client.stock.tables import Batch, Refusal, batches

app = typer.Typer()

ROWS_REFUSED = 4  # as for any refusal


@app.command("export", help=say("Write what is on hand as CSV.", "Écrire ce qu'il y a en CSV."))
def export_(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help=say("Default: standard output.", "Défaut : la sortie standard.")),
    ] = None,
) -> None:
    table = run(lambda popote: popote.api.stock.export_table())
    if file is None:
        sys.stdout.buffer.write(table)
        return
    try:
        file.write_bytes(table)
    except OSError as error:
        raise typer.BadParameter(str(error), param_hint="FILE") from error


@app.command("import", help=say("Put the rows of a CSV file into the stock.", "Mettre en stock les lignes d'un CSV."))
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=say("With a header, as export writes it; - is standard input.", "Avec en-tête ; - : entrée standard."),
        ),
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=say("Only tell what would happen.", "Dire seulement l'effet."))
    ] = False,
) -> None:
    table = content(file)

    async def work(popote: Popote) -> tuple[int, int]:
        added = refused = 0
        for batch in list(batches(table)):  # all of them are sound before the first is sent
            try:
                done = await popote.api.stock.import_table(batch.body, dry_run=dry_run)
            except PopoteError:
                tell_how_far(batch, added)
                raise
            added += done.added
            refused += len(done.refused)
            for refusal in done.refused:
                tell(refusal, batch)
        return added, refused

    added, refused = run(work)
    would = say("Would add", "À ajouter") if dry_run else say("Added", "Ajouté")
    typer.echo(say(f"{would}: {added}. Refused: {refused}.", f"{would} : {added}. Refusé : {refused}."))
    if refused:
        raise typer.Exit(ROWS_REFUSED)


def content(file: Path) -> bytes:
    """Return what a file holds, or with `-` standard input.

    Raises:
        BadParameter: it can't be read.
    """
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(str(error), param_hint="FILE") from error


def tell(refusal: Refusal, batch: Batch) -> None:
    where = say(f"line {batch.line(refusal.row)}", f"ligne {batch.line(refusal.row)}")
    column = f", {refusal.column}" if refusal.column else ""
    note(f"{where}{column}: {refusal.message}")


def tell_how_far(batch: Batch, added: int) -> None:
    """Say what of the file is in the stock already, so that it is not sent again."""
    if added:
        note(
            say(
                f"The rows before line {batch.lines[0]} are in the stock already.",
                f"Les lignes avant la ligne {batch.lines[0]} sont déjà en stock.",
            )
        )
