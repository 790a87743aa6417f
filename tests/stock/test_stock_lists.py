"""Shopping lists, and what is put on them."""

import asyncio
from typing import Any

import httpx
import pytest

from popote_kit.testing import Clock, new_id
from popote_stock.testing import Kitchen, Shop


def of(amount: float, unit: str) -> dict[str, Any]:
    return {"amount": amount, "unit": unit}


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


@pytest.fixture
async def shop(anna: Kitchen) -> Shop:
    return await Shop.open(anna)


async def changes(who: Kitchen, kind: str, since: int = 0) -> dict[str, Any]:
    """Return the rows of a kind that a phone hears of: data by id, None where it is gone."""
    found = (await who.get("/changes", since=since, limit=500))["changes"]
    return {each["id"]: each["data"] for each in found if each["kind"] == kind}


async def version(who: Kitchen) -> int:
    return int((await who.get("/changes"))["version"])


async def test_lists_are_made_shown_by_name_and_counted(anna: Kitchen) -> None:
    id = str(new_id())
    made = await anna.post("/lists", {"id": id, "name": " Éclairs "})
    assert (made["id"], made["name"], made["aisles"], made["open"], made["ticked"]) == (id, "Éclairs", [], 0, 0)
    assert await anna.post("/lists", {"id": id, "name": "Another"}) == made
    other = await Shop.open(anna, "Zoo")
    await Shop.open(anna, "apples")
    await other.add({"name": "Hay"}, {"name": "Straw"})
    listed = await anna.get("/lists")
    assert [(each["name"], each["open"]) for each in listed["items"]] == [("apples", 0), ("Éclairs", 0), ("Zoo", 2)]
    assert listed["next_cursor"] is None
    assert await other.shown() == listed["items"][2]


async def test_a_name_belongs_to_one_list(anna: Kitchen, shop: Shop) -> None:
    taken = await anna.ask("POST", "/lists", json={"name": "SATURDAY"})
    assert problem(taken) == (409, "/problems/name-taken")
    assert taken.json()["id"] == shop.id


async def test_a_list_is_edited_in_the_version_that_was_read(anna: Kitchen, shop: Shop) -> None:
    bread = (await anna.post("/categories", {"name": "Bread"}))["id"]
    tag = (await anna.ask("GET", shop.path)).headers["etag"]
    edit = {"name": "Sunday", "aisles": [bread]}
    assert problem(await anna.ask("PATCH", shop.path, json=edit)) == (428, "/problems/precondition-required")
    edited = await anna.ask("PATCH", shop.path, json=edit, headers={"If-Match": tag})
    assert (edited.json()["name"], edited.json()["aisles"]) == ("Sunday", [bread])
    assert problem(await anna.ask("PATCH", shop.path, json=edit, headers={"If-Match": tag})) == (412, "/problems/stale")
    assert await shop.shown() == edited.json()
    other = await Shop.open(anna, "Monday")
    renamed = await anna.ask("PATCH", other.path, json={"name": "sunday"}, headers={"If-Match": "*"})
    assert problem(renamed) == (409, "/problems/name-taken")


@pytest.mark.parametrize("kind", ["unknown", "twice"])
async def test_aisles_are_categories_each_once(anna: Kitchen, shop: Shop, kind: str) -> None:
    bread = (await anna.post("/categories", {"name": "Bread"}))["id"]
    aisles = [bread, bread] if kind == "twice" else [bread, str(new_id())]
    answer = await anna.ask("PATCH", shop.path, json={"aisles": aisles}, headers={"If-Match": "*"})
    assert answer.status_code == (422 if kind == "twice" else 404)
    assert (await shop.shown())["aisles"] == []


async def test_a_list_goes_with_its_lines(anna: Kitchen, shop: Shop) -> None:
    (line,) = await shop.add({"name": "Bread"})
    before = await version(anna)
    assert (await anna.ask("DELETE", shop.path)).status_code == 428
    assert (await anna.ask("DELETE", shop.path, headers={"If-Match": "*"})).status_code == 204
    assert problem(await anna.ask("GET", f"{shop.path}/items")) == (404, "/problems/not-found")
    assert await changes(anna, "list_line", before) == {line["id"]: None}
    assert await changes(anna, "list", before) == {shop.id: None}


