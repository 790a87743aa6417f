"""Cookbooks of other programs, and zips that mean harm: what is read of them, and what is not."""

import json
import struct
import tempfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from PIL import Image

from popote_kit.testing import new_id
from popote_recipes.model.cookbooks import Found, Place, mark
from popote_recipes.model.pictures import Picture
from popote_recipes.reading import cookbooks
from popote_recipes.reading.cookbooks import read_cookbook, read_pictures
from popote_recipes.wire.cookbooks import new_recipe

SOUP = {
    "@context": "https://schema.org",
    "@type": "Recipe",
    "name": "Soupe",
    "recipeYield": "4",
    "recipeIngredient": ["1 oignon", "1 l d'eau"],
    "recipeInstructions": [{"@type": "HowToStep", "text": "Cuire."}],
}
TART = {**SOUP, "name": "Tarte", "recipeIngredient": ["3 pommes", "1 pâte"]}


def jpeg() -> bytes:
    out = BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "JPEG")
    return out.getvalue()


def zipped(files: Mapping[str, Any]) -> bytes:
    """Return a zip of files by name; what is no bytes is written as JSON."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return out.getvalue()


def read(content: bytes) -> tuple[list[Found], list[tuple[str, str]]]:
    """Return all that is found in a zip, and what is refused."""
    found: list[Found] = []
    refused: list[tuple[str, str]] = []
    place: Place | None = Place()
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        while place is not None:
            page = read_cookbook(file.fileno(), (place.file, place.recipe))
            found += page.found
            refused += [(each.name, each.reason) for each in page.refused]
            place = page.next
    return found, refused


def pictures(content: bytes, *files: int) -> list[Picture | None]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return read_pictures(file.fileno(), files)


def titles(content: bytes) -> list[str]:
    found, refused = read(content)
    assert refused == []
    return [each.name for each in found]


# Other programs


def test_a_folder_for_each_recipe_with_its_picture() -> None:
    files = {
        "Recipes/Soupe/recipe.json": {**SOUP, "id": 5, "image": "/apps/cookbook/webapp/recipes/5/image?size=full"},
        "Recipes/Soupe/full.jpg": jpeg(),
        "Recipes/Soupe/thumb.jpg": b"no picture",
        "Recipes/Tarte/recipe.json": {**TART, "id": 6},
    }
    content = zipped(files)
    found, refused = read(content)
    assert ([each.name for each in found], refused) == (["Soupe", "Tarte"], [])
    assert [each.picture for each in found] == [1, None]
    new = new_recipe(found[0])
    assert new is not None
    assert (new.title, float(new.servings)) == ("Soupe", 4)
    assert [step if isinstance(step, str) else step.text for step in new.steps] == ["Cuire."]
    [picture] = pictures(content, 1)
    assert picture is not None
    assert picture.full.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("image", "files", "expected"),
    [
        ("pic.png", {"a/pic.png": b"", "a/full.jpg": b""}, "a/pic.png"),
        (["x", {"@type": "ImageObject", "url": "PIC.PNG"}], {"a/pic.png": b""}, "a/pic.png"),
        ({"contentUrl": "https://example.org/pic.png"}, {"a/pic.png": b""}, "a/pic.png"),
        (None, {"a/images/original.webp": b""}, "a/images/original.webp"),
        (None, {"a/soup.jpeg": b"", "a/full.jpg": b""}, "a/soup.jpeg"),
        ("../b/pic.png", {"b/pic.png": b""}, None),
        ("/etc/passwd", {"b/passwd": b""}, None),
        (None, {"full.jpg": b"", "b/full.jpg": b""}, None),
        (7, {}, None),
    ],
)
def test_a_picture_is_the_one_that_is_named_or_lies_beside(
    image: Any, files: dict[str, bytes], expected: str | None
) -> None:
    content = zipped({**files, "a/soup.json": {**SOUP, "image": image}})
    [found], _ = read(content)
    names = ZipFile(BytesIO(content)).namelist()
    assert (None if found.picture is None else names[found.picture]) == expected


def test_files_with_many_recipes() -> None:
    assert titles(zipped({"all.json": [SOUP, TART]})) == ["Soupe", "Tarte"]
    assert titles(zipped({"all.json": {"recipes": [SOUP, TART]}})) == ["Soupe", "Tarte"]
    assert titles(zipped({"all.JSON": {"@context": "https://schema.org", "@graph": [SOUP, TART]}})) == [
        "Soupe",
        "Tarte",
    ]
    assert titles(zipped({"a.json": b"\xef\xbb\xbf" + json.dumps(SOUP).encode(), "b.json": TART})) == ["Soupe", "Tarte"]


def test_a_recipe_in_words_of_its_own_program() -> None:
    told = {
        "name": "Gratin",
        "recipe_yield": "6 servings",
        "recipe_ingredient": [{"quantity": 1.5, "unit": {"name": "kg"}, "food": {"name": "potatoes"}}],
        "recipe_instructions": [{"text": "Bake."}],
    }
    [found], refused = read(zipped({"gratin/gratin.json": told}))
    assert refused == []
    assert found.draft is not None
    assert [each.line for each in found.draft.ingredients] == ["1.5 kg potatoes"]


def test_the_same_recipe_is_known_again_by_its_id_and_title() -> None:
    def id_of(told: dict[str, Any], name: str = "a.json") -> Any:
        return read(zipped({name: told}))[0][0].id

    assert id_of(SOUP) == id_of(SOUP, "other/b.json")
    assert id_of(SOUP) != id_of({**SOUP, "recipeIngredient": ["2 oignons"]})
    assert id_of({**SOUP, "url": "https://example.org/1"}) == id_of(
        {**SOUP, "url": "https://example.org/1", "recipeYield": 8}
    )
    assert id_of({**SOUP, "id": 1}) != id_of({**SOUP, "id": 2})


def test_every_recipe_of_a_long_cookbook_is_given_once() -> None:
    many: dict[str, Any] = {f"{number:04}.json": {**SOUP, "name": f"Soup {number}"} for number in range(130)}
    many["list.json"] = [{**SOUP, "name": f"Listed {number}"} for number in range(230)]
    found = titles(zipped(many))
    assert (len(found), len(set(found))) == (360, 360)


def test_a_cookbook_goes_on_after_its_time_also_where_it_holds_no_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cookbooks, "PAGE_S", 0.0)
    many = {"more.zip": b"", **{f"{number}.json": {} for number in range(5)}, "soup.json": SOUP}
    with tempfile.TemporaryFile() as file:
        file.write(zipped(many))
        file.flush()
        first = read_cookbook(file.fileno(), (0, 0))
    assert ([each.reason for each in first.refused], first.next) == (["packed", "no_recipe"], Place(1))
    found, refused = read(zipped(many))
    assert ([each.name for each in found], len(refused)) == (["Soupe"], 6)


# Harm


def test_names_that_lead_elsewhere_lead_nowhere() -> None:
    names = ("../../etc/evil.json", "/etc/evil.json", "C:\\evil.json", "a/../../b.json", "x" * 60_000 + ".json")
    found, refused = read(zipped({name: {**SOUP, "name": name[:20]} for name in names}))
    assert ({each.name for each in found}, refused) == ({name[:20] for name in names}, [])
    _, [(told, _)] = read(zipped({"../\u202eevil" * 1000 + ".json": b"{"}))
    assert len(told) <= 200
    assert told.isprintable()


def test_links_and_what_computers_keep_for_themselves_are_passed_over() -> None:
    out = BytesIO()
    link = ZipInfo("link.json")
    link.external_attr = 0o120777 << 16
    with ZipFile(out, "w") as made:
        made.writestr(link, "/etc/passwd")
        made.writestr("__MACOSX/._soup.json", b"\0\5\x16\7")
        made.writestr("a/.DS_Store.json", b"\0")
        made.writestr("folder.json/", b"")
        made.writestr("soup.json", json.dumps(SOUP))
    assert titles(out.getvalue()) == ["Soupe"]


def test_what_can_not_be_taken_is_told_and_keeps_nothing_else_out() -> None:
    content = zipped(
        {
            "1.json": b"{",
            "2.json": b"\xff",
            "3.json": b"[" * 100_000,
            "4.json": {"name": "Settings", "theme": "dark"},
            "5.json": b"12",
            "6.json": b'{"a": 1' + b"0" * 5000 + b"}",
            "7.json": b" " * (8 * 1024 * 1024 + 1),
            "more.zip": zipped({"soup.json": SOUP}),
            "soup.paprikarecipe": b"x",
            "notes.txt": b"x",
            "soup.html": b"<html>",
            "soup.json": SOUP,
        }
    )
    found, refused = read(content)
    assert [each.name for each in found] == ["Soupe"]
    assert dict(refused) == {
        "more.zip": "packed",
        "soup.paprikarecipe": "packed",
        "1.json": "unreadable",
        "2.json": "unreadable",
        "3.json": "unreadable",
        "4.json": "no_recipe",
        "5.json": "no_recipe",
        "6.json": "unreadable",
        "7.json": "too_large",
    }


def patched(content: bytes, at: int, value: bytes) -> bytes:
    """Return the zip with bytes of the first file's entry in its directory replaced."""
    entry = content.index(b"PK\x01\x02") + at
    return content[:entry] + value + content[entry + len(value) :]


