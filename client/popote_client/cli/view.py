"""How a chat looks: on a terminal, in a pipe, as JSON."""

import sys
from typing import TYPE_CHECKING

import msgspec
import typer

from popote_client.cli.history import tell_unsaved
from popote_client.cli.ollama import tell_age
from popote_client.cli.output import complain, is_interactive, note, write
from popote_client.events import Connected, Done, Event, Failed, Saved, Text, Thinking, Waking
from popote_client.failures import WrongServer
from popote_client.language import say
from popote_client.outbox import Counts
from popote_client.problems import PopoteError

if TYPE_CHECKING:
    from rich.status import Status


class JsonLines:
    """One object a line, for programs; nobody is asked anything."""

    def show(self, event: Event) -> None:
        sys.stdout.write(msgspec.json.encode(event).decode() + "\n")
        sys.stdout.flush()

    def fail(self, error: PopoteError) -> None:
        self.show(Failed(code=error.code, message=error.sentence()))

    def saved(self, counts: Counts) -> None:
        self.show(Saved(waiting=counts.waiting, parked=counts.parked))

    def wants_more(self) -> bool:
        return False

    def choose(self, _models: list[str]) -> str | None:
        return None

    def accepts(self, _doubt: WrongServer) -> bool:
        return False


class Screen:
    """For people. Only the answer goes to standard output."""

    def __init__(self) -> None:
        self._status: Status | None = None
        self._is_in_line = False

    def show(self, event: Event) -> None:
        match event:
            case Connected():
                tell_age(event.address_age_s)
                self._wait(say(f"{event.model} is waking up", f"{event.model} se réveille"))
            case Waking():
                self._wait(say(f"Waking the model, {event.seconds:.0f} s", f"Réveil du modèle, {event.seconds:.0f} s"))
            case Thinking():
                self._wait(say("Thinking", "Réflexion"))
            case Text():
                self._stop_waiting()
                write(event.text)
                self._is_in_line = not event.text.endswith("\n")
            case Done():
                self._end(is_cut=event.is_cut)

    def fail(self, error: PopoteError) -> None:
        self._end_line()
        complain(error)

    def saved(self, counts: Counts) -> None:
        tell_unsaved(counts)

    def wants_more(self) -> bool:
        return is_interactive() and typer.confirm(say("Go on?", "Continuer ?"), err=True)

    def choose(self, models: list[str]) -> str | None:
        """Let the person pick one; None where there is nobody to ask."""
        self._stop_waiting()
        if not is_interactive():
            return None
        for number, name in enumerate(models, 1):
            typer.echo(f"{number:3}  {name}", err=True)
        picked = 0
        while not 1 <= picked <= len(models):
            picked = typer.prompt(say("Which model", "Quel modèle"), type=int, err=True)
        return models[picked - 1]

    def accepts(self, doubt: WrongServer) -> bool:
        self._stop_waiting()
        if not is_interactive():
            return False
        note(doubt.sentence())
        return typer.confirm(say("Talk to it all the same?", "Lui parler quand même ?"), err=True)

    def _end(self, *, is_cut: bool) -> None:
        self._end_line()
        if is_cut:
            note(
                say(
                    "The answer stops at the model's limit. Go on with: popote chat --continue",
                    "La réponse s'arrête à la limite du modèle. Continuez avec : popote chat --continue",
                )
            )

    def _end_line(self) -> None:
        self._stop_waiting()
        if self._is_in_line:
            write("\n")
        self._is_in_line = False

    def _wait(self, words: str) -> None:
        """Show that something goes on, where somebody is looking."""
        if not sys.stderr.isatty():
            return
        if self._status is None:
            from rich.console import Console  # noqa: PLC0415  # needed only for a person at a terminal

            self._status = Console(stderr=True).status(words, spinner="dots")
            self._status.start()
        self._status.update(f"{words}…")

    def _stop_waiting(self) -> None:
        if self._status is not None:
            self._status.stop()
        self._status = None
