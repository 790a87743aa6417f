"""Stock as a table: written out, read in again, and what is told of rows that are wrong."""

import asyncio
import csv
import io
import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from popote_kit.identity import NOBODY, Caller
from popote_kit.testing import Authority, Clock, FreshDatabase, new_id
from popote_launcher.testing import House
from popote_stock import actions, queries
from popote_stock.model.barcode import check_digit
from popote_stock.model.table import read
from popote_stock.queries.tables import START, Place
from popote_stock.testing import Kitchen, told

LAST = UUID(int=2**128 - 1)
HEADER = "item,quantity,unit,location,category,best_before,use_by,opened_on,frozen_on,price,currency,barcode,note"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 24, 12, tzinfo=UTC))


@pytest.fixture
def berta(client: httpx.AsyncClient, authority: Authority) -> Kitchen:
    """Someone in another household, whose token outlives any turn of the clock."""
    far = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
    return Kitchen(client, authority.bearer(zone="Europe/Paris", exp=far))


async def send(kitchen: Kitchen, table: str | bytes, **options: Any) -> httpx.Response:
    headers = {"Content-Type": "text/csv", **options.pop("headers", {})}
    body = table if isinstance(table, bytes) else table.encode()
    return await kitchen.ask("POST", "/import", content=body, headers=headers, **options)


async def bring_in(kitchen: Kitchen, table: str | bytes, **options: Any) -> Any:
    return told(await send(kitchen, table, **options))


async def export(kitchen: Kitchen) -> str:
    answer = await kitchen.ask("GET", "/export.csv")
    assert answer.status_code == 200
    return answer.content.decode()


async def rows(kitchen: Kitchen) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(await export(kitchen), newline=""), strict=True))


async def furnished(kitchen: Kitchen) -> None:
    """Let the household have lots with everything that a table tells."""
    cellar = (await kitchen.post("/locations", {"name": "Cellar"}))["id"]
    freezer = next(place["id"] for place in (await kitchen.get("/locations"))["items"] if place["is_freezer"])
    code = [{"code": "3017620422003"}]
    spread = await kitchen.item("Pâte à tartiner", category="Sucré", barcodes=code, note='says "new", twice')
    peas = await kitchen.item("Peas", "kg", category="Vegetables")
    eggs = await kitchen.item("Œufs", "piece")
    price = {"amount": 4.15, "currency": "CHF"}
    jar = await kitchen.buy(spread, 400, best_before="2027-06-30", location_id=cellar, price=price)
    await kitchen.post("/open", {"lines": [{"lot_id": jar["lots"][0]["id"]}]})
    await kitchen.buy(peas, 1.5, "kg", location_id=freezer)
    await kitchen.buy(eggs, 6, "piece", use_by="2026-12-01")
    await kitchen.buy(eggs, 0.000001, "piece")


