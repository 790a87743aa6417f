"""A household's food by the `popote` command: bought, listed, used, taken back, and bought again from a list."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from popote_client.client import Popote
from popote_client.stock.api import StockApi
from popote_client.stock.ledger import PurchaseLine
from popote_client.stock.lists import NewLine
from popote_client.stock.units import Units
from popote_client.testing import Device
from popote_client.wire import Registration
from popote_launcher.testing import House

WHO = Registration(
    email="anna@example.org", password="leek soup every Sunday evening", display_name="Anna", household_name="Chez Anna"
)


@pytest.fixture
async def popote(house: House, tmp_path: Path) -> AsyncIterator[Popote]:
    """What is on her device, logged in."""
    async with Popote(house.base_url, home=tmp_path / "device") as client:
        await client.api.register(WHO)
        yield client


@pytest.fixture
def stock(popote: Popote) -> StockApi:
    """Her household's stock, for scenes to be set without the command."""
    return popote.api.stock


@pytest.fixture
def anna(popote: Popote) -> Device:
    """Her device, with the command on it."""
    return Device(popote.state.path.parent, TZ="Europe/Paris")


async def buy(stock: StockApi, *what: str, use_by: date | None = None) -> None:
    """Put what is said into the stock, in one purchase."""
    said = [Units(await stock.list_units()).understand(each) for each in what]
    lines = [PurchaseLine(name=each.name, quantity=each.quantity, use_by=use_by) for each in said if each.quantity]
    await stock.purchase(lines)


async def on_hand(stock: StockApi) -> list[tuple[str, str]]:
    """Return what there is, and how much."""
    units = Units(await stock.list_units())
    return [(each.name, units.show(each.total)) for each in (await stock.list_on_hand()).items]


def columns(out: str, *places: int) -> list[tuple[str, ...]]:
    """Return some columns of lines with tabs."""
    return [tuple(line.split("\t")[place] for place in places) for line in out.splitlines()]


async def test_what_is_bought_is_listed_and_what_is_used_is_gone(anna: Device) -> None:
    bought = "1,5 kg of rice", "an egg", "5 eggs"
    added = await anna.run("stock", "add", *bought, "--best-before", "2030-01-31", "--at", "cup")
    assert added.out == "".join(f"Added: {each}, until 2030-01-31\n" for each in ("1.5 kg rice", "1 egg", "5 egg"))
    assert added.err == "“eggs” goes with “egg”.\n"
    listed = await anna.popote("stock", "list")
    assert columns(listed, 0, 1, 3, 4) == [
        ("egg", "6 piece", "2030-01-31", "Cupboard"),
        ("rice", "1.5 kg", "2030-01-31", "Cupboard"),
    ]
    assert await anna.popote("stock", "use", "250 g RICE", "1/2 egg") == "Used: 0.25 kg rice\nUsed: 0.5 egg\n"
    assert await anna.popote("stock", "use", "rice", "--all", "--spoiled") == "Thrown away: 1.25 kg rice\n"
    on_hand = [json.loads(line) for line in (await anna.popote("stock", "list", "--json")).splitlines()]
    assert [(each["name"], each["total"]) for each in on_hand] == [("egg", {"amount": 5.5, "unit": "piece"})]
    assert await anna.popote("stock", "check") == "3 lots agree with the journal.\n"


async def test_words_find_what_is_on_hand_and_a_place_narrows_it(anna: Device, stock: StockApi) -> None:
    await anna.popote("stock", "add", "1 bottle of olive oil", "500 g olives", "--at", "fridge")
    await buy(stock, "1 kg flour")
    assert columns(await anna.popote("stock", "list", "olive", "oil"), 0)[0] == ("olive oil",)
    assert columns(await anna.popote("stock", "list", "--at", "fridge"), 0) == [("olive oil",), ("olives",)]
    nowhere = await anna.run("stock", "list", "--at", "attic")
    assert (nowhere.code, nowhere.err.startswith("popote: Which one is “attic”? There are:")) == (10, True)


async def test_an_item_that_is_not_clear_is_asked_for_again(anna: Device, stock: StockApi) -> None:
    await buy(stock, "1 kg brown rice", "1 kg white rice")
    several = await anna.run("stock", "use", "100 g rice")
    assert (several.code, several.out) == (10, "")
    assert "brown rice" in several.err
    assert "white rice" in several.err
    none = await anna.run("stock", "use", "100 g saffron")
    assert (none.code, none.err) == (10, "popote: Nothing here is called “saffron”.\n")
    asked = await anna.on_terminal("stock", "add", "2 kg rice", answers="7\n1\n")
    assert "Added: 2 kg brown rice" in asked
    assert await on_hand(stock) == [("brown rice", "3 kg"), ("white rice", "1 kg")]
    unsaid = await anna.run("stock", "use", "rice")
    assert (unsaid.code, "--all" in unsaid.err) == (2, True)


