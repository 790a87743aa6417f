"""The shapes that clients already rely on: more members may come, these stay as they are."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from popote_kit.testing import new_id
from popote_launcher.testing import House, Person


def is_uuid(value: object) -> bool:
    return isinstance(value, str) and str(UUID(value)) == value


def is_time(value: object) -> bool:
    return isinstance(value, str) and value.endswith("Z") and datetime.fromisoformat(value).tzinfo is not None


LOGIN: dict[str, Any] = {
    "user": {"id": is_uuid, "email": str, "display_name": str},
    "household": {"id": is_uuid, "name": str, "role": "owner"},
    "tokens": {"access_token": str, "refresh_token": str, "token_type": "Bearer", "expires_in": int},
}
CONVERSATION = {"id": is_uuid, "title": str, "created_at": is_time, "updated_at": is_time}


def fits(value: Any, shape: Any) -> bool:
    """Tell whether `value` has at least the members of `shape`: literals, types, predicates, and lists of one shape."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(key in value and fits(value[key], want) for key, want in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
    if isinstance(shape, type):
        return type(value) is shape
    return bool(shape(value)) if callable(shape) else bool(value == shape)


@pytest.mark.parametrize(
    ("value", "shape", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": int}, True),
        ({"a": "1"}, {"a": int}, False),
        ({}, {"a": int}, False),
        ([1], ["x"], False),
    ],
)
def test_a_shape_can_fail(value: Any, shape: Any, expected: bool) -> None:
    assert fits(value, shape) is expected


@pytest.fixture
async def her(house: House) -> Person:
    return await house.sign_up("her", timezone="Europe/Paris", language="fr", device_name="phone")


async def test_signing_up_and_in(house: House, her: Person) -> None:
    assert fits(her.answer, {**LOGIN, "recovery_codes": [str]})
    assert len(her.answer["recovery_codes"]) == 8
    body = {"email": her.email, "password": her.password, "device_name": "tablet"}
    answer = await house.client.post("/api/auth/login", json=body)
    assert (answer.status_code, fits(answer.json(), LOGIN)) == (200, True), answer.text


async def test_keeping_a_session(house: House, her: Person) -> None:
    rotation = {"refresh_token": her.answer["tokens"]["refresh_token"], "refresh_id": str(new_id())}
    answer = await house.client.post("/api/auth/refresh", json=rotation)
    assert (answer.status_code, fits(answer.json(), {"tokens": LOGIN["tokens"]})) == (200, True), answer.text
    second = await her.ask("POST", "/api/auth/households", json={"name": "The cabin"})
    assert second.status_code == 201, second.text
    refresh_token = answer.json()["tokens"]["refresh_token"]
    switch = {"household_id": second.json()["id"], "refresh_token": refresh_token, "refresh_id": str(new_id())}
    switched = await her.ask("POST", "/api/auth/switch", json=switch)
    assert (switched.status_code, fits(switched.json(), LOGIN)) == (200, True), switched.text
    assert switched.json()["household"]["name"] == "The cabin"


async def test_who_i_am(her: Person) -> None:
    me = await her.ask("GET", "/api/auth/me")
    assert me.status_code == 200
    shape = {"user": LOGIN["user"], "household": LOGIN["household"], "households": [LOGIN["household"]]}
    assert fits(me.json(), shape), me.text
    assert len(me.json()["households"]) == 1


async def test_recovering(house: House, her: Person) -> None:
    body = {"email": her.email, "recovery_code": her.answer["recovery_codes"][0], "new_password": "a whole new way in"}
    answer = await house.client.post("/api/auth/recover", json=body)
    assert (answer.status_code, fits(answer.json(), LOGIN)) == (200, True), answer.text


