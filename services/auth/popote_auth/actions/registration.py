"""Signing up: an account, in a household, with recovery codes and a session."""

import uuid_utils.compat as uuid_utils
from msgspec import Struct

from popote_auth import queries
from popote_auth.actions import households, invitations
from popote_auth.actions.accounts import renew_codes
from popote_auth.actions.checks import check
from popote_auth.actions.sessions import open_session
from popote_auth.errors import EmailTaken, InvitationNeeded, RegistrationClosed
from popote_auth.queries.households import Household, Membership
from popote_auth.queries.persons import Person
from popote_auth.tokens import Entry
from popote_auth.tools import Tools
from popote_auth.wire import Register
from popote_kit.database import Kitchen
from popote_kit.problems import Invalid


class Home(Struct, frozen=True):
    """Where a newcomer goes: a household to found, or the one that `code_hash` invites to."""

    household: Household
    code_hash: bytes | None = None

    async def move_in(self, kitchen: Kitchen) -> Membership:
        if self.code_hash is None:
            return await households.found(kitchen, self.household)
        return await invitations.join(kitchen, self.code_hash)


async def register(tools: Tools, asked: Register, *, address: str, language: str) -> tuple[Entry, list[str]]:
    """Make an account in a household, with a session; return the way in and the recovery codes.

    Raises:
        RegistrationClosed, InvitationNeeded: as the settings say.
        Invalid, WeakPassword: a value is wrong.
        TooManyRequests: 60 (by default) accounts were asked for from this address within the hour.
        InvitationUnknown, InvitationGone: the code is good for nothing.
        EmailTaken: there is an account with this e-mail address.
    """
    _refuse_uninvited(tools, asked)
    _check(asked)
    tools.refuse_weak(asked.password, member="password", email=asked.email)
    await tools.throttle.take_registration(address, limit=tools.settings.registrations_per_hour)
    home = await _find_home(tools, asked, address, language)
    tools.refuse_weak(asked.password, member="password", households=[home.household.name])
    password_hash = await tools.hasher.hash(asked.password)
    person = Person(uuid_utils.uuid7(), asked.email, asked.display_name, password_hash)
    async with tools.database.kitchen(home.household.id, person.id, write=True) as kitchen:
        if not await queries.persons.add(kitchen, person):
            raise EmailTaken
        await queries.audit.record(kitchen, "registered", person.id)
        membership = await home.move_in(kitchen)
        recovery_codes = await renew_codes(kitchen, tools)
        entry = await open_session(kitchen, person, membership, asked.device)
    return entry, recovery_codes


def _refuse_uninvited(tools: Tools, asked: Register) -> None:
    if tools.settings.registration == "closed":
        raise RegistrationClosed
    if tools.settings.registration == "invite" and asked.invitation_code is None:
        raise InvitationNeeded


def _check(asked: Register) -> None:
    if (asked.household_name is None) == (asked.invitation_code is None):
        message = "either household_name or invitation_code is needed, and not both"
        raise Invalid(errors=[{"pointer": "/household_name", "message": message}])
    check(
        email=asked.email,
        display_name=asked.display_name,
        household_name=asked.household_name,
        timezone=asked.timezone,
        currency=asked.currency,
    )


async def _find_home(tools: Tools, asked: Register, address: str, language: str) -> Home:
    if asked.invitation_code is not None:
        household, _ = await invitations.preview(tools, asked.invitation_code, address)
        return Home(household, tools.seal(asked.invitation_code))
    name = asked.household_name or ""
    return Home(Household(uuid_utils.uuid7(), name, asked.timezone, asked.language or language, asked.currency))
