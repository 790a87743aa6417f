"""Where the pictures of recipes are kept: one small interface, and a folder behind it."""

import asyncio
import hashlib
import logging
import os
import re
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol, runtime_checkable
from uuid import UUID

from msgspec import Struct

from popote_kit.problems import NotFound
from popote_recipes.errors import ImagesAway, ImagesFull
from popote_recipes.model.pictures import Picture, Size

log = logging.getLogger(__name__)

SUFFIX: Final[dict[Size, str]] = {"full": ".jpg", "thumb": ".thumb.jpg"}
NAME: Final = re.compile(r"[0-9a-f]{64}")
HALF_WRITTEN: Final = ".new-"
ABANDONED_S: Final = 3600  # half-written files older than this were left by a crash


class Sizes(Struct, frozen=True):
    """How many pictures, and how many bytes with their thumbnails."""

    pictures: int
    bytes: int


@runtime_checkable  # Litestar looks at what it gives a handler
class Images(Protocol):
    """Keeps pictures by household and name: the SHA-256 of the picture's bytes, so that it is kept once.

    Every method raises `ImagesAway` when the storage is full or can't be reached.
    """

    async def put(self, household: UUID, pictures: Sequence[Picture]) -> list[str]:
        """Keep pictures and return the name of each.

        Raises:
            ImagesFull: the household would have more than it may; nothing was kept.
        """
        ...

    async def open(self, household: UUID, name: str, size: Size) -> bytes:
        """Return a picture, a JPEG.

        Raises:
            NotFound: there is none of that name.
        """
        ...

    async def delete(self, household: UUID, names: Sequence[str]) -> None:
        """Take pictures away; those that are not there are passed over."""
        ...

    async def names(self, household: UUID, *, age_s: float) -> list[str]:
        """Return the names of the pictures that were put last longer ago than `age_s`."""
        ...

    async def households(self) -> list[UUID]:
        """Return the households that have pictures."""
        ...

    async def sizes(self, household: UUID) -> Sizes: ...

    async def scratch(self) -> BinaryIO:
        """Open an empty file without a name, which is gone once it is closed, for what is too long for memory."""
        ...


class Folder:
    """Pictures as files, with a subfolder for each household; a file is written whole or not at all."""

    def __init__(self, folder: Path, *, most: Sizes) -> None:
        """Keep to `folder`, made when it is needed; `most` is what one household may have."""
        self._folder = folder
        self._most = most

    async def put(self, household: UUID, pictures: Sequence[Picture]) -> list[str]:
        return await asyncio.to_thread(self._put, household, pictures)

    async def open(self, household: UUID, name: str, size: Size) -> bytes:
        return await asyncio.to_thread(self._open, household, name, size)

    async def delete(self, household: UUID, names: Sequence[str]) -> None:
        await asyncio.to_thread(self._delete, household, names)

    async def names(self, household: UUID, *, age_s: float) -> list[str]:
        return await asyncio.to_thread(self._names, household, age_s)

    async def households(self) -> list[UUID]:
        return await asyncio.to_thread(self._households)

    async def sizes(self, household: UUID) -> Sizes:
        return await asyncio.to_thread(self._sizes, household)

    async def scratch(self) -> BinaryIO:
        return await asyncio.to_thread(self._scratch)

    def _put(self, household: UUID, pictures: Sequence[Picture]) -> list[str]:
        named = [(hashlib.sha256(picture.full).hexdigest(), picture) for picture in pictures]
        with _reaching():
            new = {name: one for name, one in named if not _touched(self._file(household, name, "full"))}
            if new:
                self._check_room(household, new.values())
                self._write(household, new)
        return [name for name, _ in named]

    def _check_room(self, household: UUID, new: Collection[Picture]) -> None:
        kept = self._sizes(household)
        length = kept.bytes + sum(len(one.full) + len(one.thumb) for one in new)
        if kept.pictures + len(new) > self._most.pictures or length > self._most.bytes:
            raise ImagesFull(limit_pictures=self._most.pictures, limit_bytes=self._most.bytes)

    def _write(self, household: UUID, pictures: Mapping[str, Picture]) -> None:
        folder = self._folder / str(household)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, picture in pictures.items():  # the full one last: where it is, all of it is
            _write_whole(self._file(household, name, "thumb"), picture.thumb)
            _write_whole(self._file(household, name, "full"), picture.full)
        _sync(folder)

    def _open(self, household: UUID, name: str, size: Size) -> bytes:
        with _reaching():
            try:
                return self._file(household, name, size).read_bytes()
            except FileNotFoundError as error:
                raise NotFound from error

    def _delete(self, household: UUID, names: Sequence[str]) -> None:
        with _reaching():
            for name in names:
                for size in SUFFIX:
                    self._file(household, name, size).unlink(missing_ok=True)

    def _names(self, household: UUID, age_s: float) -> list[str]:
        with _reaching():
            return [name for file in self._files(household) if (name := _name_of(file)) and _age_s(file) > age_s]

    def _sizes(self, household: UUID) -> Sizes:
        with _reaching():
            files = self._files(household)
            return Sizes(sum(_name_of(file) is not None for file in files), sum(file.stat().st_size for file in files))

    def _households(self) -> list[UUID]:
        with _reaching():
            found = [_household_of(folder.name) for folder in _inside(self._folder)]
        return [household for household in found if household]

    def _scratch(self) -> BinaryIO:
        with _reaching():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=self._folder)

    def _files(self, household: UUID) -> list[Path]:
        """Return the household's files, without those that a crash left half-written: they are cleared away."""
        found = []
        for file in _inside(self._folder / str(household)):
            if not file.name.startswith(HALF_WRITTEN):
                found.append(file)
            elif _age_s(file) > ABANDONED_S:
                file.unlink(missing_ok=True)
        return found

    def _file(self, household: UUID, name: str, size: Size) -> Path:
        if not NAME.fullmatch(name):
            raise NotFound
        return self._folder / str(household) / (name + SUFFIX[size])


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        log.warning("pictures can't be reached", extra={"reason": repr(error)})
        raise ImagesAway from error


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def _touched(file: Path) -> bool:
    """Tell whether the file is there; if so, it was put just now."""
    try:
        os.utime(file)
    except FileNotFoundError:
        return False
    return True


def _age_s(file: Path) -> float:
    return time.time() - file.stat().st_mtime


def _name_of(file: Path) -> str | None:
    """Return the name of the picture whose full size this file is."""
    name = file.name.removesuffix(SUFFIX["full"])
    return name if NAME.fullmatch(name) else None


def _household_of(name: str) -> UUID | None:
    try:
        household = UUID(name)
    except ValueError:
        return None
    return household if str(household) == name else None


def _write_whole(path: Path, content: bytes) -> None:
    descriptor, new = tempfile.mkstemp(prefix=HALF_WRITTEN, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(new).replace(path)
    except BaseException:
        Path(new).unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    """Make the names in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
