"""A household's food by the `popote` command: bought, listed, used, taken back, and bought again from a list."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from popote_client.testing import Device
from popote_launcher.testing import House

PASSWORD = "leek soup every Sunday evening"


@pytest.fixture
async def anna(house: House, tmp_path: Path) -> Device:
    """Her device, logged in."""
    device = Device(tmp_path / "device", TZ="Europe/Paris")
    account = ("--email", "anna@example.org", "--server", house.base_url, "--name", "Anna")
    await device.popote("register", *account, "--household", "Chez Anna", stdin=f"{PASSWORD}\n")
    return device


def columns(out: str, *places: int) -> list[tuple[str, ...]]:
    """Return some columns of lines with tabs."""
    return [tuple(line.split("\t")[place] for place in places) for line in out.splitlines()]


async def test_what_is_bought_is_listed_and_what_is_used_is_gone(anna: Device) -> None:
    added = await anna.popote("stock", "add", "1,5 kg of rice", "6 eggs", "--best-before", "2030-01-31", "--at", "cup")
    assert added == "Added: 1.5 kg rice, until 2030-01-31\nAdded: 6 eggs, until 2030-01-31\n"
    listed = await anna.popote("stock", "list")
    assert columns(listed, 0, 1, 3, 4) == [
        ("eggs", "6 piece", "2030-01-31", "Cupboard"),
        ("rice", "1.5 kg", "2030-01-31", "Cupboard"),
    ]
    assert await anna.popote("stock", "use", "250 g RICE", "1/2 egg") == "Used: 0.25 kg rice\nUsed: 0.5 eggs\n"
    assert await anna.popote("stock", "use", "rice", "--all", "--spoiled") == "Thrown away: 1.25 kg rice\n"
    on_hand = [json.loads(line) for line in (await anna.popote("stock", "list", "--json")).splitlines()]
    assert [(each["name"], each["total"]) for each in on_hand] == [("eggs", {"amount": 5.5, "unit": "piece"})]
    assert await anna.popote("stock", "check") == "2 lots agree with the journal.\n"


async def test_words_find_what_is_on_hand_and_a_place_narrows_it(anna: Device) -> None:
    await anna.popote("stock", "add", "1 bottle of olive oil", "500 g olives", "--at", "fridge")
    await anna.popote("stock", "add", "1 kg flour")
    assert columns(await anna.popote("stock", "list", "olive", "oil"), 0)[0] == ("olive oil",)
    assert columns(await anna.popote("stock", "list", "--at", "fridge"), 0) == [("olive oil",), ("olives",)]
    nowhere = await anna.run("stock", "list", "--at", "attic")
    assert (nowhere.code, nowhere.err.startswith("popote: Which one is “attic”? There are:")) == (10, True)


async def test_an_item_that_is_not_clear_is_asked_for_again(anna: Device) -> None:
    await anna.popote("stock", "add", "1 kg brown rice", "1 kg white rice")
    several = await anna.run("stock", "use", "100 g rice")
    assert (several.code, several.out) == (10, "")
    assert "brown rice" in several.err
    assert "white rice" in several.err
    none = await anna.run("stock", "use", "100 g saffron")
    assert (none.code, none.err) == (10, "popote: Nothing here is called “saffron”.\n")
    unsaid = await anna.run("stock", "use", "rice")
    assert (unsaid.code, "--all" in unsaid.err) == (2, True)


async def test_too_much_is_refused_with_what_is_missing_in_the_words_of_the_person(anna: Device) -> None:
    await anna.popote("stock", "add", "2 gousses d'ail", "1 kg farine")
    refused = await anna.run("stock", "use", "5 gousses d'ail", "1 kg farine", LANG="fr_FR.UTF-8")
    assert (refused.code, refused.out) == (4, "")
    assert refused.err == "Il manque : 3 gousses ail\npopote: Il n'y en a pas assez en stock ; rien n'a été pris.\n"
    assert columns(await anna.popote("stock", "list"), 0, 1) == [("ail", "2 clove"), ("farine", "1 kg")]


async def test_what_does_not_keep_is_listed_the_soonest_first(anna: Device) -> None:
    today = datetime.now(UTC).astimezone().date()
    for name, days in (("cream", 3), ("yoghurt", 5), ("cheese", 20)):
        await anna.popote("stock", "add", f"1 pack of {name}", "--use-by", f"{today + timedelta(days)}")
    assert columns(await anna.popote("stock", "expiring"), 2, 3) == [("cream", "1 pack"), ("yoghurt", "1 pack")]
    assert len((await anna.popote("stock", "expiring", "--days", "30")).splitlines()) == 3


async def test_the_last_action_is_told_and_undone_and_then_the_one_before(anna: Device) -> None:
    await anna.popote("stock", "add", "500 g rice")
    await anna.popote("stock", "use", "200 g rice")
    first = await anna.run("stock", "undo")
    assert first.err.rstrip().endswith("used: 200 g rice")
    assert columns(await anna.popote("stock", "list"), 1) == [("500 g",)]
    again = first.out.split()[-1]
    await anna.popote("stock", "undo", again)
    assert columns(await anna.popote("stock", "list"), 1) == [("300 g",)]
    assert (await anna.run("stock", "undo")).code == 0
    assert (await anna.run("stock", "undo")).err.rstrip().endswith("bought: 500 g rice")
    assert await anna.popote("stock", "list") == ""
    nothing = await anna.run("stock", "undo")
    assert (nothing.code, "popote stock journal" in nothing.err) == (10, True)


async def test_an_undo_that_is_blocked_names_what_to_undo_first(anna: Device) -> None:
    await anna.popote("stock", "add", "500 g rice")
    await anna.popote("stock", "use", "200 g rice")
    (used, bought) = columns(await anna.popote("stock", "journal"), 1, 3)
    assert (used[0], bought[0]) == ("used: 200 g rice", "bought: 500 g rice")
    blocked = await anna.run("stock", "undo", bought[1])
    assert blocked.code == 4
    assert f"popote stock undo {used[1]}" in blocked.err


async def test_a_price_is_in_the_household_s_currency_and_belongs_to_one_line(anna: Device) -> None:
    await anna.popote("stock", "add", "500 g rice", "--price", "3,49")
    (rice,) = [json.loads(line) for line in (await anna.popote("stock", "list", "--json")).splitlines()]
    assert rice["lots"][0]["price"] == {"amount": 3.49, "currency": "EUR"}
    assert (await anna.run("stock", "add", "1 kg salt", "1 kg flour", "--price", "2")).code == 2
    assert (await anna.run("stock", "add", "1 kg salt", "--price", "cheap")).code == 2
    assert (await anna.run("stock", "add", "1 kg salt", "--best-before", "soon")).code == 2


async def test_what_is_exported_is_imported_again_and_refused_rows_are_told_by_their_lines(
    anna: Device, tmp_path: Path
) -> None:
    await anna.popote("stock", "add", "1.5 kg rice", "--best-before", "2030-01-31", "--at", "cupboard", "--price", "3")
    await anna.popote("stock", "export", str(tmp_path / "stock.csv"))
    exported = (tmp_path / "stock.csv").read_bytes().decode()
    assert await anna.popote("stock", "export") == exported
    await anna.popote("stock", "undo")
    assert await anna.popote("stock", "import", str(tmp_path / "stock.csv")) == "Added: 1. Refused: 0.\n"
    assert await anna.popote("stock", "export") == exported
    table = "item;quantity;unit\n" + "".join(f"item {number};1,5;kg\n" for number in range(600)) + "\nbad;none;kg\n"
    (tmp_path / "long.csv").write_text(table)
    tried = await anna.run("stock", "import", "--dry-run", str(tmp_path / "long.csv"))
    assert (tried.code, tried.out) == (4, "Would add: 600. Refused: 1.\n")
    assert len((await anna.popote("stock", "list")).splitlines()) == 1
    ran = await anna.run("stock", "import", "-", stdin=table)
    assert (ran.code, ran.out) == (4, "Added: 600. Refused: 1.\n")
    assert ran.err.startswith("line 603, quantity: ")
    assert len((await anna.popote("stock", "list")).splitlines()) == 601


async def test_a_file_that_is_no_table_is_told_and_changes_nothing(anna: Device, tmp_path: Path) -> None:
    (tmp_path / "image.csv").write_bytes(b"\x89PNG\r\n\xff")
    ran = await anna.run("stock", "import", str(tmp_path / "image.csv"))
    assert (ran.code, ran.err.startswith("popote: That is no table")) == (1, True)
    (tmp_path / "other.csv").write_text("colour,shape\nred,round\n")
    assert (await anna.run("stock", "import", str(tmp_path / "other.csv"))).code == 4
    assert (await anna.run("stock", "import", str(tmp_path / "nowhere.csv"))).code == 2
    assert (await anna.run("stock", "export", str(tmp_path / "no" / "folder.csv"))).code == 2
    assert await anna.popote("stock", "journal") == ""


async def test_a_barcode_is_told_as_the_household_s_item_or_as_nobody_s(anna: Device) -> None:
    (cans := anna.home / "cans.csv").write_text("item,quantity,unit,barcode\nChickpeas,3,can,4006381333931\n")
    await anna.popote("stock", "import", str(cans))
    assert await anna.popote("stock", "scan", "4006381333931") == "Yours: Chickpeas\n"
    printed = await anna.popote("stock", "scan", "010400638133393117300131")
    assert printed == "Yours: Chickpeas\nUse by: 2030-01-31\n"
    found = json.loads(await anna.popote("stock", "scan", "--json", "4006381333931"))
    assert (found["status"], found["item"]["name"]) == ("item", "Chickpeas")
    nobody_s = await anna.run("stock", "scan", "96385074")
    assert (nobody_s.code, nobody_s.err) == (10, "popote: Nobody here knows the product 96385074.\n")
    misread = await anna.run("stock", "scan", "96385075")
    assert (misread.code, "wrong" in misread.err) == (4, True)


async def test_french_is_spoken_and_understood(anna: Device) -> None:
    french = {"LANG": "fr_FR.UTF-8"}
    added = await anna.run("stock", "add", "1,5 kg de farine", "2 gousses d'ail", "--use-by", "31/01/2030", **french)
    assert added.out == "Ajouté : 1,5 kg farine, jusqu'au 31/01/2030\nAjouté : 2 gousses ail, jusqu'au 31/01/2030\n"
    assert (await anna.run("stock", "use", "1 gousse d'ail", **french)).out == "Utilisé : 1 gousse ail\n"
    assert (await anna.run("shop", "new", "Marché", **french)).out == "Créée : Marché\n"
    assert (await anna.run("shop", "add", "1/2 douzaine d'œufs", **french)).out == "· 0,5 douzaine œufs\n"
    assert "Mettre en stock" in (await anna.run("stock", "--help", **french)).out


async def test_a_list_is_written_ticked_and_brought_home_and_that_is_undone_as_one(anna: Device) -> None:
    early = await anna.run("shop", "add", "2 l milk")
    assert (early.code, "popote shop new" in early.err) == (10, True)
    await anna.popote("shop", "new", "Market")
    assert await anna.popote("shop", "add", "2 l milk", "1 kg flour", "salt") == "· 2 l milk\n· 1 kg flour\n· salt\n"
    assert "3 l milk" in await anna.popote("shop", "add", "1 l Milk")
    assert await anna.popote("shop", "tick", "milk", "FLOUR") == "✓ 1 kg flour\n✓ 3 l milk\n"
    assert await anna.popote("shop", "untick", "flour") == "· 1 kg flour\n"
    assert columns(await anna.popote("shop", "lists"), 0, 1, 2) == [("Market", "2", "1")]
    shown = columns(await anna.popote("shop", "show"), 0, 1, 2)
    assert shown == [("", "flour", "1 kg"), ("", "salt", ""), ("x", "milk", "3 l")]
    assert (await anna.run("shop", "done")).out == "In stock: 1 line of the list.\n"
    assert columns(await anna.popote("stock", "list"), 0, 1) == [("milk", "3 l")]
    assert len((await anna.popote("shop", "show")).splitlines()) == 2
    await anna.popote("stock", "undo")
    assert await anna.popote("stock", "list") == ""
    assert columns(await anna.popote("shop", "show"), 0, 1)[-1] == ("x", "milk")


async def test_the_end_of_a_trip_tells_which_line_is_in_the_way(anna: Device) -> None:
    await anna.popote("shop", "new", "Market")
    await anna.popote("shop", "add", "2 leeks", "1 kg leeks", "salt")
    await anna.popote("shop", "tick", "leeks", "salt")
    refused = await anna.run("shop", "done")
    assert (refused.code, "“leeks” stands in the way" in refused.err) == (4, True)
    await anna.popote("shop", "untick", "leeks")
    assert (await anna.run("shop", "done")).out == "In stock: 1 line of the list.\n"


async def test_of_several_lists_one_must_be_named(anna: Device) -> None:
    await anna.popote("shop", "new", "Market")
    await anna.popote("shop", "new", "Pharmacy")
    unnamed = await anna.run("shop", "add", "salt")
    assert (unnamed.code, unnamed.err) == (10, "popote: There are several lists: Market, Pharmacy. Say which one.\n")
    await anna.popote("shop", "add", "salt", "--list", "market")
    assert columns(await anna.popote("shop", "show", "Market"), 1) == [("salt",)]
    assert await anna.popote("shop", "fill", "--list", "Pharmacy") == ""
    untold = await anna.run("shop", "tick", "sugar", "--list", "market")
    assert (untold.code, untold.err) == (10, "popote: Nothing here is called “sugar”.\n")
