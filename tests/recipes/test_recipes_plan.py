"""The plan: dishes put on days, changed, copied, taken off; who sees and does it, and what phones hear of it."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from popote_kit.testing import Clock, FreshDatabase, new_id
from popote_recipes.testing import Cook

PLAN = "/api/recipes/plan"
MONDAY = "2035-06-04"


def day(after: int) -> str:
    """Return the day so many days after Monday."""
    return (date.fromisoformat(MONDAY) + timedelta(days=after)).isoformat()


async def planned(cook: Cook, on: str = MONDAY, meal: str = "dinner", **more: Any) -> dict[str, Any]:
    return dict(await cook.post(PLAN, {"date": on, "meal": meal, **({"title": "Pizza out"} | more)}))


async def of_recipe(cook: Cook, recipe: dict[str, Any], on: str = MONDAY, **more: Any) -> dict[str, Any]:
    return dict(await cook.post(PLAN, {"date": on, "meal": "dinner", "recipe_id": recipe["id"], **more}))


async def test_a_recipe_is_planned_for_as_many_as_it_is_for_unless_told(anna: Cook) -> None:
    soup = await anna.recipe("Soup", "1 onion", servings=4)
    usual = await of_recipe(anna, soup)
    more = await of_recipe(anna, soup, servings=2.5, note=" for Max ")
    assert (usual["title"], usual["servings"], usual["recipe_id"], usual["cook_id"]) == ("Soup", 4, soup["id"], None)
    assert (more["servings"], more["note"], more["created_by"]) == (2.5, "for Max", str(anna.person))
    assert await anna.get(f"{PLAN}/{more['id']}") == more
    assert (await anna.get(PLAN, **{"from": MONDAY, "to": MONDAY}))["items"] == [usual, more]


async def test_a_dish_may_be_planned_without_a_recipe(anna: Cook) -> None:
    pizza = await planned(anna)
    assert (pizza["title"], pizza["recipe_id"], pizza["servings"]) == ("Pizza out", None, None)


async def test_a_plan_is_in_the_order_of_days_meals_and_when_things_were_put_there(anna: Cook) -> None:
    for on, meal, title in [
        (day(1), "breakfast", "6"),
        (MONDAY, "dinner", "4"),
        (MONDAY, "snack", "3"),
        (MONDAY, "dinner", "5"),
        (MONDAY, "lunch", "2"),
        (MONDAY, "breakfast", "1"),
    ]:
        await planned(anna, on, meal, title=title)
    plan = await anna.get(PLAN, **{"from": MONDAY})
    assert [each["title"] for each in plan["items"]] == ["1", "2", "3", "4", "5", "6"]
    assert (plan["from"], plan["to"]) == (MONDAY, day(6))


async def test_without_days_it_is_the_plan_of_a_week_from_the_households_today_on(anna: Cook, clock: Clock) -> None:
    clock.now = datetime(2035, 6, 4, 23, 30, tzinfo=UTC)
    paris, lima = await anna.get(PLAN), await anna.beside(zone="America/Lima").get(PLAN)
    assert [(plan["from"], plan["to"]) for plan in (paris, lima)] == [(day(1), day(7)), (day(0), day(6))]
    assert (await anna.get(PLAN, to=day(3)))["from"] == day(1)
    assert (await anna.get(PLAN, to=day(-3)))["from"] == day(-3)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "2025-06-02", "to": "2025-06-01"}, "/to"),
        ({"from": "2025-06-02", "to": "2025-09-02"}, "/to"),
        ({"from": "1899-12-31"}, "/from"),
        ({"from": "2025-06-02", "to": "2201-01-01"}, "/to"),
    ],
)
async def test_a_plan_is_read_of_92_days_at_most(anna: Cook, query: dict[str, str], pointer: str) -> None:
    answer = await anna.ask("GET", PLAN, params=query)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    await anna.get(PLAN, **{"from": "2025-06-02", "to": "2025-09-01"})
    await anna.get(PLAN, **{"from": "2200-12-30"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "Pizza", "recipe_id": str(new_id())},
        {"title": None},
        {"date": "2300-01-01"},
        {"date": "1800-01-01"},
        {"meal": "supper"},
        {"servings": 0},
        {"servings": 1001},
        {"title": "x" * 201},
        {"title": " "},
        {"note": "x" * 2001},
        {"cook_id": str(new_id())},
    ],
)
async def test_what_makes_no_sense_is_not_planned(anna: Cook, wrong: dict[str, Any]) -> None:
    body = {"date": MONDAY, "meal": "dinner", "title": "Pizza", **wrong}
    answer = await anna.ask("POST", PLAN, json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
    assert (await anna.get(PLAN, **{"from": MONDAY}))["items"] == []


async def test_a_recipe_that_there_is_not_is_not_planned(anna: Cook) -> None:
    body = {"date": MONDAY, "meal": "lunch", "recipe_id": str(new_id())}
    assert (await anna.ask("POST", PLAN, json=body)).status_code == 404
    theirs = await anna.elsewhere().recipe("Soup", "1 onion")
    assert (await anna.ask("POST", PLAN, json={**body, "recipe_id": theirs["id"]})).status_code == 404


async def test_the_same_id_is_the_same_entry_also_after_it_was_taken_off(anna: Cook) -> None:
    id = str(new_id())
    first = await planned(anna, id=id)
    assert await planned(anna, id=id, title="Sushi", meal="lunch") == first
    await anna.delete(f"{PLAN}/{id}")
    answer = await anna.ask("POST", PLAN, json={"id": id, "date": MONDAY, "meal": "lunch", "title": "Sushi"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/id-taken")
    assert (await anna.ask("GET", f"{PLAN}/{id}")).status_code == 404


async def test_a_day_has_twenty_entries_at_most(anna: Cook) -> None:
    entries = [await planned(anna, title=str(number)) for number in range(20)]
    tuesday = await planned(anna, day(1))
    path, headers = f"{PLAN}/{tuesday['id']}", {"If-Match": f'"{tuesday["version"]}"'}
    for answer in [
        await anna.ask("POST", PLAN, json={"date": MONDAY, "meal": "snack", "title": "21"}),
        await anna.ask("POST", f"{PLAN}/copy", json={"from_date": day(1), "to_date": MONDAY, "days": 1}),
        await anna.ask("PATCH", path, json={"date": MONDAY}, headers=headers),
    ]:
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/too-many-of-these")
    await anna.edit(f"{PLAN}/{entries[0]['id']}", {"date": MONDAY, "meal": "lunch"})


async def test_an_edit_names_the_version_that_it_read(anna: Cook) -> None:
    made = await planned(anna)
    path = f"{PLAN}/{made['id']}"
    assert (await anna.ask("PATCH", path, json={"meal": "lunch"})).status_code == 428
    stale = await anna.ask("PATCH", path, json={"meal": "lunch"}, headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.headers["etag"]) == (412, f'"{made["version"]}"')
    assert (await anna.ask("DELETE", path)).status_code == 428
    assert await anna.edit(path, {"meal": "dinner"}) == made
    changed = await anna.edit(path, {"meal": "lunch", "date": day(1), "note": "late", "servings": 3})
    expected = {"meal": "lunch", "date": day(1), "note": "late", "servings": 3, "version": changed["version"]}
    assert changed == made | expected


async def test_an_entry_may_become_another_dish(anna: Cook) -> None:
    soup, cake = await anna.recipe("Soup", "1 onion", servings=4), await anna.recipe("Cake", "1 egg", servings=8)
    path = f"{PLAN}/{(await planned(anna))['id']}"
    as_soup = await anna.edit(path, {"recipe_id": soup["id"]})
    assert (as_soup["recipe_id"], as_soup["title"], as_soup["servings"]) == (soup["id"], "Soup", 4)
    as_cake = await anna.edit(path, {"recipe_id": cake["id"]})
    assert (as_cake["title"], as_cake["servings"]) == ("Cake", 4)
    out = await anna.edit(path, {"title": "Bistro"})
    assert (out["recipe_id"], out["title"]) == (None, "Bistro")
    both = {"recipe_id": soup["id"], "title": "Bistro"}
    answer = await anna.ask("PATCH", path, json=both, headers={"If-Match": f'"{out["version"]}"'})
    assert answer.status_code == 422


async def test_a_week_is_planned_as_another_was(anna: Cook) -> None:
    soup = await anna.recipe("Soup", "1 onion", servings=4)
    await of_recipe(anna, soup, servings=6, note="big pot")
    await planned(anna, title="first")
    await planned(anna, title="second")
    await planned(anna, day(6), "lunch", title="Sunday")
    await planned(anna, day(7), "lunch", title="next week's")
    body = {"from_date": MONDAY, "to_date": day(7)}
    key = str(new_id())
    copies = (await anna.post(f"{PLAN}/copy", body, key=key))["items"]
    assert await anna.post(f"{PLAN}/copy", body, key=key) == {"items": copies}
    shown = [(each["date"], each["title"], each["servings"], each["note"]) for each in copies]
    assert shown == [
        (day(7), "Soup", 6, "big pot"),
        (day(7), "first", None, ""),
        (day(7), "second", None, ""),
        (day(13), "Sunday", None, ""),
    ]
    there = (await anna.get(PLAN, **{"from": day(7)}))["items"]
    assert [each["title"] for each in there] == ["next week's", "Soup", "first", "second", "Sunday"]
    assert (await anna.post(f"{PLAN}/copy", {"from_date": day(30), "to_date": day(37)}))["items"] == []


@pytest.mark.parametrize(
    "wrong", [{"to_date": MONDAY}, {"days": 32}, {"days": 0}, {"to_date": "2200-12-28"}, {"from_date": "1800-01-01"}]
)
async def test_a_copy_is_of_other_days(anna: Cook, wrong: dict[str, Any]) -> None:
    body = {"from_date": MONDAY, "to_date": day(7), **wrong}
    assert (await anna.ask("POST", f"{PLAN}/copy", json=body)).status_code == 422


async def test_children_plan_guests_only_read(anna: Cook) -> None:
    entry = await planned(anna.beside(role="child"))
    guest = anna.beside(role="guest")
    assert (await guest.get(PLAN, **{"from": MONDAY}))["items"] == [entry]
    headers = {"If-Match": f'"{entry["version"]}"'}
    for method, path, body in [
        ("POST", PLAN, {"date": MONDAY, "meal": "lunch", "title": "Sushi"}),
        ("POST", f"{PLAN}/copy", {"from_date": MONDAY, "to_date": day(7)}),
        ("PATCH", f"{PLAN}/{entry['id']}", {"meal": "lunch"}),
        ("DELETE", f"{PLAN}/{entry['id']}", None),
    ]:
        assert (await guest.ask(method, path, json=body, headers=headers)).status_code == 403


async def test_nobody_elses_plan_is_seen(anna: Cook) -> None:
    entry, other = await planned(anna), anna.elsewhere()
    assert (await other.get(PLAN, **{"from": MONDAY}))["items"] == []
    headers = {"If-Match": f'"{entry["version"]}"'}
    for method, body in [("GET", None), ("PATCH", {"meal": "lunch"}), ("DELETE", None)]:
        answer = await other.ask(method, f"{PLAN}/{entry['id']}", json=body, headers=headers)
        assert answer.status_code == 404


async def test_phones_hear_of_the_plan_also_when_its_recipe_is_renamed_or_goes(
    anna: Cook, database: FreshDatabase
) -> None:
    soup = await anna.recipe("Soup", "1 onion", servings=4)
    entry, pizza = await of_recipe(anna, soup, servings=2.5), await planned(anna, day(1))
    first = await anna.get("/api/recipes/changes")
    assert [each["data"] for each in first["changes"] if each["kind"] == "plan_entry"] == [entry, pizza]

    await anna.edit(f"/api/recipes/{soup['id']}", {"title": "Onion soup"})
    renamed = await anna.get("/api/recipes/changes", since=first["version"])
    now = await anna.get(f"{PLAN}/{entry['id']}")
    assert (now["title"], now["version"] > entry["version"]) == ("Onion soup", True)
    assert [each["data"] for each in renamed["changes"] if each["kind"] == "plan_entry"] == [now]

    await anna.delete(f"/api/recipes/{soup['id']}")
    gone = await anna.get("/api/recipes/changes", since=renamed["version"])
    assert [(each["id"], each["deleted"]) for each in gone["changes"] if each["kind"] == "plan_entry"] == [
        (entry["id"], True)
    ]
    told = await database.rows("SELECT payload::text FROM recipes.outbox WHERE kind = 'plan_changed' ORDER BY id")
    days = [json.loads(row["payload"])["dates"] for row in told]
    assert days == [[MONDAY], [day(1)], [MONDAY], [MONDAY]]
