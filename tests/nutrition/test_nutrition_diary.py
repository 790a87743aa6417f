"""The diary, by HTTP: what was eaten, with the values of then, for its person alone."""

import csv
import io
from typing import Any

import pytest

from popote_kit.testing import Clock, FreshDatabase, new_id
from popote_nutrition.testing import Table, told

BREAD = {
    "energy_kj": 1000, "energy_kcal": 240, "fat_g": 2, "saturates_g": 0.5, "carbohydrate_g": 45, "sugars_g": 3,
    "fibre_g": 4, "protein_g": 8, "salt_g": 1.2,
}  # fmt: skip
PIECE = {"unit": "piece", "equals": {"amount": 50, "unit": "g"}, "is_approximate": True}
PORTION = {"unit": "portion", "equals": {"amount": 80, "unit": "g"}}
DAY = "2026-11-24"
GRAMS = {"amount": 150, "unit": "g"}


async def write(table: Table, **more: Any) -> Any:
    return await table.post("/diary", {"date": DAY, "meal": "lunch", **more})


async def refused(table: Table, **more: Any) -> tuple[int, str, list[str]]:
    answer = await table.ask("POST", "/diary", json={"date": DAY, "meal": "lunch", **more})
    problem = answer.json()
    return answer.status_code, problem["type"], [each["pointer"] for each in problem.get("errors", [])]


async def bread(table: Table, **more: Any) -> str:
    return await table.food("Testbread", **{"nutrients": BREAD, "conversions": [PIECE, PORTION], **more})


async def test_an_entry_keeps_its_values_when_the_food_is_edited(anna: Table) -> None:
    food = await bread(anna)
    entry = await write(anna, food_id=food, quantity=GRAMS)
    assert (entry["name"], entry["quantity"], entry["mass_g"], entry["source"]) == (
        "Testbread",
        GRAMS,
        150,
        "household",
    )
    assert (entry["nutrients"]["protein_g"], entry["nutrients"]["alcohol_g"]) == (12, None)
    assert (set(entry["coverage"].values()), entry["reason"], entry["is_approximate"]) == ({1}, None, False)
    await anna.edit(f"/foods/{food}", {"nutrients": {"protein_g": 1}})
    assert await anna.get(f"/diary/{entry['id']}") == entry
    assert (await anna.get(f"/days/{DAY}"))["total"]["protein_g"] == 12


async def test_pieces_and_portions_count_by_what_is_known_of_them(anna: Table) -> None:
    food = await bread(anna)
    pieces = await write(anna, food_id=food, quantity={"amount": 2, "unit": "pieces"})
    assert (pieces["mass_g"], pieces["nutrients"]["protein_g"], pieces["is_approximate"]) == (100, 8, True)
    portions = await write(anna, food_id=food, portions=1.5)
    assert (portions["mass_g"], portions["portions"], portions["quantity"]) == (120, 1.5, None)
    plain = await anna.food("Testdough")
    assert await refused(anna, food_id=plain, portions=1) == (422, "/problems/unknown-conversion", ["/portions"])
    cups = {"amount": 1, "unit": "cup"}
    assert await refused(anna, food_id=plain, quantity=cups) == (422, "/problems/unknown-conversion", ["/quantity"])


async def test_free_text_is_read_as_a_line(anna: Table) -> None:
    await anna.food("Testriz", language="fr", nutrients=BREAD, conversions=[PIECE])
    for free, name, mass, reason in (
        ("200 g de testriz", "testriz", 200, None),
        ("2 testriz (130 g)", "testriz", 130, None),
        ("2 testriz", "testriz", 100, None),
        ("2 tranches de testriz", "testriz", None, "unknown_conversion"),
        ("300 g de zorglub", "zorglub", 300, "unmatched_food"),
        ("testriz", "testriz", None, "no_quantity"),
        ("0 g de testriz", "testriz", 0, None),
        ("Pour la pâte :", "Pour la pâte :", None, "no_quantity"),
    ):
        entry = await write(anna, free=free, language="fr")
        assert (free, entry["name"], entry["mass_g"], entry["reason"]) == (free, name, mass, reason)
        assert (entry["nutrients"]["fat_g"] is None) == (reason is not None)
        assert (entry["free"], entry["source"]) == (free, None if reason else "household")
    entry = await write(anna, free="testriz", quantity=GRAMS, name="Riz du midi")
    assert (entry["name"], entry["mass_g"], entry["nutrients"]["protein_g"]) == ("Riz du midi", 150, 12)
    missing = (await anna.get(f"/days/{DAY}"))["missing"]
    assert [each["reason"] for each in missing] == [
        "unknown_conversion",
        "unmatched_food",
        "no_quantity",
        "no_quantity",
    ]


