"""The launcher's part of the `popote` command."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from popote_client.language import say

app = typer.Typer(no_args_is_help=True)


@app.command(
    help=say(
        "Run all of Popote on this machine, with a PostgreSQL and a Valkey of its own.",
        "Faire tourner tout Popote sur cette machine, avec son propre PostgreSQL et son propre Valkey.",
    )
)
def up() -> None:
    _become("up")


@app.command(
    help=say(
        "Run all of Popote on the servers that DATABASE_URL and REDIS_URL name, with logs as JSON.",
        "Faire tourner tout Popote sur les serveurs que nomment DATABASE_URL et REDIS_URL, avec un journal en JSON.",
    )
)
def serve(
    *,
    all_: Annotated[
        bool, typer.Option("--all", help=say("Every service and the gateway.", "Tous les services et la passerelle."))
    ] = False,
) -> None:
    if not all_:
        raise typer.BadParameter(
            say(
                "say --all; a single service is `python -m popote_<name> serve`",
                "dites --all ; un seul service, c'est `python -m popote_<name> serve`",
            )
        )
    _become("serve")


@app.command(
    help=say(
        "Print the contract of the whole API, as OpenAPI 3.1.", "Afficher le contrat de toute l'API, en OpenAPI 3.1."
    )
)
def openapi() -> None:
    _become("openapi")


@app.command(
    "import-foods",
    help=say(
        "Bring foods from Ciqual (ciqual), FoodData Central (usda) or a CSV file (csv) into the Popote that runs here.",
        "Importer dans le Popote d'ici des aliments de Ciqual (ciqual), de FoodData Central (usda), d'un CSV (csv).",
    ),
)
def import_foods(
    kind: Annotated[str, typer.Argument(metavar="ciqual|usda|csv")],
    path: Annotated[Path, typer.Argument(help=say("A zip or a folder; of csv, the file.", "Un zip ou un dossier."))],
    *,
    name: Annotated[str, typer.Option(help=say("What a CSV table is called.", "Le nom d'une table CSV."))] = "",
    report: Annotated[
        Path | None,
        typer.Option(help=say("Write all that was refused there.", "Y écrire tout ce qui a été refusé.")),
    ] = None,
) -> None:
    options = (["--name", name] if name else []) + (["--report", str(report)] if report else [])
    _become(*options, "--", kind, str(path), module="popote_launcher.foods")


def _become(*words: str, module: str = "popote_launcher") -> None:
    # A process of its own leaves the command line library, some 10 MiB, behind.
    os.execv(sys.executable, [sys.executable, "-m", module, *words])  # noqa: S606 - our own words
