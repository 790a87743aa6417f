"""Who may do what with shopping lists, and that another household's might as well not be there."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from popote_kit.identity import Role
from popote_kit.testing import Authority, Clock, FreshDatabase, new_id
from popote_stock.testing import Kitchen, Shop

Person = Callable[[Role], Kitchen]
TABLES = ("list", "list_line", "item", "lot", "action", "tombstone")


@pytest.fixture
def someone(client: httpx.AsyncClient, authority: Authority) -> Person:
    """Someone of one household, in a role."""
    home = new_id()
    return lambda role: Kitchen(client, authority.bearer(household=home, role=role))


def calls(shop: str, line: str, item: str, aisle: str, at: str) -> dict[str, tuple[str, str, Any]]:
    """Every operation upon a list, by name."""
    return {
        "read": ("GET", f"/lists/{shop}", None),
        "read lines": ("GET", f"/lists/{shop}/items", None),
        "edit": ("PATCH", f"/lists/{shop}", {"name": "Mine", "aisles": [aisle]}),
        "add": ("POST", f"/lists/{shop}/items", {"lines": [{"item_id": item}]}),
        "edit line": ("PATCH", f"/lists/{shop}/items/{line}", {"note": "mine"}),
        "delete line": ("DELETE", f"/lists/{shop}/items/{line}", None),
        "tick": ("PUT", f"/lists/{shop}/ticks", {"ticks": [{"line_id": line, "is_ticked": True, "at": at}]}),
        "fill": (
            "POST",
            f"/lists/{shop}/fill",
            {"needs": [{"item_id": item, "quantity": {"amount": 1, "unit": "g"}}]},
        ),
        "bring home": ("POST", f"/lists/{shop}/commit", {"lines": [{"line_id": line}]}),
        "delete": ("DELETE", f"/lists/{shop}", None),
    }


async def ask(who: Kitchen, call: tuple[str, str, Any]) -> httpx.Response:
    method, path, body = call
    options = {} if body is None else {"json": body}
    return await who.ask(method, path, headers={"If-Match": "*"}, **options)


async def everything(database: FreshDatabase) -> list[Any]:
    return [await database.rows(f"SELECT * FROM stock.{table} ORDER BY 1, 2, 3") for table in TABLES]  # noqa: S608 - fixed names


async def stocked(who: Kitchen, clock: Clock) -> dict[str, tuple[str, str, Any]]:
    """Make a list with a ticked line; return every operation upon it."""
    shop = await Shop.open(who)
    item = await who.item("Rice", "g", category="Dry")
    (line,) = await shop.add({"item_id": item})
    await shop.tick(line["id"], at=clock())
    return calls(shop.id, line["id"], item, line["category_id"], clock().isoformat())


async def test_another_households_lists_are_as_unknown_ones(
    anna: Kitchen, someone: Person, clock: Clock, database: FreshDatabase
) -> None:
    theirs = await stocked(anna, clock)
    nothing = calls(str(new_id()), str(new_id()), str(new_id()), str(new_id()), clock().isoformat())
    before = await everything(database)
    for name, call in theirs.items():
        answer, unknown = await ask(someone("owner"), call), await ask(someone("owner"), nothing[name])
        assert answer.status_code == unknown.status_code == 404, name
        assert {**answer.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}, name
    assert await everything(database) == before


async def test_another_households_things_are_not_put_on_a_list(
    anna: Kitchen, someone: Person, clock: Clock, database: FreshDatabase
) -> None:
    theirs = await stocked(anna, clock)
    me = someone("owner")
    mine = await Shop.open(me)
    await me.item("Salt")
    bodies = {
        name: (method, mine.path + path[len(theirs["read"][1]) :], body)
        for name, (method, path, body) in theirs.items()
    }
    before = await everything(database)
    for name in ("edit", "add", "edit line", "delete line", "fill", "bring home"):
        assert (await ask(me, bodies[name])).status_code == 404, name
    ticked = (await ask(me, bodies["tick"])).json()
    assert (ticked["items"], len(ticked["gone"])) == ([], 1)
    assert await everything(database) == before


@pytest.mark.parametrize("role", ["child", "guest"])
async def test_children_read_and_tick_and_guests_read(someone: Person, clock: Clock, role: Role) -> None:
    everyone_may = {"read", "read lines"}
    may = everyone_may | ({"tick"} if role == "child" else set())
    for name, call in (await stocked(someone("owner"), clock)).items():
        answer = await ask(someone(role), call)
        assert answer.status_code == (200 if name in may else 403), name
    assert (await someone(role).ask("POST", "/lists", json={"name": "Sweets"})).status_code == 403
    assert len((await someone(role).get("/lists"))["items"]) == 1


async def test_adults_may_do_everything(someone: Person, clock: Clock) -> None:
    done = await stocked(someone("adult"), clock)
    for name, call in done.items():
        if name != "delete line":
            assert (await ask(someone("adult"), call)).status_code in (200, 204), name


async def test_without_a_token_nobody_is_told_anything(client: httpx.AsyncClient, anna: Kitchen, clock: Clock) -> None:
    for name, (method, path, body) in (await stocked(anna, clock)).items():
        options: dict[str, Any] = {} if body is None else {"json": body}
        answer = await client.request(method, f"/api/stock{path}", **options)
        assert answer.status_code == 401, name
