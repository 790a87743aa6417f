"""What many do at the same moment: nothing is taken twice, nothing is lost, and a phone beside them misses nothing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

import httpx
import pytest

from popote_kit.testing import Authority, FreshDatabase, new_id
from popote_stock.testing import Kitchen

WRITERS = 8
TABLES = """
    SELECT 'lot' AS kind, id FROM stock.lot WHERE amount > 0
    UNION ALL SELECT 'item', id FROM stock.item WHERE deleted_at IS NULL
    UNION ALL SELECT 'location', id FROM stock.location
    UNION ALL SELECT 'category', id FROM stock.category
    UNION ALL SELECT 'list', id FROM stock.list
    UNION ALL SELECT 'list_line', id FROM stock.list_line
"""


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def line(item: str, amount: float, **more: Any) -> dict[str, Any]:
    return {"item_id": item, "quantity": {"amount": amount, "unit": "g"}, **more}


async def until_it_is_free(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Ask again for as long as a twin is at it."""
    while (answer := await ask()).status_code == 409 and answer.json()["type"] == "/problems/key-in-use":
        pass
    return answer


@pytest.mark.parametrize("names_the_lot", [False, True])
async def test_of_sixty_four_who_take_the_last_one_gets_it(anna: Kitchen, names_the_lot: bool) -> None:
    rice = await anna.item("Rice")
    lot = (await anna.buy(rice, 100))["lots"][0]["id"]
    body = {"lines": [line(rice, 100, **({"lot_id": lot} if names_the_lot else {}))]}
    answers = await asyncio.gather(*(anna.ask("POST", "/consume", json=body) for _ in range(64)))
    assert statuses(answers) == {200: 1, 409: 63}
    refusals = [answer.json() for answer in answers if answer.status_code == 409]
    assert {refusal["type"] for refusal in refusals} == {"/problems/not-enough-stock"}
    assert refusals[0]["short"] == [{"item_id": rice, "missing": {"amount": 100, "unit": "g"}}]
    assert await anna.on_hand() == {}
    assert (await anna.get("/check"))["differences"] == []


async def test_of_sixty_four_who_take_a_third_three_get_it(anna: Kitchen) -> None:
    cabbage = await anna.item("Cabbage", "piece")
    await anna.buy(cabbage, 1, "piece")
    third = {"item_id": cabbage, "quantity": {"amount": 0.333333, "unit": "piece"}}
    answers = await asyncio.gather(*(anna.ask("POST", "/consume", json={"lines": [third]}) for _ in range(64)))
    assert statuses(answers) == {200: 3, 409: 61}
    assert await anna.on_hand() == {}


async def test_one_key_sent_a_hundred_times_at_once_is_one_use_and_one_answer(
    anna: Kitchen, database: FreshDatabase
) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 1000)
    body = {"lines": [line(rice, 10)]}
    answers = await asyncio.gather(
        *(until_it_is_free(lambda: anna.ask("POST", "/consume", key="k-1", json=body)) for _ in range(100))
    )
    assert statuses(answers) == {200: 100}
    assert len({answer.content for answer in answers}) == 1
    assert await anna.total("Rice") == 990
    assert len(await database.rows("SELECT FROM stock.action WHERE kind = 'consume'")) == 1


async def test_of_fifty_who_undo_the_same_one_does(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 1000)
    used = (await anna.use(rice, 400))["action_id"]
    answers = await asyncio.gather(*(anna.ask("POST", "/undo", json={"action_id": used}) for _ in range(50)))
    assert statuses(answers) == {200: 1, 409: 49}
    (undo,) = [answer.json()["action_id"] for answer in answers if answer.is_success]
    assert {answer.json().get("undone_by", undo) for answer in answers} == {undo}
    assert await anna.total("Rice") == 1000


