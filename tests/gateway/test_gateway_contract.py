"""The services' OpenAPI documents become one."""

import json
from typing import Any

import pytest

from popote_gateway.contract import ContractError, merge, render

SECURITY: list[dict[str, list[str]]] = [{"access_token": []}]
SCHEME = {"access_token": {"type": "http", "scheme": "bearer"}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def document(paths: dict[str, tuple[str, str]], schemas: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """Return a document with GET on each path: its operation id, and the schema that it answers with."""

    def answers(name: str) -> Any:
        return {"200": {"content": {"application/json": {"schema": ref(name)}}}}

    items = {path: {"get": {"operationId": one, "responses": answers(name)}} for path, (one, name) in paths.items()}
    return {
        "info": {"title": "Popote: a part"},
        "paths": items,
        "security": SECURITY,
        "components": {"schemas": schemas, "securitySchemes": SCHEME},
        **rest,
    }


def answered_by(merged: Any, path: str) -> str:
    schema = merged["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return str(schema["$ref"].rpartition("/")[2])


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def test_only_public_paths_and_what_they_need_are_told() -> None:
    paths = {"/api/chat/x": ("x", "Page"), "/internal/events": ("events", "Secret"), "/healthz": ("live", "Secret")}
    schemas = {"Page": {"items": ref("Item")}, "Item": TEXT, "Secret": NUMBER}
    merged = merge({"chat": document(paths, schemas)})
    assert set(merged["paths"]) == {"/api/chat/x", "/healthz", "/readyz"}
    assert merged["paths"]["/healthz"]["get"]["operationId"] == "healthz"
    assert set(merged["components"]["schemas"]) == {"Page", "Item"}
    assert merged["components"]["securitySchemes"] == SCHEME


def test_operations_are_tagged_by_service() -> None:
    chat = document({"/api/chat/x": ("x", "A")}, {"A": TEXT})
    stock = document({"/api/stock/y": ("y", "A")}, {"A": TEXT})
    merged = merge({"chat": chat, "stock": stock})
    assert [tag["name"] for tag in merged["tags"]] == ["stock", "chat"]
    assert merged["paths"]["/api/stock/y"]["get"]["tags"] == ["stock"]
    assert "tags" not in chat["paths"]["/api/chat/x"]["get"]


def test_a_schema_that_means_the_same_everywhere_stays_one() -> None:
    merged = merge(
        {
            "chat": document({"/api/chat/x": ("x", "A")}, {"A": {"of": ref("B")}, "B": TEXT}),
            "stock": document({"/api/stock/y": ("y", "A")}, {"A": {"of": ref("B")}, "B": TEXT}),
        }
    )
    assert set(merged["components"]["schemas"]) == {"A", "B"}


def test_schemas_that_share_only_a_name_are_told_apart_also_when_only_what_they_refer_to_differs() -> None:
    merged = merge(
        {
            "chat": document({"/api/chat/x": ("x", "Page")}, {"Page": {"of": ref("Item")}, "Item": TEXT}),
            "stock": document(
                {"/api/stock/y": ("y", "Page"), "/api/stock/z": ("z", "Own")},
                {"Page": {"of": ref("Item")}, "Item": NUMBER, "Own": TEXT},
            ),
        }
    )
    schemas = merged["components"]["schemas"]
    assert set(schemas) == {"chat.Page", "chat.Item", "stock.Page", "stock.Item", "Own"}
    assert answered_by(merged, "/api/stock/y") == "stock.Page"
    assert schemas["stock.Page"] == {"of": ref("stock.Item")}
    assert (schemas["stock.Item"], schemas["chat.Item"]) == (NUMBER, TEXT)


def test_an_operation_that_needs_no_token_stays_open() -> None:
    auth = document({"/api/auth/x": ("x", "A")}, {"A": TEXT})
    auth["paths"]["/api/auth/x"]["get"]["security"] = []
    chat = document({"/api/chat/y": ("y", "A")}, {"A": TEXT})
    config = document({"/api/system-config/z": ("z", "A")}, {"A": TEXT}, security=[{}, *SECURITY])
    merged = merge({"auth": auth, "chat": chat, "config": config})
    assert merged["security"] == SECURITY
    assert merged["paths"]["/api/auth/x"]["get"]["security"] == []
    assert "security" not in merged["paths"]["/api/chat/y"]["get"]
    assert merged["paths"]["/api/system-config/z"]["get"]["security"] == [{}, *SECURITY]


def test_the_same_contract_gives_the_same_bytes_in_any_order() -> None:
    documents = {
        service: document(
            {f"/api/{service}/{n}": (f"{service}{n}", f"S{n}") for n in range(5)}, {f"S{n}": {"n": n} for n in range(5)}
        )
        for service in ("auth", "stock", "chat")
    }
    backwards = json.loads(json.dumps(dict(reversed(documents.items()))))
    assert render(merge(documents)) == render(merge(backwards))
    assert render(merge(documents)).endswith(b"}\n")


def test_two_operations_of_one_name_are_refused() -> None:
    chat = document({"/api/chat/x": ("changes", "A")}, {"A": TEXT})
    stock = document({"/api/stock/y": ("changes", "A")}, {"A": TEXT})
    with pytest.raises(ContractError, match="/api/stock/y and /api/chat/x have the same operation id 'changes'"):
        merge({"chat": chat, "stock": stock})


def test_a_path_that_leads_to_another_service_is_refused() -> None:
    with pytest.raises(ContractError, match="chat describes /api/stock/x"):
        merge({"chat": document({"/api/stock/x": ("x", "A")}, {"A": TEXT})})


def test_a_security_scheme_with_two_meanings_is_refused() -> None:
    chat = document({}, {})
    stock = document({}, {})
    stock["components"]["securitySchemes"] = {"access_token": {"type": "apiKey"}}
    with pytest.raises(ContractError, match="chat describes the security scheme"):
        merge({"chat": chat, "stock": stock})
