"""Following: what another service announces is handled here, in the order in which it gives its events.

How far is kept in the service's own schema, and moves on in the transaction that handles an event, so each is handled
once, however many processes follow and whenever one of them dies.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Final

import httpx
import msgspec
from litestar import Litestar

from popote_kit.database import Database, Kitchen
from popote_kit.outbox import Event, Events
from popote_kit.peers import Peers
from popote_kit.problems import STATUS, Unavailable
from popote_kit.rounds import rounds
from popote_kit.service_tokens import ServiceTokens
from popote_kit.sync import Resync

log = logging.getLogger(__name__)

PATH: Final = "/internal/events"
PAGE: Final = 100
POLL_S: Final = 5.0
RETRIES_S: Final = (1.0, 5.0, 25.0)  # the pauses before an event that could not be handled is tried again

_EVENTS: Final = msgspec.json.Decoder(Events, float_hook=Decimal)  # payloads are exact

Handler = Callable[[Kitchen, Event], Awaitable[None]]
Anew = Callable[[Kitchen], Awaitable[None]]


class _Overtaken(Exception):  # noqa: N818 - no error: another process has moved the place on
    pass


class Follower:
    """Hands the events of one other service to the handler of their kind; a service has it as `lifespan`.

    A handler works for the event's household and person, in one transaction with the move of the place; its dates are
    UTC's. An event whose handler raises `Unavailable` waits for as long as it takes. One whose handler fails otherwise
    is tried again after each of `retries_s`, then left behind and logged: it must not hold up the others for ever.

    When the other service no longer keeps what comes next, or was restored from a backup, `on_resync` is called in a
    transaction without a household, and what is kept comes again from its beginning: a handler must bear that.
    """

    def __init__(  # noqa: PLR0913 - whom to follow and how, by name
        self,
        database: Database,
        peers: Peers,
        tokens: ServiceTokens,
        *,
        service: str,
        handlers: Mapping[str, Handler],
        on_resync: Anew | None = None,
        poll_s: float = POLL_S,
        retries_s: Sequence[float] = RETRIES_S,
    ) -> None:
        self._database = database
        self._peers = peers
        self._tokens = tokens
        self._service = service
        self._handlers = handlers
        self._on_resync = on_resync
        self._poll_s = poll_s
        self._retries_s = retries_s

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        facts = {"service_name": self._service}
        async with rounds(self.catch_up, every_s=self._poll_s, failing="events can't be followed", facts=facts):
            yield

    async def catch_up(self) -> None:
        """Handle every event that is there.

        Raises:
            Unavailable: PostgreSQL, auth, the other service, or what a handler needs, is away.
        """
        is_more = True
        while is_more:
            place = await self._read_place()
            try:
                is_more = await self._take(place, await self._ask(place))
            except Resync:
                await self._start_anew()
            except _Overtaken:
                log.debug("another process follows too")

    async def _take(self, place: str | None, page: Events) -> bool:
        """Handle a page that was read from `place`; tell whether there may be more."""
        for event in page.events:
            if handler := self._handlers.get(event.kind):
                await self._handle(handler, event, place)
                place = event.place
        if page.next != place:  # past those that nobody handles
            async with self._database.kitchen(write=True) as kitchen:
                await self._move(kitchen, place, page.next)
        return len(page.events) == PAGE

    async def _handle(self, handler: Handler, event: Event, place: str | None) -> None:
        for pause_s in (*self._retries_s, None):
            try:
                async with self._database.kitchen(event.household_id, event.person_id, write=True) as kitchen:
                    await self._move(kitchen, place, event.place)
                    await handler(kitchen, event)
            except (Unavailable, _Overtaken):
                raise
            except Exception:
                log.exception("an event could not be handled", extra=self._named(event))
            else:
                return
            if pause_s is not None:
                await asyncio.sleep(pause_s)
        log.error("an event is left behind", extra=self._named(event))
        async with self._database.kitchen(write=True) as kitchen:
            await self._move(kitchen, place, event.place)

    def _named(self, event: Event) -> dict[str, object]:
        return {"service_name": self._service, "event_id": event.id, "kind": event.kind}

    async def _ask(self, after: str | None) -> Events:
        params = {"limit": str(PAGE), **({"after": after} if after else {})}
        header = await self._tokens.header(self._service, None)
        try:
            answer = await self._peers.client(self._service).get(PATH, params=params, headers=header)
            if answer.status_code == STATUS[Resync.kind]:
                raise Resync
            return _EVENTS.decode(answer.raise_for_status().content)
        except (httpx.HTTPError, msgspec.DecodeError, LookupError) as error:
            log.warning("events can't be read", extra={"service_name": self._service, "reason": repr(error)})
            raise Unavailable from error

    async def _read_place(self) -> str | None:
        async with self._database.kitchen() as kitchen:
            place: str | None = await kitchen.fetchval("SELECT place FROM followed WHERE service = $1", self._service)
        return place

    async def _move(self, kitchen: Kitchen, before: str | None, after: str) -> None:
        """Move the place on, and hold it until commit.

        Raises:
            _Overtaken: it no longer is where it was before.
        """
        moved = await kitchen.execute(
            """
            INSERT INTO followed (service, place) VALUES ($1, $3)
                ON CONFLICT (service) DO UPDATE SET place = excluded.place WHERE followed.place = $2
            """,
            self._service,
            before,
            after,
        )
        if not moved:
            raise _Overtaken

    async def _start_anew(self) -> None:
        log.warning("events were missed, or belong to another epoch", extra={"service_name": self._service})
        async with self._database.kitchen(write=True) as kitchen:
            await kitchen.execute("DELETE FROM followed WHERE service = $1", self._service)
            if self._on_resync:
                await self._on_resync(kitchen)