async def test_everything_on_hand_is_written_out(anna: Kitchen) -> None:
    await furnished(anna)
    answer = await anna.ask("GET", "/export.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="popote.csv"'
    assert answer.content.decode().split("\r\n") == [
        HEADER,
        "Œufs,6,piece,,,,2026-12-01,,,,,,",
        "Œufs,0.000001,piece,,,,,,,,,,",
        'Pâte à tartiner,400,g,Cellar,Sucré,2027-06-30,,2026-11-24,,4.15,CHF,3017620422003,"says ""new"", twice"',
        "Peas,1.5,kg,Freezer,Vegetables,,,,2026-11-24,,,,",
        "",
    ]


async def test_what_is_written_out_is_read_in_again(anna: Kitchen, berta: Kitchen) -> None:
    await furnished(anna)
    table = await export(anna)
    assert await bring_in(berta, table) | {"action_id": ""} == {"action_id": "", "added": 4, "refused": []}
    assert await export(berta) == table
    assert (await berta.get("/check"))["differences"] == []


async def test_an_import_is_one_purchase_with_one_undo(anna: Kitchen, berta: Kitchen) -> None:
    await furnished(anna)
    done = await bring_in(berta, await export(anna))
    journal = (await berta.get("/journal"))["items"]
    assert [(action["id"], action["kind"]) for action in journal] == [(done["action_id"], "purchase")]
    await berta.undo(done["action_id"])
    assert await rows(berta) == []
    assert (await berta.get("/check"))["differences"] == []


async def test_a_long_table_comes_in_pages(anna: Kitchen) -> None:
    table = "item,quantity,unit\n" + "".join(f"Item {number % 250},{number + 1},g\n" for number in range(500))
    assert (await bring_in(anna, table))["added"] == 500
    assert (await bring_in(anna, table))["added"] == 500
    assert sorted(int(row["quantity"]) for row in await rows(anna)) == sorted([*range(1, 501)] * 2)


async def test_an_import_takes_as_many_statements_for_60_new_names_as_for_3(database: FreshDatabase) -> None:
    assert await statements_of_an_import(database, 60) == await statements_of_an_import(database, 3) < 30


async def statements_of_an_import(database: FreshDatabase, count: int) -> int:
    lines = [f"Item {n},1,kg,Shelf {n},Kind {n},{product(n)}" for n in range(count)]
    table = read("\n".join(["item,quantity,unit,location,category,barcode", *lines]), date(2026, 11, 24))
    caller = Caller(
        person=new_id(), household=new_id(), session=NOBODY, role="adult", scopes=frozenset(), version=1, zone="UTC",
        language="en", currency="EUR", expires_at=0,
    )  # fmt: skip
    counted: list[str] = []
    async with database.kitchen("stock", caller.household, caller.person) as kitchen:
        kitchen._connection.add_query_logger(lambda query: counted.append(query.query))
        done = await actions.tables.bring_in_table(kitchen, caller, table)
    assert (done.added, done.refused) == (count, [])
    return len(counted)


def product(number: int) -> str:
    """Return a barcode."""
    digits = f"40063813{number:04}"
    return digits + check_digit(digits)


async def test_what_an_import_made_is_known_after_its_undo(anna: Kitchen) -> None:
    await anna.get("/locations")
    table = "item,quantity,unit,location,category,barcode\nRice,1,kg,Cellar,Dry goods,3017620422003\n"
    await anna.undo((await bring_in(anna, table))["action_id"])
    assert await anna.on_hand() == {}
    (rice,) = (await anna.get("/items"))["items"]
    assert (rice["name"], rice["category"], len(rice["barcodes"])) == ("Rice", "Dry goods", 1)
    assert "Cellar" in {place["name"] for place in (await anna.get("/locations"))["items"]}


async def test_a_page_of_a_table_is_read_in_the_order_of_an_index(database: FreshDatabase) -> None:
    home = new_id()
    await database.rows(
        """
        WITH new AS (
            INSERT INTO stock.item (household_id, id, name, unit, measure, is_staple, date_kind, conversions, note,
                                    version, created_at)
            SELECT $1, gen_random_uuid(), 'Item ' || n, 'g', 'mass', false, 'best_before', '[]', '', 1, now()
              FROM generate_series(1, 3000) AS n
            RETURNING id
        )
        INSERT INTO stock.lot (household_id, id, item_id, amount, added_at, price_for, is_use_by, version)
        SELECT $1, gen_random_uuid(), id, 1, now(), 1, false, 1 FROM new
        """,
        home,
    )
    await database.run("ANALYZE stock.item, stock.lot")
    asked: list[Any] = []
    async with database.kitchen("stock", home) as kitchen:
        assert [lot.name for lot in await queries.tables.read_kept(kitchen, 1, START)] == ["Item 1"]
        kitchen._connection.add_query_logger(asked.append)
        place = Place("item 5", LAST, LAST)
        assert [lot.name for lot in await queries.tables.read_kept(kitchen, 2, place)] == ["Item 50", "Item 500"]
        await asyncio.sleep(0)  # for the logger's turn
        rows = await kitchen.fetch(f"EXPLAIN {asked[0].query}", *asked[0].args)
    plan = "\n".join(row[0] for row in rows)
    assert re.search(r"Index Cond: .*name_key >=", plan), plan


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "'=1", "''-1", "'quoted'", "a=b"])  # noqa: RUF001 - one that passes for an equals sign
async def test_a_cell_is_never_a_formula_and_comes_back_as_it_was(anna: Kitchen, berta: Kitchen, name: str) -> None:
    await anna.buy(await anna.item(name, note=f"\t{name}"), 1)
    row = (await rows(anna))[0]
    assert not row["item"].startswith(("=", "+", "-", "@", "＝"))  # noqa: RUF001 - as above
    assert row["note"].startswith("'\t")
    await bring_in(berta, await export(anna))
    assert list(await berta.on_hand()) == [name]


