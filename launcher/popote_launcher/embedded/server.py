"""What PostgreSQL and Valkey have in common as processes that we start, watch and stop."""

import errno
import logging
import os
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Final

from popote_launcher.embedded.identity import hand_over, require_reachable, wrap
from popote_launcher.errors import CannotStart, DiskFull, explained

START_S: Final = 60.0  # recovery after a crash may read a long log
ENVIRONMENT: Final = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # nothing of the user's PG* variables

log = logging.getLogger(__name__)


class Server(ABC):
    """A server in a session of its own, so that Ctrl-C in a terminal reaches us alone.

    `home` holds its data, `run` its unix socket. What it writes is kept, and shown when it dies.
    """

    name: ClassVar[str]
    program: ClassVar[str]
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]]  # in turn, each with the seconds to wait

    def __init__(self, home: Path, run: Path) -> None:
        self.home = home
        self.run = run
        self.last_lines: deque[str] = deque(maxlen=20)
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    @abstractmethod
    def pid_file(self) -> Path:
        """The file whose first line is the process id of the running server."""

    @abstractmethod
    def prepare(self) -> None:
        """Make or check what the server needs before its process starts."""

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def is_ready(self) -> bool: ...

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers; stop one that a killed launcher left behind.

        Call it from the main thread: the kernel signals the server when the thread that started it ends.

        Raises:
            CannotStart: it died, or did not answer within a minute.
        """
        with explained():
            self.home.parent.mkdir(parents=True, exist_ok=True)
            require_reachable(self.home)
            self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
            hand_over(self.run)
            self.prepare()
        self._stop_orphan()
        self.spawn()
        deadline = time.monotonic() + START_S
        while not self.is_ready():
            if not self.is_alive:
                raise self.failure()
            if time.monotonic() > deadline:
                self.stop()
                raise CannotStart(f"{self.name} did not answer within {START_S:.0f} s")
            time.sleep(0.02)

    def spawn(self) -> None:
        """Start the process without waiting for it."""
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            wrap(self.command(), self.stop_signals[0][0]),
            env=ENVIRONMENT,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=[self._process], name=self.name, daemon=True)
        self._reader.start()

    def stop(self) -> None:
        """Stop the server, gently first; do nothing if it is not running."""
        if self._process is None:
            return
        for stop_signal, patience_s in self.stop_signals:
            self._process.send_signal(stop_signal)  # does nothing once it has ended
            try:
                self._process.wait(patience_s)
                break
            except subprocess.TimeoutExpired:
                log.warning("%s is slow to stop after %s", self.name, stop_signal.name)
        self._process = None
        self._join_reader()

    def kill(self) -> None:
        """End the process at once; its data recovers at the next start."""
        if self._process is not None:
            self._process.kill()

    def failure(self) -> CannotStart:
        """Say why the process died, from what it wrote."""
        self._join_reader()
        return failure(self.name, list(self.last_lines))

    def _read(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is None:
            return
        with process.stdout as lines:
            for line in lines:
                self.last_lines.append(line.rstrip())
                log.debug("%s: %s", self.name, line.rstrip())

    def _join_reader(self) -> None:
        if self._reader is not None:
            self._reader.join(1)  # its end comes with that of the last process which holds the pipe

    def _stop_orphan(self) -> None:
        """Stop what a killed launcher left behind, and take away a pid file whose number may be another's by now."""
        if not self.pid_file.exists():
            return
        log.info("%s was not stopped in order", self.name)
        for stop_signal, patience_s in self.stop_signals:
            signal_main(self._left_behind(), self.pid_file, stop_signal)
            deadline = time.monotonic() + patience_s
            while self._left_behind():
                if time.monotonic() > deadline:
                    break
                time.sleep(0.05)
            else:
                self.pid_file.unlink(missing_ok=True)
                return
        raise CannotStart(f"{self.name} still runs on {self.home}, and does not stop")

    def _left_behind(self) -> list[int]:
        """Return the processes of the program that work in `home`, as a server and its children do."""
        import psutil  # noqa: PLC0415 - 2 MiB, needed only after a crash

        found = []
        for process in psutil.process_iter(["name"]):
            with suppress(psutil.Error, OSError):  # it has ended, or is another user's
                is_alive = process.info["name"] == self.program and process.status() != psutil.STATUS_ZOMBIE
                if is_alive and Path(process.cwd()).samefile(self.home):
                    found.append(process.pid)
        return found


def signal_main(pids: list[int], pid_file: Path, number: signal.Signals) -> None:
    """Signal the process that `pid_file` names, if it is among `pids`; its children follow it."""
    with suppress(OSError, ValueError):
        main = int(pid_file.read_text().split("\n", 1)[0])
        if main in pids:
            os.kill(main, number)


def failure(name: str, lines: list[str]) -> CannotStart:
    """Turn the last lines of a server that died into the line to show."""
    text = "\n".join(lines)
    if os.strerror(errno.ENOSPC) in text:
        return DiskFull(f"the disk is full: {name} can't write its data")
    return CannotStart(f"{name} died: {lines[-1] if lines else 'it said nothing'}")