async def test_there_are_at_most_50_lists(anna: Kitchen) -> None:
    for number in range(50):
        await Shop.open(anna, f"List {number}")
    answer = await anna.ask("POST", "/lists", json={"name": "One more"})
    assert problem(answer) == (409, "/problems/too-many-of-these")
    assert answer.json()["limit"] == 50


async def test_what_is_added_merges_to_the_last_nanogram(anna: Kitchen, shop: Shop) -> None:
    flour = await anna.item("Flour", "g")
    (first,) = await shop.add({"item_id": flour, "quantity": of(1, "lb")})
    assert (first["quantity"], first["name"], first["item_id"]) == (of(453.59237, "g"), "Flour", flour)
    (second,) = await shop.add({"item_id": flour, "quantity": of(0.5, "kg")})
    assert second["quantity"] == of(953.59237, "g")
    assert (second["id"], second["created_at"]) == (first["id"], first["created_at"])
    assert second["version"] > first["version"]
    assert await shop.lines() == [second]


async def test_a_line_tells_all_there_is_to_know(shop: Shop, clock: Clock) -> None:
    id = str(new_id())
    assert await shop.add({"id": id, "name": "Bread", "quantity": of(0.5, "piece"), "note": "brown"}) == [
        {
            "id": id,
            "list_id": shop.id,
            "item_id": None,
            "name": "Bread",
            "quantity": of(0.5, "piece"),
            "note": "brown",
            "category_id": None,
            "is_ticked": False,
            "ticked_at": None,
            "ticked_by": None,
            "version": 2,
            "created_at": clock().isoformat().replace("+00:00", "Z"),
        }
    ]


async def test_amounts_in_other_measures_are_converted_or_refused_by_name(anna: Kitchen, shop: Shop) -> None:
    conversions = [{"unit": "pack", "equals": of(250, "g")}]
    butter = await anna.item("Butter", "g", conversions=conversions)
    (line,) = await shop.add({"item_id": butter, "quantity": of(3, "pack")})
    assert line["quantity"] == of(750, "g")
    refused = await anna.ask(
        "POST", f"{shop.path}/items", json={"lines": [{"item_id": butter, "quantity": of(1, "l")}]}
    )
    assert problem(refused) == (422, "/problems/unknown-conversion")
    assert (refused.json()["item_id"], refused.json()["name"], refused.json()["unit"]) == (butter, "Butter", "l")


async def test_some_and_an_amount_are_that_amount(anna: Kitchen, shop: Shop) -> None:
    milk = await anna.item("Milk", "l")
    assert (await shop.add({"item_id": milk}))[0]["quantity"] is None
    assert (await shop.add({"item_id": milk, "quantity": of(1, "l")}))[0]["quantity"] == of(1, "l")
    (line,) = await shop.add({"item_id": milk}, {"item_id": milk, "quantity": of(1, "l")})
    assert line["quantity"] == of(2, "l")
    assert await shop.lines() == [line]


async def test_plain_names_merge_within_one_measure(shop: Shop) -> None:
    lines = await shop.add(
        {"name": "Bœuf", "quantity": of(500, "g")},
        {"name": "BOEUF ", "quantity": of(1, "kg")},
        {"name": "boeuf", "quantity": of(2, "piece")},
        {"name": "boeuf"},
        {"name": "boeuf", "quantity": of(1, "piece")},
        {"name": "boeuf"},
    )
    assert [line["quantity"] for line in lines] == [of(1500, "g"), of(3, "piece")]
    assert {line["item_id"] for line in lines} == {None}


async def test_a_plain_name_and_an_amount_of_it_are_that_amount(shop: Shop) -> None:
    (line,) = await shop.add({"name": "Limes", "quantity": of(3, "piece")}, {"name": "limes", "note": "ripe"})
    assert (line["quantity"], line["note"]) == (of(3, "piece"), "ripe")
    lines = await shop.add({"name": "Lemons"}, {"name": "lemons", "quantity": of(500, "g")})
    assert [each["quantity"] for each in lines] == [of(500, "g")]
    assert len(await shop.lines()) == 2