def test_a_file_that_is_encrypted_or_lies_about_its_size_is_told() -> None:
    content = zipped({"soup.json": SOUP})
    assert read(patched(content, 8, struct.pack("<H", 1)))[1] == [("soup.json", "encrypted")]
    for size in (1, 10_000_000):
        assert read(patched(content, 24, struct.pack("<I", size)))[1][0][1] in ("unreadable", "too_large")
    assert read(patched(content, 10, struct.pack("<H", 99)))[1] == [("soup.json", "unreadable")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x05\x06" + bytes(18),
        b"no zip",
        zipped({"soup.json": SOUP})[:-30],
        zipped({"readme.txt": b"hello", "photo.jpg": b""}),
        zipped({f"{number}.json": b" " * 8_000_000 for number in range(1)})[:100],
    ],
    ids=["nothing", "an empty zip", "no zip", "its end is missing", "no recipes", "its beginning alone"],
)
def test_what_is_no_cookbook_is_refused(content: bytes) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - the sandbox makes one problem of all
        read(content)


@pytest.mark.parametrize(("limit", "most"), [("MAX_FILES", 1), ("MAX_UNPACKED", 300)])
def test_too_many_files_and_too_much_in_them_are_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    content = zipped({"a.json": SOUP, "b.json": TART})
    monkeypatch.setattr(cookbooks, limit, most)
    with pytest.raises(ValueError, match="too m"):
        read(content)


