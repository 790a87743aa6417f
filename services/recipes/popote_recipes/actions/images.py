"""Pictures of recipes: put, taken away, and cleared from the store when no recipe has them any more."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final
from uuid import UUID

import msgspec
from litestar import Litestar
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.rounds import rounds
from popote_recipes import queries
from popote_recipes.actions.recipes import change
from popote_recipes.model.pictures import Picture
from popote_recipes.model.recipes import Recipe
from popote_recipes.sandbox import Sandbox
from popote_recipes.storage import Images

SWEEP_EVERY_S: Final = 3600
SETTLED_S: Final = 3600  # a picture younger than this may be that of a recipe which is just being stored
BATCH: Final = 500  # pictures


async def read(sandbox: Sandbox, body: bytes) -> Picture:
    """Return what came as a picture, made anew.

    Raises:
        Unreadable: it is none, or too large, or damaged.
        Busy: too much else is being read.
    """
    answer = await sandbox.run("image", msgspec.msgpack.encode([body]))
    return msgspec.msgpack.decode(answer, type=Picture)


class Album:
    """The pictures of recipes in their store: what no recipe refers to does not stay."""

    def __init__(self, database: Database, images: Images) -> None:
        self._database = database
        self._images = images

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        async with rounds(self.sweep, every_s=SWEEP_EVERY_S, failing="pictures can't be swept"):
            yield

    async def put(self, kitchen: Kitchen, id: UUID, picture: Picture, if_match: IfMatch) -> Recipe:
        """Let a recipe have this picture, which is a change like any.

        Raises:
            NotFound, Stale, PreconditionRequired: there is no such recipe, or not in that version.
            ImagesFull, ImagesAway: there is no room for it, or nowhere.
        """
        return await self._change(kitchen, id, picture, if_match)

    async def take_away(self, kitchen: Kitchen, id: UUID, if_match: IfMatch) -> Recipe:
        """Let a recipe have no picture.

        Raises:
            NotFound, Stale, PreconditionRequired: there is no such recipe, or not in that version.
        """
        return await self._change(kitchen, id, None, if_match)

    def forget(self, kitchen: Kitchen, name: str | None) -> None:
        """Once this work is committed, clear a picture away unless another recipe has it."""
        if name is not None:
            kitchen.after_commit(partial(self.clear, kitchen.household, [name]))

    async def clear(self, household: UUID, names: Sequence[str]) -> None:
        """Clear those of the pictures away that no recipe has.

        The household's write lock is held meanwhile, under which a recipe is given its picture: none goes that `put` is
        just giving to another. A cookbook puts its pictures before it takes the lock: where one is the very picture
        that is cleared away in between, its recipe comes in with a picture that is not there, until it is given anew.
        """
        async with self._database.kitchen(household, write=True) as kitchen:
            await queries.images.hold(kitchen)
            used = await queries.images.find_used(kitchen, names)
            await self._images.delete(household, [name for name in names if name not in used])

    async def sweep(self) -> None:
        """Clear away what a crash left behind: pictures of an hour or more that no recipe has."""
        for household in await self._images.households():
            names = await self._images.names(household, age_s=SETTLED_S)
            for start in range(0, len(names), BATCH):
                await self._sweep(household, names[start : start + BATCH])

    async def _change(self, kitchen: Kitchen, id: UUID, picture: Picture | None, if_match: IfMatch) -> Recipe:
        version = await sync.next_version(kitchen)
        recipe = await queries.recipes.read_recipe(kitchen, id)
        if_match.check(etag(recipe.version))
        name = (await self._images.put(kitchen.household, [picture]))[0] if picture else None
        if name == recipe.image:
            return recipe
        self.forget(kitchen, recipe.image)
        return await change(kitchen, recipe, replace(recipe, image=name), version)

    async def _sweep(self, household: UUID, names: Sequence[str]) -> None:
        async with self._database.kitchen(household) as kitchen:
            used = await queries.images.find_used(kitchen, names)
        if unused := [name for name in names if name not in used]:
            await self.clear(household, unused)
