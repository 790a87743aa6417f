"""Another household's token, and another person's of the same household, never read or change anything.

The walk is made from the merged contract: a stranger calls every operation with somebody else's ids in every position,
in the path, the query and the body. Afterwards nothing of hers has changed, and nothing of hers was shown.
"""

import asyncio
import base64
import itertools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest

from popote_kit.testing import FreshDatabase
from popote_launcher.testing import House, Person

SCHEMAS = ("auth", "stock", "recipes", "nutrition", "chat", "config")
SECRETS = ("Hidden title", "hidden words", "10.77.77.77", "Hidden household", "hidden-ollama-reason", "Hidden thing")
PRIVATE = (
    "/api/chat", "/api/nutrition/diary", "/api/nutrition/days", "/api/nutrition/goals", "/api/nutrition/weights",
    "/api/nutrition/trends", "/api/recipes/opinions", "/api/recipes/{id}/opinion",
)  # fmt: skip
DOMAINS = ("/api/stock", "/api/nutrition", "/api/recipes")
METHODS = ("get", "post", "put", "patch", "delete")


GTIN = "4006381333931"
TEXTS = {
    "email": "her@example.org", "ollama_base_url": "http://10.66.66.66:11434", "q": "hidden", "unit": "g",
    "currency": "EUR", "from": "2026-11", "to": "2026-11", "code": GTIN, "scan": GTIN,
    "servings": "2", "source_url": "https://example.org/hidden",
}  # fmt: skip
FORMATS = {"date": "2098-12-01", "date-time": "2026-11-23T10:00:00Z"}
OBJECTS = {"Conversion": {"unit": "pack", "equals": {"amount": 250, "unit": "g"}}}
WEIGHT = {"weight": {"amount": 61.5, "unit": "kg"}, "note": "Hidden thing"}
TABLE = "item,amount,unit\nSalt,1,kg\n"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
FOLLOWED = (("stock", "nutrition"), ("nutrition", "recipes"), ("recipes", "nutrition"), ("recipes", "stock"))

Schema = dict[str, Any]
places = itertools.count(1)


class Way(NamedTuple):
    """How to say what something is about, where a body lets one choose; and what may be left out, and is."""

    by: str
    without: frozenset[str] = frozenset()
    makes: bool = False  # something new, under the victim's id: then it is no more than that


NAMES = {"item_id", "lot_id", "food_id", "recipe_id", "name"}
EATEN = {"portions", "nutrients"}  # an entry of the diary says one of these or a quantity
SOURCES = {"url", "html", "json", "model_output"}  # a draft is of one of these or a text
NOT_SAID = {"id", "title", "free", "lines", "date", "planned", *EATEN, *SOURCES}
BY_ITEM = Way("item_id", frozenset({"best_before", "use_by", "price", *NOT_SAID}))
BY_FOOD = Way("food_id", frozenset(NOT_SAID))
BY_RECIPE = Way("recipe_id", frozenset({"quantity", "servings", *NOT_SAID} - {"portions"}))
BY_LOT = Way("lot_id", frozenset({"id"}))
AS_HERS = Way("name", frozenset({"aliases", *EATEN, *SOURCES}), makes=True)


