"""Trips: what is short goes on the list, what was ticked comes home, and an undo takes all of it back."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from popote_kit.identity import NOBODY, Caller
from popote_kit.testing import Authority, Clock, FreshDatabase, new_id
from popote_stock import actions
from popote_stock.testing import Kitchen, Shop
from popote_stock.wire.lists import Commit, NewLine, Tick

SATURDAY = datetime(2026, 11, 28, 10, tzinfo=UTC)
ROWS = "SELECT * FROM stock.{} ORDER BY id"


def of(amount: float, unit: str) -> dict[str, Any]:
    return {"amount": amount, "unit": unit}


def euros(amount: float) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def clock() -> Clock:
    return Clock(SATURDAY)


@pytest.fixture
async def shop(anna: Kitchen) -> Shop:
    return await Shop.open(anna)


async def trolley(shop: Shop, clock: Clock, *lines: dict[str, Any]) -> list[str]:
    """Put lines on the list, and tick one after the other; return their ids."""
    ids = [str(line["id"]) for line in await shop.add(*lines)]
    for id in ids:
        clock.advance(minutes=1)
        await shop.tick(id, at=clock())
    return ids


async def rows(database: FreshDatabase, table: str) -> list[dict[str, Any]]:
    """Return all rows of a table, without their versions."""
    found = await database.rows(ROWS.format(table))
    return [{name: value for name, value in row.items() if name != "version"} for row in found]


# What is short


async def test_only_what_is_short_goes_on_the_list_and_twice_is_once(anna: Kitchen, shop: Shop) -> None:
    flour = await anna.item("Flour", "g", minimum=of(1, "kg"), is_staple=True)
    rice = await anna.item("Rice", "kg", minimum=of(1, "kg"))
    milk = await anna.item("Milk", "l")
    await anna.buy(flour, 400)
    await anna.buy(rice, 2, "kg")
    await anna.buy(milk, 250, "ml")
    await shop.add({"item_id": flour, "quantity": of(100, "g")})
    needs = [
        {"item_id": flour, "quantity": of(1, "lb")},
        {"item_id": milk, "quantity": of(1, "l")},
        {"name": "MILK", "quantity": of(2, "dl")},
        {"name": "Saffron", "quantity": of(0.01, "g")},
        {"name": "saffron", "quantity": of(0.02, "g")},
        {"item_id": rice, "quantity": of(1, "kg")},
    ]
    asked = {"from_minimum": True, "needs": needs}
    filled = await shop.fill(**asked)
    assert {line["name"]: line["quantity"] for line in filled} == {
        "Flour": of(1053.59237, "g"),
        "Milk": of(0.95, "l"),
        "saffron": of(0.03, "g"),
    }
    assert await shop.fill(**asked) == []
    assert await shop.lines() == sorted(filled, key=lambda line: str(line["name"]).lower())


async def test_what_is_to_be_bought_elsewhere_is_not_short(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    flour = await anna.item("Flour", "g", minimum=of(1, "kg"))
    asked = {"from_minimum": True, "needs": [{"name": "Saffron", "quantity": of(1, "g")}]}
    market = await Shop.open(anna, "Market")
    await market.add({"name": "flour", "quantity": of(100, "g")}, {"item_id": flour})
    assert {line["name"]: line["quantity"] for line in await shop.fill(**asked)} == {
        "Flour": of(900, "g"),
        "Saffron": of(1, "g"),
    }
    assert await market.fill(**asked) == []
    await shop.tick(*(line["id"] for line in await shop.lines()), at=clock())
    assert {line["name"]: line["quantity"] for line in await market.fill(**asked)} == {
        "Flour": of(1000, "g"),
        "Saffron": of(1, "g"),
    }


async def test_without_being_asked_for_the_minimum_does_not_count(anna: Kitchen, shop: Shop) -> None:
    flour = await anna.item("Flour", "g", minimum=of(1, "kg"))
    assert await shop.fill(from_minimum=False) == await shop.fill() == []
    assert await shop.fill(needs=[{"item_id": flour, "quantity": of(5, "g")}]) != []
    assert (await shop.lines())[0]["quantity"] == of(5, "g")


async def test_what_is_past_its_use_by_date_does_not_count(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    fish = await anna.item("Fish", "g", minimum=of(100, "g"))
    await anna.buy(fish, 100, use_by="2026-11-28")
    await anna.buy(fish, 30, best_before="2026-01-01")
    assert await shop.fill(from_minimum=True) == []
    clock.advance(days=1)
    assert [line["quantity"] for line in await shop.fill(from_minimum=True)] == [of(70, "g")]


async def test_what_is_in_the_trolley_is_bought_as_well(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    rice = await anna.item("Rice", "g", minimum=of(1, "kg"))
    await trolley(shop, clock, {"item_id": rice, "quantity": of(1, "kg")})
    assert [line["quantity"] for line in await shop.fill(from_minimum=True)] == [of(1000, "g")]


async def test_a_line_of_some_becomes_as_much_as_is_short(anna: Kitchen, shop: Shop) -> None:
    rice = await anna.item("Rice", "g", minimum=of(1, "kg"))
    (line,) = await shop.add({"item_id": rice})
    (filled,) = await shop.fill(from_minimum=True)
    assert (filled["id"], filled["quantity"]) == (line["id"], of(1000, "g"))


@pytest.mark.parametrize(("path", "member"), [("fill", "needs"), ("items", "lines")])
async def test_what_is_wanted_of_an_item_is_refused_where_it_can_not_be_counted(
    anna: Kitchen, shop: Shop, path: str, member: str
) -> None:
    milk = await anna.item("Milk", "l")
    wanted = [{"name": "Bread", "quantity": of(1, "piece")}, {"item_id": milk, "quantity": of(1, "kg")}]
    answer = await anna.ask("POST", f"{shop.path}/{path}", json={member: wanted})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-conversion")
    named = {name: answer.json()[name] for name in ("item_id", "unit")}
    assert named == {"item_id": milk, "unit": "kg"}
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{member}/1/quantity"]
    assert await shop.lines() == []


@pytest.mark.parametrize(("path", "member"), [("fill", "needs"), ("items", "lines")])
async def test_what_is_wanted_by_a_name_stays_a_name_where_it_can_not_be_counted_and_that_is_told(
    anna: Kitchen, shop: Shop, path: str, member: str
) -> None:
    await anna.item("Milk", "l")
    wanted = [
        {"name": "milk", "quantity": of(2, "l")},
        {"name": "milk", "quantity": of(1, "kg")},
        {"name": "leeks", "quantity": of(1, "kg")},
    ]
    answer = await anna.post(f"{shop.path}/{path}", {member: wanted})
    told = {(line["name"], line["quantity"]["unit"]): line["id"] in answer["uncountable"] for line in answer["items"]}
    assert told == {("Milk", "l"): False, ("milk", "kg"): True, ("leeks", "kg"): False}


@pytest.mark.parametrize(
    "asked",
    [
        {"needs": [{"name": "Bread"}]},
        {"needs": [{"quantity": of(1, "g")}]},
        {"needs": [{"name": "Bread", "item_id": str(new_id()), "quantity": of(1, "g")}]},
        {"needs": [{"name": "Bread", "quantity": of(1, "g")}] * 201},
        {"from_minimum": None},
    ],
)
async def test_needs_that_make_no_sense_are_refused(anna: Kitchen, shop: Shop, asked: dict[str, Any]) -> None:
    assert (await anna.ask("POST", f"{shop.path}/fill", json=asked)).status_code == 422


# The trip


async def test_what_a_line_leaves_open_follows_from_the_last_purchase_and_the_item(
    anna: Kitchen, shop: Shop, clock: Clock
) -> None:
    fridge = next(each["id"] for each in (await anna.get("/locations"))["items"] if each["name"] == "Fridge")
    life = {"purchased": 10}
    cheese = await anna.item("Cheese", "g", location_id=fridge, date_kind="use_by", shelf_life=life)
    eggs = await anna.item("Egg", "piece")
    await anna.buy(cheese, 300, price=euros(4))
    await anna.buy(eggs, 10, "piece", price=euros(3.5))
    clock.advance(days=1)
    await anna.buy(cheese, 150)
    await trolley(
        shop,
        clock,
        {"item_id": cheese},
        {"item_id": eggs, "quantity": of(6, "piece")},
        {"name": "Bread"},
        {"name": "Butter", "quantity": of(0.25, "kg")},
    )
    lots = (await shop.bring_home())["lots"]
    assert [lot["quantity"] for lot in lots] == [of(150, "g"), of(6, "piece"), of(1, "piece"), of(0.25, "kg")]
    assert [lot["price"] for lot in lots] == [euros(2), euros(2.1), None, None]
    assert (lots[0]["location_id"], lots[0]["expires_on"], lots[0]["is_use_by"]) == (fridge, "2026-12-09", True)
    assert await shop.lines() == []
    items = {item["name"]: item for item in (await anna.get("/items"))["items"]}
    assert (items["Bread"]["unit"], items["Butter"]["unit"]) == ("piece", "kg")
    (action, *_) = (await anna.get("/journal"))["items"]
    assert (action["kind"], len(action["lines"])) == ("shopping", 4)
    assert (await anna.get("/check"))["differences"] == []


async def test_what_the_request_says_goes_before_what_is_usual(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    freezer = next(each["id"] for each in (await anna.get("/locations"))["items"] if each["is_freezer"])
    peas = await anna.item("Peas", "g")
    await anna.buy(peas, 500, price=euros(1))
    line, bread = await trolley(shop, clock, {"item_id": peas, "quantity": of(1, "kg")}, {"name": "Bread"})
    facts = {
        "quantity": of(750, "g"),
        "price": euros(1.99),
        "best_before": "2027-06-30",
        "use_by": "2027-07-31",
        "location_id": freezer,
    }
    trip = await shop.bring_home({"line_id": line, **facts}, {"line_id": bread, "quantity": of(400, "g")})
    lot, loaf = trip["lots"]
    assert {name: lot[name] for name in facts} == facts
    assert lot["frozen_at"] is not None
    assert loaf["quantity"] == of(400, "g")


async def test_a_price_in_another_currency_says_nothing(
    client: httpx.AsyncClient, authority: Authority, clock: Clock
) -> None:
    home = new_id()
    anna = Kitchen(client, authority.bearer(household=home, currency="CHF"))
    rice = await anna.item("Rice", "g")
    await anna.buy(rice, 1000, price={"amount": 2.5, "currency": "CHF"})
    clock.advance(minutes=1)
    await anna.buy(rice, 1000, price=euros(1))
    shop = await Shop.open(anna)
    await trolley(shop, clock, {"item_id": rice, "quantity": of(1, "g")})
    (lot,) = (await shop.bring_home())["lots"]
    assert lot["price"] == {"amount": 0.0025, "currency": "CHF"}


async def test_a_usual_price_beyond_all_prices_is_left_out(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    gold = await anna.item("Gold leaf", "mg")
    await anna.buy(gold, 0.001, "mg", price=euros(9999999999))
    await trolley(shop, clock, {"item_id": gold, "quantity": of(1, "kg")})
    (lot,) = (await shop.bring_home())["lots"]
    assert lot["price"] is None


async def test_what_was_counted_or_found_is_no_purchase(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    rice = await anna.item("Rice", "g")
    await anna.buy(rice, 500)
    undone = await anna.buy(rice, 800)
    await anna.undo(undone["action_id"])
    clock.advance(minutes=1)
    await anna.post("/correct", {"lines": [{"item_id": rice, "quantity": of(700, "g")}]})
    await trolley(shop, clock, {"item_id": rice})
    (lot,) = (await shop.bring_home())["lots"]
    assert lot["quantity"] == of(500, "g")


async def test_only_what_is_ticked_comes_home(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    await trolley(shop, clock, {"name": "Bread"})
    (milk,) = await shop.add({"name": "Milk"})
    await shop.bring_home()
    assert list(await anna.on_hand()) == ["Bread"]
    assert await shop.lines() == [milk]


async def test_two_lines_of_one_name_are_one_item(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    await trolley(shop, clock, {"name": "Bread", "quantity": of(1, "piece")}, {"name": "Crème"})
    await trolley(shop, clock, {"name": "bread", "quantity": of(2, "piece")}, {"name": " creme"})
    await shop.bring_home()
    on_hand = await anna.on_hand()
    assert {name: (each["total"], len(each["lots"])) for name, each in on_hand.items()} == {
        "Bread": (of(3, "piece"), 2),
        "Crème": (of(2, "piece"), 2),
    }


@pytest.mark.parametrize("said", [of(1, "kg"), of(1, "pack"), of(10**11, "piece"), of(1e-9, "piece")])
async def test_a_line_that_can_not_be_counted_is_named_and_comes_home_when_it_is_said_another_way(
    anna: Kitchen, shop: Shop, clock: Clock, said: dict[str, Any]
) -> None:
    first, second = await trolley(shop, clock, {"name": "Leeks", "quantity": of(2, "piece")}, {"name": "Bread"})
    (third,) = await trolley(shop, clock, {"name": "leeks", "quantity": of(1, "kg")})
    told = [{"line_id": third, "quantity": said}]
    answer = await anna.ask("POST", f"{shop.path}/commit", json={"lines": told})
    assert (answer.status_code, answer.json()["line_id"], answer.json()["name"]) == (422, third, "Leeks")
    assert {line["id"] for line in await shop.lines()} == {first, second, third}
    await shop.bring_home({"line_id": third, "quantity": of(5, "piece")})
    assert await anna.total("Leeks") == 7


async def test_a_unit_that_nobody_knows_is_told_with_its_line(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    (line,) = await trolley(shop, clock, {"name": "Leeks"})
    told = [{"line_id": line, "quantity": of(1, "smidgen of")}]
    answer = await anna.ask("POST", f"{shop.path}/commit", json={"lines": told})
    assert (answer.json()["type"], answer.json()["line_id"]) == ("/problems/unknown-unit", line)


async def test_without_anything_ticked_there_is_nothing_to_do(anna: Kitchen, shop: Shop) -> None:
    await shop.add({"name": "Bread"})
    answer = await anna.ask("POST", f"{shop.path}/commit", json={})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/nothing-to-do")


async def test_a_trip_needs_a_key_and_with_it_is_made_once(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    await trolley(shop, clock, {"name": "Bread"})
    url = f"/api/stock{shop.path}/commit"
    keyless = await anna.client.post(url, json={}, headers=anna.headers)
    assert (keyless.status_code, keyless.json()["type"]) == (400, "/problems/idempotency-key-missing")
    first = await anna.post(f"{shop.path}/commit", {}, key="k")
    assert await anna.post(f"{shop.path}/commit", {}, key="k") == first
    assert await anna.total("Bread") == 1


async def test_an_action_has_the_id_that_the_client_made(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    id = str(new_id())
    await trolley(shop, clock, {"name": "Bread"})
    assert (await anna.post(f"{shop.path}/commit", {"id": id, "note": "market"}))["action_id"] == id
    await trolley(shop, clock, {"name": "Bread"})
    answer = await anna.ask("POST", f"{shop.path}/commit", json={"id": id})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/id-taken")


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ([{"line_id": str(new_id())}], 404),
        ([{"line_id": "open"}], 422),
        ([{"line_id": "ticked"}, {"line_id": "ticked"}], 422),
        ([{"line_id": "ticked", "location_id": str(new_id())}], 404),
        ([{"line_id": "ticked", "quantity": of(0, "g")}], 422),
        ([{"line_id": "ticked", "quantity": of(1, "kg")}], 422),
        ([{"line_id": "ticked", "price": {"amount": -1, "currency": "EUR"}}], 422),
        ([{"line_id": "ticked", "use_by": "1066-10-14"}], 422),
        ([{"line_id": "ticked"}] * 501, 422),
    ],
)
async def test_a_trip_that_makes_no_sense_changes_nothing(
    anna: Kitchen, shop: Shop, clock: Clock, told: list[dict[str, Any]], status: int
) -> None:
    milk = await anna.item("Milk", "l")
    (ticked,) = await trolley(shop, clock, {"item_id": milk, "quantity": of(1, "l")})
    (line,) = await shop.add({"name": "Bread"})
    known = {"ticked": ticked, "open": line["id"]}
    lines = [{**each, "line_id": known.get(each["line_id"], each["line_id"])} for each in told]
    before = await shop.lines()
    answer = await anna.ask("POST", f"{shop.path}/commit", json={"lines": lines})
    assert answer.status_code == status, answer.text
    assert await shop.lines() == before
    assert await anna.on_hand() == {}


# Undo


async def test_a_trip_its_undo_and_the_undo_of_that_leave_equal_rows(
    anna: Kitchen, shop: Shop, clock: Clock, database: FreshDatabase
) -> None:
    milk = await anna.item("Milk", "l", category="Dairy", shelf_life={"purchased": 7})
    await anna.buy(milk, 1, "l", price=euros(1.15))
    lots_at_home = await rows(database, "lot")
    lines = {"item_id": milk, "quantity": of(1 / 4, "l"), "note": "fresh"}, {"name": "Bread"}
    await trolley(shop, clock, *lines)
    ticked = await rows(database, "list_line")
    shown = await shop.lines()
    trip = await shop.bring_home()
    lots = await rows(database, "lot")
    clock.advance(days=3)
    undo = await anna.undo(trip["action_id"])
    assert await rows(database, "list_line") == ticked
    assert await rows(database, "lot") == lots_at_home
    assert [{**line, "version": 0} for line in await shop.lines()] == [{**line, "version": 0} for line in shown]
    redo = await anna.undo(undo)
    assert await rows(database, "list_line") == []
    assert await rows(database, "lot") == lots
    await anna.undo(redo)
    assert await rows(database, "list_line") == ticked
    assert await rows(database, "lot") == lots_at_home
    assert (await anna.get("/check"))["differences"] == []


async def test_phones_see_lines_leave_and_come_back(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    (line,) = await trolley(shop, clock, {"name": "Bread"})

    async def told(since: int) -> list[bool]:
        found = (await anna.get("/changes", since=since))["changes"]
        return [each["deleted"] for each in found if each["id"] == line]

    async def version() -> int:
        return int((await anna.get("/changes"))["version"])

    before = await version()
    trip = await shop.bring_home()
    assert await told(before) == [True]
    before = await version()
    undo = await anna.undo(trip["action_id"])
    assert await told(before) == [False]
    before = await version()
    await anna.undo(undo)
    assert await told(before) == [True]


async def test_lines_that_were_changed_since_leave_as_they_are(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    """The trip was undone; Anna wants two loaves instead, and no milk; then she undoes the undo, and that again."""
    bread, milk = await trolley(shop, clock, {"name": "Bread", "quantity": of(1, "piece")}, {"name": "Milk"})
    undo = await anna.undo((await shop.bring_home())["action_id"])
    edit = {"quantity": of(2, "piece")}
    await anna.ask("PATCH", f"{shop.path}/items/{bread}", json=edit, headers={"If-Match": "*"})
    await anna.ask("DELETE", f"{shop.path}/items/{milk}", headers={"If-Match": "*"})
    redo = await anna.undo(undo)
    assert await shop.lines() == []
    await anna.undo(redo)
    assert [(line["id"], line["quantity"]) for line in await shop.lines()] == [(bread, of(2, "piece"))]


async def test_an_undo_goes_on_without_lines_when_the_list_is_gone(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    await trolley(shop, clock, {"name": "Bread"})
    trip = await shop.bring_home()
    await anna.ask("DELETE", shop.path, headers={"If-Match": "*"})
    undo = await anna.undo(trip["action_id"])
    assert await anna.on_hand() == {}
    assert (await anna.get("/lists"))["items"] == []
    redo = await anna.undo(undo)
    assert await anna.total("Bread") == 1
    await anna.undo(redo)
    assert await anna.on_hand() == {}


async def test_what_was_used_since_stands_in_the_way_and_the_list_stays(
    anna: Kitchen, shop: Shop, clock: Clock
) -> None:
    await trolley(shop, clock, {"name": "Bread"})
    trip = await shop.bring_home()
    used = await anna.use(trip["lots"][0]["item_id"], 1, "piece")
    answer = await anna.ask("POST", "/undo", json={"action_id": trip["action_id"]})
    assert [each["action_id"] for each in answer.json()["blocked_by"]] == [used["action_id"]]
    assert await shop.lines() == []


async def test_lines_do_not_come_back_to_a_list_that_is_full_by_now(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    await trolley(shop, clock, {"name": "Bread"})
    trip = await shop.bring_home()
    for start in range(0, 500, 125):
        lines = await shop.add(*({"name": f"Thing {number}"} for number in range(start, start + 125)))
    answer = await anna.ask("POST", "/undo", json={"action_id": trip["action_id"]})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/too-many-of-these")
    assert answer.json()["limit"] == 500
    assert await anna.total("Bread") == 1
    await anna.ask("DELETE", f"{shop.path}/items/{lines[0]['id']}", headers={"If-Match": "*"})
    await anna.undo(trip["action_id"])
    assert len(await shop.lines()) == 500


# Aisles


async def test_the_way_through_the_shop_is_learned_from_the_order_of_the_ticks(
    anna: Kitchen, shop: Shop, clock: Clock
) -> None:
    names = {"Soap": "Drugs", "Apples": "Fruit", "Milk": "Dairy", "Pears": "Fruit", "Salt": None}
    items = {name: await anna.item(name, "piece", category=category) for name, category in names.items()}
    aisles = {each["name"]: each["id"] for each in (await anna.get("/categories"))["items"]}

    async def walk(*order: str) -> list[str]:
        lines = {line["name"]: line["id"] for line in await shop.add(*({"item_id": items[name]} for name in items))}
        for name in order:
            clock.advance(minutes=1)
            await shop.tick(lines[name], at=clock())
        await shop.bring_home()
        by_id = {id: name for name, id in aisles.items()}
        return [by_id[id] for id in (await shop.shown())["aisles"]]

    assert await walk("Apples", "Salt", "Soap", "Pears") == ["Fruit", "Drugs"]
    assert await walk("Soap", "Milk") == ["Fruit", "Drugs", "Dairy"]
    assert await walk("Soap", "Apples") == ["Drugs", "Fruit", "Dairy"]
    before = (await shop.shown())["version"]
    assert await walk("Pears", "Salt") == ["Drugs", "Fruit", "Dairy"]
    assert (await shop.shown())["version"] == before


# Cost


async def test_a_trip_takes_as_many_statements_for_30_lines_as_for_3(database: FreshDatabase) -> None:
    assert await statements_of_a_trip(database, 30) == await statements_of_a_trip(database, 3) < 25


async def statements_of_a_trip(database: FreshDatabase, count: int) -> int:
    caller = a_caller()
    counted: list[str] = []
    async with database.kitchen("stock", caller.household, caller.person) as kitchen:
        made = await actions.lists.create_list(kitchen, new_id(), "Saturday")
        known = await actions.items.items_named(kitchen, {f"Item {each}": "g" for each in range(count)}, 1)
        named = [NewLine(name=f"Thing {each}") for each in range(count)]
        lines, _ = await actions.list_lines.add(
            kitchen, made.id, [*named, *(NewLine(item_id=item.id) for item in known.values())]
        )
        await actions.list_lines.tick(
            kitchen, made.id, [Tick(line.id, is_ticked=True, at=kitchen.now) for line in lines]
        )
        kitchen._connection.add_query_logger(lambda query: counted.append(query.query))
        await actions.trips.bring_home(kitchen, caller, made.id, Commit())
    return len(counted)


def a_caller() -> Caller:
    return Caller(
        person=new_id(), household=new_id(), session=NOBODY, role="adult", scopes=frozenset(), version=1, zone="UTC",
        language="en", currency="EUR", expires_at=0,
    )  # fmt: skip
