"""What there is of everything, as other services are told: enough to reckon with, and nothing twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from popote_kit.testing import Authority, Clock, FreshDatabase, new_id
from popote_stock.testing import Kitchen, told

SUPPLY = "/internal/supply"


@pytest.fixture
def household() -> Any:
    return new_id()


@pytest.fixture
def anna(client: httpx.AsyncClient, authority: Authority, household: Any) -> Kitchen:
    return Kitchen(client, authority.bearer(household=household, zone="Europe/Paris"))


@pytest.fixture
def recipes(client: httpx.AsyncClient, authority: Authority, household: Any) -> Kitchen:
    """The recipes service, at work for that household."""
    return Kitchen(client, authority.service_bearer("recipes", "stock", household=household, zone="Europe/Paris"))


async def supplied(who: Kitchen) -> dict[str, Any]:
    """Return the items that are told of, by name."""
    return {each["name"]: each for each in (await who.get(SUPPLY))["items"]}


async def test_every_item_is_told_of_with_how_it_counts_and_what_there_is(anna: Kitchen, recipes: Kitchen) -> None:
    food = str(new_id())
    flour = await anna.item(
        "Flour", "kg", is_staple=True, food_id=food,
        conversions=[{"unit": "cup", "equals": {"amount": 120.5, "unit": "g"}}],
        barcodes=[{"code": "4006381333931", "quantity": {"amount": 1, "unit": "kg"}}],
    )  # fmt: skip
    await anna.item("Basil", "bunch")
    gone = await anna.item("Sumac")
    seen = await anna.ask("GET", f"/items/{gone}")
    assert (await anna.ask("DELETE", f"/items/{gone}", headers={"If-Match": seen.headers["etag"]})).status_code == 204
    lot = (await anna.buy(flour, 1.5, "kg", best_before="2027-05-01"))["lots"][0]["id"]
    places = (await anna.get("/locations"))["items"]
    chest = await anna.post("/locations", {"name": "Chest", "is_freezer": True})

    answer = await recipes.get(SUPPLY)
    basil, known = answer["items"]
    assert sorted(answer["freezers"]) == sorted(each["id"] for each in (*places, chest) if each["is_freezer"])
    assert (basil["name"], basil["unit"], basil["measure"], basil["lots"]) == ("Basil", "bunch", "bunch", [])
    assert (basil["food_id"], basil["is_staple"], basil["facts"]) == (None, False, [])
    assert known == {
        "id": flour, "name": "Flour", "food_id": food, "unit": "kg", "measure": "mass", "is_staple": True,
        "facts": [
            {"unit": "cup", "equals": {"amount": 120.5, "unit": "g"}, "source": "household", "is_approximate": False},
            {"unit": "pack", "equals": {"amount": 1, "unit": "kg"}, "source": "product", "is_approximate": False},
        ],
        "lots": [[lot, 1_500_000_000_000, "2027-05-01", False, False]],
    }  # fmt: skip


async def test_lots_stand_in_the_order_in_which_stock_takes_them(anna: Kitchen, recipes: Kitchen, clock: Clock) -> None:
    milk = await anna.item("Milk", "ml")
    today = clock().date()

    async def lot(amount: int, days: int | None, kind: str = "best_before") -> str:
        clock.advance(seconds=1)
        label = {} if days is None else {kind: str(today + timedelta(days))}
        return str((await anna.buy(milk, amount, "ml", **label))["lots"][0]["id"])

    lots = [await lot(10, None), await lot(20, 30), await lot(30, 2, "use_by"), await lot(40, 2), await lot(50, -2)]
    bad, opened = await lot(60, -2, "use_by"), await lot(70, 40)
    emptied = await lot(80, 3)
    await anna.post("/open", {"lines": [{"lot_id": opened}]})
    await anna.use(milk, 80, "ml", lot_id=emptied)

    shown = (await supplied(recipes))["Milk"]["lots"]
    assert [each[1] // 10**6 for each in shown] == [70, 50, 60, 30, 40, 20, 10]
    assert [each[0] for each in shown if each[4]] == [opened]
    past = str(today - timedelta(2))
    assert shown[2] == [bad, 60 * 10**6, past, True, False]
    assert shown[1] == [lots[4], 50 * 10**6, past, False, False]
    assert shown[6] == [lots[0], 10 * 10**6, None, False, False]
    taken = (await anna.use(milk, 220, "ml"))["takes"]
    assert [each["lot_id"] for each in taken] == [each[0] for each in shown if each[0] != bad]


async def test_what_is_known_is_not_told_again(anna: Kitchen, recipes: Kitchen) -> None:
    answer = await recipes.ask("GET", SUPPLY)
    known = answer.headers["etag"]
    assert told(answer)["items"] == []
    for named in (known, f'"x", {known}', f"W/{known}", "*"):
        unchanged = await recipes.ask("GET", SUPPLY, headers={"If-None-Match": named})
        assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", known)
    assert (await recipes.ask("GET", SUPPLY, headers={"If-None-Match": '"x"'})).status_code == 200


async def test_whatever_changes_the_supply_changes_its_tag(
    anna: Kitchen, recipes: Kitchen, database: FreshDatabase
) -> None:
    tags = [(await recipes.ask("GET", SUPPLY)).headers["etag"]]

    async def note() -> None:
        tags.append((await recipes.ask("GET", SUPPLY, headers={"If-None-Match": tags[-1]})).headers["etag"])

    rice = await anna.item("Rice")
    await note()
    bought = await anna.buy(rice, 500)
    await note()
    await anna.post("/open", {"lines": [{"lot_id": bought["lots"][0]["id"]}]})
    await note()
    await anna.undo((await anna.use(rice, 100))["action_id"])
    await note()
    seen = await anna.ask("GET", f"/items/{rice}")
    told(
        await anna.ask("PATCH", f"/items/{rice}", json={"is_staple": True}, headers={"If-Match": seen.headers["etag"]})
    )
    await note()
    await anna.post("/locations", {"name": "Chest", "is_freezer": True})
    await note()
    await database.run("UPDATE stock.epoch SET id = gen_random_uuid()")  # a backup was restored
    await note()
    assert len(set(tags)) == len(tags) == 8


async def test_another_day_is_another_supply(
    client: httpx.AsyncClient, authority: Authority, household: Any, clock: Clock
) -> None:
    clock.now = datetime(2026, 6, 1, 21, 59, tzinfo=UTC)
    paris = Kitchen(client, authority.service_bearer("recipes", "stock", household=household, zone="Europe/Paris"))
    before = await paris.ask("GET", SUPPLY)
    clock.advance(minutes=1)
    after = await paris.ask("GET", SUPPLY, headers={"If-None-Match": before.headers["etag"]})
    assert (told(before)["today"], told(after)["today"]) == ("2026-06-01", "2026-06-02")


async def test_only_services_are_told_and_only_of_their_household(
    anna: Kitchen, client: httpx.AsyncClient, authority: Authority, household: Any
) -> None:
    await anna.buy(await anna.item("Rice"), 500)
    elsewhere = authority.service_bearer("recipes", "nutrition", household=household)
    for who in (anna, Kitchen(client, elsewhere), Kitchen(client, {})):
        answer = await who.ask("GET", SUPPLY)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
    stranger = Kitchen(client, authority.service_bearer("recipes", "stock", household=new_id()))
    assert await supplied(stranger) == {}