async def test_a_name_means_the_item_that_is_called_so_where_it_can_be_counted(anna: Kitchen, shop: Shop) -> None:
    milk = await anna.item("Milk", "l")
    (line,) = await shop.add({"name": " milk ", "quantity": of(50, "cl")})
    assert (line["item_id"], line["name"], line["quantity"]) == (milk, "Milk", of(0.5, "l"))
    (other,) = await shop.add({"name": "milk", "quantity": of(2, "pack")})
    assert (other["item_id"], other["name"], other["quantity"]) == (None, "milk", of(2, "pack"))


async def test_what_is_in_the_trolley_is_not_added_to(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    (line,) = await shop.add({"name": "Bread", "quantity": of(1, "piece")})
    await shop.tick(line["id"], at=clock())
    (more,) = await shop.add({"name": "Bread", "quantity": of(2, "piece")})
    assert more["id"] != line["id"]
    assert [each["quantity"] for each in await shop.lines()] == [of(2, "piece"), of(1, "piece")]


async def test_notes_come_together(shop: Shop) -> None:
    await shop.add({"name": "Bread", "note": "brown"}, {"name": "Bread"}, {"name": "Bread", "note": "sliced"})
    (line,) = await shop.add({"name": "Bread", "note": "brown"})
    assert line["note"] == "brown\nsliced"
    (line,) = await shop.add({"name": "Bread", "note": "x" * 500})
    assert line["note"] == "brown\nsliced"


async def test_a_line_is_added_once_by_its_id(anna: Kitchen, shop: Shop) -> None:
    line = {"id": str(new_id()), "name": "Bread", "quantity": of(1, "piece")}
    first = await shop.add(line)
    assert first[0]["id"] == line["id"]
    assert await shop.add(line) == await shop.add(line, line) == first
    other = await Shop.open(anna, "Elsewhere")
    assert await other.add(line) == await other.lines() == []
    assert await shop.lines() == first


async def test_a_line_that_became_part_of_another_is_gone_for_phones_and_is_not_added_again(
    anna: Kitchen, shop: Shop
) -> None:
    (line,) = await shop.add({"name": "Bread", "quantity": of(1, "piece")})
    more = {"id": str(new_id()), "name": "Bread", "quantity": of(2, "piece")}
    before = await version(anna)
    (raised,) = await shop.add(more)
    assert (raised["id"], raised["quantity"]) == (line["id"], of(3, "piece"))
    assert await changes(anna, "list_line", before) == {line["id"]: raised, more["id"]: None}
    assert await shop.add(more) == [raised]
    assert await shop.lines() == [raised]


async def test_a_line_that_was_deleted_does_not_come_back(anna: Kitchen, shop: Shop) -> None:
    line = {"id": str(new_id()), "name": "Bread"}
    await shop.add(line)
    path = f"{shop.path}/items/{line['id']}"
    assert (await anna.ask("DELETE", path)).status_code == 428
    assert (await anna.ask("DELETE", path, headers={"If-Match": '"0"'})).status_code == 412
    assert (await anna.ask("DELETE", path, headers={"If-Match": "*"})).status_code == 204
    assert await shop.add(line) == await shop.lines() == []
    assert (await anna.ask("DELETE", path, headers={"If-Match": "*"})).status_code == 404


async def test_a_key_that_was_used_gives_the_same_answer(anna: Kitchen, shop: Shop) -> None:
    body = {"lines": [{"name": "Bread", "quantity": of(1, "piece")}]}
    first = await anna.post(f"{shop.path}/items", body, key="k")
    assert await anna.post(f"{shop.path}/items", body, key="k") == first
    assert await shop.lines() == first["items"]


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"name": "Bread", "item_id": str(new_id())},
        {"name": " "},
        {"name": "x" * 121},
        {"name": "Bread", "note": "x" * 501},
        {"name": "Bread", "quantity": of(0, "g")},
        {"name": "Bread", "quantity": of(1, "smidgen of")},
        {"name": "Bread", "quantity": {"amount": "1", "unit": "g"}},
        {"name": "Bread", "quantity": of(1e-9, "mg")},
        {"name": "Bread", "quantity": of(10**12, "kg")},
        {"name": "Bread", "is_ticked": True},
    ],
)
async def test_a_line_that_makes_no_sense_is_refused_with_all_others(
    anna: Kitchen, shop: Shop, line: dict[str, Any]
) -> None:
    answer = await anna.ask("POST", f"{shop.path}/items", json={"lines": [{"name": "Milk"}, line]})
    assert answer.status_code == 422, answer.text
    assert await shop.lines() == []


