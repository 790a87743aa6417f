"""Popote as one person on one device sees it."""

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx
import msgspec

from popote_client.api import Api
from popote_client.backend import BackendLimits
from popote_client.backoff import Backoff
from popote_client.chat import Chat
from popote_client.connect import Connector
from popote_client.events import Event
from popote_client.history import LAST_TRY_S, History
from popote_client.memory import Memory
from popote_client.ollama import http_client
from popote_client.problems import NotLoggedIn, PopoteError
from popote_client.protocol import OllamaLimits
from popote_client.resolve import TOTAL_S, Resolver
from popote_client.state import State
from popote_client.tokens import SESSION, Session

DEFAULT_SERVER = "http://127.0.0.1:8080"


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how much: every limit of this client, in one place."""

    backend: BackendLimits = BackendLimits()
    ollama: OllamaLimits = OllamaLimits()
    backoff: Backoff = Backoff()
    resolve_s: float = TOTAL_S
    last_try_s: float = LAST_TRY_S


class Popote:
    """A connection to Popote, used as `async with Popote(server) as popote`.

    `server` is the backend's base URL (see `default_server`). What is remembered goes under `home`
    (see `state.default_home`). `transport` takes the place of the network to the backend.
    """

    def __init__(
        self,
        server: str | None = None,
        *,
        home: Path | None = None,
        waits: Waits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.state = State(home)
        self.waits = waits or Waits()
        self.api = Api(server or default_server(self.state), self.state, limits=self.waits.backend, transport=transport)
        self.resolver = Resolver(self.api, self.state, total_s=self.waits.resolve_s)
        self._ollama = http_client(self.waits.ollama)
        self._connector = Connector(self.resolver, self._ollama, self.waits.ollama)
        self._histories: dict[str, History] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        is_hurried = kind is not None and not issubclass(kind, PopoteError)  # Ctrl-C: what waits is on the disk
        for history in self._histories.values():
            await history.close(last_try_s=0 if is_hurried else self.waits.last_try_s)
        await self._ollama.aclose()
        await self.api.aclose()

    @property
    def session(self) -> Session:
        """Who is logged in here, or was.

        Raises:
            NotLoggedIn: nobody ever was.
        """
        session = self.api.tokens.session()
        if session is None:
            raise NotLoggedIn
        return session

    @property
    def history(self) -> History:
        """The conversations of who is logged in; raises as `session` does."""
        account = self.session.account
        if account not in self._histories:
            self._histories[account] = History(self.api, self.state, account, self.waits.backoff)
        return self._histories[account]

    async def ask(
        self, text: str, *, conversation: UUID | None = None, model: str | None = None, accept_server: bool = False
    ) -> AsyncGenerator[Event, None]:
        """Ask the model at home, and yield what happens, up to `events.Done`; see `chat.Chat.ask`.

        Where nobody ever logged in, the system-wide address is used and nothing is saved.
        """
        session = self.api.tokens.session()
        memory = Memory(self.state, session.account if session else self.api.server)
        chat = Chat(self._connector, memory, self.history if session else None)
        asking = chat.ask(text, conversation=conversation, model=model, accept_server=accept_server)
        async with aclosing(asking) as events:
            async for event in events:
                yield event


def default_server(state: State) -> str:
    """Return POPOTE_SERVER, else the server last logged in to, else the one that runs on this machine."""
    session = state.read(SESSION, Session)
    return os.environ.get("POPOTE_SERVER") or (session.server if session else DEFAULT_SERVER)
