"""Invitations: made, listed, revoked, shown, accepted."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody
from litestar.types import ControllerRouterHandler

from popote_auth import queries
from popote_auth.actions import invitations
from popote_auth.errors import (
    AlreadyMember,
    InvalidGrant,
    InvitationGone,
    InvitationUnknown,
    LimitReached,
    RefreshReused,
)
from popote_auth.model import codes
from popote_auth.queries.invitations import Open
from popote_auth.routes.dependencies import signed_in
from popote_auth.tools import Tools
from popote_auth.wire import Accept, Invite, Invited, Preview, SignedIn
from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.pages import Page
from popote_kit.problems import (
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    documented,
)

ANY: Final[tuple[type[Problem], ...]] = (Malformed, Invalid, Unavailable)
MANAGED: Final[tuple[type[Problem], ...]] = (*ANY, Unauthenticated, Forbidden)
SHOWN: Final[tuple[type[Problem], ...]] = (*ANY, TooManyRequests, InvitationUnknown, InvitationGone)

InvitationCode = Annotated[
    str,
    HeaderParameter(
        name="X-Invitation-Code",
        min_length=1,
        max_length=codes.LONGEST,
        description="In a header, since addresses end up in logs.",
    ),
]


@post("/invitations", operation_id="invite", responses=documented(*MANAGED, LimitReached))
async def invite(
    data: JSONBody[Invite],
    tools: NamedDependency[Tools],
    kitchen: NamedDependency[Kitchen],
    caller: NamedDependency[Caller],
) -> Invited:
    """Invite someone to the household, as an owner or adult, with a role up to one's own."""
    return await invitations.invite(kitchen, tools, caller, data.role)


@get("/invitations", operation_id="list_invitations", responses=documented(*MANAGED))
async def list_invitations(kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]) -> Page[Open]:
    """List the open invitations to the household, the newest first, on one page: there are at most 50."""
    caller.require("owner", "adult")
    return Page(await queries.invitations.list_open(kitchen))


@delete("/invitations/{id:uuid}", operation_id="revoke_invitation", responses=documented(*MANAGED, NotFound))
async def revoke_invitation(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]
) -> None:
    """Take back an open invitation."""
    caller.require("owner", "adult")
    if not await queries.invitations.delete(kitchen, id):
        raise NotFound
    await queries.audit.record(kitchen, "invitation-revoked", caller.person, household=caller.household, invitation=id)


@get("/invitations/preview", operation_id="preview_invitation", security=[{}], responses=documented(*SHOWN))
async def preview_invitation(
    tools: NamedDependency[Tools], address: NamedDependency[str], code: InvitationCode
) -> Preview:
    """Look at an invitation before accepting it."""
    household, role = await invitations.preview(tools, code, address)
    return Preview(household.name, role)


@post(
    "/invitations/accept",
    status_code=200,
    operation_id="accept_invitation",
    security=[{}],
    responses=documented(*SHOWN, InvalidGrant, RefreshReused, AlreadyMember, LimitReached),
)
async def accept_invitation(
    data: JSONBody[Accept], tools: NamedDependency[Tools], address: NamedDependency[str]
) -> SignedIn:
    """Join a household and act for it. A retry is told apart as for `refresh`."""
    return await signed_in(tools, await invitations.accept(tools, data, address))


ROUTES: Sequence[ControllerRouterHandler] = [
    invite,
    list_invitations,
    revoke_invitation,
    preview_invitation,
    accept_invitation,
]
