"""Items of stock in the diary: by the label of their product, then by their food."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from popote_kit.peers import Peers
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id
from popote_nutrition.app import create_app
from popote_nutrition.settings import Settings
from popote_nutrition.testing import Table
from popote_stock.app import create_app as create_stock
from popote_stock.settings import Settings as StockSettings
from popote_stock.testing import Kitchen

GRAMS = {"amount": 50, "unit": "g"}
CODE = "3017620422003"


@dataclass
class Home:
    """One person, in the kitchen and at the table."""

    stock: Kitchen
    table: Table

    async def item(self, name: str, **more: Any) -> str:
        return str((await self.stock.post("/items", {"name": name, "unit": "g", **more}))["id"])

    async def eat(self, item: str, **how_much: Any) -> Any:
        return await self.table.post("/diary", {"date": "2026-11-24", "meal": "lunch", "item_id": item, **how_much})


@pytest.fixture
async def anna(database: FreshDatabase, authority: Authority, clock: Clock) -> AsyncIterator[Home]:
    settings = StockSettings(database_url=database.url("stock"), database_password=PASSWORD)
    stock = create_stock(settings, peers=Peers(apps={"auth": authority}), clock=clock)
    app = create_app(
        Settings(database_url=database.url("nutrition"), database_password=PASSWORD),
        peers=Peers(apps={"auth": authority, "stock": stock}),
        clock=clock,
    )
    async with calling(stock, timeout=30) as kitchen, calling(app, timeout=30) as client:
        table = Table(client, authority)
        yield Home(Kitchen(kitchen, table.headers), table)


async def test_an_item_counts_as_its_food_by_the_households_own_facts(anna: Home) -> None:
    food = await anna.table.food("Testbread", nutrients={"protein_g": 8, "fat_g": 2})
    portion = {"unit": "portion", "equals": {"amount": 80, "unit": "g"}}
    item = await anna.item("Baker's bread", food_id=food, conversions=[portion])
    entry = await anna.eat(item, portions=2)
    assert (entry["kind"], entry["name"], entry["item_id"], entry["food_id"]) == ("item", "Baker's bread", item, food)
    assert (entry["mass_g"], entry["nutrients"]["protein_g"], entry["source"]) == (160, 12.8, "household")
    again = (await anna.table.get("/diary/recent"))["items"][0]["again"]
    assert again == {"item_id": item, "portions": 2, "name": "Baker's bread"}


async def test_a_label_goes_before_the_food_which_completes_it(anna: Home, database: FreshDatabase) -> None:
    await database.run(f"""
        INSERT INTO stock.product (code, state, name, nutrients, asked_at, fetched_at, forget_at)
        VALUES ('0{CODE}', 'found', 'Spread', '{{"fat_g": "31"}}', now(), now(), now() + interval '1 day')
    """)  # noqa: S608 - a fixed code
    food = await anna.table.food("Testspread", nutrients={"protein_g": 6, "fat_g": 10})
    entry = await anna.eat(await anna.item("Spread", food_id=food, barcodes=[{"code": CODE}]), quantity=GRAMS)
    assert (entry["nutrients"]["fat_g"], entry["nutrients"]["protein_g"]) == (15.5, 3)
    assert (entry["source"], entry["reason"]) == ("Open Food Facts", "no_value")


async def test_of_an_item_that_is_no_food_nothing_is_known(anna: Home) -> None:
    entry = await anna.eat(await anna.item("Zorglub"), quantity=GRAMS)
    assert (entry["mass_g"], entry["reason"], entry["source"]) == (50, "no_value", None)
    assert set(entry["coverage"].values()) == {0}
    body = {"date": "2026-11-24", "meal": "lunch", "item_id": str(new_id()), "quantity": GRAMS}
    assert (await anna.table.ask("POST", "/diary", json=body)).status_code == 404
    assert (await anna.table.ask("POST", "/diary", json={**body, "quantity": None})).status_code == 422


async def test_a_stock_that_never_answers_keeps_nobody_from_the_diary(
    database: FreshDatabase, authority: Authority, clock: Clock
) -> None:
    asked = asyncio.Event()

    async def silent(_scope: Any, _receive: Any, _send: Any) -> None:
        asked.set()
        await asyncio.Event().wait()

    settings = Settings(database_url=database.url("nutrition"), database_password=PASSWORD)
    app = create_app(settings, peers=Peers(apps={"auth": authority, "stock": silent}), clock=clock)
    async with calling(app, timeout=30) as client:
        anna = Table(client, authority)
        body: dict[str, Any] = {"date": "2026-11-24", "meal": "lunch"}
        item = {**body, "item_id": str(new_id()), "quantity": GRAMS}
        waiting = [asyncio.create_task(anna.ask("POST", "/diary", json=item)) for _ in range(10)]
        await asked.wait()
        assert (await anna.post("/diary", {**body, "free": "pizza"}))["name"] == "pizza"
        assert not any(task.done() for task in waiting)
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {503}


async def test_an_entry_that_is_written_is_given_again_also_when_its_item_is_gone(anna: Home) -> None:
    item, key = await anna.item("Zorglub"), str(new_id())
    body = {"id": str(new_id()), "date": "2026-11-24", "meal": "lunch", "item_id": item, "quantity": GRAMS}
    entry = await anna.table.post("/diary", body, key=key)
    found = await anna.stock.ask("GET", f"/items/{item}")
    gone = await anna.stock.ask("DELETE", f"/items/{item}", headers={"If-Match": found.headers["etag"]})
    assert gone.status_code == 204
    assert await anna.table.post("/diary", body, key=key) == entry
    assert await anna.table.post("/diary", body) == entry
    assert (await anna.table.ask("POST", "/diary", json={**body, "id": str(new_id())})).status_code == 404
