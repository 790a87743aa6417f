"""Another household's token, and another person's of the same household, never read or change anything.

The walk is made from the merged contract: a stranger calls every operation with somebody else's ids in every position,
in the path, the query and the body. Afterwards nothing of hers has changed, and nothing of hers was shown.
"""

import itertools
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from popote_kit.testing import FreshDatabase
from popote_launcher.testing import House, Person

SCHEMAS = ("auth", "stock", "recipes", "nutrition", "chat", "config")
SECRETS = ("Hidden title", "hidden words", "10.77.77.77", "Hidden household", "hidden-ollama-reason", "Hidden thing")
METHODS = ("get", "post", "put", "patch", "delete")


places = itertools.count(1)


class Example:
    """Makes a body or a parameter that fits a JSON schema, with the victim's ids wherever an id goes."""

    def __init__(self, contract: dict[str, Any], ids: list[str]) -> None:
        self._contract = contract
        self._ids = ids

    def of(self, schema: dict[str, Any], name: str = "") -> Any:  # noqa: PLR0911 - one way out a kind of schema
        if "$ref" in schema:
            return self.of(self._contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name)
        for union in ("oneOf", "anyOf", "allOf"):
            if union in schema:
                return self.of(next(one for one in schema[union] if one.get("type") != "null"), name)
        if "enum" in schema or "const" in schema:
            return schema.get("enum", [schema.get("const")])[0]
        kind = schema.get("type")
        if kind == "object":
            return {key: self.of(value, key) for key, value in schema.get("properties", {}).items()}
        if kind == "array":
            return [self.of(schema.get("items", {}), name)]
        if kind in ("integer", "number"):
            return max(schema.get("minimum", 1), 1)
        if kind == "boolean":
            return False
        return self._text(schema, name)

    def _text(self, schema: dict[str, Any], name: str) -> str:
        if schema.get("format") == "uuid":
            return self._ids[0]
        if schema.get("format") == "date-time":
            return "2026-11-23T10:00:00Z"
        known = {"email": "her@example.org", "ollama_base_url": "http://10.66.66.66:11434", "q": "hidden"}
        return known.get(name, "x" * max(int(schema.get("minLength", 1)), 1))


