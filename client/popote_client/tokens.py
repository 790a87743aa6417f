"""The session on this device: who is logged in where, and the tokens that prove it.

A refresh must survive a lost answer and a crash: its `refresh_id` is on the disk before it is sent, and goes with
every try until an answer was kept. Processes that refresh at the same time find the same id there, so the backend gives
all of them the same successor.
"""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace
from uuid_utils import uuid7

from popote_client.problems import NotLoggedIn
from popote_client.state import State
from popote_client.wire import Household, Login, Rotation, User

SESSION = "session"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One person, in one household, at one server. Ended, it holds no tokens, but still says whose it was."""

    server: str
    user: User
    household: Household
    access_token: str = ""
    refresh_token: str = ""
    refresh_id: str = ""

    @property
    def is_live(self) -> bool:
        return bool(self.refresh_token)

    @property
    def account(self) -> str:
        """What is private on this device is filed under this name."""
        return f"{self.server} {self.user.id} {self.household.id}"


class Tokens:
    """The session of one server, on disk. A session at another server is not seen, so no token goes astray."""

    def __init__(self, state: State, server: str) -> None:
        self._state = state
        self._server = server

    def session(self) -> Session | None:
        """Return the session, live or ended; None before the first login."""
        session = self._state.read(SESSION, Session)
        return session if session and session.server == self._server else None

    def start(self, login: Login) -> Session:
        """Keep a new session in place of any other."""
        session = Session(
            server=self._server,
            user=login.user,
            household=login.household,
            access_token=login.tokens.access_token,
            refresh_token=login.tokens.refresh_token,
        )
        self._state.write(SESSION, session)
        return session

    def begin_rotation(self) -> Session:
        """Return the session with the id for exchanging its refresh token: the one of the last try, if that failed.

        Raises:
            NotLoggedIn: there is no refresh token.
        """
        session = self._change(with_refresh_id)
        if session is None or not session.is_live:
            raise NotLoggedIn
        return session

    def finish_rotation(self, sent: Session, rotation: Rotation) -> Session:
        """Keep the successors of what was sent; where another process was quicker, its tokens stay."""
        return self._change_if_current(sent, successor(sent, rotation))

    def keep_access(self, asked: Session, access_token: str) -> None:
        """Go on with another access token of the session that `asked` for it; any other session stays as it is."""
        self._change(lambda it: replace(it, access_token=access_token) if is_same(it, asked) else it)

    def end(self, sent: Session) -> Session:
        """Drop the tokens that the backend no longer takes; where another process has newer ones, those stay."""
        return self._change_if_current(sent, without_tokens(sent))

    def forget(self) -> None:
        """Drop the tokens, whichever they are."""
        self._change(without_tokens)

    def _change_if_current(self, sent: Session, new: Session) -> Session:
        return self._change(lambda it: new if it.refresh_token == sent.refresh_token else it) or new

    def _change(self, change: Callable[[Session], Session]) -> Session | None:
        session = self._state.change(SESSION, Session, lambda it: change(it) if it.server == self._server else it)
        return session if session and session.server == self._server else None


def with_refresh_id(session: Session) -> Session:
    is_ready = session.refresh_id or not session.is_live
    return session if is_ready else replace(session, refresh_id=str(uuid7()))


def successor(sent: Session, rotation: Rotation) -> Session:
    return replace(
        sent,
        user=rotation.user or sent.user,
        household=rotation.household or sent.household,
        access_token=rotation.tokens.access_token,
        refresh_token=rotation.tokens.refresh_token,
        refresh_id="",
    )


def is_same(session: Session, other: Session) -> bool:
    return session.is_live and session.account == other.account


def without_tokens(session: Session) -> Session:
    return replace(session, access_token="", refresh_token="", refresh_id="")
