"""Sessions: opened by a sign-in, gone on with by refresh tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import Struct

from popote_auth import queries
from popote_auth.actions.households import choose_home, ensure_home
from popote_auth.errors import InvalidGrant, RefreshReused
from popote_auth.model.refresh import RefreshToken, Verdict, judge
from popote_auth.queries.households import Membership
from popote_auth.queries.persons import Person
from popote_auth.queries.sessions import Device, Opened
from popote_auth.tokens import Entry
from popote_auth.tools import Tools
from popote_auth.wire import Refresh, Switch
from popote_kit.database import Kitchen
from popote_kit.problems import NotFound


class Turn(Struct, frozen=True):
    """A session that may go on, in the transaction that says so; `generation` is that of the token to give."""

    kitchen: Kitchen
    person: Person
    session: Opened
    generation: int

    async def act_for(self, membership: Membership) -> Entry:
        """Let the session go on for this household."""
        if membership.id != self.session.household_id:
            await queries.sessions.move(self.kitchen, self.session.id, membership.id)
        return Entry(self.person, membership, self.session.id, self.generation)


async def open_session(kitchen: Kitchen, person: Person, membership: Membership, device: Device) -> Entry:
    """Open a session of a person who is locked; the oldest of too many is ended."""
    session = uuid_utils.uuid7()
    await queries.sessions.add(kitchen, session, person.id, membership.id, device)
    await queries.sessions.prune(kitchen, person.id)
    return Entry(person, membership, session)


async def refresh(tools: Tools, asked: Refresh) -> Entry:
    """Go on with a session, for the household that it acts for, or another when that one was left.

    Raises:
        InvalidGrant: the token is worth nothing.
        RefreshReused: it was replaced; its session is ended.
    """
    async with rotation(tools, asked) as turn:
        return await turn.act_for(await choose_home(turn.kitchen, turn.session.household_id))


async def switch(tools: Tools, asked: Switch) -> Entry:
    """Go on with a session for another household of the person; it raises like `refresh`.

    Raises:
        NotFound: the person has no such household.
    """
    async with rotation(tools, asked) as turn:
        membership = await choose_home(turn.kitchen, asked.household_id)
        if membership.id != asked.household_id:
            raise NotFound
        return await turn.act_for(membership)


@asynccontextmanager
async def rotation(tools: Tools, asked: Refresh, household: UUID | None = None) -> AsyncIterator[Turn]:
    """Give the session of a refresh token, rotated by the table of `model.refresh`, in one transaction with the block.

    When the block raises, nothing has happened and the token is as good as before.

    Raises:
        InvalidGrant: the token is worth nothing.
        RefreshReused: it was replaced; its session is ended.
    """
    token = RefreshToken.read(asked.refresh_token, tools.secrets.refresh)
    if token is None:
        raise InvalidGrant
    person = await _find_person(tools, token.session)
    async with tools.database.kitchen(household, person, write=True) as kitchen:
        turn = await _turn(kitchen, token, asked.refresh_id)
        if turn is not None:
            yield turn
    if turn is None:
        raise RefreshReused


async def _find_person(tools: Tools, session: UUID) -> UUID:
    async with tools.database.kitchen() as kitchen:
        person = await queries.sessions.find_person(kitchen, session)
    if person is None:
        raise InvalidGrant
    await ensure_home(tools, person)
    return person


async def _turn(kitchen: Kitchen, token: RefreshToken, refresh_id: UUID) -> Turn | None:
    """Decide on a token and store the decision; None means that its session was ended."""
    session = await queries.sessions.lock(kitchen, token.session)
    person = await queries.persons.read(kitchen, kitchen.person)
    if session is None or person is None or person.is_disabled:
        raise InvalidGrant
    match judge(session, token.generation, refresh_id, kitchen.now):
        case Verdict.ROTATE:
            await queries.sessions.rotate(kitchen, session.id, refresh_id)
            return Turn(kitchen, person, session, session.generation + 1)
        case Verdict.REPEAT:
            await queries.sessions.repeat(kitchen, session.id, refresh_id)
            return Turn(kitchen, person, session, session.generation)
        case Verdict.REUSED:
            await queries.sessions.end(kitchen, person.id, session.id)
            await queries.audit.record(kitchen, "refresh-reused", person.id, session=session.id)
            return None
        case Verdict.INVALID:
            raise InvalidGrant
