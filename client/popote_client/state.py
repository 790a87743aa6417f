"""What this device remembers: one SQLite file that only its owner can read.

Any number of threads and processes may use it at once: each operation opens the file for itself, and a write holds
SQLite's lock from its first statement on. What is committed is on the disk (`synchronous = FULL`, SQLite's default).
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import TypeVar

import msgspec
import platformdirs

from popote_client.problems import StateUnusable

T = TypeVar("T")

log = logging.getLogger(__name__)

LOCK_WAIT_S = 10.0  # other processes hold the lock for milliseconds
NOTE_WAIT_S = 0.2  # for what can be found out again

# Step n takes a file from version n to n + 1, one statement a line of the tuple. Published steps never change.
STEPS = (
    (
        # A fact is one named thing that is remembered, as JSON: the session, the last address, the model that answered.
        "CREATE TABLE fact (name TEXT PRIMARY KEY, body BLOB NOT NULL)",
        # A conversation as this device knows it; the backend has it once is_known.
        """
        CREATE TABLE conversation (
            account TEXT NOT NULL,
            id TEXT NOT NULL,
            title TEXT,
            is_known INTEGER NOT NULL DEFAULT 0,
            used_at REAL NOT NULL,
            PRIMARY KEY (account, id)
        )
        """,
        # A message on its way to the backend, in the order written. Sent ones are kept for a while, so that a
        # conversation can go on while the backend is away; parked ones were refused, for `reason`.
        """
        CREATE TABLE message (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            account TEXT NOT NULL,
            conversation TEXT NOT NULL,
            id TEXT NOT NULL,
            body BLOB NOT NULL,
            written_at REAL NOT NULL,
            state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'parked')),
            reason TEXT,
            UNIQUE (account, id)
        )
        """,
        "CREATE INDEX message_by_state ON message (account, state, conversation, sequence)",
    ),
)


def default_home() -> Path:
    """Return POPOTE_CLIENT_HOME, or the system's folder for the data of this user's programs."""
    return Path(os.environ.get("POPOTE_CLIENT_HOME") or platformdirs.user_data_dir("popote-client", appauthor=False))


class State:
    """The file, and the small facts in it. `home` is its folder, made where it is missing."""

    def __init__(self, home: Path | None = None) -> None:
        self.path = (home or default_home()) / "client.sqlite3"

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open the file to read; a writer elsewhere does not hold this up.

        Raises:
            StateUnusable: the file is damaged, or can't be opened.
        """
        try:
            with closing(self._open()) as db:
                if version(db) != len(STEPS):
                    upgrade(db, self.path)
                yield db
        except (sqlite3.Error, OSError) as error:
            raise StateUnusable(path=self.path, reason=error) from error

    @contextmanager
    def writing(self, *, wait_s: float = LOCK_WAIT_S) -> Iterator[sqlite3.Connection]:
        """Open the file with its write lock held; commit on leaving, roll back on an exception.

        Raises:
            StateUnusable: the file is damaged, locked for longer than `wait_s`, or the disk is full.
        """
        with self.reading() as db:
            db.execute(f"PRAGMA busy_timeout = {int(wait_s * 1000)}")
            db.execute("BEGIN IMMEDIATE")
            with db:
                yield db

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        return sqlite3.connect(self.path, timeout=LOCK_WAIT_S, isolation_level=None)

    def read(self, name: str, kind: type[T]) -> T | None:
        """Return a fact; None where there is none, or where it is of a form that is no longer understood."""
        with self.reading() as db:
            return fact(db, name, kind)

    def write(self, name: str, value: msgspec.Struct) -> None:
        with self.writing() as db:
            keep(db, name, value)

    def note(self, name: str, value: msgspec.Struct) -> None:
        """Write what can be found out again; where that is not possible at once, go without."""
        try:
            with self.writing(wait_s=NOTE_WAIT_S) as db:
                keep(db, name, value)
        except StateUnusable as error:
            log.warning("%s could not be kept: %s", name, error)

    def forget(self, name: str) -> None:
        with self.writing() as db:
            db.execute("DELETE FROM fact WHERE name = ?", (name,))

    def change(self, name: str, kind: type[T], change: Callable[[T], T]) -> T | None:
        """Replace a fact by what `change` makes of it, in one step. Return what then stands, if anything."""
        with self.writing() as db:
            old = fact(db, name, kind)
            if old is None:
                return None
            new = change(old)
            keep(db, name, new)
            return new


def upgrade(db: sqlite3.Connection, path: Path) -> None:
    db.execute("BEGIN EXCLUSIVE")  # two processes may meet a new file at once
    with db:
        if version(db) > len(STEPS):
            raise StateUnusable(path=path, reason="written by a newer Popote")
        for statement in chain.from_iterable(STEPS[version(db) :]):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(STEPS)}")


def version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def fact(db: sqlite3.Connection, name: str, kind: type[T]) -> T | None:
    row = db.execute("SELECT body FROM fact WHERE name = ?", (name,)).fetchone()
    try:
        return msgspec.json.decode(row[0], type=kind) if row else None
    except msgspec.DecodeError:
        return None


def keep(db: sqlite3.Connection, name: str, value: object) -> None:
    db.execute("INSERT OR REPLACE INTO fact (name, body) VALUES (?, ?)", (name, msgspec.json.encode(value)))