def test_a_picture_that_can_not_be_read_is_none_and_the_next_is_read() -> None:
    content = zipped({"a.jpg": b"<svg/>", "b.jpg": jpeg(), "c.jpg": jpeg()[:200], "d.jpg": bytes(11 * 1024 * 1024)})
    read_ones = pictures(content, 0, 1, 2, 3, 99)
    assert [picture is not None for picture in read_ones] == [False, True, False, False, False]


@pytest.mark.parametrize(
    "own",
    [
        None,
        7,
        {"mark": "x"},
        {"mark": None, "recipe": {}},
        {"mark": "0" * 64, "recipe": {"id": "x", "title": "Evil"}},
    ],
)
def test_what_claims_to_be_ours_and_is_not_is_read_like_any(own: Any) -> None:
    [found], refused = read(zipped({"soup.json": {**SOUP, "popote:recipe": own}}))
    assert (found.name, found.own, refused) == ("Soupe", None, [])


def test_what_is_marked_as_ours_and_is_no_recipe_is_not_taken() -> None:
    recipes: list[Any] = [{"id": str(new_id()), "title": ""}, {"title": "x"}, [], None]
    for recipe in recipes:
        own = {"mark": mark(SOUP), "recipe": recipe}
        found, refused = read(zipped({"soup.json": {**SOUP, "popote:recipe": own}}))
        assert refused == [("soup.json", "unreadable")] or new_recipe(found[0]) is None
