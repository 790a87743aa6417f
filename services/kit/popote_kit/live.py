"""Server-sent events: phones are told what happens in their household and to their person, from the outbox.

However many phones there are, one task looks whether one of those has something new: when this process has announced
something, when Redis says that another has, and every few seconds anyway. The phones' streams then read on, each from
its own place, so a slow phone holds nothing up and costs no memory.
"""

import asyncio
import logging
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Litestar
from litestar.params import HeaderParameter
from litestar.response import Stream
from redis.asyncio import Redis

from popote_kit import outbox
from popote_kit.cache import AWAY, REST_S, Cache, connect
from popote_kit.database import Database
from popote_kit.identity import NOBODY
from popote_kit.outbox import MAX_NUMBER, Owner, Place, Told
from popote_kit.problems import Malformed, TooManyRequests, Unauthenticated, Unavailable

log = logging.getLogger(__name__)

POLL_S: Final = 5.0
COMMENT_S: Final = 20.0  # proxies and radios close what is silent for longer
PAGE: Final = 20  # events that a stream holds at once
READERS: Final = 2  # connections that streams take at once: the rest of the pool is for requests
MAX_STREAMS: Final = 1000
MAX_STREAMS_EACH: Final = 10  # of one person
FULL_S: Final = 30  # until who was turned away may try again

MEDIA_TYPE: Final = "text/event-stream"
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
COMMENT: Final = b": all is quiet\n\n"
_PLACE: Final = re.compile(r"([0-9a-f]{8})-([0-9]{1,19})(?:-([0-9]{1,19}))?", re.ASCII)

LastEventId = Annotated[
    str | None,
    HeaderParameter(name="Last-Event-ID", description="`id` of the last event that came; none: from now on."),
]


class TooManyStreams(TooManyRequests):
    """The person listens with more devices than we serve."""

    type = "/problems/too-many-streams"
    title = "Too many streams"
    en = "You are connected on {limit} devices already. Close one, or try again in {retry_after_s} s."
    fr = "Vous êtes déjà connecté sur {limit} appareils. Fermez-en un, ou réessayez dans {retry_after_s} s."


PROBLEMS: Final = (Unauthenticated, Malformed, TooManyStreams, Unavailable)


