"""What a client may ask of config."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeAlias, cast

import msgspec
from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from popote_config import queries
from popote_config.actions import Publisher
from popote_config.address import MAX_BYTES, Address
from popote_config.errors import AddressRefused, NoSuchRevision, NotConfigured
from popote_config.front import PATH, Reader
from popote_config.model import Draft, Publication, Reason, Standing
from popote_kit import errors, pages
from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, tagged
from popote_kit.identity import Caller
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import (
    Forbidden,
    Invalid,
    Malformed,
    PreconditionRequired,
    Stale,
    Unauthenticated,
    Unavailable,
    documented,
)

AnyRequest: TypeAlias = Request[Any, Any, Any]
DEFAULT: Final = f"{PATH}/default"
UNCHANGED: Final = ResponseSpec(None, generate_examples=False, description="The ETag that is known still stands.")
ANY = (Unauthenticated, Forbidden, Malformed, Invalid, Unavailable)

DryRun = Annotated[bool, QueryParameter(description="Only say what would be published.")]
IfNoneMatch = Annotated[
    str | None, HeaderParameter(name="if-none-match", description="The ETag that is known: 304 while it stands.")
]


class OllamaAddress(msgspec.Struct):
    """Exactly this, always: old clients must go on working."""

    ollama_base_url: str


class NewAddress(msgspec.Struct, forbid_unknown_fields=True):
    """An address of at most 255 bytes."""

    ollama_base_url: Annotated[str, Meta(max_length=4 * MAX_BYTES)]  # a longer one is told why it is refused
    reason: Reason | None = None


class Rollback(msgspec.Struct, forbid_unknown_fields=True):
    revision: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    reason: Reason | None = None


class Warned(msgspec.Struct):
    """Something odd about an address that is taken all the same."""

    code: str
    message: str


class Published(msgspec.Struct):
    ollama_base_url: str
    revision: int
    warnings: list[Warned]


class Normalised(msgspec.Struct):
    """What would be published."""

    normalised: str
    warnings: list[Warned]


class SystemAddress(msgspec.Struct):
    ollama_base_url: str
    revision: int


@get(
    PATH,
    operation_id="get_ollama_address",
    security=[{"access_token": []}, {}],
    responses={304: UNCHANGED, **documented(Unauthenticated, NotConfigured, Unavailable)},
)
async def get_ollama_address(
    request: AnyRequest, reader: NamedDependency[Reader], if_none_match: IfNoneMatch = None
) -> Response[OllamaAddress]:
    """Tell where Ollama is: the household's address, or the system-wide one; without a token always that one.

    `If-None-Match` saves the body, and a stale copy is better than none. `Age` and `Warning: 110` in the answer say
    that the database is away and this is what was known last.
    """
    answer = await reader.read(request.headers.get("authorization"), if_none_match)
    headers = {name.decode(): value.decode() for name, value in answer.headers if not name.startswith(b"content-")}
    return Response(cast("Any", answer.body), status_code=answer.status, headers=headers)


@put(PATH, operation_id="put_ollama_address", responses=documented(*ANY, AddressRefused, Stale, PreconditionRequired))
async def put_ollama_address(  # noqa: PLR0913 - what it needs, by name
    request: AnyRequest,
    data: JSONBody[NewAddress],
    *,
    caller: NamedDependency[Caller],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
    publisher: NamedDependency[Publisher],
    dry_run: DryRun = False,
) -> Response[Published | Normalised]:
    """Publish an address for the household; its owners may. Where it has one, `If-Match` is needed."""
    caller.require("owner")
    address = publisher.accept(data.ollama_base_url)
    if dry_run:
        return _normalised(request, address)
    draft = Draft(address.url, _by(caller), data.reason)
    return _published(request, address, await publisher.publish(kitchen, caller.household, draft, if_match))


@get(f"{PATH}/history", operation_id="list_ollama_addresses", responses=documented(*ANY))
async def list_ollama_addresses(
    caller: NamedDependency[Caller], kitchen: NamedDependency[Kitchen], limit: Limit = 50, cursor: CursorText = None
) -> Page[Publication]:
    """List what the household has published, by whom and why, the newest first; its owners and adults may."""
    caller.require("owner", "adult")
    found = await queries.list_publications(kitchen, caller.household, limit + 1, pages.place(cursor, int))
    return pages.page(found, limit, _revision)


@post(
    f"{PATH}/rollback",
    status_code=200,
    operation_id="roll_back_ollama_address",
    responses=documented(*ANY, AddressRefused, NoSuchRevision),
)
async def roll_back_ollama_address(
    request: AnyRequest,
    data: JSONBody[Rollback],
    caller: NamedDependency[Caller],
    kitchen: NamedDependency[Kitchen],
    publisher: NamedDependency[Publisher],
) -> Response[Published]:
    """Publish again what the household had published under a revision; its owners may."""
    caller.require("owner")
    address = await publisher.find(kitchen, caller.household, data.revision)
    draft = Draft(address.url, _by(caller), data.reason, restores=data.revision)
    return _published(request, address, await publisher.publish(kitchen, caller.household, draft))


@get(DEFAULT, operation_id="get_default_ollama_address", responses=documented(*ANY, NotConfigured))
async def get_default_ollama_address(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Response[SystemAddress]:
    """Read the system-wide address with the ETag that an edit needs; operators may."""
    caller.require_operator()
    async with database.kitchen() as kitchen:
        standing = await queries.read_standing(kitchen)
    if standing is None:
        raise NotConfigured
    return tagged(SystemAddress(standing.url, standing.revision), standing.tag)


@put(
    DEFAULT,
    operation_id="put_default_ollama_address",
    responses=documented(*ANY, AddressRefused, Stale, PreconditionRequired),
)
async def put_default_ollama_address(  # noqa: PLR0913 - what it needs, by name
    request: AnyRequest,
    data: JSONBody[NewAddress],
    *,
    caller: NamedDependency[Caller],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
    publisher: NamedDependency[Publisher],
    dry_run: DryRun = False,
) -> Response[Published | Normalised]:
    """Publish the system-wide address; operators may. Where there is one, `If-Match` is needed."""
    caller.require_operator()
    address = publisher.accept(data.ollama_base_url)
    if dry_run:
        return _normalised(request, address)
    await queries.work_for_all(kitchen)
    draft = Draft(address.url, _by(caller), data.reason)
    return _published(request, address, await publisher.publish(kitchen, None, draft, if_match))


@get(f"{DEFAULT}/history", operation_id="list_default_ollama_addresses", responses=documented(*ANY))
async def list_default_ollama_addresses(
    caller: NamedDependency[Caller], database: NamedDependency[Database], limit: Limit = 50, cursor: CursorText = None
) -> Page[Publication]:
    """List the system-wide addresses, by whom and why, the newest first; operators may."""
    caller.require_operator()
    async with database.kitchen() as kitchen:
        found = await queries.list_publications(kitchen, None, limit + 1, pages.place(cursor, int))
    return pages.page(found, limit, _revision)


@post(
    f"{DEFAULT}/rollback",
    status_code=200,
    operation_id="roll_back_default_ollama_address",
    responses=documented(*ANY, AddressRefused, NoSuchRevision),
)
async def roll_back_default_ollama_address(
    request: AnyRequest,
    data: JSONBody[Rollback],
    caller: NamedDependency[Caller],
    kitchen: NamedDependency[Kitchen],
    publisher: NamedDependency[Publisher],
) -> Response[Published]:
    """Publish again the system-wide address of a revision; operators may."""
    caller.require_operator()
    await queries.work_for_all(kitchen)
    address = await publisher.find(kitchen, None, data.revision)
    draft = Draft(address.url, _by(caller), data.reason, restores=data.revision)
    return _published(request, address, await publisher.publish(kitchen, None, draft))


def _by(caller: Caller) -> str:
    return f"person:{caller.person}"


def _revision(publication: Publication) -> int:
    return publication.revision


def _published(request: AnyRequest, address: Address, standing: Standing) -> Response[Any]:
    return tagged(Published(standing.url, standing.revision, _warnings(request, address)), standing.tag)


def _normalised(request: AnyRequest, address: Address) -> Response[Any]:
    return Response(Normalised(address.url, _warnings(request, address)))


def _warnings(request: AnyRequest, address: Address) -> list[Warned]:
    language = errors.language(request.headers.get("accept-language"))
    return [Warned(caution.code, caution.sentence(language)) for caution in address.cautions]


ROUTES: Sequence[ControllerRouterHandler] = [
    get_ollama_address,
    put_ollama_address,
    list_ollama_addresses,
    roll_back_ollama_address,
    get_default_ollama_address,
    put_default_ollama_address,
    list_default_ollama_addresses,
    roll_back_default_ollama_address,
]