class Example:
    """Makes a body or a parameter that fits a JSON schema, with the victim's id wherever an id goes."""

    def __init__(self, contract: dict[str, Any], victim: str, way: Way = BY_ITEM) -> None:
        self._contract = contract
        self._victim = victim
        self._way = way

    def of(self, schema: Schema, name: str = "") -> Any:  # noqa: PLR0911 - one way out a kind of schema
        if "$ref" in schema:
            title = schema["$ref"].rpartition("/")[2]
            example = OBJECTS.get(title.rpartition(".")[2])  # else `stock.Conversion`
            return example or self.of(self._contract["components"]["schemas"][title], name)
        for union in ("oneOf", "anyOf", "allOf"):
            if union in schema:
                return self.of(self._first(schema[union]), name)
        if "enum" in schema or "const" in schema:
            return schema.get("enum", [schema.get("const")])[0]
        kind = schema.get("type")
        if kind == "object":
            properties = schema.get("properties", {})
            return {key: self.of(value, key) for key, value in properties.items() if self._says(key, schema)}
        if kind == "array":
            return [self.of(schema.get("items", {}), name)]
        if kind in ("integer", "number"):
            return max(schema.get("minimum", 1), 1)
        if kind == "boolean":
            return False
        return self._text(schema, name)

    def _says(self, key: str, schema: Schema) -> bool:
        if key in schema.get("required", ()):
            return True
        choices = NAMES if {"item_id", "recipe_id"} & schema["properties"].keys() else set()
        if key in choices - {self._way.by} or key in self._way.without:
            return False
        return not self._way.makes or key == "id" or not self._is_id(schema["properties"][key])

    def _is_id(self, schema: Schema) -> bool:
        return "oneOf" in schema and bool(self._first(schema["oneOf"]).get("format") == "uuid")

    def _first(self, schemas: list[Schema]) -> Schema:
        """Return the one that may hold an id, or else the first."""
        return next((one for one in schemas if "$ref" in one), schemas[0])

    def _text(self, schema: Schema, name: str) -> str:
        form = schema.get("format", "")
        if form == "uuid" or (name == "name" and self._way.makes):
            return self._victim
        return FORMATS.get(form) or TEXTS.get(name) or "x" * max(int(schema.get("minLength", 1)), 1)


class Call(NamedTuple):
    """One request of the walk."""

    method: str
    url: str
    params: dict[str, Any]
    body: dict[str, Any]

    def carries(self, victim: str) -> bool:
        return victim in self.url or victim in str(self.body)


