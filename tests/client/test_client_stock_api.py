"""The Python client's stock against the real house: every operation, exact amounts, and a replica that keeps up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from msgspec.structs import replace

from popote_client.cli.stock.acts import item_named
from popote_client.cli.stock.naming import as_known
from popote_client.client import Popote, Waits
from popote_client.feed import Change, Changes
from popote_client.problems import Problem
from popote_client.stock.api import StockApi
from popote_client.stock.items import Conversion, ItemEdit, NewItem, PackCode, ShelfLife
from popote_client.stock.ledger import ConsumeLine, CorrectLine, FreezeLine, MoveLine, OpenLine, PurchaseLine
from popote_client.stock.lists import BoughtLine, LineEdit, ListEdit, Need, NewLine, Tick
from popote_client.stock.places import Location, LocationEdit
from popote_client.stock.quantities import Fact, Price, Quantity
from popote_client.stock.replica import Replica, Rows
from popote_client.stock.tables import import_whole
from popote_client.stock.units import Said
from popote_client.testing import StandInBackend
from popote_client.wire import Registration
from popote_launcher.testing import House


def grams(amount: str) -> Quantity:
    return Quantity(Decimal(amount), "g")


@pytest.fixture
async def anna(house: House, tmp_path: Path, quick: Waits) -> AsyncIterator[Popote]:
    """Her device, in a household of her own."""
    who = Registration(
        email="anna@example.org", password="leek soup every Sunday", display_name="Anna", household_name="Chez Anna"
    )
    async with Popote(house.base_url, home=tmp_path / "anna", waits=quick) as popote:
        await popote.api.register(who)
        yield popote


@pytest.fixture
def stock(anna: Popote) -> StockApi:
    return anna.api.stock


def test_every_operation_of_the_contract_has_its_method() -> None:
    contract = msgspec.json.decode(files("popote_gateway").joinpath("openapi.json").read_bytes())
    operations = {
        operation["operationId"]
        for path, methods in contract["paths"].items()
        if path.startswith("/api/stock/")
        for operation in methods.values()
    }
    assert operations
    assert {name for name in operations if not hasattr(StockApi, name)} == set()


async def test_places_are_made_edited_ordered_and_deleted(stock: StockApi) -> None:
    cellar = await stock.create_location("Cellar")
    assert await stock.get_location(cellar.id) == cellar
    cold = await stock.edit_location(cellar.id, cellar.version, LocationEdit(is_freezer=True))
    assert (cold.name, cold.is_freezer) == ("Cellar", True)
    with pytest.raises(Problem) as stale:
        await stock.delete_location(cellar.id, cellar.version)
    assert stale.value.status == 412
    await stock.delete_location(cold.id, cold.version)
    assert "Cellar" not in {place.name for place in await stock.list_locations()}
    dairy, fruit = await stock.create_category("Dairy"), await stock.create_category("Fruit")
    assert await stock.create_category("Fruit", id=fruit.id) == fruit
    ordered = await stock.order_categories([fruit.id, dairy.id])
    assert [each.name for each in ordered] == ["Fruit", "Dairy"] == [e.name for e in await stock.list_categories()]
    renamed = await stock.edit_category(dairy.id, ordered[1].version, "Cheese")
    await stock.delete_category(renamed.id, renamed.version)


async def test_an_item_goes_out_and_comes_back_as_it_was_written(stock: StockApi) -> None:
    pack = Quantity(Decimal("0.1234567"), "kg")
    written = NewItem(
        name="Rice",
        unit="kg",
        category="Dry goods",
        minimum=grams("500.5"),
        shelf_life=ShelfLife(opened=90),
        conversions=[Conversion("pack", pack)],
        barcodes=[PackCode("4006381333931", pack)],
        note="the round one",
    )
    made = await stock.create_item(written)
    read = await stock.get_item(made.id)
    assert read == made
    for name in ("minimum", "shelf_life", "conversions", "barcodes", "note", "category"):
        assert getattr(read, name) == getattr(written, name), name
    facts = await stock.get_item_facts(made.id)
    assert facts.facts[0] == Fact(written.conversions[0].unit, written.conversions[0].equals, "household")
    edited = await stock.edit_item(made.id, made.version, ItemEdit(minimum=None, is_staple=True))
    assert (edited.minimum, edited.is_staple, edited.note) == (None, True, "the round one")
    assert (await stock.look_up_barcode("4006381333931")).item == edited
    assert (await stock.look_up_scan("4006381333931")).status == "item"
    assert [item.id for item in (await stock.list_items("RICE")).items] == [made.id]
    await stock.delete_item(edited.id, edited.version)
    assert (await stock.list_items()).items == []
    assert {unit.singular for unit in await stock.list_units("fr")} >= {"gousse", "cuillère à soupe"}


async def test_amounts_and_prices_are_exact_both_ways(stock: StockApi) -> None:
    exact = Quantity(Decimal("0.123456789"), "g")
    price = Price(Decimal("1234567890.1234"), "EUR")
    bought = await stock.purchase([PurchaseLine(name="Saffron", quantity=exact, price=price)])
    item = bought.lots[0].item_id
    (lot,) = await stock.list_lots(item)
    assert (lot.quantity, lot.price) == (exact, price)
    (paid,) = (await stock.list_prices(item)).items
    assert (paid.quantity, paid.price) == (exact, price)
    spent = await stock.report_spending()
    assert [total.amount for total in spent.totals] == [price.amount]
    await stock.consume([ConsumeLine(item_id=item, quantity="all")], "spoiled")
    assert [total.amount for total in (await stock.report_waste()).totals] == [price.amount]


async def test_everything_that_can_be_done_to_a_lot_is_done_and_undone(stock: StockApi) -> None:
    fridge, freezer = [
        next(place.id for place in await stock.list_locations() if place.is_freezer is is_freezer)
        for is_freezer in (False, True)
    ]
    line = PurchaseLine(name="Peas", quantity=grams("1000"), best_before=date(2030, 1, 31), location_id=fridge)
    bought = await stock.purchase([line], note="from the market")
    lot = bought.lots[0]
    opened = await stock.open_lots([OpenLine(lot_id=lot.id, quantity=grams("100"))])
    moved = await stock.move_lots([MoveLine(lot_id=lot.id, location_id=freezer, quantity=grams("300"))])
    frozen = next(each for each in moved.lots if each.frozen_at)
    thawed = await stock.thaw_lots([FreezeLine(lot_id=frozen.id, location_id=fridge)])
    refrozen = await stock.freeze_lots([FreezeLine(lot_id=frozen.id)])
    corrected = await stock.correct_lots([CorrectLine(lot_id=lot.id, quantity=grams("500"), best_before=None)])
    key = str(uuid4())
    takes = [ConsumeLine(item_id=lot.item_id, quantity=grams("50"), lot_id=lot.id)]
    used = await stock.consume(takes, "given", key=key)
    assert await stock.consume(takes, "given", key=key) == used
    assert [take.quantity for take in used.takes] == [grams("50")]
    assert (await stock.list_on_hand()).items[0].total == grams("850")
    assert (await stock.check_stock()).differences == []
    for action in (used, corrected, refrozen, thawed, moved, opened, bought):
        await stock.undo_action(action.action_id)
    assert (await stock.list_on_hand()).items == []
    journal = (await stock.list_journal(item_id=lot.item_id, limit=200)).items
    assert [each.undone_by is None for each in journal] == [True] * 7 + [False] * 7
    assert journal[-1].note == "from the market"


async def test_lists_are_kept_filled_walked_and_brought_home(stock: StockApi) -> None:
    salt = await stock.create_item(NewItem(name="Salt", unit="g", minimum=grams("250")))
    market = await stock.create_shopping_list("Market")
    fruit = await stock.create_category("Fruit")
    market = await stock.edit_shopping_list(market.id, market.version, ListEdit(aisles=[fruit.id]))
    assert await stock.get_shopping_list(market.id) == market
    id_ = uuid4()
    (pears,) = await stock.add_shopping_lines(market.id, [NewLine(id=id_, name="Pears", quantity=grams("500"))])
    assert (await stock.add_shopping_lines(market.id, [NewLine(id=id_, name="Pears")]))[0].quantity == grams("500")
    pears = await stock.edit_shopping_line(market.id, pears.id, pears.version, LineEdit(note="ripe"))
    added = await stock.fill_shopping_list(market.id, [Need(item_id=salt.id, quantity=grams("100"))])
    assert [(line.name, line.quantity) for line in added] == [("Salt", grams("350"))]
    await stock.delete_shopping_line(market.id, added[0].id, added[0].version)
    ticked = await stock.tick_shopping_lines(market.id, [Tick(pears.id, is_ticked=True, at=datetime.now(UTC))])
    assert [line.is_ticked for line in ticked.items] == [True]
    trip = await stock.commit_shopping_trip(market.id, [BoughtLine(line_id=pears.id, quantity=grams("480"))])
    assert [lot.quantity for lot in trip.lots] == [grams("480")]
    assert await stock.list_shopping_lines(market.id) == []
    market = await stock.get_shopping_list(market.id)
    await stock.delete_shopping_list(market.id, market.version)
    assert await stock.list_shopping_lists() == []


async def test_an_item_is_known_by_its_singular_and_its_plural(
    stock: StockApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    for name in ("lime", "limes cordial", "tomatoes", "egg", "eggs"):
        await stock.create_item(NewItem(name=name, unit="piece"))
    said = [Said(name) for name in ("limes", "Tomato", "egg", "pear", "pears")]
    assert [each.name for each in await as_known(stock, said)] == ["lime", "tomatoes", "egg", "pear", "pear"]
    capsys.readouterr()
    assert (await item_named(stock, "EGG")).name == "egg"
    assert capsys.readouterr().err == "There is “eggs”, too.\n"


async def test_an_import_that_broke_off_goes_on_and_adds_no_row_twice(stock: StockApi, anna: Popote) -> None:
    table = b"item,quantity,unit\n" + b"".join(b"item %d,1,kg\n" % row for row in range(501))
    async with aclosing(import_whole(stock, anna.state, table)) as outcomes:
        assert (await anext(outcomes))[1].added == 500
    assert len((await stock.list_journal()).items) == 1
    for number_of_actions in (2, 4):  # the second import is one of its own
        assert [done.added async for _, done in import_whole(stock, anna.state, table)] == [500, 1]
        assert len((await stock.list_journal()).items) == number_of_actions


async def test_a_replica_holds_what_the_household_has_page_by_page(stock: StockApi, anna: Popote) -> None:
    for batch in range(3):
        lines = [PurchaseLine(name=f"Item {batch}-{each}", quantity=grams("0.5")) for each in range(200)]
        await stock.purchase(lines)
    market = await stock.create_shopping_list("Market")
    await stock.add_shopping_lines(market.id, [NewLine(name="Pears")])
    replica = Replica(stock)
    rows = await replica.pull()
    assert (len(rows.items), len(rows.lots), len(rows.lists), len(rows.list_lines)) == (600, 600, 1, 1)
    assert {lot.quantity for lot in rows.lots.values()} == {grams("0.5")}
    assert rows.household == anna.session.household.id
    assert await replica.pull() == rows


async def test_a_replica_follows_what_changes_and_what_is_gone_also_from_an_earlier_run(stock: StockApi) -> None:
    bought = await stock.purchase([PurchaseLine(name="Rice", quantity=grams("500"))])
    saved = (await Replica(stock).pull()).to_json()
    rice, lot = bought.lots[0].item_id, bought.lots[0].id
    later = Replica(stock, Rows.from_json(saved))
    used = await stock.consume([ConsumeLine(item_id=rice, quantity=grams("200"))])
    assert (await later.pull()).lots[lot].quantity == grams("300")
    await stock.undo_action(used.action_id)
    await stock.undo_action(bought.action_id)
    rows = await later.pull()
    assert (list(rows.lots), list(rows.items)) == ([], [rice])
    fresh = await Replica(stock).pull()
    assert rows == fresh


async def test_a_replica_begins_anew_after_a_restore_and_in_another_household(
    stock: StockApi, anna: Popote, house: House
) -> None:
    await stock.purchase([PurchaseLine(name="Rice", quantity=grams("500"))])
    rows = await Replica(stock).pull()
    stale = replace(rows, epoch=uuid4(), version=10**6, items={uuid4(): next(iter(rows.items.values()))})
    assert await Replica(stock, stale).pull() == rows
    ben = await house.sign_up("ben")
    invitation = (await ben.ask("POST", "/api/auth/invitations", json={"role": "adult"})).json()
    await anna.api.accept_invitation(invitation["code"])
    replica = Replica(stock, rows)
    assert (await replica.pull()).items == {}
    assert replica.rows.household == anna.session.household.id != rows.household


async def test_a_replica_never_mixes_households_when_they_are_switched_between_two_pages(
    stock: StockApi, anna: Popote, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock.purchase([PurchaseLine(name="Rice", quantity=grams("500"))])
    ben = await house.sign_up("ben")
    await ben.ask("POST", "/api/stock/lists", json={"name": "Ben's"})
    invitation = (await ben.ask("POST", "/api/auth/invitations", json={"role": "adult"})).json()
    one_page_after_another = stock.stock_changes
    pages = 0

    async def switched_after_the_first(*args: Any, **options: Any) -> Changes:
        nonlocal pages
        page = await one_page_after_another(*args, **options | {"limit": 1})
        pages += 1
        if pages == 1:
            await anna.api.accept_invitation(invitation["code"])
        return page

    monkeypatch.setattr(stock, "stock_changes", switched_after_the_first)
    rows = await Replica(stock).pull()
    assert rows.household == anna.session.household.id
    assert {each.name for each in rows.lists.values()} == {"Ben's"}
    assert (rows.items, rows.lots) == ({}, {})


async def test_events_tell_of_what_others_do_through_the_gateway(stock: StockApi) -> None:
    async with aclosing(stock.stock_events()) as events, asyncio.timeout(30):
        first = asyncio.create_task(anext(events))
        while not first.done():  # until it listens, nothing is heard
            await stock.purchase([PurchaseLine(name="Rice", quantity=grams("1"))])
            await asyncio.wait({first}, timeout=0.2)
        assert first.result().kind in {"items_changed", "stock_changed"}
        done = await stock.purchase([PurchaseLine(name="Rice", quantity=grams("1"))])
        async for event in events:
            if event.kind == "stock_changed" and event.data["action_id"] == str(done.action_id):
                break
        missed = await stock.purchase([PurchaseLine(name="Tea", quantity=grams("1"))])
    async with aclosing(stock.stock_events(event.id)) as events, asyncio.timeout(30):
        told = [await anext(events), await anext(events)]
    assert [each.kind for each in told] == ["items_changed", "stock_changed"]
    assert told[1].data["action_id"] == str(missed.action_id)


async def test_a_request_that_is_still_worked_on_is_asked_for_again_under_its_key(
    popote: Popote, backend: StandInBackend
) -> None:
    busy = (409, "/problems/key-in-use")
    backend.trouble("POST conversations", "lose answer", busy, busy)
    await popote.api.create_conversation(uuid4(), "soup")
    sent = [request.headers["idempotency-key"] for request in backend.requests]
    assert (len(sent), len(set(sent))) == (4, 1)
    backend.trouble("POST conversations", *[busy] * 5)
    with pytest.raises(Problem, match="key-in-use"):
        await popote.api.create_conversation(uuid4(), "stew")


def test_changes_are_applied_as_they_are_told_and_kinds_of_a_newer_backend_are_left_out() -> None:
    place, gone, epoch = uuid4(), uuid4(), uuid4()
    fridge = Location(place, "Fridge", is_freezer=False, version=1, created_at=datetime.now(UTC))
    page = Changes(
        epoch,
        [
            Change("location", place, 1, deleted=False, data=msgspec.Raw(msgspec.json.encode(fridge))),
            Change("lot", gone, 2, deleted=True),
            Change("robot", uuid4(), 2, deleted=False, data=msgspec.Raw(b'{"arms": 2}')),
        ],
        version=2,
    )
    before = Rows()
    after = before.apply(page)
    assert (after.locations[place].name, after.epoch, after.version) == ("Fridge", epoch, 2)
    assert before == Rows()
    buried = after.apply(Changes(epoch, [Change("location", place, 3, deleted=True)], version=3))
    assert (buried.locations, buried.version) == ({}, 3)
