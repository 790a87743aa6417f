"""What other services do for a household: in one action, with one undo."""

import asyncio
import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from popote_kit.testing import Authority, FreshDatabase, new_id
from popote_stock.queries import ledger
from popote_stock.testing import Kitchen


@pytest.fixture
def household() -> Any:
    return new_id()


@pytest.fixture
def anna(client: httpx.AsyncClient, authority: Authority, household: Any) -> Kitchen:
    return Kitchen(client, authority.bearer(household=household))


@pytest.fixture
def recipes(client: httpx.AsyncClient, authority: Authority, household: Any) -> Kitchen:
    """The recipes service, at work for that household."""
    return Kitchen(client, authority.service_bearer("recipes", "stock", household=household, person=new_id()))


@pytest.fixture
def nutrition(client: httpx.AsyncClient, authority: Authority, household: Any) -> Kitchen:
    """Another service, at work for the same household."""
    return Kitchen(client, authority.service_bearer("nutrition", "stock", household=household, person=new_id()))


def cooked(rice: str) -> dict[str, Any]:
    take = {"item_id": rice, "quantity": {"amount": 200, "unit": "g"}}
    leftovers = {"name": "Risotto", "quantity": {"amount": 2, "unit": "portion"}, "use_by": "2026-12-01"}
    return {"id": str(new_id()), "takes": [take], "adds": [leftovers], "note": "Risotto"}


