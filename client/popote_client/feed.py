"""What has changed, and what happens: how a part of the API tells of it."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus
from uuid import UUID

import msgspec

from popote_client.backoff import Backoff
from popote_client.lines import LineTooLongError
from popote_client.part import Part
from popote_client.problems import BackendUnreachable, NotLoggedIn, NotPopote, Problem
from popote_client.sse import Event, EventReader

log = logging.getLogger(__name__)

IDLE_S = 60.0  # the backend is never silent for longer than 20 s
MOST_WAIT_S = 30.0
CHANGES = 500  # in a page, at most


class Change(msgspec.Struct, frozen=True):
    """One row as it is now, or with `deleted` that it is gone."""

    kind: str
    id: UUID
    version: int
    deleted: bool
    data: msgspec.Raw = msgspec.Raw(b"null")


class Changes(msgspec.Struct, frozen=True):
    """One page; `version` is the next `since`, and moves on only with the last page."""

    epoch: UUID
    changes: list[Change]
    version: int
    next_cursor: str | None = None


class Feed(Part):
    """A part that can be followed."""

    async def _events(self, last_event_id: str | None, backoff: Backoff | None) -> AsyncGenerator[Event, None]:
        """Give what happens as it happens, until the session ends, through connections that are lost.

        Raises:
            Problem: the backend refuses for good.
        """
        reader, backoff, failures = EventReader(last_event_id), backoff or Backoff(most_s=MOST_WAIT_S), 0
        while True:
            wait_s = 0.0
            try:
                async with aclosing(self._listen(reader)) as heard:
                    async for event in heard:
                        failures = 0
                        if event:
                            yield event
            except NotLoggedIn:
                return
            except BackendUnreachable as failure:
                log.info("events can't be heard: %s", failure)
            except Problem as problem:
                if not problem.is_passing:
                    raise
                wait_s = problem.retry_after_s
            failures += 1
            await backoff.wait(failures, wait_s)

    async def _listen(self, reader: EventReader) -> AsyncGenerator[Event | None, None]:
        """Give the events of one connection, and None for each sign of life."""
        reader.start_over()
        headers = {"accept": "text/event-stream"}
        if reader.last_id:
            headers["last-event-id"] = reader.last_id
        async with self._backend.stream(f"{self.root}/events", headers, idle_s=IDLE_S) as pieces:
            async for piece in pieces:
                yield None
                try:
                    for event in reader.feed(piece):
                        yield event
                except (LineTooLongError, msgspec.DecodeError) as error:
                    raise NotPopote(server=self._backend.server, status=HTTPStatus.OK) from error
