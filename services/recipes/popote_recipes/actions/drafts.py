"""Drafts: read in the sandbox from wherever a recipe stands, their lines understood, nothing stored."""

import asyncio
from typing import Final

import msgspec

from popote_kit import codec
from popote_recipes.model.recipes import Language
from popote_recipes.peers import Pages
from popote_recipes.reading.draft import Draft
from popote_recipes.sandbox import TIMEOUT_S, WAIT_S, Sandbox
from popote_recipes.wire.drafts import ToImport

PAGE_S: Final = 10.0  # a page, from its address to its draft
_DRAFT: Final = msgspec.msgpack.Decoder(Draft)


class Reader:
    """Reads what strangers wrote."""

    def __init__(self, sandbox: Sandbox, pages: Pages) -> None:
        self._sandbox = sandbox
        self._pages = pages

    async def read(self, asked: ToImport, language: Language) -> Draft:
        """Return what is asked for as a draft; `language` is what a page is asked for in.

        Raises:
            Unreachable: the page can't be read.
            Unreadable: nothing could be made of it within the limits.
            Busy: too many others are being read.
        """
        if asked.url is not None:
            return await self._page(asked.url, language)
        if asked.html is not None:
            return await self._run("page", asked.html, None)
        if asked.text is not None:
            return await self._run("text", asked.text, asked.language)
        if asked.model_output is not None:
            return await self._run("model_output", asked.model_output)
        return await self._run("json", asked.json if isinstance(asked.json, str) else codec.encode(asked.json).decode())

    async def _page(self, url: str, language: Language) -> Draft:
        loop = asyncio.get_running_loop()
        until = loop.time() + PAGE_S - WAIT_S
        page = await self._pages.get(url, language)
        return await self._run("page", page.body, url, page.charset, timeout_s=until - loop.time())

    async def _run(self, task: str, *arguments: object, timeout_s: float = TIMEOUT_S) -> Draft:
        return _DRAFT.decode(await self._sandbox.run(task, msgspec.msgpack.encode(arguments), timeout_s=timeout_s))
