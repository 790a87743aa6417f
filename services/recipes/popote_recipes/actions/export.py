"""All recipes of a household, written out as a cookbook."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from popote_kit import codec
from popote_kit.database import Database
from popote_kit.identity import Caller
from popote_kit.problems import NotFound
from popote_recipes import queries
from popote_recipes.errors import ImagesAway
from popote_recipes.model import cookbooks
from popote_recipes.model.cookbooks import Pictures
from popote_recipes.model.recipes import Recipe
from popote_recipes.storage import Images
from popote_recipes.wire.cookbooks import as_new

PAGE: Final = 100
FIRST: Final = UUID(int=0)


async def export(database: Database, images: Images, caller: Caller, pictures: Pictures) -> AsyncIterator[bytes]:
    """Give all recipes of the household as a zip, piece by piece.

    A connection is held for one page at a time, never while the client reads.
    """
    written: list[tuple[str, str]] = []
    pieces = _Pieces()
    with ZipFile(pieces, "w") as zipped:  # type: ignore[call-overload]  # a file that can't be read or sought
        async for recipe in _all(database, caller):
            folder = cookbooks.folder_of(recipe)
            picture = await _picture(images, caller.household, recipe, pictures)
            own = codec.encode(as_new(recipe))
            text = cookbooks.recipe_json(recipe, own, cookbooks.PICTURE_FILE if picture else None)
            file = f"{folder}/{cookbooks.RECIPE_FILE}"
            zipped.writestr(_entry(file, recipe.updated_at, ZIP_DEFLATED), text)
            if picture:
                zipped.writestr(_entry(f"{folder}/{cookbooks.PICTURE_FILE}", recipe.updated_at, ZIP_STORED), picture)
            written.append((recipe.title, file))
            yield pieces.take()
        index = _entry(cookbooks.INDEX_FILE, database.clock(), ZIP_DEFLATED)
        zipped.writestr(index, cookbooks.index_json(written))
    yield pieces.take()


class _Pieces:
    """A file that hands on what is written to it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Do nothing: what was written waits to be taken."""

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def _entry(name: str, at: datetime, compression: int) -> ZipInfo:
    entry = ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    return entry


async def _all(database: Database, caller: Caller) -> AsyncIterator[Recipe]:
    after = FIRST
    while True:
        async with database.kitchen(caller.household, caller.person) as kitchen:
            page = await queries.cookbooks.read_page(kitchen, PAGE, after)
        for recipe in page:
            yield recipe
        if len(page) < PAGE:
            return
        after = page[-1].id


async def _picture(images: Images, household: UUID, recipe: Recipe, pictures: Pictures) -> bytes | None:
    if recipe.image is None or pictures == "none":
        return None
    try:
        return await images.open(household, recipe.image, pictures)
    except (NotFound, ImagesAway):  # the zip has begun: better without this picture than cut off
        return None
