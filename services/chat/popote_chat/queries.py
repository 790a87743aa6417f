"""Every SQL statement of chat. Household and person come from the kitchen; row-level security checks both again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from popote_chat.model import MAX_PAGE_BYTES, Conversation, Message
from popote_kit.codec import encode
from popote_kit.database import Kitchen, many, one


class Place(msgspec.Struct):
    """Where a page of conversations ended."""

    updated_at: datetime
    id: UUID


class Found(Conversation, frozen=True):
    """A conversation that a search found, with the words that were found when they are in a message."""

    found: str | None = None


class Stored(Message, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """A message with its place in the conversation; answers may gain members, which clients pass over."""

    sequence: int


async def create_conversation(kitchen: Kitchen, id: UUID, title: str) -> Conversation:
    """Store a conversation; an id that the person already has gives that one, unchanged."""
    row = await kitchen.fetchrow(
        """
        INSERT INTO conversation AS c (household_id, person_id, id, title, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $5)
            ON CONFLICT (household_id, person_id, id) DO UPDATE SET title = c.title
        RETURNING id, title, version, created_at, updated_at
        """,
        kitchen.household,
        kitchen.person,
        id,
        title,
        kitchen.now,
    )
    return one(row, Conversation)


async def list_conversations(kitchen: Kitchen, limit: int, after: Place | None) -> list[Conversation]:
    """Read conversations, the last used first."""
    rows = await kitchen.fetch(
        """
        SELECT id, title, version, created_at, updated_at
          FROM conversation
         WHERE household_id = $1 AND person_id = $2
           AND ($3::timestamptz IS NULL OR (updated_at, id) < ($3, $4))
         ORDER BY updated_at DESC, id DESC
         LIMIT $5
        """,
        kitchen.household,
        kitchen.person,
        after.updated_at if after else None,
        after.id if after else None,
        limit,
    )
    return many(rows, Conversation)


async def search_conversations(kitchen: Kitchen, words: str, limit: int) -> list[Found]:
    """Read the conversations that hold all of `words`, or else something like them, the best first."""
    if not any(letter.isalnum() for letter in words):
        return []
    columns = "id, title, version, created_at, updated_at, found"
    rows = await kitchen.fetch(f"SELECT {columns} FROM search_words($1, $2)", words, limit)  # noqa: S608 - fixed text
    if not rows:
        rows = await kitchen.fetch(f"SELECT {columns} FROM search_like($1, $2)", words, limit)  # noqa: S608 - fixed text
    return many(rows, Found)


async def read_conversation(kitchen: Kitchen, id: UUID, *, lock: bool = False) -> Conversation:
    """Read a conversation; with `lock`, nobody else writes to it until commit.

    Raises:
        NotFound: the person has no such conversation.
    """
    row = await kitchen.fetchrow(
        f"""
        SELECT id, title, version, created_at, updated_at
          FROM conversation
         WHERE household_id = $1 AND person_id = $2 AND id = $3
         {"FOR UPDATE" if lock else ""}
        """,  # noqa: S608 - two fixed texts
        kitchen.household,
        kitchen.person,
        id,
    )
    return one(row, Conversation)


async def rename_conversation(kitchen: Kitchen, id: UUID, title: str) -> Conversation:
    row = await kitchen.fetchrow(
        """
        UPDATE conversation SET title = $4, version = version + 1, updated_at = $5
         WHERE household_id = $1 AND person_id = $2 AND id = $3
        RETURNING id, title, version, created_at, updated_at
        """,
        kitchen.household,
        kitchen.person,
        id,
        title,
        kitchen.now,
    )
    return one(row, Conversation)


async def delete_conversation(kitchen: Kitchen, id: UUID) -> None:
    """Delete a conversation with its messages."""
    await kitchen.execute(
        "DELETE FROM conversation WHERE household_id = $1 AND person_id = $2 AND id = $3",
        kitchen.household,
        kitchen.person,
        id,
    )


async def read_messages(
    kitchen: Kitchen, conversation: UUID, *, limit: int, after: int | None, newest_first: bool = False
) -> tuple[list[Stored], bool]:
    """Read messages in the order of arrival, or backwards, past the sequence `after`; tell whether they are the last.

    There are at most `limit`, and fewer where they are long: those that begin within `MAX_PAGE_BYTES`.
    """
    order, beyond = ("DESC", "<") if newest_first else ("ASC", ">")
    rows = await kitchen.fetch(
        f"""
        WITH found AS (
            SELECT * FROM message
             WHERE household_id = $1 AND person_id = $2 AND conversation_id = $3
               AND ($4::integer IS NULL OR sequence {beyond} $4)
             ORDER BY sequence {order}
             LIMIT $5 + 1
        ), measured AS (
            SELECT *, count(*) OVER () AS of_all, row_number() OVER place AS number,
                   sum(octet_length(concat(tool_calls, links)) + octet_length(content))
                       OVER (place ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW) AS bytes_before
              FROM found WINDOW place AS (ORDER BY sequence {order})
        )
        SELECT id, sequence, role, content, created_at, model, done_reason, tool_calls, tool_name, links, of_all
          FROM measured
         WHERE number <= $5 AND (bytes_before IS NULL OR bytes_before < $6)
         ORDER BY number
        """,  # noqa: S608 - two fixed texts
        kitchen.household,
        kitchen.person,
        conversation,
        after,
        limit,
        MAX_PAGE_BYTES,
    )
    return many(rows, Stored), not rows or len(rows) == rows[0]["of_all"]


async def compare_known(kitchen: Kitchen, conversation: UUID, messages: Sequence[Message]) -> dict[UUID, bool]:
    """Tell of those messages whose ids the conversation has whether the words are the same.

    PostgreSQL compares: what is stored may be much longer than what came, and its numbers are exact.
    """
    plain = ("id", "role", "content", "tool_name")
    columns: list[list[Any]] = [[getattr(message, name) for message in messages] for name in plain]
    rows = await kitchen.fetch(
        """
        SELECT m.id, (m.role, m.content, m.tool_name, m.tool_calls)
                     IS NOT DISTINCT FROM (new.role, new.content, new.tool_name, new.tool_calls::jsonb) AS is_same
          FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[])
               AS new (id, role, content, tool_name, tool_calls)
          JOIN message m USING (id)
         WHERE m.household_id = $1 AND m.person_id = $2 AND m.conversation_id = $3
        """,
        kitchen.household,
        kitchen.person,
        conversation,
        *columns,
        [_json(message.tool_calls) for message in messages],
    )
    return {row["id"]: row["is_same"] for row in rows}


async def append_messages(kitchen: Kitchen, conversation: UUID, messages: Sequence[Message]) -> None:
    """Store new messages behind those that stand; the conversation is locked by the caller."""
    plain = ("id", "role", "content", "model", "done_reason", "tool_name", "created_at")
    columns: list[list[Any]] = [[getattr(message, name) for message in messages] for name in plain]
    columns += [[_json(getattr(message, name)) for message in messages] for name in ("tool_calls", "links")]
    await kitchen.execute(
        """
        WITH place AS (
            UPDATE conversation SET last_sequence = last_sequence + cardinality($5::uuid[]), updated_at = $4
             WHERE household_id = $1 AND person_id = $2 AND id = $3
            RETURNING last_sequence - cardinality($5::uuid[]) AS before
        )
        INSERT INTO message (household_id, person_id, conversation_id, sequence,
                             id, role, content, model, done_reason, tool_name, tool_calls, links, created_at)
        SELECT $1, $2, $3, place.before + new.ordinality,
               new.id, new.role, new.content, new.model, new.done_reason, new.tool_name,
               new.tool_calls::jsonb, new.links::jsonb, new.created_at
          FROM place,
               unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[],
                      $12::text[], $13::text[])
               WITH ORDINALITY AS new (id, role, content, model, done_reason, tool_name, created_at, tool_calls, links)
        """,
        kitchen.household,
        kitchen.person,
        conversation,
        kitchen.now,
        *columns,
    )


def _json(value: object) -> str | None:
    """An array of JSON arrays would reach PostgreSQL as one array of two dimensions; as text it does not."""
    return None if value is None else encode(value).decode()
