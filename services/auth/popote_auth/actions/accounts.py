"""Accounts: entered, and kept one's own."""

from collections.abc import Sequence
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec.structs import replace

from popote_auth import queries
from popote_auth.actions import households
from popote_auth.actions.sessions import open_session
from popote_auth.errors import (
    SetUpAlready,
    WrongCredentials,
    WrongPassword,
    WrongRecoveryCode,
    WrongSetupCode,
)
from popote_auth.model import codes
from popote_auth.model.person import email_key
from popote_auth.queries.persons import Person
from popote_auth.throttling import Attempt
from popote_auth.tokens import Entry, Presence
from popote_auth.tools import Tools
from popote_auth.wire import ChangePassword, Login, Recover
from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.problems import Unauthenticated


async def login(tools: Tools, asked: Login, *, address: str) -> Entry:
    """Open a session with e-mail address and password.

    Raises:
        WrongCredentials: they don't open an account; why is not told, and takes the same work.
        TooManyRequests: too many failures came before.
        Busy: too many passwords are being checked.
    """
    attempt = tools.throttle.attempt(address, email_key(asked.email))
    await tools.throttle.admit(attempt)
    async with tools.database.kitchen() as kitchen:
        person = await queries.persons.find(kitchen, asked.email)
    is_right = await tools.hasher.verify(person.password_hash if person else None, asked.password)
    if person is None or person.is_disabled or not is_right:
        await tools.throttle.fail(attempt)
        raise WrongCredentials
    await households.ensure_home(tools, person.id)
    is_outdated = tools.hasher.is_outdated(person.password_hash)
    better_hash = await tools.hasher.hash(asked.password) if is_outdated else None
    async with tools.database.kitchen(person=person.id, write=True) as kitchen:
        person = await _lock_unchanged(kitchen, person, WrongCredentials)
        await tools.throttle.succeed(kitchen, attempt)
        if better_hash is not None:
            await queries.persons.rehash(kitchen, person.id, better_hash)
        return await _enter(kitchen, person, asked)


async def _enter(kitchen: Kitchen, person: Person, asked: Login | Recover) -> Entry:
    membership = await households.choose_home(kitchen)
    await queries.audit.record(kitchen, "signed-in", person.id, device_name=asked.device.name)
    return await open_session(kitchen, person, membership, asked.device)


async def _lock_unchanged(kitchen: Kitchen, proven: Person, refusal: type[Exception]) -> Person:
    """Return the account, locked, if its password is still the one that was proven without a lock."""
    person = await queries.persons.lock(kitchen, proven.id)
    if person is None or person.is_disabled or person.password_version != proven.password_version:
        raise refusal
    return person


async def change_password(tools: Tools, caller: Caller, asked: ChangePassword, *, address: str) -> Presence:
    """Change the caller's password; all other sessions end, and access tokens from before are refused.

    Raises:
        WrongPassword: the current one is wrong.
        WeakPassword: the new one is refused.
    """
    proven, attempt = await _prove(tools, caller.person, asked.current_password, address)
    names = await _household_names(tools, caller.person)
    tools.refuse_weak(asked.new_password, member="new_password", email=proven.email, households=names)
    password_hash = await tools.hasher.hash(asked.new_password)
    async with tools.database.kitchen(caller.household, caller.person, write=True) as kitchen:
        person = await _lock_unchanged(kitchen, proven, WrongPassword)
        await tools.throttle.succeed(kitchen, attempt)
        await queries.persons.set_password(kitchen, person.id, password_hash)
        await queries.sessions.end_all(kitchen, person.id, but=caller.session)
        await queries.audit.record(kitchen, "password-changed", person.id)
        return await _present(kitchen, caller, replace(person, version=person.version + 1))


async def _present(kitchen: Kitchen, caller: Caller, person: Person | None) -> Presence:
    membership = await queries.households.read_membership(kitchen, caller.person)
    if person is None or membership is None:
        raise Unauthenticated
    return Presence(person, membership, caller.session)


async def renew_recovery_codes(tools: Tools, caller: Caller, password: str, *, address: str) -> list[str]:
    """Return new recovery codes in place of the caller's old ones.

    Raises:
        WrongPassword: the password is wrong.
    """
    proven, attempt = await _prove(tools, caller.person, password, address)
    async with tools.database.kitchen(person=caller.person, write=True) as kitchen:
        await _lock_unchanged(kitchen, proven, WrongPassword)
        await tools.throttle.succeed(kitchen, attempt)
        await queries.audit.record(kitchen, "recovery-codes-renewed", caller.person)
        return await renew_codes(kitchen, tools)


