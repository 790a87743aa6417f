"""Pictures of recipes: put, shown, replaced, taken away, and cleared from the disk."""

import os
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from popote_kit.testing import new_id
from popote_recipes.actions.images import Album
from popote_recipes.settings import Settings
from popote_recipes.testing import Cook

LONG_AGO = 1_000_000_000


def picture(colour: str = "red", kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", (1700, 850), colour).save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "images"


def files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


async def put(cook: Cook, id: str, content: bytes, tag: str | None = None, kind: str = "image/png") -> httpx.Response:
    """Give a recipe, as it is now, a picture."""
    path = f"/api/recipes/{id}"
    tag = tag or (await cook.ask("GET", path)).headers.get("etag", '"1"')
    return await cook.ask("PUT", f"{path}/image", content=content, headers={"If-Match": tag, "Content-Type": kind})


async def test_a_recipe_has_the_picture_that_it_was_given(anna: Cook) -> None:
    tart = await anna.recipe("Tarte", "3 pommes")
    path = f"/api/recipes/{tart['id']}/image"
    assert (await anna.ask("GET", path)).status_code == 404
    given = await put(anna, tart["id"], picture())
    assert given.status_code == 200, given.text
    assert (given.json()["revision"], given.headers["etag"]) == (2, f'"{given.json()["version"]}"')

    shown = await anna.ask("GET", path)
    assert Image.open(BytesIO(shown.content)).size == (1600, 800)
    assert shown.headers["etag"] == f'"{given.json()["image"]}"'
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["cache-control"] == "private, no-cache"
    assert shown.headers["content-disposition"] == "inline"
    assert shown.headers["x-content-type-options"] == "nosniff"

    thumb = await anna.ask("GET", path, params={"size": "thumb"})
    assert Image.open(BytesIO(thumb.content)).size == (320, 160)
    assert thumb.headers["etag"] != shown.headers["etag"]
    for known in (shown, thumb):
        again = await anna.ask(
            "GET", str(known.url.raw_path, "ascii"), headers={"If-None-Match": known.headers["etag"]}
        )
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", known.headers["etag"])
    assert (await anna.ask("GET", path, params={"size": "huge"})).status_code == 422
    listed = await anna.get("/api/recipes")
    assert listed["items"][0]["image"] == given.json()["image"]


async def test_a_picture_is_an_edit_like_any(anna: Cook) -> None:
    tart = await anna.recipe("Tarte", "3 pommes")
    path = f"/api/recipes/{tart['id']}"
    sent: dict[str, Any] = {"content": picture(), "headers": {"Content-Type": "image/png"}}
    assert (await anna.ask("PUT", f"{path}/image", **sent)).status_code == 428
    assert (await put(anna, tart["id"], picture(), tag='"0"')).status_code == 412
    assert (await put(anna, str(new_id()), picture())).status_code == 404
    assert (await put(anna.elsewhere(), tart["id"], picture())).status_code == 404
    given = await put(anna, tart["id"], picture())
    same = await put(anna, tart["id"], picture())
    assert same.json() == given.json()
    changes = await anna.get("/api/recipes/changes", since=tart["version"])
    assert [(each["id"], each["data"]["image"]) for each in changes["changes"]] == [(tart["id"], given.json()["image"])]
    for role, status in (("child", 403), ("guest", 403), ("adult", 200)):
        other = anna.beside(role=role)
        assert (await put(other, tart["id"], picture("blue"))).status_code == status
        assert (await other.ask("GET", f"{path}/image")).status_code == 200
    assert (await anna.elsewhere().ask("GET", f"{path}/image")).status_code == 404
    assert (await anna.elsewhere().ask("DELETE", f"{path}/image", headers={"If-Match": "*"})).status_code == 404


async def test_a_picture_that_no_recipe_has_any_more_is_gone_from_the_disk(anna: Cook, folder: Path) -> None:
    tart, cake = await anna.recipe("Tarte", "3 pommes"), await anna.recipe("Gâteau", "3 œufs")
    for recipe in (tart, cake):
        assert (await put(anna, recipe["id"], picture("red"))).status_code == 200
    assert files(folder) == 2
    assert (await put(anna, tart["id"], picture("blue"))).status_code == 200
    assert files(folder) == 4
    await anna.delete(f"/api/recipes/{cake['id']}")
    assert files(folder) == 2
    path = f"/api/recipes/{tart['id']}"
    taken = await anna.ask(
        "DELETE", f"{path}/image", headers={"If-Match": (await anna.ask("GET", path)).headers["etag"]}
    )
    assert (taken.status_code, taken.json()["image"], taken.json()["revision"]) == (200, None, 4)
    assert files(folder) == 0
    assert (await anna.ask("GET", f"{path}/image")).status_code == 404
    restored = await anna.ask("POST", f"{path}/revisions/2/restore", headers={"If-Match": taken.headers["etag"]})
    assert (restored.status_code, restored.json()["image"]) == (200, None)


async def test_what_a_crash_left_behind_is_swept_after_a_while(anna: Cook, street: Any, folder: Path) -> None:
    tart = await anna.recipe("Tarte", "3 pommes")
    assert (await put(anna, tart["id"], picture())).status_code == 200
    images = Settings(database_url="", images_folder=str(folder)).images
    [kept] = await images.names(anna.household, age_s=-1)
    for letter in "ab":
        for suffix in (".jpg", ".thumb.jpg"):
            shutil.copy(
                folder / str(anna.household) / f"{kept}.jpg", folder / str(anna.household) / (letter * 64 + suffix)
            )
    for name in (kept, "a" * 64):
        os.utime(folder / str(anna.household) / f"{name}.jpg", (LONG_AGO, LONG_AGO))
    await Album(street.database, images).sweep()
    assert set(await images.names(anna.household, age_s=-1)) == {kept, "b" * 64}


async def test_what_is_no_picture_is_refused_and_changes_nothing(anna: Cook, folder: Path) -> None:
    tart = await anna.recipe("Tarte", "3 pommes")
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    for content, kind, status in (
        (svg, "image/svg+xml", 422),
        (svg, "image/png", 422),
        (b"<html>", "image/jpeg", 422),
        (picture()[:300], "image/png", 422),
        (b"", "image/png", 422),
        (picture(), "application/json", 415),
        (picture(), "text/html", 415),
        (bytes(10 * 1024 * 1024 + 1), "image/png", 413),
    ):
        refused = await put(anna, tart["id"], content, kind=kind)
        assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json"), kind
    assert (await anna.get(f"/api/recipes/{tart['id']}")) == tart
    assert files(folder) == 0


async def test_a_store_that_is_away_is_told_and_nothing_is_changed(anna: Cook, folder: Path) -> None:
    tart = await anna.recipe("Tarte", "3 pommes")
    os.close(os.open(folder, os.O_CREAT))  # a file where the folder should be; whatever the disk says, it is told alike
    away = await put(anna, tart["id"], picture())
    assert (away.status_code, away.json()["type"], away.headers["retry-after"]) == (503, "/problems/unavailable", "1")
    assert (await anna.get(f"/api/recipes/{tart['id']}"))["image"] is None
    os.unlink(folder)  # noqa: PTH108 - a test may wait for it
    assert (await put(anna, tart["id"], picture())).status_code == 200
    shutil.rmtree(folder)
    assert (await anna.ask("GET", f"/api/recipes/{tart['id']}/image")).status_code == 404
