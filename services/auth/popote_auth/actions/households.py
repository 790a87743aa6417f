"""Households and their members."""

from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec.structs import asdict, replace

from popote_auth import queries
from popote_auth.actions.checks import check
from popote_auth.errors import LastOwner, LimitReached
from popote_auth.model.roles import Role, leaves_no_owner, may_settle
from popote_auth.queries.households import MOST_HOUSEHOLDS, Household, Member, Membership
from popote_auth.tools import Tools
from popote_auth.wire import EditHousehold, NewHousehold
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.identity import Caller
from popote_kit.problems import Forbidden, NotFound, Unavailable


async def found(kitchen: Kitchen, household: Household) -> Membership:
    """Store a new household, the kitchen's, with the kitchen's person as its owner."""
    await queries.households.add(kitchen, household)
    await queries.households.add_member(kitchen, kitchen.person, Role.OWNER)
    await queries.audit.record(kitchen, "household-founded", kitchen.person, household=household.id)
    return household.seen_by(Role.OWNER)


async def create(tools: Tools, caller: Caller, asked: NewHousehold, language: str) -> Household:
    """Found another household.

    Raises:
        Invalid: a value is wrong.
        LimitReached: the person belongs to 20 already.
    """
    check(name=asked.name, timezone=asked.timezone, currency=asked.currency)
    household = Household(uuid_utils.uuid7(), asked.name, asked.timezone, asked.language or language, asked.currency)
    async with tools.database.kitchen(household.id, caller.person, write=True) as kitchen:
        await queries.persons.lock(kitchen, caller.person)
        await refuse_too_many(kitchen)
        await found(kitchen, household)
    return household


async def refuse_too_many(kitchen: Kitchen) -> None:
    """Let the kitchen's person join one more household.

    Raises:
        LimitReached: the person belongs to 20 already.
    """
    if len(await queries.households.list_joined(kitchen)) >= MOST_HOUSEHOLDS:
        raise LimitReached(limit=MOST_HOUSEHOLDS)


async def ensure_home(tools: Tools, person: UUID) -> None:
    """Give a person who was taken out of the last household one of their own: a sign-in always leads somewhere."""
    async with tools.database.kitchen(person=person) as kitchen:
        if await queries.households.list_joined(kitchen):
            return
    async with tools.database.kitchen(new := uuid_utils.uuid7(), person, write=True) as kitchen:
        known = await queries.persons.lock(kitchen, person)
        if known is not None and not await queries.households.list_joined(kitchen):
            await found(kitchen, Household(new, known.display_name, "UTC", "en", "EUR"))


async def choose_home(kitchen: Kitchen, preferred: UUID | None = None) -> Membership:
    """Return the household to act for: the preferred one if the kitchen's person belongs to it, or the last one used.

    Raises:
        Unavailable: the person was taken out of the last one this very moment; the next try finds a new one.
    """
    joined = await queries.households.list_joined(kitchen)
    if not joined:
        raise Unavailable
    return next((one for one in joined if one.id == preferred), joined[0])


async def edit(kitchen: Kitchen, caller: Caller, asked: EditHousehold, if_match: IfMatch) -> Household:
    """Change what the caller's household is called and set to.

    Raises:
        Forbidden: the caller is no owner.
        Invalid: a value is wrong.
        PreconditionRequired, Stale: as `if_match` says.
    """
    caller.require("owner")
    check(name=asked.name, timezone=asked.timezone, currency=asked.currency)
    household = await queries.households.read(kitchen, lock=True)
    if_match.check(etag(household.version))
    given = {member: value for member, value in asdict(asked).items() if value is not None}
    await queries.households.update(kitchen, replace(household, **given))
    await queries.audit.record(kitchen, "household-edited", caller.person, household=household.id, **given)
    return replace(household, version=household.version + 1, **given)


async def change_role(kitchen: Kitchen, caller: Caller, person: UUID, role: Role) -> Member:
    """Give a member of the caller's household another role.

    That person's access tokens are refused here from now, and by other services when they expire.

    Raises:
        Forbidden: the caller is no owner.
        NotFound: there is no such member.
        LastOwner: the household would have no owner.
    """
    member = await _lock_member(kitchen, caller, person, after=role)
    await queries.households.set_role(kitchen, person, role)
    await _unsettle(kitchen, caller, person, "role-changed", before=member.role, after=role)
    return replace(member, role=role)


async def remove(kitchen: Kitchen, caller: Caller, person: UUID) -> None:
    """Take a member, or oneself, out of the caller's household; it raises like `change_role`."""
    await _lock_member(kitchen, caller, person, after=None)
    await queries.households.remove_member(kitchen, person)
    await _unsettle(kitchen, caller, person, "member-removed")


async def _lock_member(kitchen: Kitchen, caller: Caller, person: UUID, *, after: Role | None) -> Member:
    """Read a member whose role may become `after` (None: gone), as things stand until commit."""
    await queries.households.read(kitchen, lock=True)
    members = {member.id: member for member in await queries.households.list_members(kitchen)}
    acting = members.get(caller.person)
    is_leaving = after is None and person == caller.person
    if acting is None or not may_settle(acting.role, is_leaving=is_leaving):
        raise Forbidden
    if (member := members.get(person)) is None:
        raise NotFound
    owners = sum(one.role is Role.OWNER for one in members.values())
    if leaves_no_owner(member.role, after, owners=owners):
        raise LastOwner
    return member


async def _unsettle(kitchen: Kitchen, caller: Caller, person: UUID, what: str, **facts: object) -> None:
    """Let what the person was given under the old role count no more."""
    await queries.invitations.delete_by(kitchen, person)
    await queries.persons.outdate_tokens(kitchen, person)
    await queries.audit.record(kitchen, what, person, actor=caller.person, household=kitchen.household, **facts)
