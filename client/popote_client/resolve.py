"""Where Ollama is, as the backend publishes it; kept here for when the backend can't be reached."""

import asyncio
import re
import time
from collections.abc import Callable
from http import HTTPStatus

import msgspec

from popote_client.api import OLLAMA, Api
from popote_client.exchange import Answer
from popote_client.failures import NotConfigured
from popote_client.problems import BackendUnreachable, Problem
from popote_client.state import State
from popote_client.wire import OllamaAddress

TOTAL_S = 4.0  # the whole question to the backend; connecting is given half of it


class KnownAddress(msgspec.Struct, frozen=True):
    """The address as last seen. Times are in seconds since 1970."""

    url: str
    etag: str | None
    checked_at: float
    max_age_s: float


class Address(msgspec.Struct, frozen=True):
    """An address to use; `stale_for_s` is its age where the backend could not confirm it, else None."""

    url: str
    stale_for_s: float | None = None


class Resolver:
    """Resolves the address for the person of `api`. What was seen is kept in `state`, apart for each account."""

    def __init__(
        self, api: Api, state: State, *, total_s: float = TOTAL_S, clock: Callable[[], float] = time.time
    ) -> None:
        self._api = api
        self._state = state
        self._total_s = total_s
        self._clock = clock

    def known(self) -> KnownAddress | None:
        """Return the address as last seen, however old."""
        return self._state.read(self._name(), KnownAddress)

    def forget(self) -> None:
        """Let the next `resolve` ask the backend."""
        self._state.forget(self._name())

    async def resolve(self, *, forced: bool = False) -> Address:
        """Return the address: the kept one while it is fresh, unless `forced`; else what the backend says now.

        While the backend can't be reached the kept one is returned with its age.

        Raises:
            NotConfigured: nobody has published an address.
            NotLoggedIn: the session has ended.
            BackendUnreachable: and no address is kept.
        """
        known = await asyncio.to_thread(self.known)
        if known and not forced and 0 <= self._age(known) < known.max_age_s:
            return Address(known.url)
        try:
            return Address(await self._ask(known))
        except (BackendUnreachable, Problem, TimeoutError) as error:
            if isinstance(error, Problem) and not error.is_passing:
                raise
            if known is None:
                raise BackendUnreachable(server=self._api.server) from error
            return Address(known.url, stale_for_s=max(0.0, self._age(known)))

    async def _ask(self, known: KnownAddress | None) -> str:
        headers = {"if-none-match": known.etag} if known and known.etag else {}
        try:
            async with asyncio.timeout(self._total_s):
                answer = await self._api.request("GET", OLLAMA, headers=headers, connect_s=self._total_s / 2)
        except Problem as problem:
            if problem.type == "/problems/ollama-not-configured":
                await asyncio.to_thread(self.forget)
                raise NotConfigured from problem
            raise
        if answer.status == HTTPStatus.NOT_MODIFIED and known:
            url = known.url
        else:
            url = self._api.decode(answer, OllamaAddress).ollama_base_url
        await self._keep(url, answer, etag=answer.headers.get("etag") or (known.etag if known else None))
        return url

    async def _keep(self, url: str, answer: Answer, etag: str | None) -> None:
        seen = KnownAddress(
            url=url,
            etag=etag,
            checked_at=self._clock() - seconds(r"(\d{1,9})", answer.headers.get("age", "")),
            max_age_s=seconds(r"max-age=(\d{1,9})", answer.headers.get("cache-control", "")),
        )
        await asyncio.to_thread(self._state.note, self._name(), seen)

    def _age(self, known: KnownAddress) -> float:
        return self._clock() - known.checked_at

    def _name(self) -> str:
        session = self._api.tokens.session()
        return f"address of {session.account if session else self._api.server}"


def seconds(pattern: str, header: str) -> float:
    found = re.search(pattern, header)
    return float(found[1]) if found else 0.0
