"""The conversations of one account: written here at once, delivered in the background, read back for the model."""

import asyncio
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

from popote_client.api import Api
from popote_client.backoff import Backoff
from popote_client.delivery import Delivery
from popote_client.outbox import Outbox
from popote_client.problems import BackendUnreachable, PopoteError, Problem, StateUnusable
from popote_client.state import NOTE_WAIT_S, State
from popote_client.wire import Message, Page

log = logging.getLogger(__name__)

READ_S = 4.0  # for the earlier messages; after that, what is here is used
READ_MESSAGES = 200  # one page; more than a model's context usually holds
LAST_TRY_S = 4.0


class History:
    """Saves and reads conversations. Saving neither delays nor fails whatever the caller is doing.

    `failures` tell why this device could not keep a message, one for each.
    """

    def __init__(self, api: Api, state: State, account: str, backoff: Backoff | None = None) -> None:
        self.outbox = Outbox(state, account)
        self.failures: list[Exception] = []
        self._api = api
        self._delivery = Delivery(api, self.outbox, backoff)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="popote-outbox")  # one: in order
        self._writes: list[Future[None]] = []
        self._delivering: asyncio.Task[None] | None = None

    def write(self, conversation: UUID, message: Message) -> None:
        """Keep a message and deliver it soon. Returns at once; even a process that ends now writes it first."""
        self._writes.append(self._writer.submit(self._keep, conversation, message))
        self.deliver_soon()

    def deliver_soon(self) -> None:
        """Deliver in the background what waits, also from earlier runs."""
        if self._delivering is None or self._delivering.done():
            self._delivering = asyncio.create_task(self._deliver())

    async def transcript(self, conversation: UUID) -> list[Message]:
        """Return the latest messages of a conversation, the oldest first; what is here if the backend is away.

        Raises:
            Problem: the backend does not know this conversation, nor does this device.
            BackendUnreachable: and nothing of it is here.
        """
        await self._settle()
        here = await asyncio.to_thread(self.outbox.transcript, conversation)
        unsent = await asyncio.to_thread(self.outbox.transcript, conversation, unsent=True)  # before it may be sent
        try:
            page = await self._read(conversation)
        except (BackendUnreachable, Problem):
            if here:
                return here[-READ_MESSAGES:]
            raise
        stored = {message.id for message in page.items}
        return page.items[::-1] + [message for message in unsent if message.id not in stored]

    async def _read(self, conversation: UUID) -> Page[Message]:
        try:
            async with asyncio.timeout(READ_S):
                page = await self._api.messages(conversation, order="desc", limit=READ_MESSAGES)
        except TimeoutError as error:
            raise BackendUnreachable(server=self._api.server) from error
        with suppress(StateUnusable):  # it is found out again
            await asyncio.to_thread(self.outbox.know, conversation, wait_s=NOTE_WAIT_S)
        return page

    async def close(self, *, last_try_s: float = LAST_TRY_S) -> None:
        """Stop delivering, after one last try; what it leaves waits on the disk."""
        if self._delivering:
            self._delivering.cancel()
            await asyncio.wait({self._delivering})
        await self.flush(within_s=last_try_s)
        self._writer.shutdown(wait=False)

    async def flush(self, *, within_s: float = LAST_TRY_S) -> None:
        """Deliver now what waits, if that is possible."""
        await self._settle()
        try:
            async with asyncio.timeout(within_s):
                await self._delivery.once()
        except (PopoteError, TimeoutError) as error:
            log.info("messages wait for the next time: %s", error)

    async def _deliver(self) -> None:
        while True:
            await self._settle()
            try:
                await self._delivery.run()
            except StateUnusable as error:
                log.warning("the outbox can't be read: %s", error)
                return
            if not self._writes:
                return

    async def _settle(self) -> None:
        """Wait until what was given to `write` is on the disk."""
        while self._writes:
            write = self._writes[0]
            await asyncio.wait({asyncio.wrap_future(write)})  # which, unlike await, can't cancel the write
            if write in self._writes:
                self._writes.remove(write)

    def _keep(self, conversation: UUID, message: Message) -> None:
        try:
            self.outbox.add(conversation, message)
        except StateUnusable as error:
            self.failures.append(error)
            log.warning("a message could not be kept: %s", error)