async def test_a_line_holds_no_more_than_can_be_counted(anna: Kitchen, shop: Shop) -> None:
    line = {"name": "Rice", "quantity": of(6000, "kg")}
    await shop.add(line)
    answer = await anna.ask("POST", f"{shop.path}/items", json={"lines": [line]})
    assert problem(answer) == (422, "/problems/too-much")
    assert (await shop.lines())[0]["quantity"] == of(6000, "kg")


async def test_a_list_has_at_most_500_lines(anna: Kitchen, shop: Shop) -> None:
    for start in range(0, 500, 100):
        await shop.add(*({"name": f"Thing {number}"} for number in range(start, start + 100)))
    answer = await anna.ask("POST", f"{shop.path}/items", json={"lines": [{"name": "One more"}]})
    assert problem(answer) == (409, "/problems/too-many-of-these")
    assert len(await shop.add({"name": "Thing 7"})) == 1
    assert len(await shop.lines()) == 500


async def test_a_request_has_1_to_200_lines(anna: Kitchen, shop: Shop) -> None:
    for count in (0, 201):
        answer = await anna.ask("POST", f"{shop.path}/items", json={"lines": [{"name": "x"}] * count})
        assert answer.status_code == 422


async def test_a_line_is_edited_in_the_version_that_was_read(anna: Kitchen, shop: Shop) -> None:
    flour = await anna.item("Flour", "g")
    (line,) = await shop.add({"item_id": flour, "quantity": of(1, "kg"), "note": "white"})
    path, tag = f"{shop.path}/items/{line['id']}", {"If-Match": f'"{line["version"]}"'}
    edited = await anna.ask("PATCH", path, json={"quantity": of(2, "lb")}, headers=tag)
    assert (edited.json()["quantity"], edited.json()["note"]) == (of(907.18474, "g"), "white")
    assert edited.headers["etag"] == f'"{edited.json()["version"]}"'
    assert problem(await anna.ask("PATCH", path, json={}, headers=tag)) == (412, "/problems/stale")
    assert problem(await anna.ask("PATCH", path, json={})) == (428, "/problems/precondition-required")
    some = await anna.ask("PATCH", path, json={"quantity": None, "note": ""}, headers={"If-Match": "*"})
    assert (some.json()["quantity"], some.json()["note"]) == (None, "")
    assert await shop.lines() == [some.json()]
    wrong = await anna.ask("PATCH", path, json={"quantity": of(1, "l")}, headers={"If-Match": "*"})
    assert problem(wrong) == (422, "/problems/unknown-conversion")


async def test_a_line_without_an_item_takes_any_measure(anna: Kitchen, shop: Shop) -> None:
    (line,) = await shop.add({"name": "Bread", "quantity": of(1, "piece")})
    path = f"{shop.path}/items/{line['id']}"
    edited = await anna.ask("PATCH", path, json={"quantity": of(500, "g")}, headers={"If-Match": "*"})
    assert edited.json()["quantity"] == of(500, "g")