async def test_a_meal_takes_and_adds_in_one_action_with_one_undo(anna: Kitchen, recipes: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    body = cooked(rice)
    done = await recipes.post("/internal/actions", body)
    assert done["action_id"] == body["id"]
    assert done["takes"][0]["quantity"] == {"amount": 200, "unit": "g"}
    assert done["lots"][0]["quantity"] == {"amount": 2, "unit": "portion"}
    assert (await anna.total("Rice"), await anna.total("Risotto")) == (300, 2)
    action = (await anna.get("/journal"))["items"][0]
    assert (action["kind"], action["service"], action["note"]) == ("service", "recipes", "Risotto")
    await recipes.post(f"/internal/actions/{body['id']}/undo", {})
    assert (await anna.total("Rice"), await anna.total("Risotto")) == (500, 0)


async def test_the_same_id_is_the_same_action_whatever_the_key(anna: Kitchen, recipes: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    body = cooked(rice)
    answers = await asyncio.gather(*(recipes.ask("POST", "/internal/actions", json=body) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (await anna.total("Rice"), await anna.total("Risotto")) == (300, 2)


async def test_nothing_is_added_when_something_is_missing(anna: Kitchen, recipes: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 150)
    refused = await recipes.ask("POST", "/internal/actions", json=cooked(rice))
    assert (refused.status_code, refused.json()["short"][0]["missing"]) == (409, {"amount": 50, "unit": "g"})
    assert (await anna.total("Rice"), await anna.total("Risotto")) == (150, 0)


async def test_the_leftovers_may_be_more_of_what_was_taken(anna: Kitchen, recipes: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    body = cooked(rice)
    body["adds"] = [{"item_id": rice, "quantity": {"amount": 50, "unit": "g"}}]
    await recipes.post("/internal/actions", body)
    assert await anna.total("Rice") == 350


async def test_only_services_may(
    anna: Kitchen, client: httpx.AsyncClient, authority: Authority, household: Any
) -> None:
    rice = await anna.item("Rice")
    elsewhere = authority.service_bearer("recipes", "nutrition", household=household)
    for who in (anna, Kitchen(client, elsewhere), Kitchen(client, {})):
        answer = await who.ask("POST", "/internal/actions", json=cooked(rice))
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")


async def test_another_households_things_are_nothing(
    anna: Kitchen, client: httpx.AsyncClient, authority: Authority
) -> None:
    rice = await anna.item("Rice")
    bought = await anna.buy(rice, 500)
    stranger = Kitchen(client, authority.service_bearer("recipes", "stock", household=new_id()))
    assert (await stranger.ask("POST", "/internal/actions", json=cooked(rice))).status_code == 404
    undo = await stranger.ask("POST", f"/internal/actions/{bought['action_id']}/undo", json={})
    assert undo.status_code == 404
    assert await anna.total("Rice") == 500


async def test_asked_again_it_tells_what_was_done_then(anna: Kitchen, recipes: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    body = cooked(rice)
    body["adds"][0]["price"] = {"amount": 3.3333, "currency": "EUR"}
    done = await recipes.ask("POST", "/internal/actions", json=body)
    risotto = done.json()["lots"][0]
    await anna.use(risotto["item_id"], 1, "portion")
    await anna.post("/freeze", {"lines": [{"lot_id": risotto["id"]}]})
    assert (await recipes.ask("POST", "/internal/actions", json=body)).content == done.content
    used = [action["id"] for action in (await anna.get("/journal"))["items"][:2]]
    for action in (*used, body["id"]):
        await anna.undo(action)
    assert (await recipes.ask("POST", "/internal/actions", json=body)).content == done.content
    assert await anna.total("Risotto") == 0


async def test_an_id_is_that_of_one_request_of_one_service(anna: Kitchen, recipes: Kitchen, nutrition: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    body = cooked(rice)
    await recipes.post("/internal/actions", body)
    used = (await anna.use(rice, 10))["action_id"]
    for who, other in ((recipes, {**body, "note": "x"}), (nutrition, body), (recipes, {**body, "id": used})):
        answer = await who.ask("POST", "/internal/actions", json=other)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/id-taken")
    assert await anna.total("Rice") == 290


async def test_a_service_takes_back_its_own_actions_only(anna: Kitchen, recipes: Kitchen, nutrition: Kitchen) -> None:
    rice = await anna.item("Rice")
    bought = (await anna.buy(rice, 500))["action_id"]
    body = cooked(rice)
    await recipes.post("/internal/actions", body)
    for who, action in ((recipes, bought), (nutrition, body["id"])):
        answer = await who.ask("POST", f"/internal/actions/{action}/undo", json={})
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    undo = (await recipes.post(f"/internal/actions/{body['id']}/undo", {}))["action_id"]
    assert (await recipes.ask("POST", f"/internal/actions/{undo}/undo", json={})).status_code == 404
    told = (await anna.get("/journal"))["items"][0]
    assert (told["id"], told["service"]) == (undo, "recipes")


async def test_what_asks_for_nothing_is_refused(recipes: Kitchen) -> None:
    answer = await recipes.ask("POST", "/internal/actions", json={"id": str(new_id())})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/nothing-to-do")


async def test_who_asks_again_after_a_crash_is_told_what_took_it_back(anna: Kitchen, recipes: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    body = cooked(rice)
    await recipes.post("/internal/actions", body)
    path = f"/internal/actions/{body['id']}/undo"
    answers = await asyncio.gather(*(recipes.ask("POST", path, json={}) for _ in range(6)))
    [undo] = [answer.json()["action_id"] for answer in answers if answer.status_code == 200]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {(each["type"], each["undone_by"]) for each in refused} == {("/problems/already-undone", undo)}
    assert (await anna.total("Rice"), await anna.total("Risotto")) == (500, 0)


async def test_what_stands_again_can_be_taken_back_again(anna: Kitchen, recipes: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    body = cooked(rice)
    await recipes.post("/internal/actions", body)
    path = f"/internal/actions/{body['id']}/undo"
    by_anna = await anna.undo(body["id"])
    refused = await recipes.ask("POST", path, json={})
    assert (refused.status_code, refused.json()["undone_by"]) == (409, by_anna)
    await anna.undo(by_anna)
    assert (await anna.total("Rice"), await anna.total("Risotto")) == (300, 2)
    by_recipes = (await recipes.post(path, {}))["action_id"]
    assert (await anna.total("Rice"), await anna.total("Risotto")) == (500, 0)
    refused = await recipes.ask("POST", path, json={})
    assert (refused.status_code, refused.json()["undone_by"]) == (409, by_recipes)


async def test_whoever_follows_hears_of_what_an_undo_is_about_and_whether_that_stands(
    anna: Kitchen, recipes: Kitchen, database: FreshDatabase
) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    body = cooked(rice)
    await recipes.post("/internal/actions", body)
    last = body["id"]
    for _ in range(3):
        last = await anna.undo(last)
    told = await database.rows("SELECT payload FROM stock.outbox WHERE kind = 'stock_changed' ORDER BY number")
    bought, done, *undone = [json.loads(row["payload"]) for row in told]
    assert not {"root_id", "root_stands"} & (bought.keys() | done.keys())
    assert [(each["root_id"], each["root_stands"]) for each in undone] == [
        (body["id"], False), (body["id"], True), (body["id"], False),
    ]  # fmt: skip


async def test_a_chain_of_undos_is_followed_so_far_and_no_further(
    anna: Kitchen, recipes: Kitchen, household: Any, database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    chain = [(await anna.use(rice, 100))["action_id"]]
    for _ in range(4):
        chain.append(await anna.undo(chain[-1]))
    monkeypatch.setattr(ledger, "MAX_CHAIN", 3)
    async with database.kitchen("stock", household) as kitchen:
        roots = [str(await ledger.find_root(kitchen, UUID(each))) for each in chain]
        lasts = [str((await ledger.read_last_of_chain(kitchen, UUID(each))).id) for each in chain]
    assert roots == [chain[0], chain[0], chain[0], "None", "None"]
    assert lasts == [chain[2], chain[3], chain[4], chain[4], chain[4]]


async def test_leftovers_become_portions_that_keep_by_their_date_and_their_place(
    anna: Kitchen, recipes: Kitchen
) -> None:
    places = {each["name"]: each["id"] for each in (await anna.get("/locations"))["items"]}
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    two = {"name": "Risotto", "quantity": {"amount": 2, "unit": "portion"}}
    adds = [
        {**two, "use_by": "2026-12-01", "location_id": places["Fridge"], "lot_id": str(new_id())},
        {**two, "best_before": "2027-03-01", "location_id": places["Freezer"]},
    ]
    done = await recipes.post("/internal/actions", {**cooked(rice), "adds": adds})
    item = (await anna.get("/items", q="Risotto"))["items"][0]
    assert (item["unit"], item["measure"]) == ("portion", "portion")
    chilled, frozen = done["lots"]
    assert chilled["id"] == adds[0]["lot_id"]
    for lot, place, day, why in (
        (chilled, "Fridge", "2026-12-01", "use_by"),
        (frozen, "Freezer", "2027-03-01", "best_before"),
    ):
        assert (lot["location_id"], lot["expires_on"], lot["expires_why"]) == (places[place], day, why)
        assert lot["quantity"] == {"amount": 2, "unit": "portion"}
    assert (chilled["frozen_at"], frozen["frozen_at"] is None) == (None, False)
    assert await anna.total("Risotto") == 4
    again = {**cooked(rice), "takes": [], "adds": [{**two, "name": "RISOTTO"}]}
    assert (await recipes.post("/internal/actions", again))["lots"][0]["item_id"] == item["id"]


async def test_leftovers_that_can_not_be_counted_as_what_is_called_so_change_nothing(
    anna: Kitchen, recipes: Kitchen
) -> None:
    rice, _ = await anna.item("Rice"), await anna.item("Risotto", "g")
    await anna.buy(rice, 500)
    refused = await recipes.ask("POST", "/internal/actions", json=cooked(rice))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unknown-conversion")
    assert refused.json()["name"] == "Risotto"
    assert refused.json()["errors"][0]["pointer"] == "/adds/0/quantity"
    assert await anna.total("Rice") == 500