async def test_french_tables_are_read(anna: Kitchen) -> None:
    table = (
        "\ufeffArticle;Quantité;Unité;Emplacement;Catégorie;DDM;À consommer jusqu'au;Congelé le;Prix\r\n"
        "Crème fraîche;0,5;L;Frigo;Crèmerie;;01/12/2026;;1,89\r\n"
        "Pain;1.5;pièces;;;31/12/2026;;24/11/2026;\r\n"
    )
    assert (await bring_in(anna, table))["added"] == 2
    cream, bread = await rows(anna)
    assert (cream["quantity"], cream["unit"], cream["use_by"], cream["price"]) == ("0.5", "l", "2026-12-01", "1.89")
    assert (cream["location"], cream["category"], cream["currency"]) == ("Frigo", "Crèmerie", "EUR")
    assert (bread["quantity"], bread["best_before"], bread["frozen_on"]) == ("1.5", "2026-12-31", "2026-11-24")


async def test_columns_come_in_any_order_and_rows_may_be_empty_or_short(anna: Kitchen) -> None:
    table = "Unit,NAME,amount,note,,\n\nkg,Rice,2\n,,,\nkg,Flour,1,for bread,,,\n"
    assert await bring_in(anna, table) | {"action_id": ""} == {"action_id": "", "added": 2, "refused": []}
    assert {row["item"]: row["note"] for row in await rows(anna)} == {"Rice": "", "Flour": "for bread"}


async def test_what_lies_in_a_freezer_is_frozen_since_the_day_that_is_told_or_else_today(anna: Kitchen) -> None:
    await anna.get("/locations")
    lots = "Peas,1,kg,Freezer,2026-10-01\nFish,1,kg,Freezer,\nIce,1,kg,,2026-11-01\n"
    assert (await bring_in(anna, f"item,quantity,unit,location,frozen_on\n{lots}"))["added"] == 3
    assert {row["item"]: row["frozen_on"] for row in await rows(anna)} == {
        "Fish": "2026-11-24",
        "Ice": "2026-11-01",
        "Peas": "2026-10-01",
    }


async def test_what_is_frozen_keeps_as_long_when_it_is_read_in_again(
    anna: Kitchen, berta: Kitchen, clock: Clock
) -> None:
    for who in (anna, berta):
        freezer = next(place["id"] for place in (await who.get("/locations"))["items"] if place["is_freezer"])
        for name in ("Bought frozen", "Bought frozen, without a date", "Frozen at home", "Frozen before"):
            await who.item(name, shelf_life={"frozen": 90}, location_id=freezer if name[0] == "B" else None)
    items = {each["name"]: each["id"] for each in (await anna.get("/items"))["items"]}
    await anna.buy(items["Bought frozen"], 1, use_by="2027-06-30")
    await anna.buy(items["Bought frozen, without a date"], 1)
    meat = (await anna.buy(items["Frozen at home"], 1, use_by="2026-11-25"))["lots"][0]["id"]
    clock.advance(hours=1)
    await anna.post("/freeze", {"lines": [{"lot_id": meat}]})
    await bring_in(anna, "item,quantity,unit,use_by,frozen_on\nFrozen before,1,g,2026-10-20,2026-10-01\n")
    clock.advance(days=30)
    await bring_in(berta, await export(anna))

    async def kept(who: Kitchen) -> dict[str, tuple[str, str, bool]]:
        lots = {name: each["lots"][0] for name, each in (await who.on_hand()).items()}
        return {name: (lot["expires_on"], lot["expires_why"], lot["is_use_by"]) for name, lot in lots.items()}

    assert await kept(berta) == await kept(anna)
    assert await kept(anna) == {
        "Bought frozen": ("2027-06-30", "use_by", True),
        "Bought frozen, without a date": ("2027-02-22", "frozen", False),
        "Frozen at home": ("2027-02-22", "frozen", False),
        "Frozen before": ("2026-12-30", "frozen", False),
    }


