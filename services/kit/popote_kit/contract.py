"""The OpenAPI document of a service, with what its operations have from the kit."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, OpenAPIType, Schema, SecurityScheme
from litestar.plugins import OpenAPISchemaPlugin
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

from popote_kit import codec
from popote_kit.idempotency import KeyInUse, KeyReused
from popote_kit.problems import MEDIA_TYPE, STATUS, Problem
from popote_kit.quantity import PositiveAmount

Operation = dict[str, Any]

IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that was read: the edit is refused when it is missing (428) or no longer stands (412).",
    "schema": {"type": "string"},
}
IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The client's own: a request sent again with its key is done once, and answered as the first time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
}
_CLAUSE_END: Final = re.compile(r"[.;:](?:\s|$)")


def describe(app: Litestar) -> dict[str, Any]:
    """Return the OpenAPI document of `app`."""
    document = app.openapi_schema.to_schema()
    for path, method, handler in operations(app):
        _complete(document["paths"][path][method.lower()], method, handler)
    return document


def operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Give path, method and handler of each operation that the document shows."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if handler.resolve_include_in_schema() and method != "OPTIONS":
                    yield route.path_format, method, handler


def needs(handler: HTTPRouteHandler) -> set[str]:
    """Return the names of the dependencies that a handler asks for, itself or through another."""
    providers = handler.resolve_dependencies()
    found: set[str] = set()
    ahead = set(handler.parsed_fn_signature.parameters)
    while ahead:
        name = ahead.pop()
        if name in providers and name not in found:
            found.add(name)
            ahead |= providers[name].parsed_fn_signature.parameters.keys()
    return found


def _complete(operation: Operation, method: str, handler: HTTPRouteHandler) -> None:
    needed = needs(handler)
    rule = handler.opt.get("idempotency", "taken")
    if handler.summary is None and handler.fn.__doc__:
        operation["summary"] = _CLAUSE_END.split(handler.fn.__doc__.strip(), 1)[0]
    if "if_match" in needed:
        operation.setdefault("parameters", []).append(IF_MATCH)
    if method == "POST" and "kitchen" in needed and rule != "none":
        operation.setdefault("parameters", []).append({**IDEMPOTENCY_KEY, "required": rule == "needed"})
        _mention(operation, KeyInUse)
        _mention(operation, KeyReused)


def _mention(operation: Operation, problem: type[Problem]) -> None:
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    response = {"description": "", "content": {MEDIA_TYPE: {"schema": schema}}}
    known = operation["responses"].setdefault(str(STATUS[problem.kind]), response)
    known["description"] = " · ".join(filter(None, (known["description"], f"`{problem.type}`: {problem.title}")))


class AmountsAreNumbers(OpenAPISchemaPlugin):
    """Tells the document that an `Amount`, as every decimal, is a JSON number."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, Decimal)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: object) -> Schema:  # noqa: ARG002 - Litestar's
        is_positive = field_definition.is_subclass_of(PositiveAmount)
        return Schema(type=OpenAPIType.NUMBER, exclusive_minimum=0 if is_positive else None)


class _Renderer(JsonRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 - Litestar's
        return codec.encode(describe(request.app))


def config(title: str) -> OpenAPIConfig:
    """Return what Litestar needs to know to write the document."""
    bearer = SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
    return OpenAPIConfig(
        title=title,
        version="1",
        path="/internal/openapi",
        render_plugins=[_Renderer()],
        components=Components(security_schemes={"access_token": bearer}),
        security=[{"access_token": []}],
        operation_id_creator=_no_operation_id,
        use_handler_docstrings=True,
    )


def _no_operation_id(*_: object) -> str:
    raise LookupError("every route has an operation_id of its own")
