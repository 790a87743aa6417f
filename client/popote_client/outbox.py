"""Messages on their way to the chat service, on disk until it has them.

A message is on the disk when `add` returns, in the order of the calls, whichever thread or process makes them. Sent
ones stay for KEPT_S, so that a conversation can go on while the backend is away.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from sqlite3 import Connection
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from popote_client.state import LOCK_WAIT_S, State
from popote_client.wire import Message

KEPT_S = 30 * 24 * 3600.0
BATCH_MESSAGES = 500  # this and the next two: what the chat service takes at once
BATCH_BYTES = 1024 * 1024 - 1024  # with room for what surrounds the messages
CONTENT_BYTES = 128 * 1024
TITLE_LENGTH = 80


class Waiting(msgspec.Struct, frozen=True):
    """The next messages of one conversation, in order; it has to be made first unless `is_known`."""

    conversation: UUID
    title: str | None
    is_known: bool
    messages: list[Message]


class Counts(msgspec.Struct, frozen=True):
    waiting: int
    parked: int


class Outbox:
    """The outbox of one account. All methods raise StateUnusable where the file can't be used."""

    def __init__(self, state: State, account: str, *, clock: Callable[[], float] = time.time) -> None:
        self._state = state
        self.account = account
        self._clock = clock

    def add(self, conversation: UUID, message: Message) -> None:
        """Put a message at the end; the same id twice is one message. Its first words title a new conversation."""
        rows = [
            (self.account, str(conversation), str(part.id), msgspec.json.encode(part), self._clock())
            for part in parts(message)
        ]
        with self._state.writing() as db:
            self._touch(db, conversation, title=title(message.content))
            db.executemany(
                "INSERT OR IGNORE INTO message (account, conversation, id, body, written_at) VALUES (?, ?, ?, ?, ?)",
                rows,
            )

    def know(self, conversation: UUID, *, wait_s: float = LOCK_WAIT_S) -> None:
        """Note that the backend has this conversation."""
        with self._state.writing(wait_s=wait_s) as db:
            self._touch(db, conversation, title=None)
            db.execute(
                "UPDATE conversation SET is_known = 1 WHERE account = ? AND id = ?",
                (self.account, str(conversation)),
            )

    def next(self) -> Waiting | None:
        """Return the next batch of the conversation that has waited longest, None when nothing waits."""
        with self._state.reading() as db:
            oldest = db.execute(
                """
                SELECT conversation.id, title, is_known
                  FROM message JOIN conversation
                    ON conversation.account = message.account AND conversation.id = message.conversation
                 WHERE message.account = ? AND state = 'waiting'
                 ORDER BY sequence
                 LIMIT 1
                """,
                (self.account,),
            ).fetchone()
            if oldest is None:
                return None
            conversation, first_words, is_known = oldest
            bodies = self._bodies(db, conversation, states=("waiting",), limit=BATCH_MESSAGES)
            return Waiting(UUID(conversation), first_words, bool(is_known), list(batch(bodies)))

    def sent(self, messages: Sequence[Message]) -> None:
        """Note that the backend has these; forget what it has had for longer than KEPT_S."""
        with self._state.writing() as db:
            self._mark(db, messages, "sent")
            db.execute(
                "DELETE FROM message WHERE account = ? AND state = 'sent' AND written_at < ?",
                (self.account, self._clock() - KEPT_S),
            )

    def park(self, messages: Sequence[Message], reason: str) -> None:
        """Set aside what the backend refused, so that the others can go on."""
        with self._state.writing() as db:
            self._mark(db, messages, "parked", reason)

    def counts(self) -> Counts:
        with self._state.reading() as db:
            rows = db.execute("SELECT state, count(*) FROM message WHERE account = ? GROUP BY state", (self.account,))
            by_state = dict(rows.fetchall())
        return Counts(waiting=by_state.get("waiting", 0), parked=by_state.get("parked", 0))

    def transcript(self, conversation: UUID, *, unsent: bool = False) -> list[Message]:
        """Return what is here of a conversation, in order; with `unsent` only what the backend does not have."""
        states = ("waiting", "parked") if unsent else ("waiting", "parked", "sent")
        with self._state.reading() as db:
            bodies = self._bodies(db, str(conversation), states=states, limit=-1)
            return [msgspec.json.decode(body, type=Message) for body in bodies]

    def latest(self) -> UUID | None:
        """Return the conversation last used on this device."""
        with self._state.reading() as db:
            row = db.execute(
                "SELECT id FROM conversation WHERE account = ? ORDER BY used_at DESC LIMIT 1", (self.account,)
            ).fetchone()
        return UUID(row[0]) if row else None

    def forget_sent(self) -> None:
        """Drop all that the backend has, and keep what still waits."""
        with self._state.writing() as db:
            db.execute("DELETE FROM message WHERE account = ? AND state = 'sent'", (self.account,))
            db.execute(
                """
                DELETE FROM conversation
                 WHERE account = ?1 AND id NOT IN (SELECT conversation FROM message WHERE account = ?1)
                """,
                (self.account,),
            )

    def _touch(self, db: Connection, conversation: UUID, title: str | None) -> None:
        db.execute(
            """
            INSERT INTO conversation (account, id, title, used_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (account, id) DO UPDATE SET used_at = excluded.used_at
            """,
            (self.account, str(conversation), title, self._clock()),
        )

    def _mark(self, db: Connection, messages: Iterable[Message], state: str, reason: str | None = None) -> None:
        db.executemany(
            "UPDATE message SET state = ?, reason = ? WHERE account = ? AND id = ?",
            [(state, reason, self.account, str(message.id)) for message in messages],
        )

    def _bodies(self, db: Connection, conversation: str, *, states: Sequence[str], limit: int) -> Iterator[bytes]:
        rows = db.execute(
            f"""
            SELECT body FROM message
             WHERE account = ? AND conversation = ? AND state IN ({", ".join("?" * len(states))})
             ORDER BY sequence
             LIMIT ?
            """,  # noqa: S608  # only question marks are put in
            (self.account, conversation, *states, limit),
        )
        return (body for (body,) in rows)


def batch(bodies: Iterable[bytes]) -> Iterator[Message]:
    """Yield messages as long as they fit into one request."""
    size = 0
    for body in bodies:
        size += len(body) + 1
        if size > BATCH_BYTES:
            return
        yield msgspec.json.decode(body, type=Message)


def parts(message: Message) -> Iterator[Message]:
    """Yield the message, in as many pieces as it takes for each to be stored; the first keeps its id."""
    storable = message.content.replace("\0", "")  # which no database takes in a text
    for number, piece in enumerate(cut(storable, CONTENT_BYTES)):
        yield replace(message, id=uuid5(message.id, str(number)) if number else message.id, content=piece)


def cut(text: str, limit: int) -> Iterator[str]:
    """Yield `text` in pieces of at most `limit` bytes of UTF-8."""
    rest = text.encode()
    while len(rest) > limit:
        piece = rest[:limit].decode(errors="ignore")  # what is cut off of the last character comes with the next piece
        yield piece
        rest = rest[len(piece.encode()) :]
    yield rest.decode()


def title(content: str) -> str | None:
    first_line = content.strip().partition("\n")[0].strip()
    return first_line[:TITLE_LENGTH] or None
