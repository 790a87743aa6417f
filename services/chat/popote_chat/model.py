"""The nouns of chat and the pure rules about them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from popote_chat.errors import MessageChanged

MAX_MESSAGES: Final = 500
MAX_CONTENT_BYTES: Final = 128 * 1024
MAX_PAGE_BYTES: Final = 2 * 1024 * 1024
# The first and the last moments that Python knows have no UTC, or mean infinity to asyncpg.
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)

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

    def __post_init__(self) -> None:
        if not EARLIEST <= self.created_at < LATEST:
            raise ValueError("`created_at` is a year that no clock shows")

    def says_the_same_as(self, other: "Message") -> bool:
        return (self.role, self.content, self.tool_name, self.tool_calls) == (
            other.role,
            other.content,
            other.tool_name,
            other.tool_calls,
        )


def each_once(batch: Sequence[Message]) -> list[Message]:
    """Return the messages of `batch`, each once, in the order of the batch.

    Raises:
        MessageChanged: it has other words under the same id.
    """
    first: dict[UUID, Message] = {}
    for message in batch:
        first.setdefault(message.id, message)
    _refuse_changed(message.id for message in batch if not message.says_the_same_as(first[message.id]))
    return list(first.values())


def select_new(batch: Sequence[Message], known: Mapping[UUID, bool]) -> list[Message]:
    """Return the messages of `batch` that are not `known`, which tells of stored ids whether the words are the same.

    Raises:
        MessageChanged: some have other words than those that are stored.
    """
    _refuse_changed(stored for stored, is_same in known.items() if not is_same)
    return [message for message in batch if message.id not in known]


def _refuse_changed(ids: Iterable[UUID]) -> None:
    if changed := list(dict.fromkeys(ids)):  # each once
        raise MessageChanged(ids=changed)
