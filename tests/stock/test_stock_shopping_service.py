"""What another service has counted as missing is put on a list, once, however often it is asked for."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from popote_kit.testing import Authority, new_id
from popote_stock.testing import Kitchen, Shop

SHOPPING = "/internal/shopping"


@pytest.fixture
def household() -> Any:
    return new_id()


@pytest.fixture
def anna(client: httpx.AsyncClient, authority: Authority, household: Any) -> Kitchen:
    return Kitchen(client, authority.bearer(household=household))


@pytest.fixture
def recipes(client: httpx.AsyncClient, authority: Authority, household: Any) -> Kitchen:
    """The recipes service, at work for that household and somebody in it."""
    return Kitchen(client, authority.service_bearer("recipes", "stock", household=household, person=new_id()))


def need(what: dict[str, str], amount: float, unit: str = "g") -> dict[str, Any]:
    return {**what, "quantity": {"amount": amount, "unit": unit}}


def shown(lines: list[dict[str, Any]]) -> list[tuple[str, Any, str]]:
    """Return name, amount and unit of each line."""
    return [(line["name"], line["quantity"]["amount"], line["quantity"]["unit"]) for line in lines]


async def test_what_is_missing_is_put_on_a_first_list_and_asked_again_nothing_changes(
    anna: Kitchen, recipes: Kitchen
) -> None:
    cheese = await anna.item("Cheese")
    await anna.buy(cheese, 250)
    body = {"needs": [need({"item_id": cheese}, 100), need({"name": "Cumin"}, 2, "tsp"), need({"name": "CHEESE"}, 50)]}
    done = await recipes.post(SHOPPING, body)
    (made,) = (await anna.get("/lists"))["items"]
    assert (made["id"], made["name"], made["open"]) == (done["list_id"], "Shopping", 2)
    assert shown(done["items"]) == [("Cheese", 150, "g"), ("Cumin", 2, "tsp")]
    lines = await Shop(anna, made["id"]).lines()
    assert await recipes.post(SHOPPING, body) == done
    assert await Shop(anna, made["id"]).lines() == lines
    more = await recipes.post(SHOPPING, {"needs": [need({"item_id": cheese}, 0.4, "kg")]})
    assert shown(more["items"]) == [("Cheese", 400, "g")]


async def test_what_stands_on_any_list_counts_until_it_comes_home(anna: Kitchen, recipes: Kitchen) -> None:
    cheese = await anna.item("Cheese")
    market, monday = await Shop.open(anna, "Market"), await Shop.open(anna, "Monday")
    [line] = await market.add(need({"item_id": cheese}, 60))
    body = {"list_id": monday.id, "needs": [need({"item_id": cheese}, 100)]}
    first = await recipes.post(SHOPPING, body)
    assert {(each["list_id"], each["quantity"]["amount"]) for each in first["items"]} == {
        (market.id, 60), (monday.id, 40),
    }  # fmt: skip
    assert first["list_id"] == monday.id
    await market.tick(line["id"], at=datetime.now(UTC))
    again = await recipes.post(SHOPPING, body)
    assert {(each["is_ticked"], each["quantity"]["amount"]) for each in again["items"]} == {(True, 60), (False, 40)}
    await market.bring_home()
    more = await recipes.post(SHOPPING, body)
    assert [(each["list_id"], each["quantity"]["amount"]) for each in more["items"]] == [(monday.id, 100)]


async def test_who_counted_what_has_changed_since_is_told_so(anna: Kitchen, recipes: Kitchen) -> None:
    body = {"needs": [need({"name": "Cumin"}, 2, "tsp")]}
    for _ in range(2):  # before the household's first write too
        counted = (await recipes.ask("GET", "/internal/supply")).headers["etag"]
        assert (await recipes.ask("POST", SHOPPING, json=body, headers={"If-Match": counted})).status_code == 200
        stale = await recipes.ask("POST", SHOPPING, json=body, headers={"If-Match": counted})
        assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")
    await anna.buy(await anna.item("Cheese"), 250)
    assert (await recipes.ask("POST", SHOPPING, json=body, headers={"If-Match": counted})).status_code == 412


async def test_some_of_a_thing_is_put_there_unless_any_of_it_is(anna: Kitchen, recipes: Kitchen) -> None:
    basil = await anna.item("Basil")
    body = {"needs": [{"item_id": basil}, {"name": "Chives"}, {"name": "Cumin"}]}
    week = await Shop.open(anna, "Week")
    [line] = await week.add(need({"name": "Cumin"}, 2, "tsp"))
    await week.tick(line["id"], at=datetime.now(UTC))
    done = await recipes.post(SHOPPING, body)
    assert sorted((each["name"], each["quantity"] and each["quantity"]["unit"]) for each in done["items"]) == [
        ("Basil", None), ("Chives", None), ("Cumin", "tsp"),
    ]  # fmt: skip
    assert await recipes.post(SHOPPING, body) == done
    more = await recipes.post(SHOPPING, {"needs": [need({"item_id": basil}, 20)]})
    assert shown(more["items"]) == [("Basil", 20, "g")]
    assert await recipes.post(SHOPPING, {"needs": [{"item_id": basil}]}) == more


async def test_the_list_is_the_one_that_is_named_or_else_the_first_by_name(anna: Kitchen, recipes: Kitchen) -> None:
    week, market = await Shop.open(anna, "Week"), await Shop.open(anna, "Market")
    needs = [need({"name": "Cumin"}, 2, "tsp")]
    assert (await recipes.post(SHOPPING, {"needs": needs}))["list_id"] == market.id
    assert (await recipes.post(SHOPPING, {"needs": needs, "list_name": " wéek "}))["list_id"] == week.id
    party = (await recipes.post(SHOPPING, {"needs": needs, "list_name": "Party"}))["list_id"]
    assert [each["name"] for each in (await anna.get("/lists"))["items"]] == ["Market", "Party", "Week"]
    assert party not in (week.id, market.id)
    assert await Shop(anna, party).lines() == await week.lines() == []  # it stands on the market's


async def test_a_first_list_has_its_name_in_the_households_language(
    client: httpx.AsyncClient, authority: Authority, household: Any, anna: Kitchen
) -> None:
    french = Kitchen(client, authority.service_bearer("recipes", "stock", household=household, lang="fr"))
    await french.post(SHOPPING, {"needs": [need({"name": "Cumin"}, 2, "tsp")]})
    assert [each["name"] for each in (await anna.get("/lists"))["items"]] == ["Courses"]


async def test_who_ask_at_once_put_it_there_once(anna: Kitchen, recipes: Kitchen) -> None:
    cheese = await anna.item("Cheese")
    body = {"needs": [need({"item_id": cheese}, 150), need({"name": "Cumin"}, 2, "tsp")]}
    answers = await asyncio.gather(*(recipes.post(SHOPPING, body) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    (made,) = (await anna.get("/lists"))["items"]
    assert sorted(shown(await Shop(anna, made["id"]).lines())) == [("Cheese", 150, "g"), ("Cumin", 2, "tsp")]


async def test_phones_hear_of_it(anna: Kitchen, recipes: Kitchen) -> None:
    since = (await anna.get("/changes"))["version"]
    done = await recipes.post(SHOPPING, {"needs": [need({"name": "Cumin"}, 2, "tsp")]})
    changes = (await anna.get("/changes", since=since))["changes"]
    assert [(each["kind"], each["id"]) for each in changes] == [
        ("list", done["list_id"]), ("list_line", done["items"][0]["id"]),
    ]  # fmt: skip


async def test_what_can_not_be_put_there_changes_nothing(anna: Kitchen, recipes: Kitchen) -> None:
    cheese = await anna.item("Cheese")
    for body, status, problem in (
        ({"needs": [need({"item_id": str(new_id())}, 1)]}, 404, "not-found"),
        ({"list_id": str(new_id()), "needs": [need({"item_id": cheese}, 1)]}, 404, "not-found"),
        ({"needs": [need({"item_id": cheese}, 1, "clove")]}, 422, "unknown-conversion"),
        ({"needs": [need({"item_id": cheese}, 1, "smidgen")]}, 422, "unknown-unit"),
        ({"needs": [need({"item_id": cheese, "name": "Cheese"}, 1)]}, 422, "invalid"),
        ({"needs": []}, 422, "invalid"),
        ({"needs": [need({"item_id": cheese}, 1)] * 201}, 422, "invalid"),
        ({"needs": [need({"item_id": cheese}, 1)], "list_name": " "}, 422, "invalid"),
    ):
        answer = await recipes.ask("POST", SHOPPING, json=body)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}"), answer.text
    assert (await anna.get("/lists"))["items"] == []


async def test_only_services_may(
    anna: Kitchen, client: httpx.AsyncClient, authority: Authority, household: Any
) -> None:
    elsewhere = authority.service_bearer("recipes", "nutrition", household=household)
    for who in (anna, Kitchen(client, elsewhere), Kitchen(client, {})):
        answer = await who.ask("POST", SHOPPING, json={"needs": [need({"name": "Cumin"}, 2, "tsp")]})
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
    stranger = Kitchen(client, authority.service_bearer("recipes", "stock", household=new_id()))
    week = await Shop.open(anna, "Week")
    body = {"list_id": week.id, "needs": [need({"name": "Cumin"}, 2, "tsp")]}
    assert (await stranger.ask("POST", SHOPPING, json=body)).status_code == 404
