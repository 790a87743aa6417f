"""Popote as a person starts it: a real process on a data folder of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

PATIENCE_S = 60
NOBODY = "65534"
# An ordinary user may still read the Python of the test run, wherever it is.
AS_ORDINARY = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)


UP = (sys.executable, "-m", "popote_launcher")
COMMAND = str(Path(sys.executable).with_name("popote"))


class Popote:
    """A process that runs Popote on the data folder `home`."""

    def __init__(self, home: Path, output: Path, command: Sequence[str] = UP, **variables: str) -> None:
        self.home = home
        self._output = output
        environ = {
            "POPOTE_HOME": str(home),
            "POPOTE_HOST": "127.0.0.1",
            "PORT": "0",
            "PATH": os.defpath,
        }
        with output.open("w") as file:
            self.process = subprocess.Popen(  # noqa: S603 - our own words
                command,
                env={**environ, **variables},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def url(self) -> str:
        """Where it serves, once it has said so."""
        found = re.search(r'http://localhost:(\d+)|"port": (\d+)', self.output)
        return f"http://127.0.0.1:{found[1] or found[2]}" if found else ""

    @property
    def servers(self) -> list[psutil.Process]:
        """The processes that work in its data folder."""
        return [each for each in psutil.process_iter() if (place := _place(each)) and place.is_relative_to(self.home)]

    def server(self, name: str) -> psutil.Process | None:
        """Return the oldest process that works in the folder `name`."""
        own = [each for each in self.servers if _place(each) == self.home / name]
        return min(own, key=psutil.Process.create_time, default=None)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.output
        try:
            return bool(self.url) and httpx.get(f"{self.url}/readyz", timeout=5).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def up(self) -> "Popote":
        """Wait until it serves."""
        self.eventually(self.is_ready)
        return self

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end and return the exit status."""
        return self.process.wait(PATIENCE_S)

    def eventually(self, check: Callable[[], object]) -> None:
        """Wait until `check()` is true."""
        deadline = time.monotonic() + PATIENCE_S
        while not check():
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)


def _place(process: psutil.Process) -> Path | None:
    """Return the working folder of a process that lives."""
    try:
        return Path(process.cwd()) if process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, OSError):
        return None


Start = Callable[..., Popote]


@contextmanager
def open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="popote-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user may enter and write to, with a path short enough for a unix socket."""
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def running() -> Iterator[Popote]:
    """A Popote for tests that only look."""
    with open_folder() as folder:
        popote = Popote(folder / "home", folder / "output")
        try:
            yield popote.up()
        finally:
            popote.stop()


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start Popote on `folder / "home"`, as often as wanted; all end with the test."""
    started: list[Popote] = []

    def start(*words: str, before: tuple[str, ...] = (), home: Path = folder / "home", **variables: str) -> Popote:
        """Run `popote` with `words`, or without any what `make run` runs; `before` is a command that runs it."""
        command = (COMMAND, *words) if words else UP
        started.append(Popote(home, folder / f"output-{len(started)}", (*before, *command), **variables))
        return started[-1]

    yield start
    for popote in started:
        if popote.process.poll() is None:
            popote.stop()


@pytest.fixture
def as_ordinary() -> tuple[str, ...]:
    """What to put before a command so that it runs as an ordinary user; nothing if we are one."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("root becomes an ordinary user by setpriv, which is not here")
    return AS_ORDINARY
