"""The nouns of chat and the pure rules about them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from popote_chat.errors import MessageChanged

MAX_MESSAGES: Final = 500
MAX_CONTENT_BYTES: Final = 128 * 1024

Role = Literal["user", "assistant", "tool", "system"]
Title = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(max_length=200)]
Members = Annotated[dict[str, Any], Meta(max_length=50)]


class Conversation(msgspec.Struct, frozen=True):
    """One thread between a person and a model."""

    id: UUID
    title: str
    version: int
    created_at: datetime
    updated_at: datetime


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One turn of a conversation, as the phone saw it; `content` holds at most 128 KiB of UTF-8."""

    id: UUID
    role: Role
    content: Annotated[str, Meta(max_length=MAX_CONTENT_BYTES)]
    created_at: Annotated[datetime, Meta(tz=True)]
    model: Name | None = None
    done_reason: Annotated[str, Meta(max_length=50)] | None = None
    tool_calls: Annotated[list[Members], Meta(max_length=50)] | None = None
    tool_name: Name | None = None
    links: Annotated[list[Members], Meta(max_length=100)] | None = None

    def says_the_same_as(self, other: "Message") -> bool:
        return (self.role, self.content, self.tool_name, self.tool_calls) == (
            other.role,
            other.content,
            other.tool_name,
            other.tool_calls,
        )


def select_new(batch: Sequence[Message], known: Iterable[Message]) -> list[Message]:
    """Return the messages of `batch` that are not yet known, each once, in the order of the batch.

    Raises:
        MessageChanged: the batch has other words under an id that is known, or twice in itself.
    """
    seen = {message.id: message for message in known}
    new: list[Message] = []
    changed: list[UUID] = []
    for message in batch:
        if message.id not in seen:
            seen[message.id] = message
            new.append(message)
        elif not message.says_the_same_as(seen[message.id]):
            changed.append(message.id)
    if changed:
        raise MessageChanged(ids=changed)
    return new
