"""A household's recipes by the `popote` command: kept, read, found, cooked."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from popote_client.client import Popote
from popote_client.testing import Device
from popote_client.wire import Registration
from popote_launcher.testing import House

WHO = Registration(
    email="anna@example.org", password="leek soup every Sunday evening", display_name="Anna", household_name="Chez Anna"
)
SOUP = """\
800 g leeks
1 zorglub

Cut the leeks.
Boil them.
"""

PAGE = """\
<!doctype html><title>Soup</title><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Recipe", "name": "Leek soup",
 "recipeIngredient": ["800 g leeks", "1 zorglub"], "recipeInstructions": "Cut the leeks. Boil them."}
</script>"""


@pytest.fixture
async def popote(house: House, tmp_path: Path) -> AsyncIterator[Popote]:
    """What is on her device, logged in."""
    async with Popote(house.base_url, home=tmp_path / "device") as client:
        await client.api.register(WHO)
        yield client


@pytest.fixture
def anna(popote: Popote) -> Device:
    """Her device, with the command on it."""
    return Device(popote.state.path.parent, TZ="UTC")


async def test_a_recipe_is_typed_read_found_and_forgotten(anna: Device, tmp_path: Path) -> None:
    new = "recipes", "new", "Leek soup", "--servings", "4", "--minutes", "35", "--tag", "Winter"
    kept = await anna.run(*new, stdin=SOUP)
    assert (kept.code, kept.out) == (0, "Kept: Leek soup\n")
    assert "“zorglub”" in kept.err
    assert (await anna.popote("recipes", "list")).split("\t")[:4] == ["Leek soup", "4", "35", "winter"]
    shown = await anna.popote("recipes", "show", "leek")
    assert shown == (
        "Leek soup\n4 servings · 35 min · winter\n\n  800 g leeks\n  1 zorglub\n\n1. Cut the leeks.\n2. Boil them.\n"
    )
    assert "  1200 g leeks\n" in await anna.popote("recipes", "show", "leek", "--servings", "6")
    assert json.loads(await anna.popote("recipes", "show", "leek", "--json"))["title"] == "Leek soup"
    narrow = await anna.on_terminal("recipes", "show", "leek", columns=24)
    assert all(len(line) <= 24 for line in narrow.splitlines()[:9])
    assert "4 servings · 35 min ·\r\nwinter" in narrow

    await anna.popote("recipes", "favourite", "leek", "soup")
    assert (await anna.popote("recipes", "list", "--favourites")).startswith("Leek soup\t")
    await anna.popote("recipes", "favourite", "leek", "soup", "--off")
    assert await anna.popote("recipes", "list", "--favourites") == ""

    (tmp_path / "tart.txt").write_text("3 leeks\n\nBake.", encoding="utf-8")
    await anna.popote("recipes", "new", "Leek tart", str(tmp_path / "tart.txt"))
    several = await anna.run("recipes", "show", "leek")
    assert (several.code, several.err) == (10, "popote: Which one is “leek”? There are: Leek soup, Leek tart.\n")
    assert "Leek tart" in await anna.on_terminal("recipes", "show", "leek", answers="2\n")
    assert (await anna.run("recipes", "show", "zorglub stew")).code == 10
    assert (await anna.run("recipes", "new", "Cake", str(tmp_path))).code == 2

    assert "Forgotten" not in await anna.on_terminal("recipes", "delete", "leek", "tart", answers="n\n")
    assert await anna.popote("recipes", "delete", "leek", "tart") == "Forgotten: Leek tart\n"
    assert [line.split("\t")[0] for line in (await anna.popote("recipes", "list")).splitlines()] == ["Leek soup"]


async def test_what_can_be_cooked_is_listed_with_what_it_saves_and_fits_on_a_phone(anna: Device) -> None:
    await anna.popote("recipes", "new", "Leek soup", "--minutes", "35", stdin="800 g leeks\n250 ml cream\n")
    tomorrow = str(datetime.now(UTC).date() + timedelta(days=1))
    await anna.popote("stock", "add", "1 kg leeks", "--use-by", tomorrow)
    nothing = await anna.run("recipes", "cookable")
    assert (nothing.code, nothing.out) == (0, "")
    assert "--max-missing 1" in nothing.err
    found = await anna.popote("recipes", "cookable", "--max-missing", "1")
    assert found.split("\t")[:6] == ["Leek soup", "0", "1", "0.8", "35", "250 ml cream"]
    shown = await anna.on_terminal("recipes", "cookable", "--max-missing", "1", columns=32)
    assert shown.splitlines()[1:] == [
        "  35 min",
        "  Saves: leeks (1 d left)",
        "  Short: 250 ml cream",
    ]
    await anna.popote("stock", "add", "1 l cream")
    (dish,) = (await anna.popote("recipes", "cookable", "--days", "0", "--servings", "2", "--json")).splitlines()
    assert (json.loads(dish)["servings_possible"], json.loads(dish)["missing"]) == (5, 0)


async def test_a_page_is_looked_at_before_it_is_kept(anna: Device, tmp_path: Path) -> None:
    page = tmp_path / "soup.html"
    page.write_text(PAGE, encoding="utf-8")
    looked = await anna.run("recipes", "import", str(page))
    assert looked.code == 0
    assert "\n  800 g leeks  → 800 g leek\n  1 zorglub  → 1 zorglub?\n" in looked.out
    assert "Nothing is kept. To keep it: --yes" in looked.err
    draft = json.loads(await anna.popote("recipes", "import", str(page), "--json"))
    assert (draft["title"], draft["ingredients"][0]["quantity"]) == ("Leek soup", {"amount": 800, "unit": "g"})
    assert await anna.popote("recipes", "list") == ""

    kept = await anna.run("recipes", "import", "-", "--yes", "--title", "Soup", stdin=PAGE)
    assert (kept.code, kept.out.splitlines()[-1]) == (0, "Kept: Soup")
    assert "Kept" not in await anna.on_terminal("recipes", "import", str(page), answers="n\n")
    assert "Kept: Leek soup" in await anna.on_terminal("recipes", "import", str(page), answers="\n5\n")
    rows = [line.split("\t")[:2] for line in (await anna.popote("recipes", "list")).splitlines()]
    assert rows == [["Leek soup", "5"], ["Soup", "4"]]
    empty = await anna.run("recipes", "import", "-", stdin="<html></html>")
    assert (empty.code, empty.out) == (1, "")
    assert "No recipe was found" in empty.err
    away = await anna.run("recipes", "import", "http://127.0.0.1:1/soup")
    assert (away.code, away.out) == (4, "")


async def test_what_a_person_or_a_model_wrote_becomes_a_recipe(anna: Device) -> None:
    text = "Leek soup\nServes 4\n\nIngredients:\n- 800 g leeks\n\nMethod:\n1. Cut the leeks.\n2. Boil them.\n"
    typed = await anna.run("recipes", "import", "-", "--yes", stdin=text)
    assert (typed.code, typed.out.splitlines()[0], typed.out.splitlines()[-1]) == (0, "Leek soup", "Kept: Leek soup")
    said = "Sure!\n```json\n{'title': 'Leek tart', 'servings': 6, 'ingredients': ['3 leeks',], 'steps': ['Bake.']\n"
    model = await anna.popote("recipes", "import", "-", "--model-output", "--json", stdin=said)
    draft = json.loads(model)
    assert (draft["title"], draft["servings"], draft["ingredients"][0]["name"]) == ("Leek tart", 6, "leeks")


async def test_a_cookbook_goes_out_and_comes_in_again(anna: Device, house: House, tmp_path: Path) -> None:
    for title in ("Leek soup", "Leek tart"):
        await anna.popote("recipes", "new", title, stdin=SOUP)
    book = tmp_path / "book.zip"
    assert await anna.popote("recipes", "export", str(book)) == f"Written: {book}\n"
    assert await asyncio.to_thread(lambda: [each.name for each in tmp_path.glob("book*")]) == ["book.zip"]
    assert (await anna.run("recipes", "export", str(tmp_path / "nowhere" / "book.zip"))).code == 2
    assert await anna.popote("recipes", "import", str(book)) == "Kept: 0 recipes\nHere already: 2\n"

    ben = await house.sign_up("ben")
    his = Device(tmp_path / "ben")
    await his.popote("login", "--server", house.base_url, "--email", ben.email, stdin=f"{ben.password}\n")
    taken = await his.popote("recipes", "import", str(book))
    assert taken == "Kept: 2 recipes\n"
    assert [line.split("\t")[0] for line in (await his.popote("recipes", "list")).splitlines()] == [
        "Leek soup", "Leek tart",
    ]  # fmt: skip
    with ZipFile(book, "w") as emptied:
        emptied.writestr("notes.json", '{"hello": "world"}')
    refused = await his.run("recipes", "import", str(book))
    assert (refused.code, "notes.json: " in refused.err) == (4, True)


async def test_a_recipe_is_cooked_from_the_stock_for_those_who_eat_and_taken_back(
    anna: Device, popote: Popote, house: House
) -> None:
    invitation = (await popote.api.post("/api/auth/invitations", {"role": "adult"})).body
    await house.sign_up("bob", invitation_code=json.loads(invitation)["code"])
    (freezer,) = [place for place in await popote.api.stock.list_locations() if place.is_freezer]
    await anna.popote("recipes", "new", "Leek soup", stdin=SOUP)
    await anna.popote("stock", "add", "500 g leeks")

    short = await anna.run("recipes", "cook", "leek", "soup")
    assert short.code == 4
    assert "Missing: 300 g leek" in short.err
    assert "Missing: 1 zorglub (nobody knows what that is)" in short.err
    assert "--allow-missing" in short.err
    assert (await anna.run("recipes", "cook", "leek", "--freezer")).code == 2
    assert (await anna.run("recipes", "cook", "leek", "--for", "zoe:1")).code == 10

    await anna.popote("stock", "add", "500 g leeks")
    shares = "--for", "me:2,bob", "--leftovers", "1", "--freezer"
    cooked = await anna.run("recipes", "cook", "leek", "soup", *shares, "--allow-missing", "--meal", "dinner")
    assert (cooked.code, cooked.out) == (
        0,
        f"Cooked: Leek soup, 4 servings\nUsed: 800 g leeks\nPut away: 1 serving, {freezer.name}\n",
    )
    assert "Left out: 1 zorglub" in cooked.err
    left = [each for each in (await popote.api.stock.list_on_hand(location_id=freezer.id)).items if each.lots]
    assert [each.total.amount for each in left] == [1]
    assert (await anna.popote("recipes", "cooked")).split("\t")[1:5] == ["Leek soup", "4", "dinner", ""]
    assert json.loads(await anna.popote("recipes", "cooked", "--json"))["eaters"][1]["portions"] == 1

    await anna.popote("recipes", "plan", "add", "leek soup", "today", "lunch", "--servings", "1")
    planned = await anna.run("recipes", "cook", "leek", "soup", "--allow-missing")
    assert planned.out.startswith("Cooked: Leek soup, 1 serving\nUsed: 200 g leeks\n")
    assert "As planned: " in planned.err
    assert (await anna.popote("recipes", "plan")).split("\t")[4] == "cooked"
    await anna.popote("recipes", "undo")

    undone = await anna.run("recipes", "undo")
    assert (undone.code, undone.out) == (0, "Taken back: Leek soup\n")
    assert [line.split("\t")[4] for line in (await anna.popote("recipes", "cooked")).splitlines()] == ["undone"] * 2
    assert (await anna.run("recipes", "undo")).code == 10
    assert "leeks\t1000 g" in await anna.popote("stock", "list")


async def test_dishes_are_planned_by_the_names_of_days_read_and_taken_off(anna: Device) -> None:
    await anna.popote("recipes", "new", "Leek soup", stdin=SOUP)
    nothing = await anna.run("recipes", "plan")
    assert (nothing.code, nothing.out, "plan add" in nothing.err) == (0, "", True)
    planned = await anna.popote("recipes", "plan", "add", "leek", "tomorrow", "dinner", "--servings", "6")
    assert planned.endswith(", dinner, Leek soup\n")
    await anna.popote("recipes", "plan", "add", "leek soup", "demain", "déjeuner")
    await anna.popote("recipes", "plan", "add", "Pizza at Zoe's", "tomorrow", "snack", "--title")
    tomorrow = str(datetime.now(UTC).date() + timedelta(days=1))
    rows = [line.split("\t")[:4] for line in (await anna.popote("recipes", "plan")).splitlines()]
    assert rows == [
        [tomorrow, "lunch", "Leek soup", "4"],
        [tomorrow, "snack", "Pizza at Zoe's", ""],
        [tomorrow, "dinner", "Leek soup", "6"],
    ]
    assert await anna.popote("recipes", "plan", "--to", "today") == ""
    several = await anna.run("recipes", "plan", "rm", "leek")
    assert (several.code, "dinner, Leek soup" in several.err) == (10, True)
    assert "lunch, Leek soup" in await anna.on_terminal("recipes", "plan", "rm", "leek", answers="1\n")
    assert (await anna.popote("recipes", "plan", "rm", "pizza", "--day", "tomorrow")).startswith("Off the plan: ")
    assert (await anna.run("recipes", "plan", "rm", "pizza")).code == 10
    assert (await anna.run("recipes", "plan", "add", "leek", "someday", "dinner")).code == 2
    assert (await anna.run("recipes", "plan", "add", "leek", "today", "tea")).code == 2
    shown = await anna.on_terminal("recipes", "plan")
    assert "Dish" in shown
    assert "Leek soup" in shown


async def test_the_plan_is_checked_in_its_order_and_what_it_lacks_is_bought_once(anna: Device) -> None:
    await anna.popote("recipes", "new", "Cheese toast", stdin="100 g cheddar\n")
    await anna.popote("recipes", "new", "Riddle", stdin="2 zorglubs\n")
    await anna.popote("stock", "add", "250 g cheddar")
    for day in range(1, 5):
        on = str(datetime.now(UTC).date() + timedelta(days=day))
        await anna.popote("recipes", "plan", "add", "cheese toast", on, "dinner")
    rows = [line.split("\t")[2:5] for line in (await anna.popote("recipes", "plan", "check")).splitlines()]
    assert rows == [["Cheese toast", "ok", ""]] * 2 + [
        ["Cheese toast", "short", "50 g cheddar"], ["Cheese toast", "short", "100 g cheddar"],
    ]  # fmt: skip
    shown = await anna.on_terminal("recipes", "plan", "check", columns=36)
    assert "  Dinner: Cheese toast  ✓" in shown
    assert shown.splitlines()[-2:-1] == ["  150 g cheddar"]
    await anna.popote("recipes", "plan", "add", "riddle", "tomorrow", "lunch")
    for _ in range(2):
        bought = await anna.run("recipes", "plan", "shop")
        assert (bought.code, bought.out) == (0, "· 150 g cheddar\n")
        assert "Nobody can tell: 2 zorglubs" in bought.err
    assert "cheddar\t150 g" in await anna.popote("shop", "show")
    assert (await anna.run("recipes", "plan", "shop", "--list", "nowhere")).code == 10
