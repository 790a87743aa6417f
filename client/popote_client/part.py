"""What the parts of the typed API have in common: how they ask."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import ClassVar, TypeVar
from uuid import UUID

from popote_client.backend import Backend
from popote_client.problems import NotLoggedIn
from popote_client.tokens import Session
from popote_client.wire import Page

T = TypeVar("T")

MOST = 200  # rows of a page


class Part:
    """A part of the API below `root`, over a connection to the backend. What is refused is raised, see problems.py."""

    root: ClassVar[str]

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def household(self) -> UUID:
        """Return the household for which one acts.

        Raises:
            NotLoggedIn: there is no session.
        """
        return (await self._session()).household.id

    async def person(self) -> UUID:
        """Return the person as whom one acts; raises as `household` does."""
        return (await self._session()).user.id

    async def _session(self) -> Session:
        session = await asyncio.to_thread(self._backend.tokens.session)
        if session is None:
            raise NotLoggedIn
        return session

    async def _get(self, path: str, kind: type[T], **params: object) -> T:
        return await self._backend.get(f"{self.root}{path}", kind, texts(params))

    async def _post(
        self, path: str, body: object, kind: type[T], key: str | None = None, *, version: int | None = None
    ) -> T:
        headers = if_match(version)
        answer = await self._backend.post(f"{self.root}{path}", body, idempotency_key=key, headers=headers)
        return self._backend.decode(answer, kind)

    async def _put(self, path: str, body: object, kind: type[T], version: int | None = None) -> T:
        answer = await self._backend.request("PUT", f"{self.root}{path}", body=body, headers=if_match(version))
        return self._backend.decode(answer, kind)

    async def _patch(self, path: str, version: int, body: object, kind: type[T]) -> T:
        answer = await self._backend.request("PATCH", f"{self.root}{path}", body=body, headers=if_match(version))
        return self._backend.decode(answer, kind)

    async def _delete(self, path: str, version: int) -> None:
        await self._backend.request("DELETE", f"{self.root}{path}", headers=if_match(version))


def if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"if-match": f'"{version}"'}


def texts(params: dict[str, object]) -> dict[str, str | None]:
    """Write query parameters; those that are None are left out."""
    return {name: None if value is None else str(value) for name, value in params.items()}


async def every(read: Callable[[str | None], Awaitable[Page[T]]], most: int | None = None) -> AsyncIterator[T]:
    """Give all rows of a list, or the first `most`, page by page; `read` gets the cursor of a page."""
    cursor, given = None, 0
    while True:
        page = await read(cursor)
        for row in page.items:
            if given == most:
                return
            given += 1
            yield row
        cursor = page.next_cursor
        if cursor is None:
            return
