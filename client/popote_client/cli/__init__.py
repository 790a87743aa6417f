"""The `popote` command. Its exit codes: see `popote_client.cli.exits`."""

import logging
import os
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from popote_client import __version__
from popote_client.cli.commands import Commands
from popote_client.cli.exits import DESCRIPTION, exit_code
from popote_client.cli.output import complain
from popote_client.language import say

app = typer.Typer(
    name="popote",
    cls=Commands,
    help=say(
        "Popote: what your household has, cooks and eats, and a model at home to talk to about it.",
        "Popote : ce que votre foyer a, cuisine et mange, et un modèle à la maison pour en parler.",
    ),
    epilog=DESCRIPTION,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def tell_version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"popote {__version__}")
        raise typer.Exit


@app.callback()
def popote(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda asked: tell_version(asked=asked),
            is_eager=True,
            help=say("Tell the version.", "Dire la version."),
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command, and end the process with its exit code. With POPOTE_DEBUG set errors show where they arose."""
    logging.getLogger("popote_client").addHandler(logging.NullHandler())  # people are told in other words
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old terminal shows a question mark for what it lacks
    try:
        app(prog_name="popote")
    except Exception as error:
        if os.environ.get("POPOTE_DEBUG"):
            raise
        complain(error)
        sys.exit(exit_code(error))