def operations(contract: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in contract["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


async def everything_of(database: FreshDatabase, *ids: str, but: Person | None = None) -> dict[str, list[str]]:
    """Return every row, of every table, that names one of `ids`; `but` those of whoever gave theirs such ids."""
    others = but.household if but else "nobody's"
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
        found[table] = [row["r"] for row in await database.rows(statement, "|".join(ids), others)]
    return found


async def furnish(her: Person) -> list[str]:
    """Give her something of everything there is; return the ids of it."""
    made = await her.ask("POST", "/api/chat/conversations", json={"title": "Hidden title"})
    conversation = made.json()["id"]
    message = str(UUID(int=UUID(conversation).int ^ 1))
    body = {"id": message, "role": "user", "content": "hidden words", "created_at": "2026-11-23T10:00:00Z"}
    path = f"/api/chat/conversations/{conversation}/messages"
    stored = await her.ask("PUT", path, json={"messages": [body]})
    assert stored.status_code == 200, stored.text
    address = {"ollama_base_url": "http://10.77.77.77:11434", "reason": "hidden-ollama-reason"}
    published = await her.ask("PUT", "/api/system-config/ollama", json=address)
    assert published.status_code == 200, published.text
    invitation = (await her.ask("POST", "/api/auth/invitations", json={"role": "adult"})).json()["id"]
    stock = await furnish_stock(her)
    sessions = (await her.ask("GET", "/api/auth/sessions")).json()["items"]
    return [conversation, message, her.household, her.id, invitation, *stock, *(one["id"] for one in sessions)]


async def furnish_stock(her: Person) -> list[str]:
    """Give her something in stock; return the ids of the item, its category and place, the lot and the purchase."""
    place = (await her.ask("POST", "/api/stock/locations", json={"name": "Hidden thing"})).json()["id"]
    item = {"name": "Hidden thing", "unit": "g", "category": "Hidden thing", "location_id": place}
    made = (await her.ask("POST", "/api/stock/items", json=item)).json()
    line = {"item_id": made["id"], "quantity": {"amount": 500, "unit": "g"}, "use_by": "2026-12-01"}
    bought = await her.ask("POST", "/api/stock/purchases", json={"lines": [line]}, headers={"Idempotency-Key": "1"})
    assert bought.status_code == 201, bought.text
    purchase = bought.json()
    return [made["id"], made["category_id"], place, purchase["lots"][0]["id"], purchase["action_id"]]


async def walk(house: House, stranger: Person, ids: list[str]) -> dict[str, int]:
    """Call every operation as `stranger` with each of `ids`; return the statuses; fail on what is shown or broken."""
    contract = (await house.client.get("/api/openapi.json")).json()
    statuses: dict[str, int] = {}
    for method, path, operation in operations(contract):
        for position, victim in enumerate(ids):
            example = Example(contract, [victim])
            url = path
            params: dict[str, Any] = {}
            for parameter in operation.get("parameters", []):
                value = example.of(parameter["schema"], parameter["name"])
                if parameter["in"] == "path":
                    url = url.replace("{" + parameter["name"] + "}", str(value))
                if parameter["in"] == "query" and parameter["name"] not in ("cursor", "limit"):
                    params[parameter["name"]] = value
            content = operation.get("requestBody", {}).get("content", {})
            body = example.of(content["application/json"]["schema"]) if "application/json" in content else None
            if (await stranger.ask("GET", "/api/auth/me")).status_code != 200:
                await log_in_again(stranger)
            if is_endless(operation):
                continue  # a stream of the caller's own household: it takes nobody's id
            headers = {"If-Match": "*", "Idempotency-Key": f"{position}", **elsewhere()}
            answer = await stranger.ask(method, url, params=params, json=body, headers=headers)
            assert answer.status_code < 500, (method, url, answer.text)
            for secret in SECRETS:
                assert secret not in answer.text, (method, url, answer.text)
            statuses[f"{method} {path} {position}"] = answer.status_code
    return statuses


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
    before = await everything_of(database, *ids, but=stranger)
    assert sum(map(len, before.values())) > len(ids)
    statuses = await walk(house, stranger, ids)
    assert await everything_of(database, *ids, but=stranger) == before
    assert len(statuses) > 600
    assert 401 not in {status for name, status in statuses.items() if "/api/chat" in name or "/api/system" in name}


@pytest.mark.timeout(300)
async def test_another_person_of_the_household_sees_and_changes_nothing_private(
    house: House, database: FreshDatabase
) -> None:
    her = await house.sign_up("her")
    mate = await house.invite(her, "mate")
    ids = await furnish(her)
    conversation, message = ids[:2]
    before = await everything_of(database, conversation, message)
    assert sum(map(len, before.values())) >= 2
    for victim in (conversation, message):
        statuses = await walk_private(house, mate, victim)
        assert set(statuses.values()) <= {200, 201, 204, 400, 404, 422}, statuses
    assert await everything_of(database, conversation, message) == before


async def walk_private(house: House, mate: Person, victim: str) -> dict[str, int]:
    """Walk the operations on rows of one person."""
    contract = (await house.client.get("/api/openapi.json")).json()
    private = {path: item for path, item in contract["paths"].items() if path.startswith("/api/chat")}
    assert len(private) >= 4
    statuses = {}
    for method, path, operation in operations({**contract, "paths": private}):
        content = operation.get("requestBody", {}).get("content", {})
        example = Example(contract, [victim])
        body = example.of(content["application/json"]["schema"]) if "application/json" in content else None
        params = {"q": "hidden"} if path == "/api/chat/conversations" and method == "GET" else {}
        url = path.replace("{id}", victim)
        answer = await mate.ask(method, url, params=params, json=body, headers={"If-Match": "*"})
        assert "idden" not in answer.text or answer.status_code == 201, (method, url, answer.text)
        statuses[f"{method} {url}"] = answer.status_code
    return statuses