async def test_thawed_food_is_not_told_as_frozen(anna: Kitchen) -> None:
    lot = (await anna.buy(await anna.item("Peas"), 100))["lots"][0]["id"]
    await anna.post("/freeze", {"lines": [{"lot_id": lot}]})
    await anna.post("/thaw", {"lines": [{"lot_id": lot}]})
    assert (await rows(anna))[0]["frozen_on"] == ""


async def test_names_are_the_same_in_another_spelling(anna: Kitchen) -> None:
    await anna.item("Crème", "ml")
    table = "item,quantity,unit,location,category\nCREME,1,l,fridge,\nŒufs,6,piece,Fridge,Frais\noeufs,6,piece,,frais\n"
    assert (await bring_in(anna, table))["added"] == 3
    on_hand = await anna.on_hand()
    assert on_hand["Crème"]["total"] == {"amount": 1000, "unit": "ml"}
    assert on_hand["Œufs"]["total"] == {"amount": 12, "unit": "piece"}
    places = [place["name"] for place in (await anna.get("/locations"))["items"]]
    assert places == ["Cupboard", "Freezer", "Fridge"]
    assert [category["name"] for category in (await anna.get("/categories"))["items"]] == ["Frais"]


async def test_what_is_known_of_an_item_stays(anna: Kitchen) -> None:
    rice = await anna.item("Rice", category="Dry goods", note="brown")
    table = "item,quantity,unit,category,note,barcode\nRice,1,kg,Sweets,white,3017620422003\n"
    assert (await bring_in(anna, table))["added"] == 1
    item = await anna.get(f"/items/{rice}")
    assert (item["category"], item["note"], item["barcodes"]) == ("Dry goods", "brown", [])
    assert [category["name"] for category in (await anna.get("/categories"))["items"]] == ["Dry goods"]


WRONG = [
    (",1,g", "item", "This is needed, and it is empty."),
    ("Rice,,g", "quantity", "This is needed, and it is empty."),
    ("Rice,0,g", "quantity", "“0” is not a number above zero with at most 18 digits."),
    ("Rice,-1,g", "quantity", "“-1” is not a number above zero with at most 18 digits."),
    ('Rice,"1,5",g', "quantity", "“1,5” is not a number above zero with at most 18 digits."),
    ("Rice,1e3,g", "quantity", "“1e3” is not a number above zero with at most 18 digits."),
    ("Rice,٣,g", "quantity", "“٣” is not a number above zero with at most 18 digits."),
    ("Rice,1234567890123456789,g", "quantity", "“1234567890123456789” is not a number above zero with at most 18"),
    (f"Rice,{'1' * 41},g", "quantity", "This is longer than 40 characters."),
    ("Rice,0.000000001,mg", "quantity", "This is less than can be counted."),
    ("Rice,9999999999999,kg", "quantity", "That is more than any kitchen holds."),
    ("Rice,1,parsec", "unit", "“parsec” is not a unit that we know."),
    ("Salt,1,piece", "unit", "We don't know how to turn “piece” into grams here; say what one of it weighs"),
    (f"{'x' * 121},1,g", "item", "This is longer than 120 characters."),
    ("Rice,1,g,,,,,,,,,,,more", None, "This row has more cells than the header."),
    (f"Rice,1,g,{'x' * 81}", "location", "This is longer than 80 characters."),
    ("Rice,1,g,,,31.12.2026", "best_before", "“31.12.2026” is not a day such as 2026-12-31"),
    ("Rice,1,g,,,2026-02-30", "best_before", "“2026-02-30” is not a day such as 2026-12-31"),
    ("Rice,1,g,,,12/31/2026", "best_before", "“12/31/2026” is not a day such as 2026-12-31"),
    ("Rice,1,g,,,1899-12-31", "best_before", "“1899-12-31” is not a day such as 2026-12-31"),
    ("Rice,1,g,,,,,2026-11-25", "opened_on", "This day is yet to come."),
    ("Rice,1,g,,,,,,,1.23456", "price", "“1.23456” is not a price with at most 10 digits and 4 decimals."),
    ("Rice,1,g,,,,,,,10000000000", "price", "“10000000000” is not a price with at most 10 digits"),
    ("Rice,1,g,,,,,,,2 €", "price", "“2 €” is not a price with at most 10 digits and 4 decimals."),
    ("Rice,1,g,,,,,,,1,€", "currency", "“€” is not a currency such as EUR."),
    ("Rice,1,g,,,,,,,,,3017620422004", "barcode", "A digit of this barcode is wrong. Please scan it again."),
    ("Rice,1,g,,,,,,,,,96385074", "barcode", "The barcode 96385074 belongs to another item."),
    (f"Rice,1,g,,,,,,,,,,{'x' * 501}", "note", "This is longer than 500 characters."),
]


