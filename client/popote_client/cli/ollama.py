"""`popote ollama`: the address of the model at home, as Popote publishes it."""

from typing import Annotated

import typer

from popote_client.api import AddressChange
from popote_client.cli.output import age, note
from popote_client.cli.run import run
from popote_client.client import Popote
from popote_client.language import say
from popote_client.resolve import Address

app = typer.Typer()
ollama = typer.Typer(
    help=say("Show or publish where Ollama is.", "Montrer ou publier où se trouve Ollama."), no_args_is_help=True
)
app.add_typer(ollama, name="ollama")


@ollama.command(help=say("Show the published address.", "Montrer l'adresse publiée."))
def show() -> None:
    async def work(popote: Popote) -> Address:
        return await popote.resolver.resolve(forced=True)

    address = run(work)
    tell_age(address.stale_for_s)
    typer.echo(address.url)


@ollama.command("set", help=say("Publish an address for the household.", "Publier une adresse pour le foyer."))
def set_(
    url: Annotated[
        str, typer.Argument(metavar="URL", help=say("As in", "Par exemple") + " http://192.168.11.101:11434")
    ],
    *,
    reason: Annotated[
        str | None, typer.Option(help=say("Why; kept with the change.", "Pourquoi ; gardé avec le changement."))
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=say("Only tell what would be published.", "Dire seulement l'effet."))
    ] = False,
    default: Annotated[
        bool,
        typer.Option(
            "--default", help=say("For the whole system; operators only.", "Pour tout le système ; opérateurs.")
        ),
    ] = False,
) -> None:
    async def work(popote: Popote) -> AddressChange:
        change = await popote.api.set_ollama_address(url, reason=reason, default=default, dry_run=dry_run)
        popote.resolver.forget()
        return change

    change = run(work)
    for remark in change.warnings:
        note(say("Note: ", "À noter : ") + remark.message)
    if dry_run:
        typer.echo(say("Would publish: ", "Serait publiée : ") + change.normalised)
    else:
        typer.echo(say("Published: ", "Publiée : ") + change.ollama_base_url)


def tell_age(stale_for_s: float | None) -> None:
    """Say that an address could not be confirmed."""
    if stale_for_s is not None:
        note(
            say(
                f"Popote does not answer; this is the address of {age(stale_for_s)} ago.",
                f"Popote ne répond pas ; cette adresse date d'il y a {age(stale_for_s)}.",
            )
        )
