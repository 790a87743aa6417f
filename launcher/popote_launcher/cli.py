"""The launcher's part of the `popote` command."""

import os
import sys
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.command()
def up() -> None:
    """Run all of Popote on this machine, with a PostgreSQL and a Valkey of its own."""
    _become("up")


@app.command()
def serve(*, all_: Annotated[bool, typer.Option("--all", help="Every service and the gateway.")] = False) -> None:
    """Run all of Popote on the servers that DATABASE_URL and REDIS_URL name, with logs as JSON."""
    if not all_:
        raise typer.BadParameter("say --all; a single service is `python -m popote_<name> serve`")
    _become("serve")


@app.command()
def openapi() -> None:
    """Print the contract of the whole API, as OpenAPI 3.1."""
    _become("openapi")


def _become(word: str) -> None:
    # A process of its own leaves the command line library, some 10 MiB, behind.
    os.execv(sys.executable, [sys.executable, "-m", "popote_launcher", word])  # noqa: S606 - our own words