@pytest.mark.parametrize(("row", "column", "message"), WRONG)
async def test_a_wrong_row_is_told_and_the_others_come_in(anna: Kitchen, row: str, column: str, message: str) -> None:
    await anna.item("Salt", "g", barcodes=[{"code": "96385074"}])
    done = await bring_in(anna, f"{HEADER}\nTea,1,g\n{row}\nSugar,2,g\n")
    assert done["added"] == 2
    assert [(each["row"], each["column"]) for each in done["refused"]] == [(3, column)]
    assert done["refused"][0]["message"].startswith(message)
    assert sorted(await anna.on_hand()) == ["Sugar", "Tea"]
    names = {item["name"] for item in (await anna.get("/items"))["items"]}
    assert names == {"Salt", "Sugar", "Tea"}


async def test_rows_of_one_new_item_are_counted_alike(anna: Kitchen) -> None:
    done = await bring_in(anna, "item,quantity,unit,barcode\nTea,1,g,96385074\nTea,1,piece,\nMate,1,g,96385074\n")
    assert [(each["row"], each["column"]) for each in done["refused"]] == [(3, "unit"), (4, "barcode")]


async def test_what_is_wrong_is_told_in_french_too(anna: Kitchen) -> None:
    headers = {"Accept-Language": "fr"}
    done = await bring_in(anna, "article,quantité,unité\nRiz,zéro,g\nRiz,1,lieue\n", headers=headers)
    assert [each["message"] for each in done["refused"]] == [
        "« zéro » n'est pas un nombre supérieur à zéro d'au plus 18 chiffres.",
        "« lieue » n'est pas une unité connue.",
    ]


async def test_a_table_of_wrong_rows_changes_nothing(anna: Kitchen) -> None:
    await anna.item("Salt", "g")
    done = await bring_in(anna, "item,quantity,unit,location\nRice,none,g,Attic\nSalt,1,piece,Attic\n")
    assert (done["action_id"], done["added"], len(done["refused"])) == (None, 0, 2)
    assert await bring_in(anna, "item,quantity,unit\n") == {"action_id": None, "added": 0, "refused": []}
    assert (await anna.get("/journal"))["items"] == []
    assert "Attic" not in [place["name"] for place in (await anna.get("/locations"))["items"]]


async def test_a_dry_run_tells_the_same_and_changes_nothing(anna: Kitchen, database: FreshDatabase) -> None:
    table = "item,quantity,unit,location,category\nRice,1,kg,Attic,Dry goods\nRice,1,piece,,\nTea,x,g,,\n"
    tried = await bring_in(anna, table, params={"dry_run": "1"})
    assert tried["action_id"] is None
    for what in ("lot", "item", "location", "category", "action", "counter"):
        assert await database.rows(f"SELECT FROM stock.{what}") == []
    done = await bring_in(anna, table)
    assert (tried["added"], tried["refused"]) == (done["added"], done["refused"])


async def test_the_key_of_a_dry_run_does_not_do_for_the_import(anna: Kitchen) -> None:
    table, key = "item,quantity,unit\nRice,1,kg\n", str(new_id())
    await bring_in(anna, table, params={"dry_run": "1"}, key=key)
    refused = await send(anna, table, key=key)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/key-reused")


async def test_a_table_sent_twice_comes_in_once(anna: Kitchen) -> None:
    table, key = "item,quantity,unit\nRice,1,kg\n", str(new_id())
    first = await bring_in(anna, table, key=key)
    assert await bring_in(anna, table, key=key) == first
    assert await anna.total("Rice") == 1