async def test_too_much_is_refused_with_what_is_missing_in_the_words_of_the_person(
    anna: Device, stock: StockApi
) -> None:
    await buy(stock, "2 gousses d'ail", "1 kg farine", use_by=date(2020, 1, 31))
    await buy(stock, "2 gousses d'ail")
    refused = await anna.run("stock", "use", "5 gousses d'ail", "10 g farine", LANG="fr_FR.UTF-8")
    assert (refused.code, refused.out) == (4, "")
    assert refused.err.splitlines() == [
        "Il manque : 3 gousses ail",
        "Date limite dépassée, seul --spoiled en prend : ail",
        "Il manque : 0,01 kg farine",
        "Date limite dépassée, seul --spoiled en prend : farine",
        "popote: Il n'y en a pas assez en stock ; rien n'a été pris.",
    ]


async def test_what_does_not_keep_is_listed_the_soonest_first(anna: Device, stock: StockApi) -> None:
    today = datetime.now(UTC).astimezone().date()
    for name, days in (("cream", 3), ("yoghurt", 5), ("cheese", 20)):
        await buy(stock, f"1 pack of {name}", use_by=today + timedelta(days))
    assert columns(await anna.popote("stock", "expiring"), 2, 3) == [("cream", "1 pack"), ("yoghurt", "1 pack")]
    assert len((await anna.popote("stock", "expiring", "--days", "30")).splitlines()) == 3


async def test_the_last_action_is_told_and_undone_and_then_the_one_before(anna: Device, stock: StockApi) -> None:
    await buy(stock, "500 g rice")
    await anna.popote("stock", "use", "200 g rice")
    first = await anna.run("stock", "undo")
    assert first.err.rstrip().endswith("used: 200 g rice")
    assert await on_hand(stock) == [("rice", "500 g")]
    again = first.out.split()[-1]
    await anna.popote("stock", "undo", again)
    kept = await anna.on_terminal("stock", "undo", answers="n\n")
    assert ("used: 200 g rice" in kept, "Take it back?" in kept, "Undone" in kept) == (True, True, False)
    assert await on_hand(stock) == [("rice", "300 g")]
    assert "Undone" in await anna.on_terminal("stock", "undo", answers="y\n")
    assert (await anna.run("stock", "undo")).err.rstrip().endswith("bought: 500 g rice")
    assert await on_hand(stock) == []
    nothing = await anna.run("stock", "undo")
    assert (nothing.code, "popote stock journal" in nothing.err) == (10, True)


async def test_an_undo_that_is_blocked_names_what_to_undo_first(anna: Device, stock: StockApi) -> None:
    await buy(stock, "500 g rice")
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


async def test_what_is_exported_is_imported_again_and_refused_rows_are_told_by_their_lines(
    anna: Device, stock: StockApi, tmp_path: Path
) -> None:
    await anna.popote("stock", "add", "1.5 kg rice", "--best-before", "2030-01-31", "--at", "cupboard", "--price", "3")
    await anna.popote("stock", "export", str(tmp_path / "stock.csv"))
    exported = (tmp_path / "stock.csv").read_bytes().decode()
    assert (await stock.export_table()).decode() == exported
    await anna.popote("stock", "undo")
    assert await anna.popote("stock", "import", str(tmp_path / "stock.csv")) == "Added: 1. Refused: 0.\n"
    assert await anna.popote("stock", "export") == exported
    table = "item;quantity;unit\ntea;1,5;kg\n\nbad;none;kg\n"
    tried = await anna.run("stock", "import", "--dry-run", "-", stdin=table)
    assert (tried.code, tried.out) == (4, "Would add: 1. Refused: 1.\n")
    assert len(await on_hand(stock)) == 1
    ran = await anna.run("stock", "import", "-", stdin=table)
    assert (ran.code, ran.out) == (4, "Added: 1. Refused: 1.\n")
    assert ran.err.startswith("line 4, quantity: ")
    assert await on_hand(stock) == [("rice", "1.5 kg"), ("tea", "1.5 kg")]


