"""Items, their categories and places: made, changed, found, forgotten."""

from typing import Any

import httpx
import pytest

from popote_kit.testing import Authority, Clock, FreshDatabase, new_id
from popote_stock.model.items import MAX_ITEMS
from popote_stock.testing import Kitchen


async def edit(who: Kitchen, path: str, body: dict[str, Any]) -> httpx.Response:
    tag = (await who.ask("GET", path)).headers["etag"]
    return await who.ask("PATCH", path, json=body, headers={"If-Match": tag})


async def names(who: Kitchen, **query: Any) -> list[str]:
    return [item["name"] for item in (await who.get("/items", **query))["items"]]


async def test_an_item_is_made_whole_and_read_back(anna: Kitchen) -> None:
    fridge = (await anna.get("/locations"))["items"][0]["id"]
    body = {
        "id": str(new_id()),
        "name": "Lait demi-écrémé",
        "unit": "litre",
        "category": "Crèmerie",
        "location_id": fridge,
        "minimum": {"amount": 1, "unit": "bouteille"},
        "is_staple": True,
        "date_kind": "use_by",
        "shelf_life": {"opened": 3},
        "conversions": [{"unit": "bouteille", "equals": {"amount": 1.5, "unit": "l"}}],
        "barcodes": [{"code": "3017620422003", "quantity": {"amount": 1, "unit": "l"}}],
        "note": "the blue one",
    }
    made = await anna.ask("POST", "/items", json=body)
    assert made.status_code == 201, made.text
    read = await anna.ask("GET", f"/items/{body['id']}")
    assert made.json() == read.json()
    assert made.headers["etag"] == read.headers["etag"] == f'"{read.json()["version"]}"'
    shown = read.json()
    assert (shown["unit"], shown["measure"], shown["category"]) == ("l", "volume", "Crèmerie")
    assert shown["minimum"] == {"amount": 1, "unit": "bottle"}
    assert shown["conversions"] == [{"unit": "bottle", "equals": {"amount": 1.5, "unit": "l"}}]
    assert shown["barcodes"] == [{"code": "3017620422003", "quantity": {"amount": 1, "unit": "l"}}]
    assert shown["shelf_life"] == {"purchased": None, "opened": 3, "frozen": None, "thawed": None}
    again = await anna.ask("POST", "/items", json={**body, "name": "Other"})
    assert again.json() == shown


async def test_a_name_belongs_to_one_item_however_it_is_spelt(anna: Kitchen) -> None:
    first = await anna.item("Crème fraîche", "cl")
    twin = await anna.ask("POST", "/items", json={"name": " creme FRAICHE", "unit": "cl"})
    assert (twin.status_code, twin.json()["type"], twin.json()["id"]) == (409, "/problems/name-taken", first)
    other = await anna.item("Beurre")
    renamed = await edit(anna, f"/items/{other}", {"name": "Creme Fraiche"})
    assert (renamed.status_code, renamed.json()["id"]) == (409, first)
    assert (await edit(anna, f"/items/{first}", {"name": "CRÈME fraîche"})).status_code == 200


async def test_a_barcode_belongs_to_one_item(anna: Kitchen) -> None:
    def body(code: str) -> dict[str, Any]:
        return {"name": "Other", "unit": "g", "barcodes": [{"code": code}]}

    first = await anna.item("Nutella", barcodes=[{"code": "3017620422003"}])
    twin = await anna.ask("POST", "/items", json=body("03017620422003"))
    assert (twin.status_code, twin.json()["type"]) == (409, "/problems/barcode-taken")
    assert (twin.json()["item_id"], twin.json()["code"]) == (first, "3017620422003")
    bad = await anna.ask("POST", "/items", json=body("3017620422004"))
    assert (bad.status_code, bad.json()["type"]) == (422, "/problems/bad-barcode")
    assert (await edit(anna, f"/items/{first}", {"barcodes": []})).json()["barcodes"] == []
    await anna.item("Other", barcodes=[{"code": "3017620422003"}])


