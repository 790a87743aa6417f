"""The folder of pictures: each kept once, whole or not at all, and never more than there may be."""

import asyncio
import os
from hashlib import sha256
from pathlib import Path

import pytest

from popote_kit.problems import NotFound
from popote_kit.testing import new_id
from popote_recipes.errors import ImagesAway, ImagesFull
from popote_recipes.model.pictures import Picture
from popote_recipes.storage import Folder, Images, Sizes

TART = Picture(b"a tart", b"tart")
SOUP = Picture(b"a soup", b"soup")
LONG_AGO = 1_000_000_000


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "somewhere" / "images"


@pytest.fixture
def images(folder: Path) -> Images:
    return Folder(folder, most=Sizes(pictures=2, bytes=100))


async def test_a_picture_is_kept_once_under_the_hash_of_its_bytes(images: Images, folder: Path) -> None:
    home = new_id()
    name = sha256(TART.full).hexdigest()
    assert await images.put(home, [TART, TART]) == [name, name]
    assert await images.put(home, [TART]) == [name]
    assert files(folder) == {f"{home}/{name}.jpg", f"{home}/{name}.thumb.jpg"}
    assert (await images.open(home, name, "full"), await images.open(home, name, "thumb")) == (b"a tart", b"tart")
    assert await images.sizes(home) == Sizes(pictures=1, bytes=10)
    assert await images.households() == [home]


async def test_a_household_sees_its_own_pictures_alone(images: Images) -> None:
    [name] = await images.put(new_id(), [TART])
    with pytest.raises(NotFound):
        await images.open(new_id(), name, "full")
    assert await images.names(new_id(), age_s=-1) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "a\0"])
async def test_a_name_that_is_no_hash_leads_nowhere(images: Images, name: str) -> None:
    with pytest.raises(NotFound):
        await images.open(new_id(), name, "full")
    with pytest.raises(NotFound):
        await images.delete(new_id(), [name])


async def test_a_picture_that_was_deleted_is_gone_and_may_be_deleted_again(images: Images, folder: Path) -> None:
    home = new_id()
    names = await images.put(home, [TART, SOUP])
    for _ in range(2):
        await images.delete(home, names[:1])
    assert await images.names(home, age_s=-1) == names[1:]
    assert len(files(folder)) == 2


async def test_a_household_may_have_so_many_pictures_and_bytes(images: Images, folder: Path) -> None:
    home = new_id()
    await images.put(home, [TART])
    for too_much in ([SOUP, Picture(b"a cake", b"")], [Picture(bytes(91), b"")]):
        with pytest.raises(ImagesFull) as full:
            await images.put(home, too_much)
        assert full.value.facts == {"limit_pictures": 2, "limit_bytes": 100}
        assert len(files(folder)) == 2
    await images.put(home, [TART, SOUP])
    assert await images.put(new_id(), [SOUP])


async def test_what_a_crash_left_half_written_is_no_picture_and_goes_away(images: Images, folder: Path) -> None:
    home = new_id()
    await images.put(home, [TART])
    for name, at in ((".new-old", LONG_AGO), (".new-fresh", None)):
        (folder / str(home) / name).write_bytes(b"half")
        if at:
            os.utime(folder / str(home) / name, (at, at))
    assert await images.sizes(home) == Sizes(pictures=1, bytes=10)
    assert {Path(name).name for name in files(folder)} >= {".new-fresh"}
    assert f"{home}/.new-old" not in files(folder)


async def test_a_picture_that_is_put_again_is_young_again(images: Images, folder: Path) -> None:
    home = new_id()
    [name] = await images.put(home, [TART])
    os.utime(folder / str(home) / f"{name}.jpg", (LONG_AGO, LONG_AGO))
    assert await images.names(home, age_s=3600) == [name]
    await images.put(home, [TART])
    assert await images.names(home, age_s=3600) == []


async def test_a_folder_that_can_not_be_written_is_told_as_away(tmp_path: Path) -> None:
    images = Folder(tmp_path / "a file" / "below", most=Sizes(2, 100))
    await asyncio.to_thread((tmp_path / "a file").touch)
    for asked in (images.put(new_id(), [TART]), images.open(new_id(), "a" * 64, "full"), images.scratch()):
        with pytest.raises(ImagesAway) as away:
            await asked
        assert away.value.status == 503


async def test_a_scratch_file_has_no_name(images: Images, folder: Path) -> None:
    with await images.scratch() as file:
        file.write(b"passing through")
        assert files(folder) == set()
