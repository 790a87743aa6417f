"""`popote stock export` and `import`: the stock as a table (CSV)."""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Annotated

import typer

from popote_client.cli.output import note
from popote_client.cli.run import run
from popote_client.client import Popote
from popote_client.language import count, say
from popote_client.problems import PopoteError
from popote_client.stock.tables import Batch, Imported, Refusal, batches, import_whole

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
        outcomes = tried(popote, table) if dry_run else import_whole(popote.api.stock, popote.state, table)
        try:
            async for batch, done in outcomes:
                added += done.added
                refused += len(done.refused)
                for refusal in done.refused:
                    tell(refusal, batch)
        except PopoteError:
            if added and not dry_run:
                tell_how_to_go_on(added)
            raise
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


async def tried(popote: Popote, table: bytes) -> AsyncGenerator[tuple[Batch, Imported], None]:
    """Tell of each batch what would become of it."""
    for batch in list(batches(table)):
        yield batch, await popote.api.stock.import_table(batch.body, dry_run=True)


def tell_how_to_go_on(added: int) -> None:
    so_far = count(
        added,
        one=("{n} row is in the stock.", "{n} ligne est en stock."),
        several=("{n} rows are in the stock.", "{n} lignes sont en stock."),
    )
    go_on = say("To go on, import the same file again.", "Pour continuer, importez à nouveau le même fichier.")
    note(f"{so_far} {go_on}")