async def test_an_edit_needs_the_version_that_was_read_and_leaves_the_rest(anna: Kitchen) -> None:
    rice = await anna.item("Rice", "kg", minimum={"amount": 500, "unit": "g"}, note="basmati")
    blind = await anna.ask("PATCH", f"/items/{rice}", json={"note": "x"})
    stale = await anna.ask("PATCH", f"/items/{rice}", json={"note": "x"}, headers={"If-Match": '"0"'})
    done = await edit(anna, f"/items/{rice}", {"is_staple": True, "minimum": None, "category": "Dry"})
    assert [blind.status_code, stale.status_code, done.status_code] == [428, 412, 200]
    shown = await anna.get(f"/items/{rice}")
    assert (shown["note"], shown["is_staple"], shown["minimum"], shown["category"]) == ("basmati", True, None, "Dry")


async def test_the_measure_of_an_item_stays_once_the_journal_knows_it(anna: Kitchen) -> None:
    eggs = await anna.item("Eggs")
    assert (await edit(anna, f"/items/{eggs}", {"unit": "piece"})).json()["measure"] == "piece"
    action = (await anna.buy(eggs, 6, "piece"))["action_id"]
    await anna.undo(action)
    fixed = await edit(anna, f"/items/{eggs}", {"unit": "g"})
    assert (fixed.status_code, fixed.json()["type"], fixed.json()["measure"]) == (409, "/problems/unit-fixed", "piece")
    assert "counted in pieces before" in fixed.json()["detail"]
    tag = {"If-Match": "*", "Accept-Language": "fr"}
    en_francais = await anna.ask("PATCH", f"/items/{eggs}", json={"unit": "g"}, headers=tag)
    assert "déjà été compté en pièces" in en_francais.json()["detail"]
    assert (await edit(anna, f"/items/{eggs}", {"unit": "dozen"})).status_code == 200
    assert (await anna.get(f"/items/{eggs}"))["unit"] == "dozen"


async def test_conversions_are_the_households_own_facts(anna: Kitchen) -> None:
    flour = await anna.item("Flour", "kg", conversions=[{"unit": "cup", "equals": {"amount": 125, "unit": "g"}}])
    await anna.buy(flour, 2, "kg")
    await anna.use(flour, 3, "cup")
    assert await anna.total("Flour") == 1.625
    for unit in ("clove", "furlong"):
        line = {"item_id": flour, "quantity": {"amount": 1, "unit": unit}}
        answer = await anna.ask("POST", "/consume", json={"lines": [line], "reason": "used"})
        assert answer.status_code == 422
        assert answer.json()["type"] in ("/problems/unknown-conversion", "/problems/unknown-unit")
    assert await anna.total("Flour") == 1.625
    nonsense = {"name": "x", "unit": "g", "conversions": [{"unit": "kg", "equals": {"amount": 2, "unit": "g"}}]}
    assert (await anna.ask("POST", "/items", json=nonsense)).json()["type"] == "/problems/bad-fact"


async def test_what_a_pack_holds_is_read_off_its_barcode_unless_the_household_says_otherwise(anna: Kitchen) -> None:
    packs = [{"code": "3017620422003", "quantity": {"amount": 400, "unit": "g"}}]
    spread = await anna.item("Spread", barcodes=packs)
    await anna.buy(spread, 2, "pack")
    assert await anna.total("Spread") == 800
    await edit(anna, f"/items/{spread}", {"conversions": [{"unit": "pack", "equals": {"amount": 750, "unit": "g"}}]})
    await anna.use(spread, 1, "pack")
    assert await anna.total("Spread") == 50
    both = [*packs, {"code": "96385074", "quantity": {"amount": 1, "unit": "kg"}}]
    await edit(anna, f"/items/{spread}", {"conversions": [], "barcodes": both})
    line = {"item_id": spread, "quantity": {"amount": 1, "unit": "pack"}}
    unclear = await anna.ask("POST", "/purchases", json={"lines": [line]})
    assert unclear.json()["type"] == "/problems/unknown-conversion"


