"""What a phone may ask of chat."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import uuid_utils.compat as uuid_utils
from litestar import Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from popote_chat import actions, queries
from popote_chat.errors import ContentTooLong, MessageChanged
from popote_chat.model import MAX_MESSAGES, Conversation, Message, Title
from popote_kit import pages
from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, etag, tagged
from popote_kit.identity import Caller
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import (
    Invalid,
    Malformed,
    NotFound,
    PreconditionRequired,
    Stale,
    Unauthenticated,
    Unavailable,
    documented,
)

ANY = (Unauthenticated, Malformed, Invalid, Unavailable)

Words = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=100, description="Words to look for; accents and small typos do not matter."
    ),
]


class NewConversation(msgspec.Struct, forbid_unknown_fields=True):
    id: UUID | None = None
    title: Title = ""


class Rename(msgspec.Struct, forbid_unknown_fields=True):
    title: Title


class Batch(msgspec.Struct, forbid_unknown_fields=True):
    messages: Annotated[list[Message], Meta(min_length=1, max_length=MAX_MESSAGES)]


class Stored(msgspec.Struct):
    """How many messages of the batch are now present."""

    stored: int


@post("/api/chat/conversations", operation_id="create_conversation", responses=documented(*ANY))
async def create_conversation(
    data: JSONBody[NewConversation], kitchen: NamedDependency[Kitchen]
) -> Response[Conversation]:
    """Begin a conversation; with an id that was used before, give that one again."""
    created = await queries.create_conversation(kitchen, data.id or uuid_utils.uuid7(), data.title)
    return tagged(created, created.version)


@get("/api/chat/conversations", operation_id="list_conversations", responses=documented(*ANY))
async def list_conversations(
    kitchen: NamedDependency[Kitchen], q: Words = None, limit: Limit = 50, cursor: CursorText = None
) -> Page[queries.Found] | Page[Conversation]:
    """List conversations, the last used first; or with `q` the best matches, on one page."""
    if q is not None:
        return Page(await queries.search_conversations(kitchen, q, limit))
    found = await queries.list_conversations(kitchen, limit + 1, pages.place(cursor, queries.Place))
    return pages.page(found, limit, lambda last: queries.Place(last.updated_at, last.id))


@get(
    "/api/chat/conversations/{id:uuid}",
    operation_id="get_conversation",
    responses=documented(*ANY, NotFound),
)
async def get_conversation(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Response[Conversation]:
    """Read a conversation; its ETag is what an edit gives back."""
    found = await queries.read_conversation(kitchen, id)
    return tagged(found, found.version)


@patch(
    "/api/chat/conversations/{id:uuid}",
    operation_id="rename_conversation",
    responses=documented(*ANY, NotFound, Stale, PreconditionRequired),
)
async def rename_conversation(
    id: FromPath[UUID],
    data: JSONBody[Rename],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[Conversation]:
    """Give a conversation another title."""
    if_match.check(etag((await queries.read_conversation(kitchen, id, lock=True)).version))
    renamed = await queries.rename_conversation(kitchen, id, data.title)
    return tagged(renamed, renamed.version)


@delete(
    "/api/chat/conversations/{id:uuid}",
    operation_id="delete_conversation",
    responses=documented(*ANY, NotFound, Stale, PreconditionRequired),
)
async def delete_conversation(
    id: FromPath[UUID],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> None:
    """Delete a conversation with all its messages, for good."""
    if_match.check(etag((await queries.read_conversation(kitchen, id, lock=True)).version))
    await queries.delete_conversation(kitchen, id)


@put(
    "/api/chat/conversations/{id:uuid}/messages",
    operation_id="put_messages",
    responses=documented(*ANY, NotFound, MessageChanged, ContentTooLong),
)
async def put_messages(
    id: FromPath[UUID],
    data: JSONBody[Batch],
    kitchen: NamedDependency[Kitchen],
) -> Stored:
    """Save messages, in this order; those that are there already are left as they are, so a batch may be sent again."""
    return Stored(await actions.store_messages(kitchen, id, data.messages))


@get(
    "/api/chat/conversations/{id:uuid}/messages",
    operation_id="list_messages",
    responses=documented(*ANY, NotFound),
)
async def list_messages(
    id: FromPath[UUID],
    kitchen: NamedDependency[Kitchen],
    limit: Limit = 50,
    cursor: CursorText = None,
    order: FromQuery[Literal["asc", "desc"]] = "asc",
) -> Page[queries.Stored]:
    """Read messages in the order they were saved in, or backwards; long ones come on shorter pages, of about 2 MiB."""
    await queries.read_conversation(kitchen, id)
    found, is_last = await queries.read_messages(
        kitchen, id, limit=limit, after=pages.place(cursor, int), newest_first=order == "desc"
    )
    return Page(found, None if is_last else pages.cursor(found[-1].sequence))


@get(
    "/api/chat/export",
    operation_id="export_conversations",
    media_type="application/x-ndjson",
    responses=documented(*ANY),
)
async def export(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> Stream:
    """Give all conversations and messages of the person, a line of JSON each."""
    return Stream(actions.export(database, caller), media_type="application/x-ndjson")


ROUTES: Sequence[ControllerRouterHandler] = [
    create_conversation,
    list_conversations,
    get_conversation,
    rename_conversation,
    delete_conversation,
    put_messages,
    list_messages,
    export,
]