async def test_a_name_that_many_buy_at_once_is_one_item(anna: Kitchen, database: FreshDatabase) -> None:
    spellings = ("Crème fraîche", "creme fraiche", "CRÈME FRAÎCHE", " Crème fraîche ")
    bodies = [{"lines": [{"name": name, "quantity": {"amount": 2, "unit": "dl"}}]} for name in spellings * 4]
    answers = await asyncio.gather(*(anna.ask("POST", "/purchases", json=body) for body in bodies))
    assert statuses(answers) == {201: 16}
    assert len({answer.json()["lots"][0]["item_id"] for answer in answers}) == 1
    assert len(await database.rows("SELECT FROM stock.item")) == 1


async def test_what_a_service_asks_for_many_times_at_once_is_done_once(
    anna: Kitchen, client: httpx.AsyncClient, authority: Authority, database: FreshDatabase
) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 1000)
    household = (await database.rows("SELECT household_id FROM stock.item"))[0][0]
    recipes = Kitchen(client, authority.service_bearer("recipes", "stock", household=household, person=new_id()))
    body = {"id": str(new_id()), "takes": [line(rice, 250)]}
    answers = await asyncio.gather(*(recipes.ask("POST", "/internal/actions", json=body) for _ in range(20)))
    assert statuses(answers) == {200: 20}
    assert {answer.json()["action_id"] for answer in answers} == {body["id"]}
    assert await anna.total("Rice") == 750