def operations(contract: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in contract["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


async def everything_of(database: FreshDatabase, *ids: str, but: str) -> dict[str, list[str]]:
    """Return every row, of every table, that names one of `ids`; `but` those of whoever gave theirs such ids."""
    tables = await database.rows(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_schema = ANY($1) AND table_type = 'BASE TABLE'",
        list(SCHEMAS),
    )
    found = {}
    for (table,) in tables:
        statement = (
            f"SELECT r FROM (SELECT to_jsonb(t)::text AS r FROM {table} t) AS rows WHERE r ~ $1 AND r !~ $2 ORDER BY r"  # noqa: S608
        )
        found[table] = [row["r"] for row in await database.rows(statement, "|".join(ids), but)]
    return found


async def all_have_heard(database: FreshDatabase) -> None:
    """Wait until services have taken what others announced, and asked what they had to: rows then stand still."""
    while await is_due(database) or not all([await has_heard(database, *each) for each in FOLLOWED]):  # noqa: ASYNC110
        await asyncio.sleep(0.1)


async def is_due(database: FreshDatabase) -> bool:
    [(due,)] = await database.rows(
        "SELECT EXISTS (SELECT FROM stock.item WHERE food_due > 0 AND NOT is_food_chosen AND deleted_at IS NULL) "
        "OR EXISTS (SELECT FROM recipes.recipe WHERE due > 0)"
    )
    return bool(due)


async def has_heard(database: FreshDatabase, service: str, of: str) -> bool:
    [(announced, place)] = await database.rows(
        f"SELECT (SELECT max(id) FROM {of}.outbox), (SELECT place FROM {service}.followed WHERE service = $1)",  # noqa: S608
        of,
    )
    heard = json.loads(base64.urlsafe_b64decode(f"{place}==")[6:])["id"] if place else 0  # behind a cursor's checksum
    return bool(heard >= (announced or 0))


async def furnish(her: Person) -> list[str]:
    """Give her something of everything there is; return the ids of it."""
    private = await furnish_private(her)
    address = {"ollama_base_url": "http://10.77.77.77:11434", "reason": "hidden-ollama-reason"}
    published = await her.ask("PUT", "/api/system-config/ollama", json=address)
    assert published.status_code == 200, published.text
    invitation = (await her.ask("POST", "/api/auth/invitations", json={"role": "adult"})).json()["id"]
    stock = await furnish_stock(her)
    food = await furnish_nutrition(her)
    recipes = await furnish_recipes(her, place=stock[2])
    sessions = (await her.ask("GET", "/api/auth/sessions")).json()["items"]
    return [*private, her.household, her.id, invitation, *stock, *food, *recipes, *(one["id"] for one in sessions)]


async def furnish_private(her: Person) -> list[str]:
    """Have her talk, eat, wish, weigh and like something; return the ids of that."""
    made = await her.ask("POST", "/api/chat/conversations", json={"title": "Hidden title"})
    conversation = made.json()["id"]
    message = str(UUID(int=UUID(conversation).int ^ 1))
    body = {"id": message, "role": "user", "content": "hidden words", "created_at": "2026-11-23T10:00:00Z"}
    path = f"/api/chat/conversations/{conversation}/messages"
    stored = await her.ask("PUT", path, json={"messages": [body]})
    assert stored.status_code == 200, stored.text
    eaten = {"date": FORMATS["date"], "meal": "lunch", "free": "Hidden thing", "nutrients": {"energy_kcal": 600}}
    kept = [
        await written(her, "POST", "/diary", eaten),
        await written(her, "PUT", "/goals", {"every_day": {"energy_kcal": 2000}}),
        await written(her, "PUT", f"/weights/{FORMATS['date']}", WEIGHT),
    ]
    return [conversation, message, await furnish_opinion(her), *(each["id"] for each in kept)]


async def furnish_opinion(her: Person) -> str:
    """Have her like a recipe; return its id."""
    liked = (await recipe_of(her, "Hidden thing to like"))["id"]
    opinion = {"is_favourite": True, "note": "Hidden thing", "rating": 5}
    await done(her, "PUT", f"/api/recipes/{liked}/opinion", json=opinion)
    return str(liked)


async def furnish_stock(her: Person) -> list[str]:
    """Give her something in stock and something to buy.

    Return the ids of the item, its category and place, the lot and the purchase, the list and its line.
    """
    place = (await her.ask("POST", "/api/stock/locations", json={"name": "Hidden thing"})).json()["id"]
    item = {
        "name": "Hidden thing", "unit": "g", "category": "Hidden thing", "location_id": place,
        "barcodes": [{"code": GTIN}],
    }  # fmt: skip
    made = (await her.ask("POST", "/api/stock/items", json=item)).json()
    no_food = {"food_id": None}  # chosen, so that stock does not ask anew, in the middle of a walk, what it is
    chosen = await her.ask("PATCH", f"/api/stock/items/{made['id']}", json=no_food, headers={"If-Match": "*"})
    assert chosen.status_code == 200, chosen.text
    line = {"item_id": made["id"], "quantity": {"amount": 500, "unit": "g"}, "use_by": FORMATS["date"]}
    bought = await her.ask("POST", "/api/stock/purchases", json={"lines": [line]}, headers={"Idempotency-Key": "1"})
    assert bought.status_code == 201, bought.text
    purchase = bought.json()
    shopping = (await her.ask("POST", "/api/stock/lists", json={"name": "Hidden thing"})).json()["id"]
    line = {"name": "Hidden thing to buy", "note": "Hidden thing"}
    listed = await her.ask("POST", f"/api/stock/lists/{shopping}/items", json={"lines": [line]})
    assert listed.status_code == 200, listed.text
    to_buy = listed.json()["items"][0]["id"]
    return [
        made["id"], made["category_id"], place, purchase["lots"][0]["id"], purchase["action_id"], shopping, to_buy,
    ]  # fmt: skip


async def furnish_nutrition(her: Person) -> list[str]:
    """Give the household a food of its own and a name for it; return the ids of both."""
    food = await written(her, "POST", "/foods", {"name": "Hidden thing to eat"})
    name = await written(her, "PUT", "/names", {"name": "Hidden thing of ours", "food_id": food["id"]})
    return [food["id"], name["id"]]


async def furnish_recipes(her: Person, place: str) -> list[str]:
    """Give the household a recipe that was changed, with a picture, planned, and cooked.

    Return the ids of the recipe, of what stands in for another food, of the entry of the plan, and of the cook.
    """
    recipe = await recipe_of(her, "Hidden thing to cook")
    path = f"/api/recipes/{recipe['id']}"
    await done(her, "PATCH", path, json={"description": "Hidden thing"}, headers={"If-Match": "*"})
    await done(her, "PUT", f"{path}/image", content=PICTURE, headers={"If-Match": "*", "Content-Type": "image/png"})
    foods = [await written(her, "POST", "/foods", {"name": f"Hidden thing {number}"}, str(number)) for number in (2, 3)]
    pair = {"food_id": foods[0]["id"], "instead_id": foods[1]["id"]}
    substitute = await done(her, "POST", "/api/recipes/substitutes", json=pair)
    meal = {"date": FORMATS["date"], "meal": "lunch", "recipe_id": recipe["id"], "note": "Hidden thing"}
    planned = await done(her, "POST", "/api/recipes/plan", json=meal)
    eaten = {
        "plan_id": planned["id"], "eaters": [{"user_id": her.id, "portions": 1}],
        "leftovers": {"servings": 1, "location_id": place},
    }  # fmt: skip
    cooked = await done(her, "POST", f"{path}/cook", json=eaten, headers={"Idempotency-Key": "1"})
    return [recipe["id"], substitute["id"], planned["id"], cooked["cook_id"], cooked["leftover_lot_id"]]


async def recipe_of(her: Person, title: str) -> Any:
    body = {"title": title, "servings": 4, "ingredients": ["100 g Hidden thing"], "steps": ["Hidden thing"]}
    return await done(her, "POST", "/api/recipes", json=body)


async def written(her: Person, method: str, path: str, body: Any, key: str = "1") -> Any:
    return await done(her, method, f"/api/nutrition{path}", json=body, headers={"Idempotency-Key": key})


async def done(her: Person, method: str, path: str, **options: Any) -> Any:
    answer = await her.ask(method, path, **options)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def walk(house: House, stranger: Person, ids: list[str]) -> dict[Way, list[tuple[Call, int]]]:
    """Call every operation as `stranger` with each of `ids`, in each way that makes another request of it.

    Return what was answered; fail on what is shown or broken. Only in the last way something new gets one of `ids`:
    afterwards a call would find what is the stranger's own.
    """
    contract = (await house.client.get("/api/openapi.json")).json()
    answered: dict[Way, list[tuple[Call, int]]] = {}
    made: set[str] = set()
    for way in (BY_ITEM, BY_FOOD, BY_LOT, BY_RECIPE, AS_HERS):
        calls = {str(call): call for call in every_call(contract, ids, way)}
        new = [call for text, call in calls.items() if text not in made]
        made |= calls.keys()
        answered[way] = [(call, await status(stranger, call, key)) for key, call in enumerate(new)]
    return answered


def every_call(contract: dict[str, Any], ids: list[str], way: Way) -> Iterator[Call]:
    for method, path, operation in operations(contract):
        if is_endless(operation):
            continue  # a stream of the caller's own household: it takes nobody's id
        for victim in ids:
            yield a_call(Example(contract, victim, way), method, path, operation)


def a_call(example: Example, method: str, path: str, operation: dict[str, Any]) -> Call:
    params: dict[str, Any] = {}
    for parameter in operation.get("parameters", []):
        name, value = parameter["name"], example.of(parameter["schema"], parameter["name"])
        if parameter["in"] == "path":
            path = path.replace("{" + name + "}", str(value))
        if parameter["in"] == "query" and name not in ("cursor", "limit"):
            params[name] = value
    content = operation.get("requestBody", {}).get("content", {})
    body: dict[str, Any] = {}
    if "application/json" in content:
        body = {"json": example.of(content["application/json"]["schema"])}
    elif "text/csv" in content:
        body = {"content": TABLE, "kind": "text/csv"}
    elif "image/*" in content:
        body = {"content": PICTURE, "kind": "image/png"}
    return Call(method, path, params, body)


async def status(stranger: Person, call: Call, key: int) -> int:
    """Make a call; return its status; fail on what is shown or broken."""
    if call.url.startswith("/api/auth") and (await stranger.ask("GET", "/api/auth/me")).status_code != 200:
        await log_in_again(stranger)
    headers = {"If-Match": "*", "Idempotency-Key": f"{key}", **elsewhere()}
    answer = await make(stranger, call, headers)
    assert answer.status_code < 500, (call, answer.text)
    for secret in SECRETS:
        assert secret not in answer.text, (call, answer.text)
    return answer.status_code


async def make(who: Person, call: Call, headers: dict[str, str]) -> httpx.Response:
    body = dict(call.body)
    kind = {"Content-Type": body.pop("kind")} if "kind" in body else {}
    return await who.ask(call.method, call.url, params=call.params, headers={**headers, **kind}, **body)


def is_endless(operation: dict[str, Any]) -> bool:
    return "text/event-stream" in operation["responses"].get("200", {}).get("content", {})


def elsewhere() -> dict[str, str]:
    """Call from another address each time: too many wrong codes from one are refused, and would end the walk."""
    return {"X-Real-IP": f"2001:db8:{next(places):x}::1"}


async def log_in_again(person: Person) -> None:
    body = {"email": person.email, "password": person.password}
    answer = await person.client.post("/api/auth/login", json=body, headers=elsewhere())
    assert answer.status_code == 200, answer.text
    person.answer = answer.json()


@pytest.mark.timeout(300)
async def test_a_stranger_sees_and_changes_nothing(house: House, database: FreshDatabase) -> None:
    her = await house.sign_up("her", household_name="Hidden household")
    stranger = await house.sign_up("stranger")
    ids = await furnish(her)
    lacking = {"title": "Soup", "servings": 1, "ingredients": ["1 leek"]}  # so that the stranger has to go shopping
    soup = await done(stranger, "POST", "/api/recipes", json=lacking)
    meal = {"date": FORMATS["date"], "meal": "lunch", "recipe_id": soup["id"]}
    await done(stranger, "POST", "/api/recipes/plan", json=meal)
    await all_have_heard(database)
    before = await everything_of(database, *ids, but=stranger.household)
    assert sum(map(len, before.values())) > len(ids)
    answered = await walk(house, stranger, ids)
    assert await everything_of(database, *ids, but=stranger.household) == before
    every = [each for way in answered.values() for each in way]
    assert len(every) > 1000
    own = ("/api/chat", "/api/system", *DOMAINS)
    assert 401 not in {status for call, status in every if call.url.startswith(own)}
    assert told_apart(answered[BY_ITEM], ids, but="/api/recipes/substitutes") == []
    # where a purchase has a `lot_id` that is the new lot's, so it lacks an item
    assert told_apart(answered[BY_LOT], ids, DOMAINS[:1], but="/api/stock/purchases") == []
    assert told_apart(answered[BY_FOOD], ids, DOMAINS[1:2]) == []
    assert told_apart(answered[BY_RECIPE], ids, DOMAINS[1:]) == []
    made = {call.url.rpartition("/")[2] for call, status in answered[AS_HERS] if status == 201}
    assert made >= {"categories", "items", "lists", "locations", "purchases", "foods", "diary", "recipes", "plan"}


def told_apart(
    answered: list[tuple[Call, int]], ids: list[str], under: tuple[str, ...] = DOMAINS, but: str = ""
) -> list[tuple[Call, int]]:
    """Return the calls that carry one of her ids, and are answered otherwise than if there were nothing of that id."""
    hers = [each for each in answered if any(map(each[0].carries, ids))]
    return [(call, status) for call, status in hers if call.url.startswith(under) and call.url != but and status != 404]


@pytest.mark.timeout(300)
async def test_another_person_of_the_household_sees_and_changes_nothing_private(
    house: House, database: FreshDatabase
) -> None:
    her = await house.sign_up("her")
    mate = await house.invite(her, "mate")
    private = await furnish_private(her)
    before = await everything_of(database, *private, but=mate.id)
    assert sum(map(len, before.values())) >= len(private)
    for victim in private:
        statuses = await walk_private(house, mate, victim)
        assert set(statuses.values()) <= {200, 201, 204, 400, 404, 410, 412, 422}, statuses
    assert await everything_of(database, *private, but=mate.id) == before


async def walk_private(house: House, mate: Person, victim: str) -> dict[str, int]:
    """Walk the operations on rows of one person."""
    contract = (await house.client.get("/api/openapi.json")).json()
    private = {path: item for path, item in contract["paths"].items() if path.startswith(PRIVATE)}
    assert all(any(path.startswith(each) for path in private) for each in PRIVATE)
    statuses = {}
    for method, path, operation in operations({**contract, "paths": private}):
        call = a_call(Example(contract, victim), method, path, operation)
        headers = {"If-Match": "*", "Idempotency-Key": victim}
        answer = await make(mate, call, headers)
        assert "idden" not in answer.text or answer.status_code == 201, (call, answer.text)
        statuses[f"{method} {call.url}"] = answer.status_code
    return statuses