async def test_lines_stand_in_the_order_of_the_aisles(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    names = {"Apples": "Fruit", "Bananas": "Fruit", "Milk": "Dairy", "Bread": "Bakery", "Soap": "Drugs", "Salt": None}
    items = {name: await anna.item(name, "piece", category=category) for name, category in names.items()}
    lines = await shop.add(*({"item_id": items[name]} for name in reversed(names)), {"name": "éclair"})
    aisles = {each["name"]: each["id"] for each in (await anna.get("/categories"))["items"]}
    order = {"aisles": [aisles["Drugs"], aisles["Bakery"]]}
    assert (await anna.ask("PATCH", shop.path, json=order, headers={"If-Match": "*"})).status_code == 200
    await shop.tick(lines[0]["id"], next(line["id"] for line in lines if line["name"] == "Bananas"), at=clock())
    shown = await shop.lines()
    assert [line["name"] for line in shown] == ["Soap", "Bread", "Apples", "Milk", "éclair", "Bananas", "Salt"]
    assert [line["category_id"] for line in shown[:2]] == [aisles["Drugs"], aisles["Bakery"]]


async def test_lines_follow_their_item(anna: Kitchen, shop: Shop) -> None:
    milk = await anna.item("Milk", "l", category="Dairy")
    (line,) = await shop.add({"item_id": milk, "quantity": of(1, "l")})
    before = await version(anna)
    edit = {"name": "Oat milk", "category": "Vegan"}
    assert (await anna.ask("PATCH", f"/items/{milk}", json=edit, headers={"If-Match": "*"})).status_code == 200
    (renamed,) = await shop.lines()
    assert renamed["name"] == "Oat milk"
    assert renamed["category_id"] != line["category_id"]
    assert await changes(anna, "list_line", before) == {line["id"]: renamed}
    before = await version(anna)
    assert (await anna.ask("DELETE", f"/items/{milk}", headers={"If-Match": "*"})).status_code == 204
    (plain,) = await shop.lines()
    assert plain == {**renamed, "item_id": None, "category_id": None, "version": plain["version"]}
    assert await changes(anna, "list_line", before) == {line["id"]: plain}


async def test_a_category_that_goes_leaves_the_aisles(anna: Kitchen, shop: Shop) -> None:
    milk = await anna.item("Milk", "l", category="Dairy")
    (line,) = await shop.add({"item_id": milk})
    dairy = line["category_id"]
    await anna.ask("PATCH", shop.path, json={"aisles": [dairy]}, headers={"If-Match": "*"})
    before = await version(anna)
    assert (await anna.ask("DELETE", f"/categories/{dairy}", headers={"If-Match": "*"})).status_code == 204
    assert (await shop.shown())["aisles"] == []
    assert (await shop.lines())[0]["category_id"] is None
    assert set(await changes(anna, "list_line", before)) == {line["id"]}
    assert (await changes(anna, "list", before))[shop.id]["aisles"] == []


async def test_phones_hear_of_lists_and_lines_as_they_are_read(anna: Kitchen, shop: Shop, clock: Clock) -> None:
    flour = await anna.item("Flour", "g")
    lines = await shop.add({"item_id": flour, "quantity": of(0.1, "oz"), "note": "fine"}, {"name": "Bread"})
    await shop.tick(lines[0]["id"], at=clock())
    assert await changes(anna, "list_line") == {line["id"]: line for line in await shop.lines()}
    shown = await shop.shown()
    assert await changes(anna, "list") == {
        shop.id: {name: shown[name] for name in ("id", "name", "aisles", "version", "created_at")}
    }


async def test_each_change_of_a_list_is_announced(anna: Kitchen, database: Any, clock: Clock) -> None:
    shop = await Shop.open(anna)
    (line,) = await shop.add({"name": "Bread"})
    await shop.tick(line["id"], at=clock())
    await shop.tick(line["id"], at=clock())
    trip = await shop.bring_home()
    await anna.undo(trip["action_id"])
    await anna.ask("DELETE", shop.path, headers={"If-Match": "*"})
    told = await database.rows("SELECT payload FROM stock.outbox WHERE kind = 'list_changed' ORDER BY id")
    assert [row["payload"] for row in told] == [f'{{"list_id": "{shop.id}"}}'] * 6


async def test_what_many_add_at_once_is_on_one_line_to_the_last_gram(anna: Kitchen, shop: Shop) -> None:
    rice = await anna.item("Rice", "kg")
    line = {"item_id": rice, "quantity": of(0.125, "kg")}
    await asyncio.gather(*(shop.add({"id": str(new_id()), **line}) for _ in range(16)))
    assert [line["quantity"] for line in await shop.lines()] == [of(2, "kg")]