async def test_values_that_are_said_are_taken_as_they_are(anna: Table) -> None:
    entry = await write(anna, free="Pizza chez Léa", nutrients={"energy_kcal": 600})
    assert (entry["name"], entry["source"], entry["mass_g"]) == ("Pizza chez Léa", "typed", None)
    assert (entry["nutrients"]["energy_kcal"], entry["nutrients"]["energy_kj"]) == (600, 2510.4)
    assert (entry["nutrients"]["fat_g"], entry["coverage"]["fat_g"], entry["coverage"]["energy_kcal"]) == (None, 0, 1)
    day = await anna.get(f"/days/{DAY}")
    assert day["missing"] == [
        {"entry_id": entry["id"], "name": "Pizza chez Léa", "reason": "no_value", "nutrients": list(BREAD)[2:]}
    ]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({}, ""),
        ({"free": "x", "food_id": str(new_id())}, ""),
        ({"food_id": str(new_id())}, "/quantity"),
        ({"food_id": str(new_id()), "quantity": GRAMS, "portions": 1}, "/portions"),
        ({"food_id": str(new_id()), "quantity": GRAMS, "nutrients": {"fat_g": 1}}, "/nutrients"),
        ({"free": "x", "portions": 1}, "/portions"),
        ({"free": "x", "nutrients": {}}, "/nutrients"),
        ({"free": "x", "nutrients": {"fat_g": 2001}}, "/nutrients/fat_g"),
        ({"free": "x", "nutrients": {"fat_g": 1}, "quantity": {"amount": 1, "unit": "zorglub"}}, "/quantity"),
        ({"free": "x", "quantity": {"amount": 1, "unit": "zorglub"}}, "/quantity"),
        ({"free": " "}, "/free"),
        ({"free": "x", "meal": "brunch"}, "/meal"),
        ({"free": "x", "date": "1899-12-31"}, "/date"),
        ({"free": "x", "date": "2201-01-01"}, "/date"),
    ],
)
async def test_what_makes_no_sense_is_refused(anna: Table, wrong: dict[str, Any], pointer: str) -> None:
    status, _, pointers = await refused(anna, **wrong)
    assert (status, pointers) == (422, [pointer])


async def test_a_food_or_an_entry_that_is_not_there_is_not_found(anna: Table) -> None:
    assert (await refused(anna, food_id=str(new_id()), quantity=GRAMS))[0] == 404
    for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        answer = await anna.ask(method, f"/diary/{new_id()}", json=body, headers={"If-Match": '"1"'})
        assert answer.status_code == 404


async def test_the_same_id_is_the_same_entry_and_never_one_that_was_deleted(anna: Table) -> None:
    id = str(new_id())
    first = await write(anna, id=id, free="pizza", nutrients={"energy_kcal": 600})
    assert await write(anna, id=id, free="soup", nutrients={"energy_kcal": 100}) == first
    assert (await anna.ask("DELETE", f"/diary/{id}")).status_code == 428
    assert (await anna.ask("DELETE", f"/diary/{id}", headers={"If-Match": '"9"'})).status_code == 412
    told(await anna.ask("DELETE", f"/diary/{id}", headers={"If-Match": f'"{first["version"]}"'}))
    assert await refused(anna, id=id, free="pizza") == (409, "/problems/id-taken", [])


