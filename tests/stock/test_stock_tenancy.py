"""Another household's stock looks exactly like one that is not there, and nothing of it is ever shown or changed."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
import pytest

from popote_kit.identity import Role
from popote_kit.testing import Authority, FreshDatabase, new_id
from popote_stock.testing import Kitchen, Shop

CONTRACT: Final = Path(__file__).parents[2] / "gateway/popote_gateway/openapi.json"
QUANTITY: Final = {"amount": 1, "unit": "g"}
MOMENT: Final = "2026-01-01T00:00:00Z"
SERVICES_OWN: Final = ("serve_action", "undo_served_action")

Call = tuple[str, str, Any]


def lines(**members: Any) -> dict[str, Any]:
    return {"lines": [members]}


# Every operation that takes an id, with one wherever one may stand; `$new` is an id that nobody has.
CALLS: Final[dict[str, list[Call]]] = {
    "get_location": [("GET", "/locations/$location", None)],
    "create_location": [("POST", "/locations", {"name": "$new"})],
    "edit_location": [("PATCH", "/locations/$location", {"is_freezer": False})],
    "delete_location": [("DELETE", "/locations/$location", None)],
    "create_category": [("POST", "/categories", {"name": "$new"})],
    "edit_category": [("PATCH", "/categories/$category", {"name": "$new"})],
    "order_categories": [("PUT", "/categories/order", {"ids": ["$category"]})],
    "delete_category": [("DELETE", "/categories/$category", None)],
    "list_items": [("GET", "/items?category_id=$category", None), ("GET", "/items?q=hidden", None)],
    "get_item": [("GET", "/items/$item", None)],
    "get_item_facts": [("GET", "/items/$item/facts", None)],
    "create_item": [("POST", "/items", {"name": "$new", "unit": "g", "location_id": "$location"})],
    "edit_item": [("PATCH", "/items/$item", {"note": "x", "location_id": "$location"})],
    "delete_item": [("DELETE", "/items/$item", None)],
    "list_lots": [("GET", "/items/$item/lots", None)],
    "list_prices": [("GET", "/items/$item/prices", None)],
    "list_on_hand": [("GET", "/on-hand?location_id=$location", None)],
    "list_journal": [("GET", "/journal?item_id=$item", None)],
    "purchase": [("POST", "/purchases", lines(item_id="$item", quantity=QUANTITY, location_id="$location"))],
    "consume": [("POST", "/consume", lines(item_id="$item", quantity=QUANTITY, lot_id="$lot"))],
    "open_lots": [
        ("POST", "/open", lines(lot_id="$lot", quantity=QUANTITY)),
        ("POST", "/open", lines(item_id="$item", quantity=QUANTITY)),
    ],
    "move_lots": [("POST", "/move", lines(lot_id="$lot", location_id="$location", quantity=QUANTITY))],
    "freeze_lots": [("POST", "/freeze", lines(lot_id="$lot", location_id="$location", quantity=QUANTITY))],
    "thaw_lots": [("POST", "/thaw", lines(lot_id="$lot", location_id="$location", quantity=QUANTITY))],
    "correct_lots": [
        ("POST", "/correct", lines(lot_id="$lot", best_before="2027-01-01")),
        ("POST", "/correct", lines(item_id="$item", quantity={"amount": 7, "unit": "g"})),
    ],
    "undo_action": [("POST", "/undo", {"action_id": "$action"})],
    "serve_action": [
        ("POST", "/internal/actions", {"id": "$new", "adds": [{"item_id": "$item", "quantity": QUANTITY}]}),
        ("POST", "/internal/actions", {"id": "$new", "takes": [{"item_id": "$item", "quantity": QUANTITY}]}),
    ],
    "undo_served_action": [("POST", "/internal/actions/$action/undo", None)],
    "create_shopping_list": [("POST", "/lists", {"name": "$new"})],
    "get_shopping_list": [("GET", "/lists/$list", None)],
    "edit_shopping_list": [("PATCH", "/lists/$list", {"aisles": ["$category"]})],
    "delete_shopping_list": [("DELETE", "/lists/$list", None)],
    "list_shopping_lines": [("GET", "/lists/$list/items", None)],
    "add_shopping_lines": [("POST", "/lists/$list/items", lines(item_id="$item"))],
    "edit_shopping_line": [("PATCH", "/lists/$list/items/$line", {"note": "x"})],
    "delete_shopping_line": [("DELETE", "/lists/$list/items/$line", None)],
    "tick_shopping_lines": [
        ("PUT", "/lists/$list/ticks", {"ticks": [{"line_id": "$line", "is_ticked": True, "at": MOMENT}]})
    ],
    "fill_shopping_list": [("POST", "/lists/$list/fill", {"needs": [{"item_id": "$item", "quantity": QUANTITY}]})],
    "commit_shopping_trip": [("POST", "/lists/$list/commit", lines(line_id="$line", location_id="$location"))],
    "look_up_barcode": [("GET", "/barcodes/$gtin", None)],
    "look_up_scan": [("GET", "/barcodes?scan=$gtin", None)],
    "list_locations": [("GET", "/locations", None)],
    "list_categories": [("GET", "/categories", None)],
    "list_shopping_lists": [("GET", "/lists", None)],
    "list_expiring": [("GET", "/expiring?days=3650", None)],
    "check_stock": [("GET", "/check", None)],
    "stock_changes": [("GET", "/changes?since=0", None)],
    "report_spending": [("GET", "/reports/spending", None)],
    "report_waste": [("GET", "/reports/waste", None)],
    "export_table": [("GET", "/export.csv", None)],
    "import_table": [("POST", "/import", "item,quantity,unit\nMy rice,1,g\n")],
    "list_units": [("GET", "/units", None)],
}
# Where an id that is unknown is no mistake: it only narrows what is told, or it is told that it is gone.
NARROWS: Final = {
    ("list_items", "category"): 200,
    ("list_on_hand", "location"): 200,
    ("list_journal", "item"): 200,
    ("look_up_barcode", "gtin"): 200,
    ("look_up_scan", "gtin"): 200,
    ("tick_shopping_lines", "line"): 200,
}
# What a client makes has an id of its own choice; that another household has the same says nothing.
CHOICES: Final[list[Call]] = [
    ("POST", "/locations", {"id": "$location", "name": "$new"}),
    ("POST", "/categories", {"id": "$category", "name": "$new"}),
    ("POST", "/items", {"id": "$item", "name": "$new", "unit": "g", "food_id": "$item"}),
    ("POST", "/purchases", {"id": "$action", **lines(name="$new", quantity=QUANTITY, lot_id="$lot")}),
    ("POST", "/lists", {"id": "$list", "name": "$new"}),
    ("POST", "/lists/$list/items", lines(id="$line", item_id="$item")),
]
MONEY: Final = {"report_spending", "report_waste"}  # is the adults' business
STREAMS: Final = {"stock_events"}  # one household's, by its token alone


class Home:
    """A household with something of everything; `ids` is what its things are called in `CALLS`."""

    def __init__(self, client: httpx.AsyncClient, authority: Authority) -> None:
        self.client = client
        self.authority = authority
        self.household = new_id()
        self.ids: dict[str, str] = {}
        self.owner = self.person("owner")

    def person(self, role: Role) -> Kitchen:
        return Kitchen(self.client, self.authority.bearer(household=self.household, role=role))

    async def furnish(self, name: str, gtin: str) -> None:
        who = self.owner
        place = (await who.post("/locations", {"name": f"{name} shelf"}))["id"]
        item = await who.post(
            "/items",
            {"name": f"{name} rice", "unit": "g", "category": f"{name} aisle", "barcodes": [{"code": gtin}]},
        )
        price = {"amount": 1.23, "currency": "EUR"}
        bought = await who.buy(item["id"], 1000, location_id=place, best_before="2026-12-24", price=price)
        shop = await Shop.open(who, f"{name} market")
        (line,) = await shop.add({"item_id": item["id"], "note": f"{name} note"})
        await who.ask(
            "PUT", f"{shop.path}/ticks", json={"ticks": [{"line_id": line["id"], "is_ticked": True, "at": MOMENT}]}
        )
        spare = (await who.post("/locations", {"name": f"{name} corner"}))["id"]
        await who.ask("DELETE", f"/locations/{spare}", headers={"If-Match": "*"})
        self.ids = {
            "location": place, "category": item["category_id"], "item": item["id"], "lot": bought["lots"][0]["id"],
            "action": bought["action_id"], "list": shop.id, "line": line["id"], "gtin": gtin,
        }  # fmt: skip

    async def ask(self, call: Call, ids: dict[str, str], who: Kitchen | None = None) -> httpx.Response:
        """Make a call with these ids."""
        method, path, body = call
        headers = {"If-Match": "*"}
        if path.startswith("/internal"):
            headers |= self.authority.service_bearer("recipes", "stock", household=self.household, person=new_id())
        if body is not None:
            headers["Content-Type"] = "text/csv" if isinstance(body, str) else "application/json"
        text = body if isinstance(body, str) else json.dumps(body)
        named = {**ids, "new": str(new_id())}
        content = None if body is None else Template(text).substitute(named).encode()
        return await (who or self.owner).ask(method, Template(path).substitute(named), headers=headers, content=content)


@pytest.fixture
async def hers(client: httpx.AsyncClient, authority: Authority) -> Home:
    home = Home(client, authority)
    await home.furnish("hidden", "4006381333931")
    return home


@pytest.fixture
async def mine(client: httpx.AsyncClient, authority: Authority) -> Home:
    home = Home(client, authority)
    await home.furnish("my", "96385074")
    return home


def named_in(call: Call) -> list[str]:
    """Return the names of the ids that a call takes."""
    names = Template(f"{call[1]} {json.dumps(call[2])}").get_identifiers()
    return [name for name in names if name != "new"]


async def everything_of(database: FreshDatabase, household: UUID) -> dict[str, list[str]]:
    return {
        table: [
            row["r"]
            for row in await database.rows(
                f"SELECT t::text AS r FROM stock.{table} t WHERE household_id = $1 ORDER BY 1",  # noqa: S608 - from the catalogue
                household,
            )
        ]
        for table in await tables(database)
    }


async def tables(database: FreshDatabase) -> list[str]:
    """Return the tables with rows of households."""
    rows = await database.rows(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'household_id' "
        "WHERE c.relnamespace = 'stock'::regnamespace AND c.relkind = 'r' ORDER BY 1"
    )
    return [row["relname"] for row in rows]


def comparable(answer: httpx.Response, ids: Iterable[str]) -> object:
    """Return what an answer says, whatever the ids in it; of a success, what it is made of."""
    text = answer.text
    for id in ids:
        text = text.replace(id, "id")
    if "json" not in answer.headers.get("content-type", "json"):
        return text
    told = json.loads(text) if text else {}
    if answer.is_success:
        return answer.status_code, sorted(told)
    return answer.status_code, {name: value for name, value in told.items() if name != "request_id"}


def test_every_operation_is_called() -> None:
    paths = json.loads(CONTRACT.read_text())["paths"]
    operations = {
        operation["operationId"]
        for path, methods in paths.items()
        for operation in methods.values()
        if path.startswith("/api/stock") and "operationId" in operation
    }
    assert operations | set(SERVICES_OWN) == CALLS.keys() | STREAMS


async def test_what_is_anothers_looks_like_what_is_not_there_and_stays_as_it_is(
    hers: Home, mine: Home, database: FreshDatabase
) -> None:
    before = await everything_of(database, hers.household)
    nothing = {name: str(new_id()) for name in hers.ids} | {"gtin": "4012345678901"}
    for operation, calls in CALLS.items():
        for call in calls:
            names = named_in(call)
            for foreign in [[name] for name in names] + [names]:
                strange = mine.ids | {name: hers.ids[name] for name in foreign}
                unknown = mine.ids | {name: nothing[name] for name in foreign}
                answer, other = await mine.ask(call, strange), await mine.ask(call, unknown)
                where = (operation, foreign, answer.text, other.text)
                assert comparable(answer, strange.values()) == comparable(other, unknown.values()), where
                assert "hidden" not in answer.text, where
                if len(foreign) == 1:
                    assert answer.status_code == NARROWS.get((operation, foreign[0]), 404), where
    assert await everything_of(database, hers.household) == before


async def test_an_id_that_another_household_chose_is_free(hers: Home, mine: Home, database: FreshDatabase) -> None:
    before = await everything_of(database, hers.household)
    for call in CHOICES:
        answer = await mine.ask(call, hers.ids)
        assert answer.is_success, (call, answer.text)
        assert "hidden" not in answer.text
    assert await everything_of(database, hers.household) == before


async def test_without_a_token_nobody_gets_anywhere(hers: Home, client: httpx.AsyncClient) -> None:
    nobody = Kitchen(client, {})
    for operation, calls in CALLS.items():
        for call in calls:
            if operation not in (*SERVICES_OWN, "list_units"):
                answer = await hers.ask(call, hers.ids, nobody)
                assert (answer.status_code, "hidden" in answer.text) == (401, False), operation


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("guest", frozenset()),
        ("child", frozenset({"consume", "undo_action", "tick_shopping_lines"})),
        ("adult", CALLS.keys()),
    ],
)
async def test_who_may_do_what(hers: Home, role: Role, may: frozenset[str]) -> None:
    someone = hers.person(role)
    for operation, calls in CALLS.items():
        if operation in SERVICES_OWN:
            continue
        for call in calls:
            nothing = {name: str(new_id()) for name in hers.ids} | {"gtin": hers.ids["gtin"]}
            answer = await hers.ask(call, nothing, someone)
            is_forbidden = operation not in may and (call[0] != "GET" or operation in MONEY)
            assert (answer.status_code == 403) == is_forbidden, (operation, answer.text)


async def test_a_child_takes_back_only_what_it_did_itself(hers: Home) -> None:
    child, other = hers.person("child"), hers.person("child")
    used = (await child.use(hers.ids["item"], 100))["action_id"]
    for who, action in ((child, hers.ids["action"]), (other, used)):
        answer = await who.ask("POST", "/undo", json={"action_id": action})
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
    await child.undo(used)
    assert await hers.owner.total("hidden rice") == 1000


async def test_row_level_security_alone_keeps_households_apart(hers: Home, mine: Home, database: FreshDatabase) -> None:
    before = await everything_of(database, hers.household)
    assert {table for table, rows in before.items() if not rows} == set()
    guarded = await guarded_tables(database)
    assert before.keys() - guarded == {"idempotency_key", "outbox"}  # the kit says why
    for table in guarded:
        for household in (mine.household, None):
            async with database.kitchen("stock", household) as kitchen:
                assert await kitchen.fetch(f"SELECT FROM {table} WHERE household_id = $1", hers.household) == []
            assert await touched(database, household, f"DELETE FROM {table}", hers.household) == 0  # noqa: S608 - as above
            assert await touched(database, household, f"UPDATE {table} SET household_id = $1", hers.household) == 0  # noqa: S608 - as above
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await forge(database, household, table, hers.household)
    assert await everything_of(database, hers.household) == before


async def guarded_tables(database: FreshDatabase) -> set[str]:
    """Return the tables under row-level security, for their owner too."""
    rows = await database.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'stock'::regnamespace AND relkind = 'r' "
        "AND relrowsecurity AND relforcerowsecurity"
    )
    return {row["relname"] for row in rows}


async def touched(database: FreshDatabase, household: UUID | None, statement: str, victim: UUID) -> int:
    """Return how many rows of the victim a statement reaches for a household that forgets whose they are."""
    try:
        async with database.kitchen("stock", household) as kitchen:
            return await kitchen.execute(f"{statement} WHERE household_id = $1", victim)
    except asyncpg.InsufficientPrivilegeError:
        return 0


async def forge(database: FreshDatabase, household: UUID | None, table: str, victim: UUID) -> None:
    """Write one of the victim's rows once more, as a household of its own."""
    columns = ", ".join(
        row["attname"]
        for row in await database.rows(
            f"SELECT attname FROM pg_attribute WHERE attrelid = 'stock.{table}'::regclass "  # noqa: S608 - from the catalogue
            "AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
        )
    )
    rows = await database.rows(
        f"SELECT to_jsonb(t)::text AS r FROM stock.{table} t WHERE household_id = $1 LIMIT 1",  # noqa: S608 - as above
        victim,
    )
    async with database.kitchen("stock", household) as kitchen:
        await kitchen.execute(
            f"INSERT INTO {table} ({columns}) "  # noqa: S608 - as above
            f"SELECT {columns} FROM jsonb_populate_record(NULL::{table}, $1::text::jsonb)",
            rows[0]["r"],
        )