async def test_inviting(house: House, her: Person) -> None:
    made = await her.ask("POST", "/api/auth/invitations", json={"role": "adult"})
    assert (made.status_code, fits(made.json(), {"id": is_uuid, "code": str, "expires_at": is_time})) == (201, True)
    header = {"X-Invitation-Code": made.json()["code"]}
    preview = await house.client.get("/api/auth/invitations/preview", headers=header)
    assert (preview.status_code, fits(preview.json(), {"household_name": str, "role": "adult"})) == (200, True)
    guest = await house.sign_up("guest")
    rotation = {"refresh_token": guest.answer["tokens"]["refresh_token"], "refresh_id": str(new_id())}
    accepted = await guest.ask("POST", "/api/auth/invitations/accept", json={"code": made.json()["code"], **rotation})
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["household"] == {**accepted.json()["household"], "id": her.household, "role": "adult"}


async def test_the_address_is_exactly_one_member(house: House, her: Person) -> None:
    unset = await her.ask("GET", "/api/system-config/ollama")
    assert (unset.status_code, unset.json()["type"]) == (404, "/problems/ollama-not-configured")
    body = {"ollama_base_url": "192.168.11.101", "reason": "new box"}
    put = await her.ask("PUT", "/api/system-config/ollama", json=body)
    shape = {"ollama_base_url": "http://192.168.11.101:11434", "revision": int, "warnings": list}
    assert (put.status_code, fits(put.json(), shape)) == (200, True), put.text
    got = await her.ask("GET", "/api/system-config/ollama")
    assert got.content == b'{"ollama_base_url":"http://192.168.11.101:11434"}'
    assert got.headers["cache-control"] == "private, max-age=60, stale-if-error=86400"
    assert got.headers["vary"] == "Authorization"
    again = await her.ask("GET", "/api/system-config/ollama", headers={"If-None-Match": got.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_conversations_and_messages(her: Person) -> None:
    made = await her.ask("POST", "/api/chat/conversations", json={"id": str(new_id()), "title": "Soupe"})
    assert (made.status_code, fits(made.json(), CONVERSATION)) == (201, True), made.text
    path = f"/api/chat/conversations/{made.json()['id']}/messages"
    message = {"id": str(new_id()), "role": "tool", "content": "ok", "created_at": "2026-11-23T10:00:00Z"}
    full = {**message, "model": "m", "done_reason": "stop", "tool_calls": [], "tool_name": "t", "links": []}
    put = await her.ask("PUT", path, json={"messages": [full]})
    assert (put.status_code, put.json()) == (200, {"stored": 1})
    page = await her.ask("GET", path, params={"limit": 1, "order": "desc"})
    assert fits(page.json(), {"items": [full], "next_cursor": None}), page.text


async def test_a_refusal_is_a_problem_document(house: House) -> None:
    answer = await house.client.get("/api/auth/me", headers={"Accept-Language": "fr"})
    shape = {"type": "/problems/unauthenticated", "title": str, "status": 401, "detail": str, "request_id": str}
    assert (answer.status_code, fits(answer.json(), shape)) == (401, True), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


def is_date(value: object) -> bool:
    return isinstance(value, str) and date.fromisoformat(value).isoformat() == value


GRAMS = {"amount": int, "unit": "g"}


async def act(person: Person, path: str, body: Any) -> Any:
    answer = await person.ask("POST", f"/api/stock{path}", json=body, headers={"Idempotency-Key": str(new_id())})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def test_what_a_household_has(her: Person) -> None:
    place = await act(her, "/locations", {"id": str(new_id()), "name": "Cave", "is_freezer": False})
    item = {
        "id": str(new_id()), "name": "Riz", "unit": "g", "category": "Épicerie", "food_id": str(new_id()),
        "minimum": {"amount": 500, "unit": "g"}, "is_staple": True,
        "conversions": [{"unit": "pack", "equals": {"amount": 500, "unit": "g"}}], "barcodes": [{"code": "96385074"}],
    }  # fmt: skip
    made = await act(her, "/items", item)
    assert fits(made, {**item, "version": int}), made
    line = {
        "item_id": item["id"], "quantity": {"amount": 1, "unit": "pack"}, "best_before": "2027-01-31",
        "use_by": "2027-02-28", "location_id": place["id"], "price": {"amount": 2.5, "currency": "EUR"},
    }  # fmt: skip
    bought = await act(her, "/purchases", {"lines": [line, {"name": "Sel", "quantity": {"amount": 1, "unit": "kg"}}]})
    lot = {"id": is_uuid, "item_id": is_uuid, "quantity": {"amount": int, "unit": str}}
    assert fits(bought, {"action_id": is_uuid, "lots": [lot]}), bought
    held = await her.ask("GET", "/api/stock/on-hand", params={"limit": 1})
    shown = {
        "id": is_uuid, "quantity": GRAMS, "best_before": "2027-01-31", "use_by": "2027-02-28",
        "location_id": place["id"], "opened_at": None,
    }  # fmt: skip
    first = {"item_id": item["id"], "name": "Riz", "total": GRAMS, "opened": GRAMS, "soonest": is_date, "lots": [shown]}
    assert fits(held.json(), {"items": [first], "next_cursor": str}), held.text
    used = await act(
        her, "/consume", {"lines": [{"item_id": item["id"], "quantity": GRAMS | {"amount": 100}}], "reason": "used"}
    )
    assert fits(used, {"action_id": is_uuid, "takes": [{"lot_id": is_uuid, "item_id": item["id"], "quantity": GRAMS}]})
    undone = await act(her, "/undo", {"action_id": used["action_id"]})
    assert fits(undone, {"action_id": is_uuid}), undone


async def test_what_is_refused_of_the_stock_names_what_an_app_needs(her: Person) -> None:
    item = (await act(her, "/items", {"name": "Riz", "unit": "g"}))["id"]
    bought = await act(her, "/purchases", {"lines": [{"item_id": item, "quantity": {"amount": 100, "unit": "g"}}]})
    body: dict[str, Any] = {"lines": [{"item_id": item, "quantity": {"amount": 150, "unit": "g"}}], "reason": "used"}
    short = await her.ask("POST", "/api/stock/consume", json=body, headers={"Idempotency-Key": "1"})
    shape = {"type": "/problems/not-enough-stock", "short": [{"item_id": item, "missing": {"amount": 50, "unit": "g"}}]}
    assert (short.status_code, fits(short.json(), shape)) == (409, True), short.text
    body["lines"][0]["quantity"]["amount"] = 50
    await act(her, "/consume", body)
    blocked = await her.ask(
        "POST", "/api/stock/undo", json={"action_id": bought["action_id"]}, headers={"Idempotency-Key": "2"}
    )
    shape = {"type": "/problems/undo-blocked", "blocked_by": [{"action_id": is_uuid, "kind": "consume", "at": is_time}]}
    assert (blocked.status_code, fits(blocked.json(), shape)) == (409, True), blocked.text
    keyless = await her.ask("POST", "/api/stock/consume", json=body)
    assert (keyless.status_code, keyless.json()["type"]) == (400, "/problems/idempotency-key-missing")


async def test_what_changed_in_the_stock(her: Person) -> None:
    await act(her, "/items", {"name": "Riz", "unit": "g"})
    changes = await her.ask("GET", "/api/stock/changes", params={"since": 0})
    change = {"kind": str, "id": is_uuid, "version": int, "deleted": False, "data": dict}
    shape = {"epoch": is_uuid, "changes": [change], "version": int, "next_cursor": None}
    assert fits(changes.json(), shape), changes.text
    ahead = await her.ask("GET", "/api/stock/changes", params={"since": 10_000})
    assert (ahead.status_code, ahead.json()["type"]) == (410, "/problems/resync")


NINE = (
    "energy_kcal", "energy_kj", "fat_g", "saturates_g", "carbohydrate_g", "sugars_g", "fibre_g", "protein_g", "salt_g",
)  # fmt: skip


def is_known(value: object) -> bool:
    return type(value) in (int, float)


def is_share(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


KNOWN = dict.fromkeys(NINE, is_known)
COVERAGE = dict.fromkeys(NINE, is_share)


async def eat(person: Person, path: str, body: Any) -> Any:
    answer = await person.ask("POST", f"/api/nutrition{path}", json=body, headers={"Idempotency-Key": str(new_id())})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def test_foods_are_found(her: Person) -> None:
    found = await her.ask("GET", "/api/nutrition/foods", params={"q": "beurre", "lang": "fr", "limit": 1})
    assert found.status_code == 200
    first = {"id": is_uuid, "name": "beurre", "source": "starter", "per_100g": KNOWN}
    assert fits(found.json(), {"items": [first]}), found.text


async def test_lines_are_analysed(her: Person) -> None:
    lines = ["200 g de farine", "50 g de zorglub", "2 poignées de beurre", "poivre"]
    told = await eat(her, "/analyse", {"lines": lines, "servings": 2})
    assert fits(told, {"total": KNOWN, "per_serving": KNOWN, "coverage": COVERAGE}), told
    reasons = [(each["line"], each["reason"]) for each in told["missing"]]
    assert reasons == [(lines[1], "unmatched_food"), (lines[2], "unknown_conversion"), (lines[3], "no_quantity")]


async def test_a_day_of_the_diary(her: Person) -> None:
    farine = (await her.ask("GET", "/api/nutrition/foods", params={"q": "farine"})).json()["items"][0]["id"]
    entry = {
        "id": str(new_id()), "date": "2026-11-23", "meal": "lunch", "food_id": farine,
        "quantity": {"amount": 100, "unit": "g"},
    }  # fmt: skip
    made = await eat(her, "/diary", entry)
    shape = {**entry, "name": "farine", "nutrients": KNOWN, "mass_g": 100, "coverage": COVERAGE, "version": int}
    assert fits(made, shape), made
    free = await eat(her, "/diary", {"date": "2026-11-23", "meal": "snack", "free": "pizza"})
    assert fits(free, {"id": is_uuid, "food_id": lambda _: True, "reason": "no_quantity"}), free
    day = await her.ask("GET", "/api/nutrition/days/2026-11-23")
    shape = {"total": KNOWN, "goals": None, "entries": [{"id": is_uuid, "meal": str, "nutrients": dict}]}
    assert (day.status_code, fits(day.json(), shape)) == (200, True), day.text
    assert len(day.json()["entries"]) == 2


async def test_what_changed_in_nutrition_and_in_ones_diary(her: Person) -> None:
    await eat(her, "/foods", {"name": "Confiture de Mamie"})
    await eat(her, "/diary", {"date": "2026-11-23", "meal": "snack", "free": "pizza"})
    for path in ("/changes", "/diary/changes"):
        changes = await her.ask("GET", f"/api/nutrition{path}", params={"since": 0})
        change = {"kind": str, "id": is_uuid, "version": int, "deleted": False, "data": dict}
        shape = {"epoch": is_uuid, "changes": [change], "version": int, "next_cursor": None}
        assert fits(changes.json(), shape), changes.text
        assert len(changes.json()["changes"]) == 1


async def test_what_is_refused_of_nutrition_names_what_an_app_needs(her: Person) -> None:
    farine = (await her.ask("GET", "/api/nutrition/foods", params={"q": "farine"})).json()["items"][0]["id"]
    body = {"food_id": farine, "quantity": {"amount": 1, "unit": "slice"}}
    unknown = await her.ask("POST", "/api/nutrition/analyse", json=body)
    assert (unknown.status_code, unknown.json()["type"]) == (422, "/problems/unknown-conversion"), unknown.text
    ahead = await her.ask("GET", "/api/nutrition/diary/changes", params={"since": 10_000})
    assert (ahead.status_code, ahead.json()["type"]) == (410, "/problems/resync")


async def cook_up(person: Person, path: str, body: Any = None) -> Any:
    answer = await person.ask("POST", f"/api/recipes{path}", json=body, headers={"Idempotency-Key": str(new_id())})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def maybe(shape: Any) -> Any:
    return lambda value: value is None or fits(value, shape)


QUANTITY = {"amount": is_known, "unit": str}
INGREDIENT = {
    "line": str, "quantity": maybe(QUANTITY), "food_id": maybe(is_uuid), "name": str, "note": str, "section": str,
}  # fmt: skip
STATUSES = {"enough", "short", "missing", "unknown_conversion", "unmatched", "staple", "to_taste"}
LINE = {
    "line": str, "status": STATUSES.__contains__, "need": maybe(QUANTITY), "have": maybe(QUANTITY),
    "short": maybe(QUANTITY),
}  # fmt: skip
CREPES = ["Pâte :", "250 g de farine tamisée", "2 œufs", "sel"]


async def test_a_recipe_and_the_same_for_others(her: Person) -> None:
    body = {
        "id": str(new_id()), "title": "Crêpes", "servings": 4, "ingredients": CREPES, "steps": ["Mélanger."],
        "tags": ["dessert"], "minutes": 30, "language": "fr",
    }  # fmt: skip
    made = await cook_up(her, "", body)
    same = {name: body[name] for name in ("id", "title", "servings", "tags", "minutes", "language")}
    assert fits(made, {**same, "ingredients": [INGREDIENT], "steps": [{"text": "Mélanger."}]}), made
    assert [each["line"] for each in made["ingredients"]] == CREPES[1:]
    assert {each["section"] for each in made["ingredients"]} == {"Pâte"}
    assert made["ingredients"][0]["quantity"] == {"amount": 250, "unit": "g"}
    scaled = await her.ask("GET", f"/api/recipes/{body['id']}", params={"servings": 6})
    assert (scaled.status_code, fits(scaled.json(), {**same, "servings": 6, "ingredients": [INGREDIENT]})) == (
        200,
        True,
    )
    assert [each["quantity"] and each["quantity"]["amount"] for each in scaled.json()["ingredients"]] == [375, 3, None]


async def test_lines_are_parsed(her: Person) -> None:
    told = await cook_up(her, "/parse", {"lines": CREPES, "language": "fr"})
    assert fits(told, {"ingredients": [{**INGREDIENT, "confidence": is_share}]}), told
    assert len(told["ingredients"]) == 3


PAGE = (
    '<html><script type="application/ld+json">{"@type": "Recipe", "name": "Crêpes", "recipeYield": "4",'
    ' "recipeIngredient": ["250 g de farine"], "recipeInstructions": "Mélanger."}</script></html>'
)


SOURCES: list[dict[str, Any]] = [
    {"html": PAGE},
    {"text": "Crêpes\n\nPour 4 personnes\n\nIngrédients\n- 250 g de farine\n\nPréparation\n1. Mélanger."},
    {"json": {"@type": "Recipe", "name": "Crêpes", "recipeYield": "4", "recipeIngredient": ["250 g de farine"]}},
    {"model_output": "Voici :\n```json\n{'title': 'Crêpes', 'servings': 4, 'ingredients': ['250 g de farine'],"},
]


async def test_a_draft_is_read_and_nothing_is_stored(her: Person) -> None:
    shape = {
        "title": "Crêpes", "servings": 4, "ingredients": [{**INGREDIENT, "confidence": is_share}], "steps": list,
        "warnings": [{"code": str, "message": str}],
    }  # fmt: skip
    for source in SOURCES:
        draft = await cook_up(her, "/import", source)
        assert fits(draft, shape), draft
        assert [each["line"] for each in draft["ingredients"]] == ["250 g de farine"]
    assert (await her.ask("GET", "/api/recipes")).json()["items"] == []


async def test_an_address_that_leads_inside_is_refused_as_one_where_nothing_is(her: Person) -> None:
    answers = [
        await her.ask("POST", "/api/recipes/import", json={"url": url})
        for url in ("http://127.0.0.1:8080/readyz", "http://169.254.169.254/latest", "http://nowhere.invalid/")
    ]
    told = [{name: value for name, value in each.json().items() if name != "request_id"} for each in answers]
    assert told[0] == told[1] == told[2]
    assert answers[0].status_code < 500


async def test_what_can_be_cooked_is_planned_and_cooked(her: Person) -> None:
    flour = {"name": "Farine", "quantity": {"amount": 300, "unit": "g"}}
    await act(her, "/purchases", {"lines": [flour]})
    recipe = (await cook_up(her, "", {"title": "Crêpes", "servings": 4, "ingredients": CREPES}))["id"]
    found = await her.ask("GET", "/api/recipes/cookable", params={"max_missing": 5, "limit": 10})
    dish = {
        "recipe_id": recipe, "title": "Crêpes", "servings_possible": int, "missing": int, "saves_expiring": is_known,
        "ingredients": [LINE],
    }  # fmt: skip
    assert (found.status_code, fits(found.json(), {"items": [dish]})) == (200, True), found.text
    assert [each["status"] for each in found.json()["items"][0]["ingredients"]] == ["enough", "missing", "to_taste"]

    today = (await her.ask("GET", "/api/recipes/plan")).json()["from"]
    entry = {"id": str(new_id()), "date": today, "meal": "dinner", "recipe_id": recipe, "servings": 4}
    assert fits(await cook_up(her, "/plan", entry), entry)
    walked = await her.ask("GET", "/api/recipes/plan/allocation", params={"from": today, "to": today})
    meal = {"plan_id": entry["id"], "ok": False, "short": [LINE]}
    bought = {"item_id": maybe(is_uuid), "food_id": maybe(is_uuid), "name": str, "quantity": maybe(QUANTITY)}
    shape = {"days": [{"date": today, "meals": [meal]}], "to_buy": [bought]}
    assert (walked.status_code, fits(walked.json(), shape)) == (200, True), walked.text
    assert len(walked.json()["to_buy"]) == 1

    asked = {
        "servings": 4, "eaters": [{"user_id": her.id, "portions": 2}],
        "leftovers": {"servings": 2, "location_id": None, "use_by": "2099-01-01"},
    }  # fmt: skip
    path = f"/{recipe}/cook"
    refused = await her.ask("POST", f"/api/recipes{path}", json=asked, headers={"Idempotency-Key": "1"})
    lacking = {"line": "2 œufs", "missing": maybe(QUANTITY)}
    assert fits(refused.json(), {"type": "/problems/not-enough-stock", "status": 409, "short": [lacking]}), refused.text
    done = await cook_up(her, path, {**asked, "allow_missing": True})
    take = {"lot_id": is_uuid, "item_id": is_uuid, "quantity": QUANTITY}
    assert fits(done, {"cook_id": is_uuid, "takes": [take], "leftover_lot_id": is_uuid}), done
    assert done["takes"][0]["quantity"] == {"amount": 250, "unit": "g"}
    undone = await her.ask("POST", f"/api/recipes/cooked/{done['cook_id']}/undo")
    assert undone.status_code == 200
    keyless = await her.ask("POST", f"/api/recipes{path}", json=asked)
    assert (keyless.status_code, keyless.json()["type"]) == (400, "/problems/idempotency-key-missing")


async def test_what_changed_in_recipes(her: Person) -> None:
    recipe = (await cook_up(her, "", {"title": "Crêpes", "servings": 4}))["id"]
    first = (await her.ask("GET", "/api/recipes/changes", params={"since": 0})).json()
    change = {"kind": "recipe", "id": recipe, "version": int, "deleted": False, "data": {"title": "Crêpes"}}
    assert fits(first, {"epoch": is_uuid, "changes": [change], "version": int, "next_cursor": None}), first
    gone = await her.ask("DELETE", f"/api/recipes/{recipe}", headers={"If-Match": "*"})
    assert gone.status_code == 204
    then = (await her.ask("GET", "/api/recipes/changes", params={"since": first["version"]})).json()
    for changes, expected in ((first, change), (then, {**change, "deleted": True, "data": None})):
        assert len(changes["changes"]) == 1
        assert fits(changes["changes"][0], expected), changes
    ahead = await her.ask("GET", "/api/recipes/changes", params={"since": 10_000})
    assert (ahead.status_code, ahead.json()["type"]) == (410, "/problems/resync")


async def test_a_recipe_is_analysed_and_eaten(her: Person) -> None:
    recipe = (await cook_up(her, "", {"title": "Crêpes", "servings": 4, "ingredients": CREPES[1:3]}))["id"]
    told = await eat(her, "/analyse", {"recipe_id": recipe, "servings": 2})
    assert fits(told, {"total": KNOWN, "per_serving": KNOWN, "coverage": COVERAGE, "missing": []}), told
    entry = {"date": "2026-11-23", "meal": "snack", "recipe_id": recipe, "portions": 1.5}
    assert fits(await eat(her, "/diary", entry), {**entry, "nutrients": KNOWN, "name": "Crêpes"})
