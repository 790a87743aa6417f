"""From the outbox to the chat service: in order, as often as it takes, each message stored once."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from popote_client.api import Api
from popote_client.backoff import Backoff
from popote_client.outbox import Outbox, Waiting
from popote_client.problems import BackendUnreachable, NotLoggedIn, Problem
from popote_client.wire import Message


class Delivery:
    """Delivers one outbox through `api`."""

    def __init__(self, api: Api, outbox: Outbox, backoff: Backoff | None = None) -> None:
        self._api = api
        self._outbox = outbox
        self._backoff = backoff or Backoff()
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Deliver until nothing waits, however long the backend is away; ends early when the session has ended."""
        failures = 0
        while failure := await self._try():
            failures += 1
            await self._backoff.wait(failures, getattr(failure, "retry_after_s", 0))

    async def _try(self) -> BackendUnreachable | Problem | None:
        """Return what speaks for trying again later, None where nothing does."""
        try:
            await self.once()
        except NotLoggedIn:
            return None
        except (BackendUnreachable, Problem) as failure:
            return failure
        return None

    async def once(self) -> None:
        """Deliver all that waits.

        Raises:
            BackendUnreachable, NotLoggedIn: some of it waits on.
            Problem: so it does; see `may_pass`.
        """
        async with self._turn:
            while waiting := await asyncio.to_thread(self._outbox.next):
                await self._check_account()
                await self._deliver(waiting)

    async def _check_account(self) -> None:
        session = await asyncio.to_thread(self._api.tokens.session)
        if session is None or session.account != self._outbox.account:
            raise NotLoggedIn  # someone else is: these are not their messages

    async def _deliver(self, waiting: Waiting) -> None:
        if not waiting.is_known and not await self._make(waiting):
            return
        await self._put(waiting.conversation, waiting.messages)

    async def _make(self, waiting: Waiting) -> bool:
        """Make the conversation; where the backend will never have it, park what was to go there."""
        try:
            await self._api.create_conversation(waiting.conversation, waiting.title)
        except Problem as problem:
            await self._park(waiting.messages, problem)
            return False
        await asyncio.to_thread(self._outbox.know, waiting.conversation)
        return True

    async def _put(self, conversation: UUID, messages: Sequence[Message]) -> None:
        try:
            await self._api.put_messages(conversation, messages)
        except Problem as problem:
            await self._refused(conversation, messages, problem)
        else:
            await asyncio.to_thread(self._outbox.sent, messages)

    async def _refused(self, conversation: UUID, messages: Sequence[Message], problem: Problem) -> None:
        """Park what will never be taken; of several messages, only those that are refused alone."""
        if len(messages) == 1 or may_pass(problem) or problem.status == HTTPStatus.NOT_FOUND:
            return await self._park(messages, problem)
        middle = len(messages) // 2
        await self._put(conversation, messages[:middle])
        return await self._put(conversation, messages[middle:])

    async def _park(self, messages: Sequence[Message], problem: Problem) -> None:
        if may_pass(problem):
            raise problem
        await asyncio.to_thread(self._outbox.park, messages, problem.type)


def may_pass(problem: Problem) -> bool:
    """Whether a refusal is about the moment, or about who asks, rather than about the messages."""
    return problem.is_passing or problem.status == HTTPStatus.UNAUTHORIZED