async def test_a_file_that_is_no_table_is_told_and_changes_nothing(
    anna: Device, stock: StockApi, tmp_path: Path
) -> None:
    (tmp_path / "image.csv").write_bytes(b"\x89PNG\r\n\xff")
    ran = await anna.run("stock", "import", str(tmp_path / "image.csv"))
    assert (ran.code, ran.err.startswith("popote: That is no table")) == (1, True)
    (tmp_path / "other.csv").write_text("colour,shape\nred,round\n")
    assert (await anna.run("stock", "import", str(tmp_path / "other.csv"))).code == 4
    assert (await anna.run("stock", "import", str(tmp_path / "nowhere.csv"))).code == 2
    assert (await anna.run("stock", "export", str(tmp_path / "no" / "folder.csv"))).code == 2
    assert (await stock.list_journal()).items == []


async def test_a_barcode_is_told_as_the_household_s_item_or_as_nobody_s(anna: Device, stock: StockApi) -> None:
    await stock.import_table(b"item,quantity,unit,barcode\nChickpeas,3,can,4006381333931\n")
    printed = await anna.popote("stock", "scan", "010400638133393117300131")
    assert printed == "Yours: Chickpeas\nUse by: 2030-01-31\n"
    found = json.loads(await anna.popote("stock", "scan", "--json", "4006381333931"))
    assert (found["status"], found["item"]["name"]) == ("item", "Chickpeas")
    nobody_s = await anna.run("stock", "scan", "96385074")
    assert (nobody_s.code, nobody_s.err) == (10, "popote: Nobody here knows the product 96385074.\n")


async def test_french_is_spoken_and_understood(anna: Device) -> None:
    french = {"LANG": "fr_FR.UTF-8"}
    added = await anna.run("stock", "add", "1,5 kg de farine", "2 gousses d'ail", "--use-by", "31/01/2030", **french)
    assert added.out == "Ajouté : 1,5 kg farine, jusqu'au 31/01/2030\nAjouté : 2 gousses ail, jusqu'au 31/01/2030\n"
    assert (await anna.run("stock", "use", "1 gousse d'ail", **french)).out == "Utilisé : 1 gousse ail\n"
    assert (await anna.run("shop", "new", "Marché", **french)).out == "Créée : Marché\n"
    assert (await anna.run("shop", "add", "1/2 douzaine d'œufs", **french)).out == "· 0,5 douzaine œufs\n"
    assert "Mettre en stock" in (await anna.run("stock", "--help", **french)).out


async def test_a_list_is_written_ticked_and_brought_home_and_that_is_undone_as_one(
    anna: Device, stock: StockApi
) -> None:
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
    assert (await anna.run("shop", "done", "milk=2,5 l")).out == "In stock: 1 line of the list.\n"
    assert await on_hand(stock) == [("milk", "2.5 l")]
    (market,) = await stock.list_shopping_lists()
    assert (market.open, market.ticked) == (2, 0)
    await anna.popote("stock", "undo")
    assert await on_hand(stock) == []
    assert columns(await anna.popote("shop", "show"), 0, 1)[-1] == ("x", "milk")


async def test_the_end_of_a_trip_tells_which_line_is_in_the_way(anna: Device) -> None:
    await anna.popote("shop", "new", "Market")
    await anna.popote("shop", "add", "2 sponges", "1 kg sponges", "salt")
    await anna.popote("shop", "tick", "sponges", "salt")
    refused = await anna.run("shop", "done")
    assert (refused.code, "How much is “" in refused.err, "sponges=250 g" in refused.err) == (4, True, True)
    await anna.popote("shop", "untick", "sponges")
    assert (await anna.run("shop", "done")).out == "In stock: 1 line of the list.\n"


async def test_of_several_lists_one_must_be_named(anna: Device, stock: StockApi) -> None:
    market = await stock.create_shopping_list("Market")
    await stock.create_shopping_list("Pharmacy")
    unnamed = await anna.run("shop", "add", "salt")
    assert (unnamed.code, unnamed.err) == (10, "popote: There are several lists: Market, Pharmacy. Say which one.\n")
    await stock.add_shopping_lines(market.id, [NewLine(name="salt")])
    assert columns(await anna.popote("shop", "show", "Market"), 1) == [("salt",)]
    assert await anna.popote("shop", "fill", "--list", "Pharmacy") == ""
    untold = await anna.run("shop", "tick", "sugar", "--list", "market")
    assert (untold.code, untold.err) == (10, "popote: Nothing here is called “sugar”.\n")
