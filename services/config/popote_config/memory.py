"""What clients are given, complete and in memory, as the bytes to send."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from popote_config.errors import NotConfigured
from popote_config.model import Standing, newest
from popote_kit.clock import Clock
from popote_kit.codec import encode
from popote_kit.etags import etag, is_known
from popote_kit.problems import Unavailable

Headers = tuple[tuple[bytes, bytes], ...]

CACHING: Final[Headers] = (
    (b"cache-control", b"private, max-age=60, stale-if-error=86400"),
    (b"vary", b"Authorization"),
)
STALE: Final = (b"warning", b'110 - "Response is Stale"')


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Standing
    tag: str
    full: Answer
    unchanged: Answer


class Memory:
    """The addresses of all households, and whether PostgreSQL still says the same."""

    def __init__(self, clock: Clock) -> None:
        self.confirmed_at: datetime | None = None
        """When PostgreSQL last confirmed it all; None while nothing is known."""
        self.is_current = False
        self._clock = clock
        self._entries: dict[UUID | None, _Entry] = {}

    async def check(self) -> None:
        """Be ready once anything is known: reads are then served, whatever else is away.

        Raises:
            Unavailable: nothing is known yet.
        """
        if self.confirmed_at is None:
            raise Unavailable

    def values(self) -> list[Standing]:
        return [entry.value for entry in self._entries.values()]

    def take(self, values: Iterable[Standing]) -> bool:
        """Take over what is newer than what is known; tell whether anything was."""
        fresh = {
            household: value
            for household, value in newest(values).items()
            if household not in self._entries or self._entries[household].value.revision < value.revision
        }
        self._entries.update((household, _prepare(value)) for household, value in fresh.items())
        return bool(fresh)

    def replace(self, values: Iterable[Standing]) -> None:
        """Know these values and no others."""
        self._entries = {household: _prepare(value) for household, value in newest(values).items()}

    def confirm(self) -> None:
        """PostgreSQL has just said that this is all."""
        self.confirmed_at, self.is_current = self._clock(), True

    def answer(self, household: UUID | None, if_none_match: str | None) -> Answer:
        """Return what a client of the household is answered: its own address, or the system-wide one.

        Raises:
            NotConfigured: there is neither.
            Unavailable: nothing is known yet.
        """
        entry = self._entries.get(household) or self._entries.get(None)
        if entry is None:
            raise Unavailable if self.confirmed_at is None else NotConfigured
        answer = entry.unchanged if is_known(entry.tag, if_none_match) else entry.full
        return answer if self.is_current else self._marked(answer)

    def _marked(self, answer: Answer) -> Answer:
        """Say that nobody could be asked whether this still holds, and since when."""
        age_s = 0 if self.confirmed_at is None else max(0, int((self._clock() - self.confirmed_at).total_seconds()))
        return replace(answer, headers=(*answer.headers, (b"age", b"%d" % age_s), STALE))


def _prepare(value: Standing) -> _Entry:
    tag = etag(value.tag)
    body = encode({"ollama_base_url": value.url})
    common: Headers = ((b"etag", tag.encode()), *CACHING)
    content: Headers = ((b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)))
    return _Entry(value, tag, Answer(200, (*content, *common), body), Answer(304, common, b""))
