"""What the parts of the stock's API have in common: how they ask."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from popote_client.backend import Backend
from popote_client.problems import NotLoggedIn
from popote_client.wire import Page

T = TypeVar("T")

STOCK = "/api/stock"
MOST = 200  # rows of a page


class Part:
    """A part of the API, over a connection to the backend. What the backend refuses is raised, see problems.py."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def household(self) -> UUID:
        """Return the household for which one acts.

        Raises:
            NotLoggedIn: there is no session.
        """
        session = await asyncio.to_thread(self._backend.tokens.session)
        if session is None:
            raise NotLoggedIn
        return session.household.id

    async def _get(self, path: str, kind: type[T], **params: object) -> T:
        return await self._backend.get(f"{STOCK}{path}", kind, texts(params))

    async def _post(self, path: str, body: object, kind: type[T], key: str | None = None) -> T:
        answer = await self._backend.post(f"{STOCK}{path}", body, idempotency_key=key)
        return self._backend.decode(answer, kind)

    async def _put(self, path: str, body: object, kind: type[T]) -> T:
        return self._backend.decode(await self._backend.request("PUT", f"{STOCK}{path}", body=body), kind)

    async def _patch(self, path: str, version: int, body: object, kind: type[T]) -> T:
        headers = {"if-match": f'"{version}"'}
        return self._backend.decode(
            await self._backend.request("PATCH", f"{STOCK}{path}", body=body, headers=headers), kind
        )

    async def _delete(self, path: str, version: int) -> None:
        await self._backend.request("DELETE", f"{STOCK}{path}", headers={"if-match": f'"{version}"'})


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
