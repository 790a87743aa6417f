"""Server-sent events out of pieces of a stream (HTML Living Standard, section 9.2; lines end in LF or CR LF)."""

from collections.abc import Iterator
from typing import Any

import msgspec

from popote_client.lines import LineSplitter

LINE_BYTES = 1024 * 1024


class Event(msgspec.Struct, frozen=True):
    """Something that happened; `id` is the place in the stream after it."""

    id: str
    kind: str
    data: Any


class EventReader:
    """Reads events, wherever the pieces begin and end. `last_id` is where to go on after a connection ended."""

    def __init__(self, last_id: str | None = None) -> None:
        self.last_id = last_id or ""
        self.start_over()

    def start_over(self) -> None:
        """Forget what is unfinished: the next piece is the first of a new stream."""
        self._lines = LineSplitter(LINE_BYTES)
        self._forget()

    def _forget(self) -> None:
        self._id: str | None = None
        self._kind = "message"
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[Event]:
        """Take the next piece; give the events that it ends.

        Raises:
            LineTooLongError: a line is longer than `LINE_BYTES`.
            msgspec.DecodeError: an event's data is not JSON.
        """
        for line in self._lines.feed(piece):
            event = self._take(line.removesuffix(b"\r").decode(errors="replace"))
            if event:
                yield event

    def _take(self, line: str) -> Event | None:
        if not line:
            return self._end()
        name, _, value = line.partition(":")  # a comment has no name
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id" and "\0" not in value:
            self._id = value
        return None

    def _end(self) -> Event | None:
        """Return the event that a blank line ends; one without data is none, but its id counts."""
        data = msgspec.json.decode("\n".join(self._data)) if self._data else None
        kind, is_event = self._kind, bool(self._data)
        if self._id is not None:
            self.last_id = self._id
        self._forget()
        return Event(self.last_id, kind, data) if is_event else None
