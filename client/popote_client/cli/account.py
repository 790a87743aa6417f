"""`popote register`, `popote login`, `popote logout`, `popote setup`: who I am, on this device."""

import os
import platform
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import httpx
import typer

from popote_client.cli.output import note
from popote_client.cli.run import Server, named_url, run, typed_url
from popote_client.client import Popote
from popote_client.diagnosis import is_home_host
from popote_client.language import count, language, say
from popote_client.problems import BackendUnreachable, NotLoggedIn, Problem
from popote_client.tokens import Session
from popote_client.wire import Registered, Registration

app = typer.Typer()

Email = Annotated[str, typer.Option(prompt=say("E-mail", "Adresse e-mail"), help=say("Your e-mail.", "Votre e-mail."))]


@app.command(help=say("Make an account, and log in.", "Créer un compte, et se connecter."))
def register(  # noqa: PLR0913  # each is an option
    email: Email,
    name: Annotated[
        str, typer.Option(prompt=say("Your name", "Votre nom"), help=say("How others see you.", "Votre nom affiché."))
    ],
    *,
    household: Annotated[
        str | None, typer.Option(help=say("The name of your household.", "Le nom de votre foyer."))
    ] = None,
    invitation: Annotated[
        str | None,
        typer.Option(help=say("The code of an invitation to a household.", "Le code d'une invitation à un foyer.")),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            help=say("As in Europe/Paris. Default: this machine's.", "Par exemple Europe/Paris. Défaut : ici.")
        ),
    ] = None,
    server: Server = None,
) -> None:
    if household is None and invitation is None:
        household = typer.prompt(say("The name of your household", "Le nom de votre foyer"))
    password = ask_password(twice=True)
    registration = Registration(
        email=email,
        password=password,
        display_name=name,
        household_name=None if invitation else household,
        invitation_code=invitation,
        device_name=platform.node() or None,
        timezone=timezone or own_timezone(),
        language=language(),
    )
    show_welcome(run(lambda popote: popote.api.register(registration), server_url(server)))


@app.command(help=say("Log in on this device.", "Se connecter sur cet appareil."))
def login(email: Email, *, server: Server = None) -> None:
    password = ask_password(twice=False)

    async def work(popote: Popote) -> Session:
        session = await popote.api.login(email, password, platform.node() or None)
        popote.history.deliver_soon()  # what waited for this login
        return session

    session = run(work, server_url(server))
    typer.echo(
        say(
            f"Logged in as {session.user.display_name}, in {session.household.name}.",
            f"Connecté : {session.user.display_name}, dans {session.household.name}.",
        )
    )


@app.command(help=say("End the session on this device.", "Terminer la session sur cet appareil."))
def logout() -> None:
    async def work(popote: Popote) -> int:
        history = popote.history
        await history.flush()
        try:
            with suppress(NotLoggedIn):  # it has ended already
                await popote.api.logout()
        except (BackendUnreachable, Problem):
            note(
                say(
                    "Popote could not be told; there the session ends by itself.",
                    "Popote n'a pas pu être prévenu ; la session y prendra fin d'elle-même.",
                )
            )
        history.outbox.forget_sent()
        return history.outbox.counts().waiting

    waiting = run(work)
    typer.echo(say("Logged out.", "Déconnecté."))
    if waiting:
        note(
            count(
                waiting,
                one=(
                    "{n} message is not saved yet; it waits here for your next login.",
                    "{n} message n'est pas encore enregistré ; il attend ici votre retour.",
                ),
                several=(
                    "{n} messages are not saved yet; they wait here for your next login.",
                    "{n} messages ne sont pas encore enregistrés ; ils attendent ici votre retour.",
                ),
            )
        )


@app.command(
    help=say(
        "Become the operator, who sets what holds for every household.",
        "Devenir l'opérateur, qui règle ce qui vaut pour tous les foyers.",
    )
)
def setup(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE",
            help=say(
                "The setup code, which Popote shows when it starts; it works once.",
                "Le code d'installation, que Popote montre au démarrage ; il sert une fois.",
            ),
        ),
    ],
) -> None:
    run(lambda popote: popote.api.set_up(code))
    typer.echo(
        say(
            "You are the operator. For every household: popote ollama set --default URL",
            "Vous êtes l'opérateur. Pour tous les foyers : popote ollama set --default URL",
        )
    )


def ask_password(*, twice: bool) -> str:
    """Ask for the password on a terminal; else read a line of standard input."""
    if sys.stdin.isatty():
        prompt, again = say("Password", "Mot de passe"), say("Once more", "Encore une fois")
        return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=again if twice else False))
    return sys.stdin.readline().removesuffix("\n")


def show_welcome(registered: Registered) -> None:
    who, where = registered.user.display_name, registered.household.name
    typer.echo(say(f"Welcome, {who}. You are logged in, in {where}.", f"Bienvenue, {who}. Vous êtes dans {where}."))
    typer.echo(
        say(
            "Recovery codes, each good for one new password. Write them down; they are shown only now:",
            "Codes de secours, chacun pour un nouveau mot de passe. Notez-les ; ils ne sont montrés qu'ici :",
        )
    )
    for code in registered.recovery_codes:
        typer.echo(f"  {code}")


def server_url(server: str | None) -> str | None:
    """Return the address of a server as typed or in POPOTE_SERVER, and warn where a password would travel openly."""
    url = typed_url(server, "--server") or named_url()
    if url and url.startswith("http://") and not is_home_host(httpx.URL(url).host):
        note(
            say(
                "Mind: http:// is not encrypted; anyone on the way can read your password.",
                "Attention : http:// n'est pas chiffré ; n'importe qui sur le trajet peut lire votre mot de passe.",
            )
        )
    return url


def own_timezone() -> str | None:
    """Return the IANA name of this machine's time zone, where it tells."""
    named = os.environ.get("TZ", "").removeprefix(":") or str(Path("/etc/localtime").resolve())
    name = named.partition("zoneinfo/")[2] or named
    return name if "/" in name and not name.startswith("/") else None
