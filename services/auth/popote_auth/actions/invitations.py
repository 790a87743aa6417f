"""Invitations: made by members, shown to newcomers, accepted once."""

from datetime import datetime
from uuid import UUID

import uuid_utils.compat as uuid_utils

from popote_auth import queries
from popote_auth.actions.households import refuse_too_many
from popote_auth.actions.sessions import rotation
from popote_auth.errors import AlreadyMember, InvitationGone, InvitationUnknown, LimitReached
from popote_auth.model import codes
from popote_auth.model.roles import Role, may_grant
from popote_auth.queries.households import MOST_MEMBERS, Household, Membership
from popote_auth.queries.invitations import MOST_OPEN, Invitation
from popote_auth.tokens import Entry
from popote_auth.tools import Tools
from popote_auth.wire import Accept, Invited
from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.problems import Forbidden


async def invite(kitchen: Kitchen, tools: Tools, caller: Caller, role: Role) -> Invited:
    """Make an invitation to the caller's household, good for seven days.

    Raises:
        Forbidden: the caller may not grant that role.
        LimitReached: 50 invitations are open already.
    """
    granter = await _lock_household(kitchen, caller.person)
    if granter is None or not may_grant(granter.role, role):
        raise Forbidden
    await queries.invitations.prune(kitchen)
    invited = Invited(uuid_utils.uuid7(), codes.make(), role, kitchen.now + codes.INVITATION_LIFE)
    if not await queries.invitations.add(kitchen, invited.id, tools.seal(invited.code), role, invited.expires_at):
        raise LimitReached(limit=MOST_OPEN)
    await queries.audit.record(
        kitchen, "invited", caller.person, household=caller.household, invitation=invited.id, role=role
    )
    return invited


async def _lock_household(kitchen: Kitchen, person: UUID) -> Membership | None:
    """Read what a person is in the kitchen's household; nobody comes, goes, invites or changes roles until commit."""
    await queries.households.read(kitchen, lock=True)
    return await queries.households.read_membership(kitchen, person)


async def find(tools: Tools, code: str, address: str) -> Invitation:
    """Return the invitation with this code, also one that is over.

    Raises:
        InvitationUnknown: there is none.
        TooManyRequests: too many wrong codes came from this address.
    """
    attempt = tools.throttle.attempt(address)
    await tools.throttle.admit(attempt)
    async with tools.database.kitchen() as kitchen:
        invitation = await queries.invitations.find(kitchen, tools.seal(code))
    if invitation is None:
        await tools.throttle.fail(attempt)
        raise InvitationUnknown
    return invitation


async def preview(tools: Tools, code: str, address: str) -> tuple[Household, Role]:
    """Return to which household, and as what, an open invitation invites; it raises like `find`.

    Raises:
        InvitationGone: it was accepted, or has expired.
    """
    invitation = await find(tools, code, address)
    async with tools.database.kitchen(invitation.household_id) as kitchen:
        refuse_over(invitation, kitchen.now)
        household = await queries.households.read(kitchen)
    return household, invitation.role


def refuse_over(invitation: Invitation, now: datetime) -> None:
    """Let an open invitation pass.

    Raises:
        InvitationGone: it was accepted, or has expired.
    """
    if invitation.accepted_by is not None or invitation.expires_at <= now:
        raise InvitationGone


async def accept(tools: Tools, asked: Accept, address: str) -> Entry:
    """Join a household and go on with the session for it; it raises like `find`, `rotation` and `join`."""
    invitation = await find(tools, asked.code, address)
    async with rotation(tools, asked, invitation.household_id) as turn:
        return await turn.act_for(await join(turn.kitchen, tools.seal(asked.code)))


async def join(kitchen: Kitchen, code_hash: bytes) -> Membership:
    """Let the kitchen's person join the kitchen's household by an invitation; again is the same.

    Raises:
        InvitationUnknown: there is no such invitation any more.
        InvitationGone: it was accepted by another, or has expired.
        AlreadyMember: the person came in another way; the invitation stays.
        LimitReached: the household has 50 members, or the person 20 households.
    """
    membership = await _lock_household(kitchen, kitchen.person)
    invitation = await queries.invitations.find(kitchen, code_hash, lock=True)
    if invitation is None:
        raise InvitationUnknown
    if membership is not None and invitation.accepted_by == kitchen.person:
        return membership
    refuse_over(invitation, kitchen.now)
    if membership is not None:
        raise AlreadyMember
    return await _join(kitchen, invitation)


async def _join(kitchen: Kitchen, invitation: Invitation) -> Membership:
    await refuse_too_many(kitchen)
    if not await queries.households.add_member(kitchen, kitchen.person, invitation.role):
        raise LimitReached(limit=MOST_MEMBERS)
    await queries.invitations.accept(kitchen, invitation.id, kitchen.person)
    await queries.audit.record(
        kitchen, "joined", kitchen.person, household=kitchen.household, invitation=invitation.id, role=invitation.role
    )
    membership = await queries.households.read_membership(kitchen, kitchen.person)
    assert membership is not None  # noqa: S101 - it was added in this very transaction
    return membership