TIMES: Final = 8
MANY: Final = """
    INSERT INTO stock.item (household_id, id, name, unit, measure, is_staple, date_kind, note, version, created_at)
    SELECT ('00000000-0000-7000-8000-00000000000' || number % 2)::uuid, gen_random_uuid(),
           'Item ' || number || ' ' || md5(number::text), 'g', 'mass', false, 'best_before', '', 1, now()
      FROM generate_series(1, 20000) AS number
"""


@pytest.mark.parametrize("words", ["item 12345", "itme 12345", "827ccb0eea8a706c4c34a16891f84e7b"])
async def test_a_search_sees_its_own_household_and_goes_by_the_index(database: FreshDatabase, words: str) -> None:
    await database.run(MANY)
    await database.run("VACUUM ANALYZE stock.item")
    odd, even, nobody = (UUID(f"00000000-0000-7000-8000-00000000000{last}") for last in "109")
    assert (await searched(database, odd, words))[0] == "Item 12345 827ccb0eea8a706c4c34a16891f84e7b"
    assert all(int(name.split()[1]) % 2 == 0 for name in await searched(database, even, words))
    assert await searched(database, nobody, words) == []
    assert await searched(database, None, words) == []
    plans = await plans_of(database, odd, words)
    assert len(plans) >= TIMES
    assert [plan for plan in plans if not re.search(r"Index Cond.*search_key (~~|%>)", plan)] == []


async def searched(database: FreshDatabase, household: UUID | None, words: str) -> list[str]:
    async with database.kitchen("stock", household) as kitchen:
        rows = await kitchen.fetch("SELECT id FROM search_items($1, 20) AS id", words)
    found = await database.rows("SELECT id, name FROM stock.item WHERE id = ANY($1)", [row["id"] for row in rows])
    names = {row["id"]: row["name"] for row in found}
    return [names[row["id"]] for row in rows]


async def plans_of(database: FreshDatabase, household: UUID, words: str) -> list[str]:
    """Return the plans of the statements that a search is made of, more often than PostgreSQL plans anew."""
    connection = await asyncpg.connect(database.admin_url)
    told: list[str] = []
    try:
        connection.add_log_listener(lambda _connection, message: told.append(message.message))
        await connection.execute(
            "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_level = notice; "
            "SET auto_explain.log_format = json; SET auto_explain.log_nested_statements = on; "
            f"SET popote.household = '{household}'"
        )
        for _ in range(TIMES):
            await connection.fetch("SELECT stock.search_items($1, 20)", words)
    finally:
        await connection.close()
    return [plan for plan in told if "name_key" in plan]