class _Seat:
    """One phone's stream."""

    def __init__(self, household: UUID, person: UUID) -> None:
        self.household = household
        self.person = person
        self.owners: tuple[Owner, Owner] = ((household, NOBODY), (household, person))
        self._told = asyncio.Event()

    def tell(self) -> None:
        self._told.set()

    async def listen(self, until: float) -> bool:
        """Wait until there is something to read, or until that time of the loop's; tell whether there is."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._told.wait()
        is_told = self._told.is_set()
        self._told.clear()
        return is_told


class Hub:
    """Keeps the phones of one service and process up to date; a service has it as `lifespan` and as a dependency."""

    def __init__(  # noqa: PLR0913 - limits, by name
        self,
        database: Database,
        redis_url: str = "",
        *,
        poll_s: float = POLL_S,
        comment_s: float = COMMENT_S,
        max_streams: int = MAX_STREAMS,
        max_streams_each: int = MAX_STREAMS_EACH,
    ) -> None:
        self._database = database
        self._redis_url = redis_url
        self._poll_s = poll_s
        self._comment_s = comment_s
        self._max_streams = max_streams
        self._max_streams_each = max_streams_each
        self._cache = Cache(redis_url)
        self._channel = f"popote:{database.schema}:look"
        self._seats: defaultdict[Owner, set[_Seat]] = defaultdict(set)
        self._streams: Counter[UUID] = Counter()  # by person
        self._seen: dict[Owner, int] = {}  # the number of the newest event, by household and by person that listens
        self._told_of: set[UUID] = set()
        self._is_told = asyncio.Event()
        self._reading = asyncio.Semaphore(READERS)
        database.wake = self.announce

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._run())]
        if self._redis_url:
            tasks.append(asyncio.create_task(self._subscribe()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._cache.close()

    async def announce(self, household: UUID) -> None:
        """Have everybody look who listens to `household`, here and in other processes."""

        async def publish(redis: Redis) -> None:
            await redis.publish(self._channel, str(household))

        self._hear(household)
        await self._cache.ask(publish)

    async def stream(self, household: UUID, person: UUID, last_event_id: str | None, *, ends_at: int) -> Stream:
        """Answer with the household's events after `last_event_id`, and those to come, until `ends_at`.

        Both are the caller's and `ends_at` is when their token ends, in seconds since 1970. Where events after
        `last_event_id` are no longer kept, or it is of another epoch, there is one named `resync` instead.

        Raises:
            Malformed: `last_event_id` is not one of ours.
            TooManyStreams: the person has as many already as they may.
            Unavailable: this process has as many as it may; or PostgreSQL is away.
        """
        asked = _place(last_event_id)
        seat = self._take_seat(household, person)
        async with self._database.kitchen(household, person) as kitchen:
            standing = await outbox.read_standing(kitchen)
        place = asked if asked and standing.leads_on_from(asked) else standing.place
        greeting = _block(place, "resync", "{}") if asked and place != asked else f"id: {_text(place)}\n\n".encode()
        return Stream(self._events(seat, place, greeting, ends_at), media_type=MEDIA_TYPE, headers=HEADERS)

    def _take_seat(self, household: UUID, person: UUID) -> _Seat:
        """Seat a phone until the task that serves it is done: that comes to pass however the request ends."""
        if self._streams.total() >= self._max_streams:
            raise Unavailable(retry_after_s=FULL_S)
        if self._streams[person] >= self._max_streams_each:
            raise TooManyStreams(retry_after_s=FULL_S, limit=self._max_streams_each)
        seat = _Seat(household, person)
        self._streams[person] += 1
        for owner in seat.owners:
            self._seats[owner].add(seat)
            self._seen.setdefault(owner, 0)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - we run in one
        task.add_done_callback(lambda _: self._leave(seat))
        return seat

    def _leave(self, seat: _Seat) -> None:
        self._streams[seat.person] -= 1
        if not self._streams[seat.person]:
            del self._streams[seat.person]
        for owner in seat.owners:
            self._seats[owner].discard(seat)
            if not self._seats[owner]:
                del self._seats[owner], self._seen[owner]

    async def _events(self, seat: _Seat, place: Place, greeting: bytes, ends_at: int) -> AsyncIterator[bytes]:
        """Give the stream's pieces: events, and a comment whenever it was quiet for long."""
        loop = asyncio.get_running_loop()
        yield greeting
        quiet_until = loop.time() + self._comment_s
        has_news = True
        while (left := ends_at - self._database.clock().timestamp()) > 0:
            found = await self._read(seat, place) if has_news else []
            piece = b""
            for event in found:
                place = place.past(event)
                piece += _block(place, event.kind, event.payload)
            if piece or loop.time() >= quiet_until:
                yield piece or COMMENT
                quiet_until = loop.time() + self._comment_s
            has_news = len(found) == PAGE or await seat.listen(min(quiet_until, loop.time() + left))

    async def _read(self, seat: _Seat, place: Place) -> list[Told]:
        """Read the next events; when PostgreSQL is away there are none, and the next look that succeeds tells again."""
        try:
            async with self._reading, self._database.kitchen(seat.household, seat.person) as kitchen:
                return await outbox.read_after(kitchen, place, PAGE)
        except Unavailable:
            self._seen.update(dict.fromkeys(seat.owners, 0))
            return []

    def _hear(self, household: UUID) -> None:
        if (household, NOBODY) in self._seen:
            self._told_of.add(household)
            self._is_told.set()

    async def _run(self) -> None:
        """Look for what is new: for those households that were told of, and from time to time for all."""
        loop = asyncio.get_running_loop()
        next_round = loop.time()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_round):
                    await self._is_told.wait()
            self._is_told.clear()
            told_of, self._told_of = self._told_of, set()
            is_round = loop.time() >= next_round
            if is_round:
                next_round = loop.time() + self._poll_s
            try:
                await self._look(None if is_round else told_of)
            except Unavailable:
                log.info("PostgreSQL is away: phones hear of nothing")
            except Exception:
                log.exception("phones hear of nothing")

    async def _look(self, households: Collection[UUID] | None) -> None:
        seen = {owner: number for owner, number in self._seen.items() if households is None or owner[0] in households}
        if not seen:
            return
        async with self._database.kitchen() as kitchen:
            newest = await outbox.read_newest(kitchen, seen)
        for owner, number in newest.items():
            if owner in self._seen:
                self._seen[owner] = number
                for seat in self._seats[owner]:
                    seat.tell()

    async def _subscribe(self) -> None:
        while True:
            try:
                async with connect(self._redis_url, read_timeout_s=None) as redis, redis.pubsub() as channel:
                    await channel.subscribe(self._channel)
                    async for message in channel.listen():
                        self._receive(message)
            except AWAY as error:
                log.info("Redis pushes nothing", extra={"reason": repr(error)})
            await asyncio.sleep(REST_S)

    def _receive(self, message: Any) -> None:
        if message["type"] == "message":
            with suppress(ValueError):  # not one of ours
                self._hear(UUID(message["data"].decode()))


def _place(text: str | None) -> Place | None:
    if text is None:
        return None
    match = _PLACE.fullmatch(text)
    if match is None or max(int(match[2]), int(match[3] or 0)) > MAX_NUMBER:
        raise Malformed(reason="Last-Event-ID is not one of ours")
    return Place(match[1], int(match[2]), int(match[3] or 0))


def _text(place: Place) -> str:
    return f"{place.epoch}-{place.number}" + (f"-{place.own}" if place.own else "")


def _block(place: Place, kind: str, data: str) -> bytes:
    return f"id: {_text(place)}\nevent: {kind}\ndata: {data}\n\n".encode()