async def test_a_minimum_is_counted_anew_when_a_conversion_changes(anna: Kitchen) -> None:
    pack = [{"unit": "pack", "equals": {"amount": 250, "unit": "g"}}]
    butter = await anna.item("Butter", "g", minimum={"amount": 2, "unit": "pack"}, conversions=pack)
    assert (await anna.get(f"/items/{butter}"))["minimum"] == {"amount": 2, "unit": "pack"}
    missing = await edit(anna, f"/items/{butter}", {"conversions": []})
    assert missing.json()["type"] == "/problems/unknown-conversion"


async def test_another_shelf_life_gives_the_lots_other_dates(anna: Kitchen, clock: Clock) -> None:
    ham = await anna.item("Ham", shelf_life={"purchased": 10}, date_kind="use_by")
    lot = (await anna.buy(ham, 200))["lots"][0]
    assert (lot["expires_why"], lot["is_use_by"]) == ("purchased", True)
    before = (await anna.get("/changes"))["version"]
    await edit(anna, f"/items/{ham}", {"shelf_life": {"purchased": 4}})
    (after,) = (await anna.get(f"/items/{ham}/lots"))["items"]
    assert after["expires_on"] < lot["expires_on"]
    told = (await anna.get("/changes", since=before))["changes"]
    assert {change["kind"] for change in told} == {"item", "lot"}


async def test_an_item_is_forgotten_when_none_is_left_and_comes_back_with_an_undo(anna: Kitchen) -> None:
    rice = await anna.item("Rice", barcodes=[{"code": "96385074"}])
    await anna.buy(rice, 100)
    tag = {"If-Match": "*"}
    assert (await anna.ask("DELETE", f"/items/{rice}", headers=tag)).json()["type"] == "/problems/in-use"
    used = await anna.use(rice, 100)
    assert (await anna.ask("DELETE", f"/items/{rice}", headers=tag)).status_code == 204
    assert (await anna.ask("GET", f"/items/{rice}")).status_code == 404
    assert await names(anna) == await names(anna, q="rice") == []
    new = await anna.item("Rice")
    blocked = await anna.ask("POST", "/undo", json={"action_id": used["action_id"]})
    assert (blocked.status_code, blocked.json()["type"], blocked.json()["id"]) == (409, "/problems/name-taken", new)
    await edit(anna, f"/items/{new}", {"name": "Riz"})
    await anna.undo(used["action_id"])
    assert await anna.total("Rice") == 100
    assert (await anna.get("/items", q="rice"))["items"][0]["id"] == rice


async def test_a_search_forgives_accents_plurals_and_typos(anna: Kitchen) -> None:
    for name in ("Crème fraîche", "Œufs de caille", "Tomatoes", "Tomate séchée", "Beurre doux", "Whole-wheat flour"):
        await anna.item(name)
    assert await names(anna, q="creme") == ["Crème fraîche"]
    assert await names(anna, q="oeuf") == ["Œufs de caille"]
    assert await names(anna, q="tomat") == ["Tomatoes", "Tomate séchée"]
    assert await names(anna, q="tomatos") == ["Tomatoes", "Tomate séchée"]
    assert await names(anna, q="BEURE") == ["Beurre doux"]
    assert await names(anna, q="flour wheat") == ["Whole-wheat flour"]
    for nothing in ("kangaroo", "  ", "%", "_", "'; DROP", "\\", "%%%"):
        assert await names(anna, q=nothing) == [], nothing