async def test_another_quantity_changes_the_values_and_not_by_the_food(anna: Table) -> None:
    food = await bread(anna)
    entry = await write(anna, food_id=food, quantity=GRAMS)
    path = f"/diary/{entry['id']}"
    await anna.edit(f"/foods/{food}", {"nutrients": {"protein_g": 1}})
    changed = await anna.edit(path, {"quantity": {"amount": 0.3, "unit": "kg"}, "meal": "dinner", "date": "2026-11-25"})
    assert (changed["nutrients"]["protein_g"], changed["mass_g"]) == (24, 300)
    assert (changed["meal"], changed["date"], changed["version"]) == ("dinner", "2026-11-25", entry["version"] + 1)
    answer = await anna.ask("PATCH", path, json={"portions": 2}, headers={"If-Match": f'"{changed["version"]}"'})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-conversion")
    answer = await anna.ask("PATCH", path, json={"quantity": GRAMS}, headers={"If-Match": f'"{entry["version"]}"'})
    assert (answer.status_code, answer.headers["etag"]) == (412, f'"{changed["version"]}"')
    for wrong in ({"quantity": GRAMS, "portions": 1}, {"date": "1066-10-14"}, {"quantity": None}):
        answer = await anna.ask("PATCH", path, json=wrong, headers={"If-Match": "*"})
        assert answer.status_code == 422
    assert await anna.get(path) == changed


