"""`popote chat`: a question to the model at home."""

import sys
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

import msgspec
import typer
from msgspec.structs import replace

from popote_client.cli.exits import exit_code
from popote_client.cli.output import complain
from popote_client.cli.run import run
from popote_client.cli.view import JsonLines, Screen
from popote_client.client import Popote
from popote_client.events import Done
from popote_client.failures import ChooseModel, WrongServer
from popote_client.language import say
from popote_client.outbox import CONTENT_BYTES, Counts
from popote_client.problems import NotLoggedIn, PopoteError, StateUnusable

app = typer.Typer()

JSON_HELP = say(
    "With --json each line is one object, told apart by `event`: connected (conversation, model, address, "
    "address_age_s), waking (seconds), thinking (text), text (text), then done (conversation, message, model, "
    "done_reason, is_cut, answer_tokens, seconds) or failed (code, message), and at last saved (waiting, parked).",
    "Avec --json chaque ligne est un objet, distingué par `event` : connected (conversation, model, address, "
    "address_age_s), waking (seconds), thinking (text), text (text), puis done (conversation, message, model, "
    "done_reason, is_cut, answer_tokens, seconds) ou failed (code, message), et enfin saved (waiting, parked).",
)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    conversation: UUID | None
    model: str | None
    accept_server: bool


@app.command(help=say("Ask the model at home.", "Demander au modèle à la maison."), epilog=JSON_HELP)
def chat(  # noqa: PLR0913  # each is an option
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT",
            show_default=False,
            help=say("Your question; else standard input.", "Votre question ; sinon l'entrée standard."),
        ),
    ] = None,
    *,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help=say("Default: the last one.", "Défaut : le dernier."))
    ] = None,
    goes_on: Annotated[
        bool,
        typer.Option("--continue", "-c", help=say("Go on with the last conversation.", "Reprendre la dernière.")),
    ] = False,
    conversation: Annotated[
        UUID | None, typer.Option(metavar="ID", help=say("Go on with this conversation.", "Reprendre celle-ci."))
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("One JSON object a line, see below.", "Un objet JSON par ligne."))
    ] = False,
    accept_server: Annotated[
        bool,
        typer.Option(
            "--accept-server",
            help=say("Talk to an Ollama that lacks the last model.", "Parler à un Ollama sans le dernier modèle."),
        ),
    ] = False,
) -> None:
    words = question_text(text, goes_on=goes_on or conversation is not None)
    view = JsonLines() if as_json else Screen()

    async def work(popote: Popote) -> tuple[Popote, PopoteError | None]:
        try:
            thread = conversation or (await latest(popote) if goes_on else None)
            question = Question(text=words, conversation=thread, model=model, accept_server=accept_server)
            await converse(popote, question, view)
        except PopoteError as error:
            view.fail(error)
            return popote, error
        return popote, None

    popote, failure = run(work)
    view.saved(unsaved(popote))
    for error in lost(popote):
        complain(error)
    if failure:
        raise typer.Exit(exit_code(failure))


async def converse(popote: Popote, question: Question, view: JsonLines | Screen) -> None:
    """Ask, and go on for as long as the answer is cut and the person wants more of it."""
    done = await ask(popote, question, view)
    while done.is_cut and view.wants_more():
        more = replace(question, text=go_on(), conversation=done.conversation, model=done.model)
        done = await ask(popote, more, view)


async def ask(popote: Popote, question: Question, view: JsonLines | Screen) -> Done:
    """Ask; what only the person can decide is asked back where there is a person."""
    try:
        return await stream(popote, question, view)
    except ChooseModel as choice:
        model = view.choose(choice.models)
        if model is None:
            raise
        return await ask(popote, replace(question, model=model), view)
    except WrongServer as doubt:
        if not view.accepts(doubt):
            raise
        return await ask(popote, replace(question, accept_server=True), view)


async def stream(popote: Popote, question: Question, view: JsonLines | Screen) -> Done:
    last = None
    async with aclosing(popote.ask(**msgspec.structs.asdict(question))) as events:
        async for event in events:
            view.show(event)
            last = event
    assert isinstance(last, Done)  # noqa: S101  # else `ask` raises
    return last


async def latest(popote: Popote) -> UUID:
    """Return the conversation last used on this device, else the last one of any device."""
    here = popote.history.outbox.latest()
    if here:
        return here
    page = await popote.api.conversations(limit=1)
    if not page.items:
        raise typer.BadParameter(say("there is no conversation yet", "il n'y a pas encore de conversation"))
    return page.items[0].id


def question_text(text: str | None, *, goes_on: bool) -> str:
    if text is None and goes_on:
        return go_on()
    if text is None and not sys.stdin.isatty():
        text = sys.stdin.read(CONTENT_BYTES + 1)
    words = (text or "").strip().encode(errors="replace").decode()
    if not words:
        raise typer.BadParameter(say("say something, as in", "dites quelque chose, par exemple") + ' popote chat "…"')
    if len(words.encode()) > CONTENT_BYTES:
        raise typer.BadParameter(say("at most 128 KiB", "au plus 128 Kio"))
    return words


def go_on() -> str:
    return say("Go on where you stopped.", "Continue où tu t'es arrêté.")


def unsaved(popote: Popote) -> Counts:
    try:
        return popote.history.outbox.counts()
    except (NotLoggedIn, StateUnusable):
        return Counts(waiting=0, parked=0)


def lost(popote: Popote) -> list[Exception]:
    """Return why messages could not be kept on this device; the first reason will do."""
    try:
        return popote.history.failures[:1]
    except (NotLoggedIn, StateUnusable):
        return []