async def test_an_import_needs_a_key(anna: Kitchen) -> None:
    headers = {**anna.headers, "Content-Type": "text/csv"}
    answer = await anna.client.post("/api/stock/import", content=b"item,quantity,unit\n", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-missing")


@pytest.mark.parametrize(
    ("table", "status", "kind"),
    [
        (b"", 422, "bad-table"),
        (b"item,quantity\n", 422, "bad-table"),
        (b"item,quantity,unit,colour\n", 422, "bad-table"),
        (b"item,name,quantity,unit\n", 422, "bad-table"),
        (b'item,quantity,unit\nRi"ce,1,g\n"Rice,1,g\n', 422, "bad-table"),
        (b'item,quantity,unit\n"Rice"x,1,g\n', 422, "bad-table"),
        (b"item,quantity,unit\n" + b"Rice,1,g\n" * 501, 422, "bad-table"),
        (b"item,quantity,unit\n" + b"x" * 200_000, 422, "bad-table"),
        (b"item,quantity,unit\nRi\xe9,1,g\n", 400, "malformed"),
        (b"item,quantity,unit\nRi\0ce,1,g\n", 400, "malformed"),
        (b"item,quantity,unit\nRi\x1bce,1,g\n", 400, "malformed"),
        ("item,quantity,unit\nRice,1,g\n".encode("utf-16"), 400, "malformed"),
        (b"x" * (1024 * 1024 + 1), 413, "too-large"),
    ],
    ids=["empty", "few", "odd", "twice", "open", "beside", "rows", "long", "latin", "nul", "escape", "wide", "big"],
)
async def test_what_is_no_table_is_refused_whole(anna: Kitchen, table: bytes, status: int, kind: str) -> None:
    answer = await send(anna, table)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")


async def test_the_refusal_of_a_table_names_what_is_wrong(anna: Kitchen) -> None:
    answer = await send(anna, "item;quantity;unit;couleur\n", headers={"Accept-Language": "fr"})
    assert answer.json()["detail"] == "« couleur » n'est pas une colonne connue."
    assert answer.json()["column"] == "couleur"
    assert (await send(anna, 'item,quantity,unit\nRice,1,g\n"Rice')).json()["row"] == 3


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "text/csv; charset=iso-8859-1", ""])
async def test_only_csv_is_taken(anna: Kitchen, kind: str) -> None:
    answer = await send(anna, "item,quantity,unit\n", headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/not-csv")


@pytest.mark.parametrize("kind", ["text/csv; charset=utf-8", "Text/CSV;charset=UTF-8"])
async def test_csv_may_say_that_it_is_utf_8(anna: Kitchen, kind: str) -> None:
    assert (await bring_in(anna, "item,quantity,unit\n", headers={"Content-Type": kind}))["added"] == 0


async def test_a_household_has_only_so_many_places(anna: Kitchen) -> None:
    await anna.get("/locations")
    table = "item,quantity,unit,location\n" + "".join(f"Rice,1,g,Shelf {number}\n" for number in range(98))
    done = await bring_in(anna, table)
    assert (done["added"], [(each["row"], each["column"]) for each in done["refused"]]) == (97, [(99, "location")])


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("adult", 200), ("child", 403), ("guest", 403)])
async def test_only_adults_bring_a_table_in(
    client: httpx.AsyncClient, authority: Authority, role: Any, status: int
) -> None:
    someone = Kitchen(client, authority.bearer(role=role))
    assert (await send(someone, "item,quantity,unit\nRice,1,g\n")).status_code == status


async def test_one_household_never_sees_the_table_of_another(anna: Kitchen, berta: Kitchen) -> None:
    await furnished(anna)
    assert await rows(berta) == []


async def test_tables_pass_the_gateway_both_ways(house: House) -> None:
    her = await house.sign_up("her")
    headers = {"Content-Type": "text/csv", "Idempotency-Key": str(new_id())}
    done = await her.ask("POST", "/api/stock/import", content=b"item,quantity,unit\nRice,1,kg\n", headers=headers)
    assert done.json()["added"] == 1
    answer = await her.ask("GET", "/api/stock/export.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="popote.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines()[1] == "Rice,1,kg,,,,,,,,,,"
