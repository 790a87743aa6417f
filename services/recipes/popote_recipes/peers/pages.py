"""Pages that people name, read through the egress."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import Final

from litestar import Litestar
from msgspec import Struct

from popote_kit.egress import Egress, Limits, Unreachable
from popote_recipes.model.recipes import Language

log = logging.getLogger(__name__)

PAGE: Final = Limits(total_s=5)  # half of what a page may take until it is a draft

_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)


class Html(Struct, frozen=True):
    """A page as it came, and how its server said that it is encoded."""

    body: bytes
    charset: str | None = None


class Pages:
    """Pages of recipes, read through the egress under a name that says who asks."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._headers = {
            "User-Agent": f"Popote/{version('popote-recipes')} (a household keeps a recipe)",
            "Accept": "text/html, application/xhtml+xml",
        }

    async def get(self, url: str, language: Language) -> Html:
        """Return the HTML at an address, where it has the choice in this language.

        Raises:
            Unreachable: there is none.
        """
        page = await self._egress.get(url, {**self._headers, "Accept-Language": f"{language}, *;q=0.5"})
        kind, _, parameters = page.headers.get("content-type", "").partition(";")
        kind = kind.strip().lower()
        if page.status != HTTPStatus.OK or kind not in ("text/html", "application/xhtml+xml"):
            log.info("there is no page of HTML", extra={"status": page.status, "kind": kind[:60]})
            raise Unreachable
        charset = _CHARSET.search(parameters)
        return Html(page.body, charset[1] if charset else None)

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self._egress.close()
