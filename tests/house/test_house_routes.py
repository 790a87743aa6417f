"""Every route has a name, tells what can go wrong and who may call; and the committed contract is the code's own."""

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.resources import files
from typing import Any, Final

import pytest
from litestar import Litestar, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec.structs import fields

from popote_kit import contract
from popote_kit.bootstrap import SERVICES
from popote_kit.clock import SYSTEM_CLOCK
from popote_kit.database import Kitchen
from popote_kit.identity import Caller
from popote_kit.peers import Peers
from popote_kit.problems import Unauthenticated, documented
from popote_kit.service import service
from popote_kit.settings import ServiceSettings
from popote_launcher.services import contract as merged_contract

OPEN: Final = ("/healthz", "/readyz", "/internal/openapi")
Finding = Callable[[str, str, HTTPRouteHandler], Iterator[str]]


def nameless(path: str, method: str, handler: HTTPRouteHandler) -> Iterator[str]:
    if not isinstance(handler.operation_id, str):
        yield f"{method} {path} has no operation_id"


def undocumented(path: str, method: str, handler: HTTPRouteHandler) -> Iterator[str]:
    documented_statuses = set(handler.responses or {})
    if not documented_statuses:
        yield f"{method} {path} documents no problem"
    elif "caller" in contract.needs(handler) and 401 not in documented_statuses:
        yield f"{method} {path} needs a caller and does not document 401"
    elif "data" in handler.parsed_fn_signature.parameters and not {400, 422} <= documented_statuses:
        yield f"{method} {path} takes a body and does not document 400 and 422"
    elif "kitchen" in contract.needs(handler) and 503 not in documented_statuses:
        yield f"{method} {path} needs PostgreSQL and does not document 503"


def unguarded(path: str, method: str, handler: HTTPRouteHandler) -> Iterator[str]:
    """A route that asks for no caller says so in its `security`, or looks at the token by itself and documents 401."""
    says_so = bool(handler.resolve_security()) or 401 in (handler.responses or {})
    if "caller" not in contract.needs(handler) and not says_so:
        yield f"{method} {path} is open to everyone and does not say so"


def misplaced(path: str, method: str, handler: HTTPRouteHandler) -> Iterator[str]:
    if not path.startswith(("/api/", "/internal/", "/.well-known/")):
        yield f"{method} {path} stands in no known place"


FINDINGS: Final[list[Finding]] = [nameless, undocumented, unguarded, misplaced]


def found_in(app: Litestar, finding: Finding) -> list[str]:
    return [found for operation in contract.operations(app) for found in finding(*operation)]


def made(name: str) -> Litestar:
    settings = import_module(f"popote_{name}.settings").Settings
    needed: dict[str, Any] = {field.name: "-" * 64 for field in fields(settings) if field.required}
    app: Litestar = import_module(f"popote_{name}.app").create_app(settings(**needed), peers=Peers())
    return app


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.__name__)
def test_a_route_is_as_the_house_wants_it(name: str, finding: Finding) -> None:
    assert found_in(made(name), finding) == []


@get("/api/a")
async def without_a_name() -> None: ...


@get("/api/b", operation_id="b")
async def without_problems() -> None: ...


@get("/api/c", operation_id="c", responses=documented(Unauthenticated))
async def without_503(kitchen: NamedDependency[Kitchen]) -> None: ...


@post("/api/d", operation_id="d", responses=documented(Unauthenticated))
async def without_422(data: JSONBody[dict[str, str]]) -> None: ...


@get("/api/e", operation_id="e", responses={404: documented(Unauthenticated)[401]})
async def without_401(caller: NamedDependency[Caller]) -> None: ...


@get("/f", operation_id="f", responses=documented(Unauthenticated))
async def somewhere() -> None: ...


@pytest.mark.parametrize(
    ("route", "finding"),
    [
        (without_a_name, nameless),
        (without_problems, undocumented),
        (without_503, undocumented),
        (without_422, undocumented),
        (without_401, undocumented),
        (without_problems, unguarded),
        (somewhere, misplaced),
    ],
    ids=lambda part: getattr(part, "__name__", None) or getattr(part, "handler_name", None),
)
def test_a_route_that_is_not_is_found(route: Any, finding: Finding) -> None:
    settings = ServiceSettings(database_url="postgresql://")
    app = service("chat", settings, title="Bad", routes=[route], peers=Peers(), clock=SYSTEM_CLOCK)
    assert len(found_in(app, finding)) == 1


def test_the_committed_contract_is_what_the_code_tells() -> None:
    committed = files("popote_gateway").joinpath("openapi.json").read_bytes()
    assert merged_contract() == committed, "run `make openapi`"
