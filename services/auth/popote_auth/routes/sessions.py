"""Sessions: gone on with, moved to another household, listed, ended."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec.structs import asdict

from popote_auth import queries
from popote_auth.actions import sessions
from popote_auth.errors import InvalidGrant, RefreshReused
from popote_auth.routes.dependencies import signed_in, tokens
from popote_auth.tools import Tools
from popote_auth.wire import Refresh, Refreshed, Session, SignedIn, Switch
from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.pages import Page
from popote_kit.problems import (
    Invalid,
    Malformed,
    NotFound,
    Problem,
    Unauthenticated,
    Unavailable,
    documented,
)

ANY: Final[tuple[type[Problem], ...]] = (Malformed, Invalid, Unavailable)


@post(
    "/refresh",
    status_code=200,
    operation_id="refresh",
    security=[{}],
    responses=documented(*ANY, InvalidGrant, RefreshReused),
)
async def refresh(data: JSONBody[Refresh], tools: NamedDependency[Tools]) -> Refreshed:
    """Go on with a session. Keep `refresh_id` until the answer is there: a retry with it gets the same token."""
    return Refreshed(await tokens(tools, await sessions.refresh(tools, data)))


@post(
    "/switch",
    status_code=200,
    operation_id="switch",
    security=[{}],
    responses=documented(*ANY, InvalidGrant, RefreshReused, NotFound),
)
async def switch(data: JSONBody[Switch], tools: NamedDependency[Tools]) -> SignedIn:
    """Go on with a session for another of one's households. A retry is told apart as for `refresh`."""
    return await signed_in(tools, await sessions.switch(tools, data))


@post("/logout", status_code=204, operation_id="logout", responses=documented(*ANY, Unauthenticated))
async def logout(kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]) -> None:
    """End this session."""
    await queries.sessions.end(kitchen, caller.person, caller.session)
    await queries.audit.record(kitchen, "session-ended", caller.person, session=caller.session)


@post("/logout-all", status_code=204, operation_id="logout_all", responses=documented(*ANY, Unauthenticated))
async def logout_all(kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]) -> None:
    """End all of one's sessions, this one too."""
    await queries.persons.outdate_tokens(kitchen, caller.person)
    await queries.sessions.end_all(kitchen, caller.person)
    await queries.audit.record(kitchen, "all-sessions-ended", caller.person)


@get("/sessions", operation_id="list_sessions", responses=documented(*ANY, Unauthenticated))
async def list_sessions(kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]) -> Page[Session]:
    """List where one is signed in, the last used first, on one page: there are at most 20."""
    listed = await queries.sessions.list_live(kitchen, caller.person)
    return Page([Session(**asdict(one), is_current=one.id == caller.session) for one in listed])


@delete("/sessions/{id:uuid}", operation_id="end_session", responses=documented(*ANY, Unauthenticated, NotFound))
async def end_session(id: FromPath[UUID], kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]) -> None:
    """Sign a device out."""
    if not await queries.sessions.end(kitchen, caller.person, id):
        raise NotFound
    await queries.audit.record(kitchen, "session-ended", caller.person, session=id)


ROUTES: Sequence[ControllerRouterHandler] = [refresh, switch, logout, logout_all, list_sessions, end_session]
