"""The whole cookbook: out as a zip, and in from one."""

from collections.abc import AsyncGenerator
from typing import Literal

import msgspec

from popote_client.recipes.part import RecipesPart

ZIP = "application/zip"
IDLE_S = 60.0  # between two pieces of an export
IMPORT_S = 300.0  # as long as the backend takes at most

Pictures = Literal["full", "thumb", "none"]


class Told(msgspec.Struct, frozen=True):
    """Something about one recipe, or one file: what it is called, a code, and its sentence."""

    name: str
    reason: str
    message: str


class CookbookTaken(msgspec.Struct, frozen=True, kw_only=True):
    """How many recipes were taken, and how many were here already.

    `not_taken` tells what was left out, `remarks` what is to be looked at.
    """

    taken: int
    unchanged: int = 0
    not_taken: list[Told] = []
    remarks: list[Told] = []


class Cookbook(RecipesPart):
    async def export_cookbook(self, pictures: Pictures = "full") -> AsyncGenerator[bytes, None]:
        """Give all recipes as a zip of schema.org JSON, piece by piece."""
        path = f"{self.root}/export?pictures={pictures}"
        async with self._backend.stream(path, {"accept": ZIP}, idle_s=IDLE_S) as pieces:
            async for piece in pieces:
                yield piece

    async def import_cookbook(self, zipped: bytes, *, key: str | None = None) -> CookbookTaken:
        """Take the recipes of a zip of at most 50 MiB, ours or another program's; again, nothing is made twice."""
        answer = await self._backend.post(
            f"{self.root}/cookbook", zipped, idempotency_key=key, headers={"content-type": ZIP}, total_s=IMPORT_S
        )
        return self._backend.decode(answer, CookbookTaken)
