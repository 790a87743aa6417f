"""Use cases of more than a few lines."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import msgspec

from popote_chat import queries
from popote_chat.errors import ContentTooLong
from popote_chat.model import MAX_CONTENT_BYTES, Conversation, Message, each_once, select_new
from popote_kit.codec import encode
from popote_kit.database import Database, Kitchen
from popote_kit.identity import Caller

PAGE = 200


async def store_messages(kitchen: Kitchen, conversation: UUID, batch: Sequence[Message]) -> int:
    """Store those messages that are new; return how many of the batch are now present.

    Raises:
        NotFound: the person has no such conversation.
        MessageChanged: a stored message came with other words.
        ContentTooLong: a message is longer than 128 KiB.
    """
    refuse_long(batch)
    messages = each_once(batch)
    await queries.read_conversation(kitchen, conversation, lock=True)
    new = select_new(messages, await queries.compare_known(kitchen, conversation, messages))
    if new:
        await queries.append_messages(kitchen, conversation, new)
    return len(messages)


def refuse_long(batch: Sequence[Message]) -> None:
    long = [message.id for message in batch if len(message.content.encode()) > MAX_CONTENT_BYTES]
    if long:
        raise ContentTooLong(ids=long)


async def export(database: Database, caller: Caller) -> AsyncIterator[bytes]:
    """Give all that a person keeps here, a line of JSON for each conversation and each of its messages.

    A connection is held for one page at a time, never while the client reads.
    """
    after: queries.Place | None = None
    while True:
        async with database.kitchen(caller.household, caller.person) as kitchen:
            page = await queries.list_conversations(kitchen, PAGE, after)
        for conversation in page:
            yield encode({"conversation": conversation}) + b"\n"
            async for line in _export_messages(database, caller, conversation):
                yield line
        if len(page) < PAGE:
            return
        after = queries.Place(page[-1].updated_at, page[-1].id)


async def _export_messages(database: Database, caller: Caller, conversation: Conversation) -> AsyncIterator[bytes]:
    after: int | None = None
    while True:
        async with database.kitchen(caller.household, caller.person) as kitchen:
            page, is_last = await queries.read_messages(kitchen, conversation.id, limit=PAGE, after=after)
        for message in page:
            members = msgspec.structs.asdict(message)
            yield encode({"message": {"conversation_id": conversation.id, **members}}) + b"\n"
        if is_last:
            return
        after = page[-1].sequence
