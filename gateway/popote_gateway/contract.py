"""The public contract: the services' OpenAPI documents, merged into the one that clients read."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from popote_gateway.table import LIVE, READY, SERVICES, find

Document = dict[str, Any]

METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
POINTER: Final = "#/components/schemas/"
SECURITY: Final[list[Document]] = [{"access_token": []}]
INFO: Final = {
    "title": "Popote",
    "version": "1",
    "description": "What a household has, cooks and eats. Errors are problem documents (RFC 9457): switch on `type`. "
    "Any route may also answer 400, 413, 415, 503 and 504 from the gateway, each with an `X-Request-Id`.",
}


class ContractError(Exception):
    """The documents can't be merged; the message says which two disagree."""


def merge(documents: Mapping[str, Document]) -> Document:
    """Return one OpenAPI 3.1 document with the public operations of `documents`, which are by service name.

    Each operation is tagged with its service. Schemas that several services share, down to what they refer to, stay
    one; those that share only a name are renamed `<service>.<name>`. The order of `documents` does not matter.

    Raises:
        ContractError: two services have one operation id or differ about a security scheme, or one describes a path
            that leads to another.
    """
    ordered = _told_apart({name: documents[name] for name in sorted(documents, key=SERVICES.index)})
    paths = _own_paths()
    for service, document in ordered.items():
        paths |= _public(service, document)
    _check_operation_ids(paths)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "security": SECURITY,
        "tags": [{"name": name, "description": document["info"]["title"]} for name, document in ordered.items()],
        "paths": paths,
        "components": {
            "schemas": _needed(
                paths, {name: schema for each in ordered.values() for name, schema in _schemas(each).items()}
            ),
            "securitySchemes": _security_schemes(ordered),
        },
    }


def render(document: Document) -> bytes:
    """Return the document as JSON, the same bytes for the same contract: keys sorted, one member a line."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _public(service: str, document: Document) -> Document:
    """Return the paths of a service that the gateway routes, with the operations tagged."""
    public = {path: item for path, item in document["paths"].items() if find(path.encode())}
    for path, item in public.items():
        route = find(path.encode())
        if route is None or route.service != service:
            raise ContractError(f"{service} describes {path}, which leads to another service")
        for operation in _operations(item):
            operation["tags"] = [service]
            if document.get("security", []) != SECURITY:
                operation.setdefault("security", document.get("security", []))
    return public


def _own_paths() -> Document:
    def asked(operation: str, summary: str, statuses: Mapping[str, str]) -> Document:
        answers = {status: {"description": meaning} for status, meaning in statuses.items()}
        return {"get": {"operationId": operation, "summary": summary, "security": [], "responses": answers}}

    ready = {"200": "Every service serves", "503": "One does not; `services` tells which, and why"}
    return {
        LIVE.decode(): asked("healthz", "Whether the gateway lives", {"200": "It does"}),
        READY.decode(): asked("readyz", "Whether everything serves", ready),
    }


def _operations(item: Document) -> Iterator[Document]:
    return (operation for method, operation in item.items() if method in METHODS)


def _check_operation_ids(paths: Document) -> None:
    seen: dict[str, str] = {}
    for path, item in paths.items():
        for name in (operation["operationId"] for operation in _operations(item)):
            if name in seen:
                raise ContractError(f"{seen[name]} and {path} have the same operation id {name!r}")
            seen[name] = path


def _security_schemes(documents: Mapping[str, Document]) -> Document:
    merged: Document = {}
    for service, document in documents.items():
        for name, scheme in document.get("components", {}).get("securitySchemes", {}).items():
            if merged.setdefault(name, scheme) != scheme:
                raise ContractError(f"{service} describes the security scheme {name!r} differently")
    return merged


def _schemas(document: Document) -> Document:
    schemas: Document = document.get("components", {}).get("schemas", {})
    return schemas


def _told_apart(documents: Mapping[str, Document]) -> dict[str, Document]:
    """Return copies of the documents in which no schema name has two meanings."""
    ambiguous = _ambiguous([_schemas(document) for document in documents.values()])
    return {service: _renamed(service, document, ambiguous) for service, document in documents.items()}


def _renamed(service: str, document: Document, ambiguous: set[str]) -> Document:
    names = {name: f"{service}.{name}" if name in ambiguous else name for name in _schemas(document)}
    renamed: Document = _with_references(document, {POINTER + old: POINTER + new for old, new in names.items()})
    if names:
        renamed["components"]["schemas"] = {names[name]: schema for name, schema in _schemas(renamed).items()}
    return renamed


def _ambiguous(services: Iterable[Document]) -> set[str]:
    """Return the names of schemas that differ between services, in themselves or in what they refer to."""
    meanings: dict[str, list[Any]] = {}
    for name, schema in (each for schemas in services for each in schemas.items()):
        meanings.setdefault(name, []).append(schema)
    shared = {name: group for name, group in meanings.items() if len(group) > 1}
    ambiguous = {name for name, group in shared.items() if any(other != group[0] for other in group)}
    while more := {name for name, group in shared.items() if ambiguous & set(_references(group[0]))} - ambiguous:
        ambiguous |= more
    return ambiguous


def _needed(paths: Document, schemas: Document) -> Document:
    """Return the schemas that the paths refer to, directly or through others."""
    needed: set[str] = set()
    new = set(_references(paths))
    while new:
        needed |= new
        new = {name for found in new for name in _references(schemas[found])} - needed
    return {name: schemas[name] for name in sorted(needed)}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(POINTER):
        yield value.removeprefix(POINTER)
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _references(member)


def _with_references(value: Any, changed: Mapping[str, str]) -> Any:
    """Return a copy of `value` with every reference in it replaced as `changed` says."""
    if isinstance(value, dict):
        return {key: _with_references(member, changed) for key, member in value.items()}
    if isinstance(value, list):
        return [_with_references(member, changed) for member in value]
    return changed.get(value, value) if isinstance(value, str) else value