async def renew_codes(kitchen: Kitchen, tools: Tools) -> list[str]:
    """Give the kitchen's person new recovery codes in place of the old."""
    made = [codes.make() for _ in range(codes.RECOVERY_CODES)]
    await queries.persons.replace_codes(kitchen, kitchen.person, [tools.seal(code) for code in made])
    return made


async def _prove(tools: Tools, id: UUID, password: str, address: str) -> tuple[Person, Attempt]:
    """Return the account whose password is right, and the attempt to be forgiven with what follows."""
    async with tools.database.kitchen() as kitchen:
        person = await queries.persons.read(kitchen, id)
    if person is None:
        raise Unauthenticated
    attempt = tools.throttle.attempt(address, email_key(person.email))
    await tools.throttle.admit(attempt)
    if not await tools.hasher.verify(person.password_hash, password):
        await tools.throttle.fail(attempt)
        raise WrongPassword
    return person, attempt


async def _household_names(tools: Tools, id: UUID) -> Sequence[str]:
    async with tools.database.kitchen(person=id) as kitchen:
        return [one.name for one in await queries.households.list_joined(kitchen)]


async def recover(tools: Tools, asked: Recover, *, address: str) -> Entry:
    """Set a new password with a recovery code and open a session; all others end.

    Raises:
        WrongRecoveryCode: no account has this address and this code.
        WeakPassword: the new password is refused; the code is still good.
        TooManyRequests: too many failures came before.
    """
    tools.refuse_weak(asked.new_password, member="new_password", email=asked.email)
    attempt = tools.throttle.attempt(address, email_key(asked.email))
    await tools.throttle.admit(attempt)
    code_hash = tools.seal(asked.recovery_code)
    found = await _find_by_code(tools, asked.email, code_hash)
    if found is None:
        await tools.throttle.fail(attempt)
        raise WrongRecoveryCode
    await households.ensure_home(tools, found.id)
    names = await _household_names(tools, found.id)
    tools.refuse_weak(asked.new_password, member="new_password", households=names)
    password_hash = await tools.hasher.hash(asked.new_password)
    async with tools.database.kitchen(person=found.id, write=True) as kitchen:
        person = await _lock_unchanged(kitchen, found, WrongRecoveryCode)
        await tools.throttle.succeed(kitchen, attempt)
        if not await queries.persons.spend_code(kitchen, person.id, code_hash):
            raise WrongRecoveryCode
        await queries.persons.set_password(kitchen, person.id, password_hash)
        await queries.sessions.end_all(kitchen, person.id)
        await queries.audit.record(kitchen, "recovered", person.id)
        return await _enter(kitchen, replace(person, version=person.version + 1), asked)


async def _find_by_code(tools: Tools, email: str, code_hash: bytes) -> Person | None:
    """Return the account with this address and code; without an account, the same reads are made."""
    async with tools.database.kitchen() as kitchen:
        person = await queries.persons.find(kitchen, email)
    owner = person.id if person else uuid_utils.uuid7()
    async with tools.database.kitchen(person=owner) as kitchen:
        has_code = await queries.persons.has_code(kitchen, owner, code_hash)
    return person if person and has_code and not person.is_disabled else None


async def set_up(tools: Tools, caller: Caller, code: str, *, address: str) -> Presence:
    """Make the caller the operator of the system.

    Raises:
        SetUpAlready: someone is, or there is no setup code.
        WrongSetupCode: that is not the code.
        TooManyRequests: too many failures came before.
    """
    async with tools.database.kitchen() as kitchen:
        if not tools.settings.setup_code or await queries.persons.is_set_up(kitchen):
            raise SetUpAlready
    attempt = tools.throttle.attempt(address, str(caller.person))
    await tools.throttle.admit(attempt)
    if not tools.is_setup_code(code):
        await tools.throttle.fail(attempt)
        raise WrongSetupCode
    async with tools.database.kitchen(caller.household, caller.person, write=True) as kitchen:
        if not await queries.persons.set_up(kitchen, caller.person):
            raise SetUpAlready
        await tools.throttle.succeed(kitchen, attempt)
        await queries.audit.record(kitchen, "set-up", caller.person)
        return await _present(kitchen, caller, await queries.persons.read(kitchen, caller.person))