async def test_who_moves_things_to_a_place_that_is_just_being_made_or_forgotten_gets_an_answer(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    lots = [(await anna.buy(rice, 100))["lots"][0]["id"] for _ in range(4)]
    for _ in range(6):
        shelf = str(new_id())
        moves = [
            anna.ask("POST", path, json={"lines": [{"lot_id": lot, "location_id": shelf}]})
            for lot in lots
            for path in ("/move", "/freeze", "/thaw")
        ]
        made = anna.ask("POST", "/locations", json={"id": shelf, "name": shelf, "is_freezer": True})
        forgotten = [anna.ask("DELETE", f"/locations/{shelf}", headers={"If-Match": "*"}) for _ in range(3)]
        answers = await asyncio.gather(*moves[:4], made, *moves[4:8], *forgotten, *moves[8:])
        assert {answer.status_code for answer in answers} <= {200, 201, 204, 404, 409}
    assert (await anna.get("/check"))["differences"] == []


class Phone:
    """A phone that holds what `changes` told it, and never looks at anything else."""

    def __init__(self, who: Kitchen) -> None:
        self.who = who
        self.version = 0
        self.rows: dict[tuple[str, str], Any] = {}

    async def sync(self) -> None:
        """Ask for what changed, page by page; see that versions never go back."""
        cursor: str | None = None
        last = self.version
        while True:
            asked = {"since": self.version, "limit": 7, **({"cursor": cursor} if cursor else {})}
            page = await self.who.get("/changes", **asked)
            for change in page["changes"]:
                assert change["version"] >= last
                last = change["version"]
                self.hear(change)
            cursor = page["next_cursor"]
            if cursor is None:
                assert page["version"] >= self.version
                self.version = page["version"]
                return

    def hear(self, change: dict[str, Any]) -> None:
        if change["deleted"]:
            self.rows.pop((change["kind"], change["id"]), None)
        else:
            self.rows[change["kind"], change["id"]] = change["data"]


class Writer:
    """Somebody who does whatever comes to mind."""

    def __init__(self, who: Kitchen, random: Random) -> None:
        self.who = who
        self.random = random
        self.done: list[str] = []

    async def write(self) -> None:
        deed = self.random.choice(
            (self.buy, self.buy, self.use, self.use, self.undo, self.edit, self.rename, self.move, self.list, self.tick)
        )
        answer = await deed()
        assert answer.status_code < 500, answer.text
        if answer.is_success and "action_id" in answer.text:
            self.done.append(answer.json()["action_id"])

    async def some(self, path: str) -> dict[str, Any]:
        """Return something that there is, or was a moment ago."""
        answer = await self.who.ask("GET", path)
        items = answer.json().get("items")  # none where somebody deleted it meanwhile
        return dict(self.random.choice(items)) if items else {"id": str(new_id())}

    async def item(self) -> str:
        return str((await self.some("/items"))["id"])

    async def buy(self) -> httpx.Response:
        quantity = {"amount": self.random.randrange(1, 300), "unit": "g"}
        name = self.random.choice(("Rice", "Lentils", "Salt", "Sugar", "Flour", "Tea"))
        return await self.who.ask("POST", "/purchases", json={"lines": [{"name": name, "quantity": quantity}] * 2})

    async def use(self) -> httpx.Response:
        amount = self.random.choice((50, 100, 250))
        return await self.who.ask("POST", "/consume", json={"lines": [line(await self.item(), amount)]})

    async def undo(self) -> httpx.Response:
        action = self.random.choice([*self.done, str(new_id())])
        return await self.who.ask("POST", "/undo", json={"action_id": action})

    async def edit(self) -> httpx.Response:
        body = {
            "unit": self.random.choice(("g", "kg")),
            "category": self.random.choice(("Dry", "Sweet", None)),
            "shelf_life": {"purchased": self.random.randrange(30)},
        }
        path = f"/items/{await self.item()}"
        if self.random.randrange(4) == 0:
            return await self.who.ask("DELETE", path, headers={"If-Match": "*"})
        return await self.who.ask("PATCH", path, json=body, headers={"If-Match": "*"})

    async def rename(self) -> httpx.Response:
        noun = self.random.choice(("items", "locations", "categories", "lists"))
        path = f"/{noun}/{(await self.some(f'/{noun}'))['id']}"
        if noun != "items" and self.random.randrange(3) == 0:
            return await self.who.ask("DELETE", path, headers={"If-Match": "*"})
        return await self.who.ask("PATCH", path, json={"name": str(new_id())}, headers={"If-Match": "*"})

    async def move(self) -> httpx.Response:
        place, lot = await self.some("/locations"), await self.some(f"/items/{await self.item()}/lots")
        part = {"lot_id": lot["id"], "location_id": place["id"], "quantity": {"amount": 10, "unit": "g"}}
        return await self.who.ask("POST", "/move", json={"lines": [part]})

    async def list(self) -> httpx.Response:
        if self.random.randrange(3) == 0:
            return await self.who.ask("POST", "/lists", json={"name": self.random.choice(("Market", "Mill"))})
        lines = [{"item_id": await self.item(), "quantity": {"amount": 100, "unit": "g"}}, {"name": "Candles"}]
        return await self.who.ask("POST", f"/lists/{(await self.some('/lists'))['id']}/items", json={"lines": lines})

    async def tick(self) -> httpx.Response:
        path = f"/lists/{(await self.some('/lists'))['id']}"
        if self.random.randrange(3) == 0:
            return await self.who.ask("POST", f"{path}/commit", json={})
        ticks = [{"line_id": (await self.some(f"{path}/items"))["id"], "is_ticked": True, "at": "2026-11-20T10:00:00Z"}]
        return await self.who.ask("PUT", f"{path}/ticks", json={"ticks": ticks})


@pytest.mark.parametrize("seed", range(3))
async def test_a_phone_beside_eight_writers_misses_nothing(anna: Kitchen, database: FreshDatabase, seed: int) -> None:
    phone = Phone(anna)
    writers = [Writer(anna, Random(f"{seed} {number}")) for number in range(WRITERS)]  # noqa: S311 - a game

    async def write(writer: Writer) -> None:
        for _ in range(25):
            await writer.write()

    writing = asyncio.gather(*map(write, writers))
    while not writing.done():
        await phone.sync()
    await writing
    await phone.sync()
    fresh = Phone(anna)
    await fresh.sync()
    assert phone.rows == fresh.rows
    assert phone.version == fresh.version
    lots = {lot["id"]: lot for each in (await anna.on_hand()).values() for lot in each["lots"]}
    assert {id: row for (kind, id), row in phone.rows.items() if kind == "lot"} == lots
    assert phone.rows.keys() == {(row["kind"], str(row["id"])) for row in await database.rows(TABLES)}
