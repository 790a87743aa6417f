"""Cookbooks: zips of recipes in JSON with their pictures beside, ours or another program's.

Names in a zip are read and never opened: what they would name outside of it has no meaning here.
"""

import json
import os
import stat
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any, Final
from uuid import UUID, uuid5
from zipfile import ZipFile, ZipInfo

import msgspec

from popote_recipes.model.cookbooks import OWN, Found, Page, Place, Refusal, Refused, mark
from popote_recipes.model.pictures import Picture
from popote_recipes.reading.draft import Draft
from popote_recipes.reading.structured import read_json

MAX_FILES: Final = 100_000
MAX_TEXT: Final = 8 * 1024 * 1024  # bytes of one file
MAX_PICTURE: Final = 10 * 1024 * 1024
MAX_UNPACKED: Final = 1024**3  # bytes of all the JSON
PAGE: Final = 100  # recipes
PAGE_BYTES: Final = 4 * 1024 * 1024
PAGE_S: Final = 3.0  # after this, what is there is given
MAX_NAME: Final = 200  # characters

ENCRYPTED: Final = 0x1
PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif")
PACKED: Final = (".zip", ".paprikarecipe", ".paprikarecipes", ".gz", ".tar", ".tgz", ".7z", ".rar")
USUAL: Final = ("full", "original", "image", "cover", "photo", "picture")  # how programs call a recipe's picture
INSIDE: Final = ("recipes", "@graph", "data", "items")  # where a list of recipes may stand
KEPT_UNDER: Final = ("identifier", "@id", "id", "uid", "uuid", "url", "org_url", "slug", "sourceUrl")
NAMESPACE: Final = UUID("a9f3b2c4-6d1e-5b70-9c58-2f4e8d7a1b36")

Told = dict[str, Any]

_JSON: Final = msgspec.json.Encoder(decimal_format="number")


def read_cookbook(descriptor: int, start: Sequence[int]) -> Page:
    """Return the next recipes of the zip behind an open file's `descriptor`, from the `Place` `start` on.

    Raises:
        Exception: it is no zip, holds nothing that could be a recipe, or too much.
    """
    begin, ends_at = Place(*start), time.monotonic() + PAGE_S
    found: list[Found] = []
    refused: list[Refused] = []
    length = 0
    with _opened(descriptor) as zipped:
        for place, one in _Cookbook(zipped).read(begin):
            is_full = len(found) >= PAGE or length > PAGE_BYTES or time.monotonic() > ends_at
            if is_full and place != begin:
                return Page(found, refused, place)
            if isinstance(one, Found):
                found.append(one)
                length += len(msgspec.msgpack.encode(one))
            else:
                refused.append(one)
    return Page(found, refused, None)


def read_pictures(descriptor: int, files: Sequence[int]) -> list[Picture | None]:
    """Return the pictures with these numbers, at least the first; None for one that can't be read.

    There are fewer than were asked for when the time is up.
    """
    from popote_recipes.reading.pictures import read_picture  # noqa: PLC0415 - recipes alone need no Pillow

    ends_at = time.monotonic() + PAGE_S
    pictures: list[Picture | None] = []
    length = 0
    with _opened(descriptor) as zipped:
        for number in files:
            try:
                picture = read_picture(_unpacked(zipped, zipped.infolist()[number], MAX_PICTURE))
            except Exception:  # noqa: BLE001 - a stranger's file may fail in any way; the recipe goes without
                pictures.append(None)
            else:
                pictures.append(picture)
                length += len(picture.full) + len(picture.thumb)
            if length > PAGE_BYTES or time.monotonic() > ends_at:
                break
    return pictures


@contextmanager
def _opened(descriptor: int) -> Iterator[ZipFile]:
    with os.fdopen(descriptor, "rb", closefd=False) as file, ZipFile(file) as zipped:
        if len(zipped.infolist()) > MAX_FILES:
            raise ValueError("it holds too many files")
        yield zipped


def _unpacked(zipped: ZipFile, file: ZipInfo, most: int) -> bytes:
    """Return what is in a file; never more than it said it would be, nor than `most`.

    Raises:
        ValueError: it is too large.
    """
    if file.file_size > most:
        raise ValueError("it is too large")
    with zipped.open(file) as stream:
        return stream.read(most)


class _Unreadable(Exception):  # noqa: N818 - becomes a Refused
    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


