"""What is shown: answers on standard output, all else on standard error."""

import re
import sys

import typer

from popote_client.language import say
from popote_client.problems import PopoteError

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tabs and line feeds
UNITS = ((86_400, "d", "j"), (3_600, "h", "h"), (60, "min", "min"), (1, "s", "s"))


def is_interactive() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def note(sentence: str) -> None:
    """Tell the person something that is not the answer."""
    typer.secho(sentence, err=True, dim=True)


def complain(error: Exception) -> None:
    """Tell in one sentence why there is no answer."""
    typer.secho(f"popote: {told(error)}", err=True, fg="red")


def told(error: Exception) -> str:
    if isinstance(error, PopoteError):
        return error.sentence()
    reason = f"{type(error).__name__}: {error}"
    return say(
        f"something unforeseen happened ({reason}). With POPOTE_DEBUG=1 it tells where.",
        f"un imprévu s'est produit ({reason}). Avec POPOTE_DEBUG=1, vous verrez où.",
    )


def write(text: str) -> None:
    """Write a piece of an answer at once. On a terminal it can't do more than be read."""
    sys.stdout.write(readable(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def readable(text: str) -> str:
    """Leave out control characters, with which a text could take over a terminal."""
    return CONTROL.sub("", text)


def age(seconds: float) -> str:
    """Say a duration in its largest unit, as in `3 h`."""
    size, en, fr = next((unit for unit in UNITS if seconds >= unit[0]), UNITS[-1])
    return f"{int(seconds // size)} {say(en, fr)}"