async def test_items_come_page_by_page_in_the_order_of_people(anna: Kitchen) -> None:
    for name in ("Zucchini", "œufs", "Abricots", "épinards"):
        await anna.item(name)
    first = await anna.get("/items", limit=3)
    second = await anna.get("/items", limit=3, cursor=first["next_cursor"])
    found = [item["name"] for item in first["items"] + second["items"]]
    assert found == ["Abricots", "épinards", "œufs", "Zucchini"]
    assert second["next_cursor"] is None


async def test_a_new_household_has_its_places_in_its_language(client: httpx.AsyncClient, authority: Authority) -> None:
    french = Kitchen(client, authority.bearer(language="fr"))
    await french.item("Riz")  # which is not the first thing that it does
    for _ in range(2):
        found = (await french.get("/locations"))["items"]
        assert [(place["name"], place["is_freezer"]) for place in found] == [
            ("Congélateur", True),
            ("Placard", False),
            ("Réfrigérateur", False),
        ]
    for place in found:
        path = f"/locations/{place['id']}"
        assert (await french.ask("DELETE", path, headers={"If-Match": "*"})).status_code == 204
    assert (await french.get("/locations"))["items"] == []


async def test_a_place_is_forgotten_when_nothing_lies_there(anna: Kitchen) -> None:
    cellar = await anna.post("/locations", {"name": "Cellar"})
    wine = await anna.item("Wine", "bottle", location_id=cellar["id"])
    action = (await anna.buy(wine, 6, "bottle"))["action_id"]
    path, tag = f"/locations/{cellar['id']}", {"If-Match": f'"{cellar["version"]}"'}
    assert (await anna.ask("DELETE", path, headers=tag)).json()["type"] == "/problems/in-use"
    used = await anna.use(wine, 6, "bottle")
    assert (await anna.ask("DELETE", path, headers=tag)).status_code == 204
    assert (await anna.get(f"/items/{wine}"))["location_id"] is None
    await anna.undo(used["action_id"])
    (lot,) = (await anna.get(f"/items/{wine}/lots"))["items"]
    assert (lot["quantity"]["amount"], lot["location_id"]) == (6, None)
    await anna.undo(action)
    deleted = [change["kind"] for change in (await anna.get("/changes", since=1))["changes"] if change["deleted"]]
    assert sorted(deleted) == ["location", "lot"]


async def test_categories_are_aisles_in_an_order(anna: Kitchen) -> None:
    await anna.item("Leek", category="Vegetables")
    await anna.item("Milk", category="Dairy")
    await anna.item("Butter", category="dairy")
    found = (await anna.get("/categories"))["items"]
    assert [each["name"] for each in found] == ["Vegetables", "Dairy"]
    ids = [each["id"] for each in found]
    turned = await anna.ask("PUT", "/categories/order", json={"ids": ids[::-1]})
    assert [each["name"] for each in turned.json()["items"]] == ["Dairy", "Vegetables"]
    for wrong, status in (([ids[0]], 422), ([ids[0]] * 2, 422), ([*ids, str(new_id())], 404)):
        assert (await anna.ask("PUT", "/categories/order", json={"ids": wrong})).status_code == status
    assert (await edit_category(anna, ids[0], "Légumes")).status_code == 200
    assert (await edit_category(anna, ids[0], "DAIRY")).json()["type"] == "/problems/name-taken"
    assert (await anna.ask("DELETE", f"/categories/{ids[1]}", headers={"If-Match": "*"})).status_code == 204
    assert [item["category"] for item in (await anna.get("/items"))["items"]] == [None, "Légumes", None]


async def edit_category(who: Kitchen, id: str, name: str) -> httpx.Response:
    return await who.ask("PATCH", f"/categories/{id}", json={"name": name}, headers={"If-Match": "*"})


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_units_are_named_in_the_language_of_the_request(client: httpx.AsyncClient, language: str) -> None:
    answer = await client.get("/api/stock/units", headers={"Accept-Language": language})
    units = {unit["code"]: unit for unit in answer.json()["items"]}
    assert units["lb"]["base"] == 453_592_370_000
    assert units["clove"]["plural"] == {"en": "cloves", "fr": "gousses"}[language]