async def test_pieces_become_grams_by_the_weight_that_they_had(anna: Table) -> None:
    entry = await write(anna, food_id=await bread(anna), quantity={"amount": 2, "unit": "piece"})
    changed = await anna.edit(f"/diary/{entry['id']}", {"quantity": {"amount": 25, "unit": "g"}, "name": "Crust"})
    assert (changed["name"], changed["mass_g"], changed["nutrients"]["protein_g"]) == ("Crust", 25, 2)
    portions = await write(anna, food_id=entry["food_id"], portions=1)
    doubled = await anna.edit(f"/diary/{portions['id']}", {"portions": 2})
    assert (doubled["portions"], doubled["mass_g"], doubled["nutrients"]["protein_g"]) == (2, 160, 12.8)
    said = await write(anna, free="pizza", nutrients={"energy_kcal": 600})
    answer = await anna.ask("PATCH", f"/diary/{said['id']}", json={"quantity": GRAMS}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/quantity")


async def test_a_day_adds_up_by_meal_and_says_what_it_does_not_know(anna: Table) -> None:
    food = await bread(anna)
    await write(anna, food_id=food, quantity={"amount": 100, "unit": "g"}, meal="snack")
    await write(anna, food_id=food, quantity={"amount": 200, "unit": "g"}, meal="breakfast")
    unknown = await write(anna, free="100 g zorglub", meal="breakfast")
    day = await anna.get(f"/days/{DAY}")
    assert [entry["meal"] for entry in day["entries"]] == ["breakfast", "breakfast", "snack"]
    assert (day["date"], day["total"]["protein_g"], day["coverage"]["protein_g"]) == (DAY, 24, 0.75)
    assert day["meals"]["breakfast"]["total"]["protein_g"] == 16
    assert day["meals"]["breakfast"]["coverage"]["protein_g"] == 0.6666
    assert day["meals"]["dinner"]["total"]["protein_g"] is None
    assert [each["entry_id"] for each in day["missing"]] == [unknown["id"]]
    assert (await anna.post("/analyse", {"date": DAY}))["total"] == day["total"]
    empty = await anna.get("/days/2026-01-01")
    assert (set(empty["total"].values()), set(empty["coverage"].values()), empty["entries"]) == ({None}, {0}, [])
    assert (empty["goals"], empty["left"]) == (None, None)


async def test_a_day_stands_against_the_goals_that_hold_on_it(anna: Table) -> None:
    await write(anna, food_id=await bread(anna), quantity={"amount": 100, "unit": "g"})
    await write(anna, free="Zorglub", meal="snack")
    wanted = {"from": "2026-11-23", "weekdays": {"tuesday": {"protein_g": 60, "fat_g": 1.5}}}
    await anna.put("/goals", wanted)
    day = await anna.get(f"/days/{DAY}")
    assert (day["goals"]["protein_g"], day["goals"]["fibre_g"]) == (60, None)
    assert [(each["code"], each["left"], each["over"]) for each in day["left"]] == [
        ("fat_g", 0, 0.5),
        ("protein_g", 52, 0),
    ]
    assert {each["is_partial"] for each in day["left"]} == {True}
    assert (await anna.get("/days/2026-11-25"))["goals"] is None


async def test_days_that_are_none_are_refused(anna: Table) -> None:
    for path, status in {
        "/days/2026-02-30": 404,
        "/days/1899-12-31": 422,
        "/diary?from=yesterday": 422,
        "/diary?to=2300-01-01": 422,
        "/diary/export?from=2026-01-01&to=2027-01-02": 422,
        "/diary/export?from=2026-02-02&to=2026-02-01": 422,
        "/diary?cursor=x": 400,
    }.items():
        assert (path, (await anna.ask("GET", path)).status_code) == (path, status)


async def test_pages_go_by_day_meal_and_time(anna: Table, clock: Clock) -> None:
    for meal, day in (("snack", DAY), ("lunch", "2026-11-25"), ("breakfast", DAY), ("breakfast", DAY)):
        clock.advance(seconds=1)
        await write(anna, free=f"1 g {meal} {day}", meal=meal, date=day)
    seen, cursor = [], None
    while True:
        page = await anna.get("/diary", limit=1, **({"cursor": cursor} if cursor else {}))
        seen += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert [(each["date"], each["meal"]) for each in seen] == [
        (DAY, "breakfast"), (DAY, "breakfast"), (DAY, "snack"), ("2026-11-25", "lunch"),
    ]  # fmt: skip
    assert seen[0]["created_at"] < seen[1]["created_at"]
    assert (await anna.get("/diary", **{"from": "2026-11-25"}))["items"] == seen[3:]
    assert (await anna.get("/diary", to=DAY))["items"] == seen[:3]


async def test_a_day_is_copied_with_the_values_of_then_and_once_for_a_key(anna: Table) -> None:
    food = await bread(anna)
    for meal in ("dinner", "breakfast"):
        await write(anna, food_id=food, quantity=GRAMS, meal=meal)
    await anna.edit(f"/foods/{food}", {"nutrients": {"protein_g": 1}})
    asked = {"from_date": DAY, "to_date": "2026-11-26"}
    made = await anna.post("/diary/copy", asked, key="k1")
    assert await anna.post("/diary/copy", asked, key="k1") == made
    assert [(each["meal"], each["nutrients"]["protein_g"]) for each in made["items"]] == [
        ("breakfast", 12),
        ("dinner", 12),
    ]
    assert (await anna.get("/days/2026-11-26"))["entries"] == made["items"]
    only = await anna.post("/diary/copy", {**asked, "to_date": "2026-11-27", "meals": ["dinner"]})
    assert [each["meal"] for each in only["items"]] == ["dinner"]
    assert (await anna.post("/diary/copy", {"from_date": "2020-01-01", "to_date": DAY}))["items"] == []
    assert (await anna.ask("POST", "/diary/copy", json={**asked, "to_date": DAY})).status_code == 422
    keyless = await anna.client.post("/api/nutrition/diary/copy", json=asked, headers=anna.headers)
    assert keyless.json()["type"] == "/problems/idempotency-key-missing"


async def test_a_day_has_200_entries_at_most(anna: Table, database: FreshDatabase) -> None:
    entry = await write(anna, free="1 g x")
    elsewhere = await write(anna, free="1 g x", date="2026-11-25")
    await database.run("""
        INSERT INTO nutrition.diary_entry
               (household_id, person_id, id, day, meal, kind, free, name, coverage, version, created_at)
        SELECT household_id, person_id, gen_random_uuid(), day, meal, kind, free, name, coverage, version, created_at
          FROM nutrition.diary_entry, generate_series(1, 199)
         WHERE day = '2026-11-24'
    """)
    copy = {"from_date": "2026-11-25", "to_date": DAY}
    for answer in (
        await anna.ask("POST", "/diary", json={"date": DAY, "meal": "snack", "free": "1 g x"}),
        await anna.ask("POST", "/diary/copy", json=copy),
        await anna.ask("PATCH", f"/diary/{elsewhere['id']}", json={"date": DAY}, headers={"If-Match": "*"}),
    ):
        assert (answer.status_code, answer.json()["limit"]) == (409, 200)
    assert (await anna.edit(f"/diary/{entry['id']}", {"meal": "snack"}))["meal"] == "snack"


async def test_what_was_eaten_before_is_ready_to_be_posted_again(anna: Table, clock: Clock) -> None:
    food = await bread(anna)
    bodies: list[dict[str, Any]] = [
        {"food_id": food, "quantity": {"amount": 50, "unit": "g"}},
        {"free": "pizza", "nutrients": {"energy_kcal": 600}},
        {"free": "300 g zorglub"},
        {"free": "100 g testbread", "meal": "dinner"},
        {"food_id": food, "portions": 2},
    ]
    for body in bodies:
        clock.advance(seconds=1)
        await write(anna, **body)
    recent = (await anna.get("/diary/recent"))["items"]
    assert [(each["name"], each["times"]) for each in recent] == [("Testbread", 3), ("zorglub", 1), ("pizza", 1)]
    assert recent[0]["again"] == {"food_id": food, "portions": 2, "name": "Testbread"}
    assert recent[1]["again"] == {"free": "zorglub", "quantity": {"amount": 300, "unit": "g"}}
    frequent = (await anna.get("/diary/frequent", meal="dinner"))["items"]
    assert [each["again"]["quantity"] for each in frequent] == [{"amount": 100, "unit": "g"}]
    assert (await anna.get("/diary/frequent", limit=1))["items"] == recent[:1]
    for each in recent:
        last = next(entry for entry in (await anna.get("/diary"))["items"][::-1] if entry["name"] == each["name"])
        clock.advance(seconds=1)
        again = await write(anna, **each["again"])
        assert (again["nutrients"], again["mass_g"]) == (last["nutrients"], last["mass_g"])
    clock.advance(days=400)
    assert (await anna.get("/diary/frequent"))["items"] == []
    assert len((await anna.get("/diary/recent"))["items"]) == 3


async def test_the_table_tells_each_entry_and_starts_no_formula(anna: Table) -> None:
    await write(anna, food_id=await bread(anna), quantity=GRAMS)
    await write(anna, free="=1+1", nutrients={"energy_kcal": 60.5}, name="=HYPERLINK(1)")
    answer = await anna.ask("GET", "/diary/export", params={"from": DAY, "to": DAY})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "popote-diary-2026-11-24" in answer.headers["content-disposition"]
    assert (await anna.ask("GET", "/diary/export", params={"to": "2026-12-01"})).text == answer.text
    one, two = csv.DictReader(io.StringIO(answer.text))
    assert (one["date"], one["meal"], one["amount"], one["unit"], one["mass_g"]) == (DAY, "lunch", "150", "g", "150")
    assert (one["protein_g"], one["alcohol_g"], one["complete"], one["reason"]) == ("12", "", "yes", "")
    assert (two["name"], two["energy_kcal"], two["complete"], two["reason"]) == (
        "'=HYPERLINK(1)",
        "60.5",
        "no",
        "no_value",
    )


async def test_nobody_else_sees_a_diary_not_even_at_the_same_table(anna: Table) -> None:
    entry = await write(anna, food_id=await bread(anna), quantity=GRAMS)
    others = (anna.beside(role="owner"), anna.beside(role="child"), anna.beside(role="guest"), anna.elsewhere())
    for other in others:
        for method, body in (("GET", None), ("PATCH", {"meal": "snack"}), ("DELETE", None)):
            answer = await other.ask(method, f"/diary/{entry['id']}", json=body, headers={"If-Match": "*"})
            assert answer.status_code == 404
        assert (await other.get(f"/days/{DAY}"))["entries"] == []
        assert (await other.get("/diary"))["items"] == (await other.get("/diary/recent"))["items"] == []
        assert (await other.get("/diary/changes"))["changes"] == []
        own = await other.post("/diary", {"id": entry["id"], "date": DAY, "meal": "snack", "free": "1 g x"})
        assert own["meal"] == "snack"
    assert await anna.get(f"/diary/{entry['id']}") == entry


async def test_a_phone_gets_what_changed_of_its_person(anna: Table) -> None:
    entry = await write(anna, food_id=await bread(anna), quantity={"amount": 33.3, "unit": "g"})
    page = await anna.get("/diary/changes")
    assert [(each["kind"], each["data"]) for each in page["changes"]] == [("entry", entry)]
    told(await anna.ask("DELETE", f"/diary/{entry['id']}", headers={"If-Match": "*"}))
    later = await anna.get("/diary/changes", since=page["version"], epoch=page["epoch"])
    assert [(each["id"], each["deleted"]) for each in later["changes"]] == [(entry["id"], True)]
    assert (await anna.get("/changes"))["version"] == 1  # the food's: the household learns nothing of a diary


async def test_the_event_is_the_persons_own(anna: Table, database: FreshDatabase) -> None:
    entry = await write(anna, free="1 g x")
    await anna.edit(f"/diary/{entry['id']}", {"date": "2026-11-20"})
    rows = await database.rows("SELECT person_id, kind, payload::text FROM nutrition.outbox ORDER BY id")
    assert [(row["person_id"], row["kind"]) for row in rows] == [(anna.claims["person"], "diary_changed")] * 2
    assert '["2026-11-20", "2026-11-24"]' in rows[1]["payload"]


async def test_without_stock_an_item_is_not_written_down_and_that_is_said(anna: Table) -> None:
    assert (await refused(anna, item_id=str(new_id()), quantity=GRAMS))[0] == 503
    assert (await refused(anna, item_id=str(new_id())))[0] == 422
    assert (await anna.get(f"/days/{DAY}"))["entries"] == []


async def resized(table: Table, entry: Any, **members: Any) -> tuple[int, str]:
    tag = {"If-Match": f'"{entry["version"]}"'}
    answer = await table.ask("PATCH", f"/diary/{entry['id']}", json=members, headers=tag)
    return answer.status_code, answer.json().get("type", "")


async def test_an_entry_does_not_grow_past_what_can_be_kept(anna: Table) -> None:
    too_much = (422, "/problems/too-much")
    sack = await anna.food("Sack", conversions=[{"unit": "piece", "equals": {"amount": 5, "unit": "kg"}}])
    crumb = await write(anna, food_id=sack, quantity={"amount": 0.000001, "unit": "piece"})
    assert await resized(anna, crumb, quantity={"amount": 10_000_000_000, "unit": "piece"}) == too_much
    dense = {"free": "x", "nutrients": {"energy_kcal": 10_000}, "quantity": {"amount": 1, "unit": "mg"}}
    typed = await write(anna, **dense)
    assert await resized(anna, typed, quantity={"amount": 9000, "unit": "kg"}) == too_much
    assert (await anna.get(f"/days/{DAY}"))["total"]["energy_kcal"] == 10_000
    lake = {**dense, "quantity": {"amount": 1_000_000_000, "unit": "l"}}
    assert await refused(anna, **lake) == (*too_much, ["/quantity"])


async def test_what_is_to_taste_has_no_mass_that_anybody_told(anna: Table) -> None:
    salt = await write(anna, free="salt")
    assert (salt["quantity"], salt["mass_g"], salt["reason"]) == (None, None, "no_quantity")
    assert await resized(anna, salt, quantity={"amount": 5, "unit": "g"}) == (422, "/problems/invalid")


async def test_another_name_is_kept_without_blanks_around_it(anna: Table) -> None:
    entry = await write(anna, free="pizza")
    assert (await anna.edit(f"/diary/{entry['id']}", {"name": "  Calzone "}))["name"] == "Calzone"
