"""How an import goes: a bar on a terminal, a line for each file elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import Progress, TaskID

from popote_nutrition.importing.files import Watch


class Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def opened(self, name: str, size: int) -> None:
        self._task = self._progress.add_task(name, total=size)

    def read(self, count: int) -> None:
        if self._task is not None:
            self._progress.advance(self._task, count)


class Lines:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def opened(self, name: str, size: int) -> None:  # noqa: ARG002 - bars need it
        self._stream.write(f"{name} …\n")

    def read(self, count: int) -> None:
        pass


@contextmanager
def shown(stream: TextIO) -> Iterator[Watch]:
    """Show on `stream` how far the reading and storing are."""
    if not stream.isatty():
        yield Lines(stream)
        return
    with Progress(console=Console(file=stream)) as progress:
        yield Bars(progress)
