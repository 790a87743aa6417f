"""The folder that holds everything which outlives the process.

`popote-home` says that the folder is ours, and the number of its layout; `lock` is held while a Popote runs on it, and
names its process; `secrets/` has a file each, for this user's eyes alone; the other folders belong to those they are
called by.
"""

import fcntl
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from popote_launcher.errors import AlreadyRunning, ForeignFolder, WrongSetting, explained

LAYOUT: Final = "1"
MARKER: Final = "popote-home"
HARMLESS: Final = {MARKER, "lock", "lost+found"}
SOCKET_PATH_BYTES: Final = 103  # macOS has room for 103 and the final zero, Linux for four more
SOCKET_NAME: Final = ".s.PGSQL.5432"  # the longest of those in `run`
CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else


class Home:
    """An opened data folder; see `opened`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = folder / "postgres"
        self.valkey = folder / "valkey"
        self.config = folder / "config"
        self.images = folder / "images"

    @contextmanager
    def run(self) -> Iterator[Path]:
        """Give a folder for unix sockets, whose paths must be short."""
        short = self.folder / "run"
        if len(os.fsencode(short / SOCKET_NAME)) <= SOCKET_PATH_BYTES:
            yield short
            return
        with tempfile.TemporaryDirectory(prefix="popote-", ignore_cleanup_errors=True) as elsewhere:
            yield Path(elsewhere)

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
        """Return the secret `name`, made on first use.

        Raises:
            WrongSetting: it is gone, and the database that hangs on it is still there.
        """
        path = self.folder / "secrets" / name
        with explained():
            if path.exists():
                return path.read_text(encoding="utf-8").strip()
            if (self.postgres / "PG_VERSION").exists():
                raise WrongSetting(f"{path} is missing; without it the data can't be read: restore it from a backup")
            path.parent.mkdir(mode=0o700, exist_ok=True)
            value = make()
            _write_whole(path, value)
        return value


@contextmanager
def opened(folder: Path) -> Iterator[Home]:
    """Make `folder` if need be, and hold its lock.

    Raises:
        AlreadyRunning: another Popote holds it.
        ForeignFolder: it holds something else.
        NotWritable: the user may not write there.
        DiskFull: there is no room.
    """
    with explained():
        folder.mkdir(parents=True, exist_ok=True)
        _require_ours(folder)
        lock = (folder / "lock").open("a+", encoding="utf-8")
    with lock:
        with explained():
            _lock(lock.fileno(), folder)
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            (folder / MARKER).write_text(f"{LAYOUT}\n", encoding="utf-8")
        yield Home(folder)


def setup_code() -> str:
    """Return a code of 59 random bits, easy to read out and to type."""
    return "-".join("".join(secrets.choice(CODE_ALPHABET) for _ in range(4)) for _ in range(3))


def _require_ours(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    if MARKER not in names and names - HARMLESS:
        found = ", ".join(sorted(names - HARMLESS)[:3])
        raise ForeignFolder(f"{folder} holds something else ({found}); set POPOTE_HOME to another folder")
    if MARKER in names and (layout := (folder / MARKER).read_text(encoding="utf-8").strip()) != LAYOUT:
        raise ForeignFolder(f"{folder} was made by another version of Popote (layout {layout[:20]!r}, not {LAYOUT})")


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = (folder / "lock").read_text(encoding="utf-8").strip()
        raise AlreadyRunning(f"Popote already runs on {folder} (process {pid or 'unknown'})") from error


def _write_whole(path: Path, value: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    with new.open("w", encoding="utf-8") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