class _Cookbook:
    """The files of a zip: those that may hold recipes, and the pictures in each folder."""

    def __init__(self, zipped: ZipFile) -> None:
        self._zip = zipped
        files = [file for file in zipped.infolist() if not _is_hidden(file)]
        self._texts = [file for file in files if _path(file).suffix == ".json"]
        self._packed = [file for file in files if _path(file).suffix in PACKED]
        self._pictures = _by_folder(zipped)
        self._texts_in = Counter(_path(file).parent for file in self._texts)
        if not self._texts and not self._packed:
            raise ValueError("it holds no recipes")
        if sum(file.file_size for file in self._texts) > MAX_UNPACKED:
            raise ValueError("it holds too much")

    def read(self, start: Place) -> Iterator[tuple[Place, Found | Refused]]:
        """Give what each file holds from a place on, with its own place."""
        if start == Place():
            yield from ((start, _refused(file, "packed")) for file in self._packed)
        for number in range(start.file, len(self._texts)):
            file = self._texts[number]
            try:
                recipes = self._recipes(file)
            except _Unreadable as unreadable:
                yield Place(number), _refused(file, unreadable.reason)
                continue
            first = start.recipe if number == start.file else 0
            for inside in range(first, len(recipes)):
                yield Place(number, inside), self._found(file, recipes[inside], is_alone=len(recipes) == 1)

    def _recipes(self, file: ZipInfo) -> list[Told]:
        """Return the objects of a file that may be recipes; none of an index of ours."""
        if file.flag_bits & ENCRYPTED:
            raise _Unreadable("encrypted")
        if file.file_size > MAX_TEXT:
            raise _Unreadable("too_large")
        try:
            text = _unpacked(self._zip, file, MAX_TEXT).decode("utf-8-sig")
            value = json.loads(text, parse_float=Decimal)
        except Exception as error:  # whatever a stranger's file does, it is told in one way
            raise _Unreadable("unreadable") from error
        return [] if _is_index(value) else _objects(value)

    def _found(self, file: ZipInfo, told: Told, *, is_alone: bool) -> Found | Refused:
        own = told.get(OWN)
        try:
            if isinstance(own, dict) and own.get("mark") == mark({key: told[key] for key in told if key != OWN}):
                return self._our_own(file, own["recipe"], told)
            draft = read_json(_JSON.encode(told).decode())
        except Exception:  # noqa: BLE001 - as above
            return _refused(file, "unreadable")
        if not draft.is_usable:
            return _refused(file, "no_recipe")
        draft.title = draft.title or _path(file).stem[:MAX_NAME]
        return Found(
            id=(_own_id(told) if own else None) or uuid5(NAMESPACE, _identity(told, draft)),
            name=draft.title,
            draft=draft,
            picture=self._picture(file, told, is_alone=is_alone),
        )

    def _our_own(self, file: ZipInfo, recipe: Told, told: Told) -> Found:
        picture = self._picture(file, told, is_alone=True) if "image" in told else None
        name = str(recipe["title"])[:MAX_NAME]
        return Found(id=UUID(recipe["id"]), name=name, own=_JSON.encode(recipe), picture=picture)

    def _picture(self, file: ZipInfo, told: Told, *, is_alone: bool) -> int | None:
        """Return the number of the picture that a recipe names, or else of the one that lies beside it."""
        path = _path(file)
        beside = self._pictures.get(path.parent / "images", {}) | self._pictures.get(path.parent, {})
        names = [PurePosixPath(name.lower()).name for name in _images(told.get("image"))]
        if is_alone:
            usual = (path.stem, *(USUAL if self._texts_in[path.parent] == 1 else ()))
            names += [stem + suffix for stem in usual for suffix in PICTURES]
        return next((beside[name] for name in names if name in beside), None)


def _path(file: ZipInfo) -> PurePosixPath:
    return PurePosixPath(file.filename.lower())


def _is_hidden(file: ZipInfo) -> bool:
    """Tell whether it is none of a cookbook's files: a folder, a link, or what a computer keeps for itself."""
    is_own = any(
        part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(file.filename).parts if part != ".."
    )
    return file.is_dir() or stat.S_ISLNK(file.external_attr >> 16) or is_own


def _by_folder(zipped: ZipFile) -> Mapping[PurePosixPath, dict[str, int]]:
    """Return the numbers of the pictures by folder and name."""
    folders: dict[PurePosixPath, dict[str, int]] = {}
    for number, file in enumerate(zipped.infolist()):
        path = _path(file)
        if path.suffix in PICTURES and not _is_hidden(file):
            folders.setdefault(path.parent, {})[path.name] = number
    return folders


def _refused(file: ZipInfo, reason: Refusal) -> Refused:
    return Refused("".join(each for each in file.filename[-MAX_NAME:] if each.isprintable()), reason)


def _is_index(value: object) -> bool:
    return isinstance(value, dict) and value.get("@type") == "ItemList"


def _objects(value: object) -> list[Told]:
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    if not isinstance(value, dict):
        return [{}]
    inside = next((value[key] for key in INSIDE if isinstance(value.get(key), list)), None)
    return _objects(inside) if inside and not _is_recipe(value) else [value]


def _is_recipe(told: Told) -> bool:
    kinds = told.get("@type")
    return "Recipe" in (kinds if isinstance(kinds, list) else [kinds]) or "recipeIngredient" in told


def _images(value: object) -> list[str]:
    """Return what an `image` names, however it is told."""
    if isinstance(value, list):
        return [name for each in value[:10] for name in _images(each)]
    if isinstance(value, dict):
        return _images(value.get("url") or value.get("contentUrl"))
    return [value] if isinstance(value, str) else []


def _own_id(told: Told) -> UUID | None:
    try:
        return UUID(str(told.get("identifier")))
    except ValueError:
        return None


def _identity(told: Told, draft: Draft) -> str:
    """Return what makes it the same recipe when it comes again: what its program knows it by, and its title."""
    known = next((f"{key} {told[key]}" for key in KEPT_UNDER if told.get(key)), None)
    return "\n".join([draft.title, *([known] if known else [each.line for each in draft.ingredients])])