@pytest.mark.parametrize("path", ["/items", "/locations", "/categories", "/lists"])
async def test_the_id_of_something_deleted_is_not_used_again(anna: Kitchen, path: str) -> None:
    body = {"id": str(new_id()), "name": "Rice"} | ({"unit": "g"} if path == "/items" else {})
    await anna.post(path, body)
    assert (await anna.ask("DELETE", f"{path}/{body['id']}", headers={"If-Match": "*"})).status_code == 204
    again = await anna.ask("POST", path, json=body | ({"unit": "piece"} if path == "/items" else {}))
    assert (again.status_code, again.json()["type"], again.json()["id"]) == (409, "/problems/id-taken", body["id"])


async def test_a_use_that_comes_back_is_counted_as_it_was(anna: Kitchen) -> None:
    rice = await anna.item("Rice")
    await anna.buy(rice, 500)
    used = await anna.use(rice, 500)
    await anna.ask("DELETE", f"/items/{rice}", headers={"If-Match": "*"})
    await anna.ask("POST", "/items", json={"id": rice, "name": "Rice", "unit": "piece"})
    await anna.undo(used["action_id"])
    assert (await anna.on_hand())["Rice"]["total"] == {"amount": 500, "unit": "g"}


async def test_blanks_around_a_name_do_not_count(anna: Kitchen) -> None:
    for path in ("/locations", "/categories", "/lists", "/items"):
        unit = {"unit": "g"} if path == "/items" else {}
        made = await anna.post(path, {"name": " Dairy"} | unit)
        assert made["name"] == "Dairy"
        twin = await anna.ask("POST", path, json={"name": "dairy "} | unit)
        assert (twin.status_code, twin.json()["type"], twin.json()["id"]) == (409, "/problems/name-taken", made["id"])
    rice = await anna.item("Rice", category="Dairy ")
    assert (await anna.get(f"/items/{rice}"))["category"] == "Dairy"
    assert (await edit(anna, f"/items/{rice}", {"category": "\tDAIRY"})).json()["category"] == "Dairy"
    assert len((await anna.get("/categories"))["items"]) == 1
    line = {"name": " Rice ", "quantity": {"amount": 1, "unit": "g"}}
    bought = await anna.post("/purchases", {"lines": [line, {**line, "name": "rice"}]})
    assert {lot["item_id"] for lot in bought["lots"]} == {rice}


async def test_of_two_deleted_items_with_one_name_not_both_come_back(anna: Kitchen) -> None:
    first, second = await anna.item("Rice"), await anna.item("Other")
    for item in (first, second):
        await anna.buy(item, 100)
    lines = [{"item_id": item, "quantity": "all"} for item in (first, second)]
    used = (await anna.post("/consume", {"lines": lines}))["action_id"]
    await anna.ask("DELETE", f"/items/{first}", headers={"If-Match": "*"})
    assert (await edit(anna, f"/items/{second}", {"name": "Rice"})).status_code == 200
    await anna.ask("DELETE", f"/items/{second}", headers={"If-Match": "*"})
    answer = await anna.ask("POST", "/undo", json={"action_id": used})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/name-taken")
    assert await anna.on_hand() == {}


async def test_only_living_items_count_against_the_limit(anna: Kitchen, database: FreshDatabase) -> None:
    rice = await anna.item("Rice")
    columns = "household_id, name, unit, measure, is_staple, date_kind, note, version, created_at"
    await database.rows(
        f"INSERT INTO stock.item (id, deleted_at, {columns}) SELECT gen_random_uuid(), created_at, {columns} "  # noqa: S608 - fixed columns
        f"FROM stock.item, generate_series(1, {MAX_ITEMS}) WHERE id = '{rice}'"
    )
    await anna.item("Flour")
    assert await names(anna) == ["Flour", "Rice"]
