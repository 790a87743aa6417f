"""Households: one's own, the one acted for, and its members."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from popote_auth import queries
from popote_auth.actions import households
from popote_auth.errors import LastOwner, LimitReached
from popote_auth.queries.households import Household, Member
from popote_auth.tools import Tools
from popote_auth.wire import EditHousehold, EditMember, Joined, NewHousehold
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, tagged
from popote_kit.identity import Caller
from popote_kit.pages import Page
from popote_kit.problems import (
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PreconditionRequired,
    Problem,
    Stale,
    Unauthenticated,
    Unavailable,
    documented,
)

ANY: Final[tuple[type[Problem], ...]] = (Malformed, Invalid, Unauthenticated, Unavailable)


@get("/households", operation_id="list_households", responses=documented(*ANY))
async def list_households(kitchen: NamedDependency[Kitchen]) -> Page[Joined]:
    """List one's households, the last used first, on one page: there are at most 20."""
    return Page([Joined.of(one) for one in await queries.households.list_joined(kitchen)])


@post("/households", operation_id="create_household", responses=documented(*ANY, LimitReached))
async def create_household(
    data: JSONBody[NewHousehold],
    tools: NamedDependency[Tools],
    caller: NamedDependency[Caller],
    language: NamedDependency[str],
) -> Response[Household]:
    """Found another household, and be its owner. One acts for it after `switch`."""
    household = await households.create(tools, caller, data, language)
    return tagged(household, household.version)


@get("/household", operation_id="get_household", responses=documented(*ANY, NotFound))
async def get_household(kitchen: NamedDependency[Kitchen]) -> Response[Household]:
    """Read the household that one acts for; its ETag is what an edit gives back."""
    household = await queries.households.read(kitchen)
    return tagged(household, household.version)


@patch(
    "/household",
    operation_id="edit_household",
    responses=documented(*ANY, Forbidden, NotFound, PreconditionRequired, Stale),
)
async def edit_household(
    data: JSONBody[EditHousehold],
    kitchen: NamedDependency[Kitchen],
    caller: NamedDependency[Caller],
    if_match: NamedDependency[IfMatch],
) -> Response[Household]:
    """Change the household's name, time zone, language or currency, as an owner."""
    household = await households.edit(kitchen, caller, data, if_match)
    return tagged(household, household.version)


@get("/household/members", operation_id="list_members", responses=documented(*ANY))
async def list_members(kitchen: NamedDependency[Kitchen]) -> Page[Member]:
    """List who belongs to the household, the longest standing first, on one page: there are at most 50."""
    return Page(await queries.households.list_members(kitchen))


@patch(
    "/household/members/{id:uuid}",
    operation_id="edit_member",
    responses=documented(*ANY, Forbidden, NotFound, LastOwner),
)
async def edit_member(
    id: FromPath[UUID],
    data: JSONBody[EditMember],
    kitchen: NamedDependency[Kitchen],
    caller: NamedDependency[Caller],
) -> Member:
    """Give a member another role, as an owner."""
    return await households.change_role(kitchen, caller, id, data.role)


@delete(
    "/household/members/{id:uuid}",
    operation_id="remove_member",
    responses=documented(*ANY, Forbidden, NotFound, LastOwner),
)
async def remove_member(id: FromPath[UUID], kitchen: NamedDependency[Kitchen], caller: NamedDependency[Caller]) -> None:
    """Take a member out, as an owner; or leave."""
    await households.remove(kitchen, caller, id)


ROUTES: Sequence[ControllerRouterHandler] = [
    list_households,
    create_household,
    get_household,
    edit_household,
    list_members,
    edit_member,
    remove_member,
]
