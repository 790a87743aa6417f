"""Cookbooks: out as schema.org JSON in a zip, and in again the same."""

import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import httpx
import pytest
from PIL import Image

from popote_kit.identity import Keys, Verifier, auth_keys
from popote_kit.service_tokens import ServiceTokens
from popote_kit.testing import new_id
from popote_recipes.actions.cookbooks import Cookbooks
from popote_recipes.peers import Nutrition
from popote_recipes.sandbox import Busy, Sandbox
from popote_recipes.storage import Folder, Sizes
from popote_recipes.testing import Cook

FIELDS_OF_TIME = {"version", "revision", "created_at", "updated_at", "created_by", "image"}


def picture(colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return out.getvalue()


async def exported(cook: Cook, **params: Any) -> ZipFile:
    answer = await cook.ask("GET", "/api/recipes/export", params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="cookbook.zip"'
    zipped = ZipFile(BytesIO(answer.content))
    assert zipped.testzip() is None
    return zipped


async def sent(
    cook: Cook, content: bytes | AsyncIterator[bytes], kind: str = "application/zip", **headers: str
) -> httpx.Response:
    return await cook.ask("POST", "/api/recipes/cookbook", content=content, headers={"Content-Type": kind, **headers})


async def taken(cook: Cook, content: bytes) -> dict[str, Any]:
    answer = await sent(cook, content)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def content_of(zipped: ZipFile) -> bytes:
    assert isinstance(zipped.fp, BytesIO)
    return zipped.fp.getvalue()


async def everything(cook: Cook) -> list[dict[str, Any]]:
    """Return all recipes of a household, without what tells when and by whom."""
    listed = (await cook.get("/api/recipes", limit=200))["items"]
    whole = [await cook.get(f"/api/recipes/{each['id']}") for each in listed]
    return [{name: value for name, value in each.items() if name not in FIELDS_OF_TIME} for each in whole]


@pytest.fixture
async def library(anna: Cook) -> list[dict[str, Any]]:
    """Recipes with everything that a recipe may have."""
    dough = await anna.recipe("Pâte brisée", "250 g de farine", "125 g de beurre", servings=8, language="fr")
    margarine = await anna.food("margarine")
    tart = await anna.recipe(
        "Tarte aux pommes « Mamie »",
        {"line": "1 pâte", "recipe_id": dough["id"], "recipe_servings": 4, "section": "Fond"},
        {"line": "100 g of the yellow stuff", "food_id": margarine, "section": "Fond"},
        {"line": "3 pommes", "section": "Dessus"},
        "sel",
        servings=2.5,
        yield_text="12 parts",
        language="fr",
        minutes=95,
        prep_minutes=30,
        cook_minutes=60,
        tags=["dessert", "automne"],
        description="De Mamie.\nToujours bonne.",
        source_url="https://example.org/tarte",
        source_name="Le cahier",
        cooked={"amount": 1.25, "unit": "kg"},
        steps=[
            "Étaler.",
            {"text": "Garnir.", "section": "Dessus"},
            {"text": "Cuire.", "section": "Dessus", "minutes": 60},
        ],
    )
    soup = await anna.recipe("Soup", "1 onion", "1 l water", language="en", steps=["Boil."])
    for recipe, colour in ((tart, "red"), (soup, "green")):
        path = f"/api/recipes/{recipe['id']}"
        headers = {"If-Match": (await anna.ask("GET", path)).headers["etag"], "Content-Type": "image/png"}
        assert (await anna.ask("PUT", f"{path}/image", content=picture(colour), headers=headers)).status_code == 200
    return [dough, tart, soup]


async def wiped(cook: Cook, library: list[dict[str, Any]]) -> None:
    for recipe in reversed(library):
        await cook.delete(f"/api/recipes/{recipe['id']}")
    assert await everything(cook) == []


async def test_a_cookbook_is_schema_org_json_with_pictures_in_folders(
    anna: Cook, library: list[dict[str, Any]]
) -> None:
    zipped = await exported(anna)
    dough, tart, soup = library
    assert set(zipped.namelist()) == {
        f"recipes/pate-brisee-{dough['id']}/recipe.json",
        f"recipes/tarte-aux-pommes-mamie-{tart['id']}/recipe.json",
        f"recipes/tarte-aux-pommes-mamie-{tart['id']}/full.jpg",
        f"recipes/soup-{soup['id']}/recipe.json",
        f"recipes/soup-{soup['id']}/full.jpg",
        "index.json",
    }
    told = json.loads(zipped.read(f"recipes/tarte-aux-pommes-mamie-{tart['id']}/recipe.json"))
    told.pop("popote:recipe")
    assert told.pop("dateCreated").startswith("20")
    assert told.pop("dateModified").startswith("20")
    assert told == {
        "@context": "https://schema.org",
        "@type": "Recipe",
        "identifier": tart["id"],
        "name": "Tarte aux pommes « Mamie »",
        "description": "De Mamie.\nToujours bonne.",
        "inLanguage": "fr",
        "image": "full.jpg",
        "url": "https://example.org/tarte",
        "publisher": {"@type": "Organization", "name": "Le cahier"},
        "recipeYield": ["2.5", "12 parts"],
        "prepTime": "PT30M",
        "cookTime": "PT1H",
        "totalTime": "PT1H35M",
        "keywords": "dessert, automne",
        "recipeIngredient": ["1 pâte", "100 g of the yellow stuff", "3 pommes", "sel"],
        "recipeInstructions": [
            {"@type": "HowToStep", "text": "Étaler."},
            {
                "@type": "HowToSection",
                "name": "Dessus",
                "itemListElement": [
                    {"@type": "HowToStep", "text": "Garnir."},
                    {"@type": "HowToStep", "text": "Cuire.", "timeRequired": "PT1H"},
                ],
            },
        ],
    }
    index = json.loads(zipped.read("index.json"))
    assert (index["@type"], index["numberOfItems"]) == ("ItemList", 3)
    assert {each["url"] for each in index["itemListElement"]} < set(zipped.namelist())
    bare = await exported(anna, pictures="none")
    assert not [name for name in bare.namelist() if name.endswith(".jpg")]
    small = await exported(anna, pictures="thumb")
    assert len([name for name in small.namelist() if name.endswith(".jpg")]) == 2
    assert (await anna.ask("GET", "/api/recipes/export", params={"pictures": "huge"})).status_code == 422


async def test_out_wiped_and_in_again_it_is_the_same(anna: Cook, library: list[dict[str, Any]], street: Any) -> None:
    before = await everything(anna)
    zipped = content_of(await exported(anna))
    unchanged = {"taken": 0, "unchanged": 3, "not_taken": [], "remarks": []}
    assert await taken(anna, zipped) == unchanged
    await wiped(anna, library)
    version = (await anna.get("/api/recipes/changes", since=0))["version"]
    assert await taken(anna, zipped) == {"taken": 3, "unchanged": 0, "not_taken": [], "remarks": []}
    assert await everything(anna) == before
    assert await taken(anna, zipped) == unchanged
    for recipe, has_one in zip(library, (False, True, True), strict=True):
        answer = await anna.ask("GET", f"/api/recipes/{recipe['id']}/image")
        assert answer.status_code == (200 if has_one else 404)
    changes = (await anna.get("/api/recipes/changes", since=version))["changes"]
    assert {each["id"] for each in changes if not each["deleted"]} == {each["id"] for each in library}


async def test_another_household_takes_it_as_its_own(anna: Cook, library: list[dict[str, Any]]) -> None:
    other = anna.elsewhere()
    assert (await taken(other, content_of(await exported(anna))))["taken"] == 3
    assert await everything(other) == await everything(anna)
    await other.delete(f"/api/recipes/{library[2]['id']}")
    assert len(await everything(anna)) == 3


async def test_what_was_changed_here_since_stays_and_is_told(anna: Cook, library: list[dict[str, Any]]) -> None:
    zipped = content_of(await exported(anna))
    await anna.edit(f"/api/recipes/{library[2]['id']}", {"title": "Potage"})
    answer = await sent(anna, zipped, **{"Accept-Language": "fr"})
    assert answer.json()["unchanged"] == 2
    assert answer.json()["not_taken"] == [
        {
            "name": "Soup",
            "reason": "is_here",
            "message": "Elle est déjà là, et a changé depuis : ce qui est là reste.",
        }
    ]
    assert (await anna.get(f"/api/recipes/{library[2]['id']}"))["title"] == "Potage"


async def test_what_was_changed_in_the_file_counts(anna: Cook, library: list[dict[str, Any]]) -> None:
    zipped = await exported(anna)
    out = BytesIO()
    with ZipFile(out, "w") as edited:
        for name in zipped.namelist():
            text = zipped.read(name)
            if "soup" in name and name.endswith(".json"):
                text = text.replace(b'"name": "Soup"', b'"name": "Onion soup"')
            edited.writestr(name, text)
    await wiped(anna, library)
    assert (await taken(anna, out.getvalue()))["taken"] == 3
    assert (await anna.get(f"/api/recipes/{library[2]['id']}"))["title"] == "Onion soup"


async def test_a_part_that_is_nowhere_becomes_an_ingredient_like_any(anna: Cook, library: list[dict[str, Any]]) -> None:
    zipped = await exported(anna)
    out = BytesIO()
    with ZipFile(out, "w") as fewer:
        for name in zipped.namelist():
            if "pate-brisee" not in name:
                fewer.writestr(name, zipped.read(name))
    other = anna.elsewhere()
    answer = await taken(other, out.getvalue())
    assert (answer["taken"], [each["reason"] for each in answer["remarks"]]) == (2, ["part_missing"])
    tart = await other.get(f"/api/recipes/{library[1]['id']}")
    assert (tart["ingredients"][0]["line"], tart["ingredients"][0]["recipe_id"]) == ("1 pâte", None)
    assert (await taken(other, out.getvalue()))["unchanged"] == 2


async def test_recipes_wait_for_a_nutrition_that_is_away(
    anna: Cook, library: list[dict[str, Any]], street: Any
) -> None:
    before = await everything(anna)
    zipped = content_of(await exported(anna))
    await wiped(anna, library)
    street.gates["nutrition"].is_shut = True
    assert (await taken(anna, zipped))["taken"] == 3
    assert {each["link"] for each in (await everything(anna))[2]["ingredients"]} <= {"waiting", "chosen"}
    street.gates["nutrition"].is_shut = False
    await street.catch_up()
    assert await everything(anna) == before


async def test_what_is_no_cookbook_is_refused_and_the_next_one_is_taken(anna: Cook) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(51):
            yield bytes(1024 * 1024)

    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as zipped:
        zipped.writestr("bomb.json", bytes(100 * 1024 * 1024))
        zipped.writestr(
            "soup.json", '{"@type": "Recipe", "name": "Soup", "recipeIngredient": ["1 onion"], "image": "x.png"}'
        )
        zipped.writestr("x.png", b"no picture")
    for content in (b"", b"no zip", out.getvalue()[:-30]):
        refused = await sent(anna, content)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unreadable")
    long = await sent(anna, endless())
    assert (long.status_code, long.json()["limit_bytes"]) == (413, 50 * 1024 * 1024)
    answer = await taken(anna, out.getvalue())
    assert [(each["name"], each["reason"]) for each in answer["not_taken"]] == [("bomb.json", "too_large")]
    assert {(each["name"], each["reason"]) for each in answer["remarks"]} == {
        ("Soup", "picture_unreadable"),
        ("Soup", "servings_guessed"),
    }
    assert (answer["taken"], len(await everything(anna))) == (1, 1)
    assert (await taken(anna, out.getvalue()))["unchanged"] == 1


async def test_recipes_go_without_pictures_that_there_is_no_room_for(
    anna: Cook, street: Any, library: list[dict[str, Any]], tmp_path: Path
) -> None:
    zipped = content_of(await exported(anna))
    images = Folder(tmp_path / "small", most=Sizes(pictures=1, bytes=10**9))
    peers = street.peers()
    nutrition = Nutrition(peers, ServiceTokens(peers, "recipes", None, clock=street.database.clock))
    caller = await Verifier(Keys(auth_keys(peers))).verify(anna.elsewhere().headers["Authorization"].split()[1])
    with await images.scratch() as file:
        file.write(zipped)
        file.flush()
        outcome = await Cookbooks(street.database, images, Sandbox(), nutrition).take_in(caller, file)
    await peers.close()
    assert (outcome.taken, {reason for _, reason in outcome.remarks}) == (3, {"picture_left_out"})


async def test_a_household_sends_one_cookbook_at_a_time_and_three_do_in_all(street: Any) -> None:
    peers = street.peers()
    nutrition = Nutrition(peers, ServiceTokens(peers, "recipes", None, clock=street.database.clock))
    cookbooks = Cookbooks(street.database, Folder(Path("nowhere"), most=Sizes(0, 0)), Sandbox(), nutrition)
    homes = [new_id() for _ in range(4)]
    with cookbooks.admit(homes[0]), cookbooks.admit(homes[1]):
        with pytest.raises(Busy), cookbooks.admit(homes[0]):
            pass
        with cookbooks.admit(homes[2]), pytest.raises(Busy), cookbooks.admit(homes[3]):
            pass
    with cookbooks.admit(homes[3]), cookbooks.admit(homes[0]):
        pass
    await peers.close()


async def test_who_may_read_may_export_and_adults_take_in(anna: Cook, library: list[dict[str, Any]]) -> None:
    zipped = content_of(await exported(anna.beside(role="guest")))
    for role, status in (("guest", 403), ("child", 403), ("adult", 200)):
        assert (await sent(anna.beside(role=role), zipped)).status_code == status
    assert len((await exported(anna.elsewhere())).namelist()) == 1
    assert (await taken(anna.elsewhere(), content_of(await exported(anna.elsewhere()))))["taken"] == 0
    for kind in ("application/json", "text/html", ""):
        assert (await sent(anna, zipped, kind)).status_code == 415
    assert (await sent(anna, zipped, "application/x-zip-compressed")).status_code == 200
