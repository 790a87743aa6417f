"""Cookbooks: all recipes out, and many in at once."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO, Final

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import QueryParameter
from litestar.response import Stream

from popote_kit import errors
from popote_kit.database import Database
from popote_kit.identity import Caller
from popote_kit.problems import Malformed, TooLarge, documented
from popote_kit.rules import READ, WRITE, adults_only
from popote_recipes import actions
from popote_recipes.actions.cookbooks import Cookbooks
from popote_recipes.errors import ImagesAway, NotAZip
from popote_recipes.model.cookbooks import Pictures
from popote_recipes.sandbox import Unreadable
from popote_recipes.storage import Images
from popote_recipes.wire.cookbooks import CookbookTaken, told

ZIP: Final = "application/zip"
ZIPS: Final = frozenset({ZIP, "application/x-zip-compressed"})  # as some systems call it
MAX_BYTES: Final = 50 * 1024 * 1024

Wanted = Annotated[
    Pictures,
    QueryParameter(name="pictures", description="Pictures as they are, their thumbnails (`thumb`), or `none`."),
]


@dataclass
class TakesZip(Operation):
    """An operation whose body is a zip."""

    def __post_init__(self) -> None:
        binary = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
        self.request_body = RequestBody(
            content={ZIP: binary},
            description=f"At most {MAX_BYTES} bytes: files of JSON, each with a schema.org recipe or a list of such, "
            "and their pictures beside.",
            required=True,
        )


@get("/api/recipes/export", operation_id="export_cookbook", media_type=ZIP, responses=documented(*READ))
async def export_cookbook(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    images: NamedDependency[Images],
    pictures: Wanted = "full",
) -> Stream:
    """Give all recipes as a zip: each as schema.org JSON with its picture, in a folder; `cookbook` takes it again."""
    return Stream(
        actions.export.export(database, images, caller, pictures),
        media_type=ZIP,
        headers={"Content-Disposition": 'attachment; filename="cookbook.zip"', "Cache-Control": "private, no-store"},
    )


@post(
    "/api/recipes/cookbook", operation_id="import_cookbook", status_code=200, guards=[adults_only],
    operation_class=TakesZip, request_max_body_size=MAX_BYTES,
    responses=documented(*WRITE, NotAZip, TooLarge, Unreadable),
)  # fmt: skip
async def import_cookbook(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    cookbooks: NamedDependency[Cookbooks],
    images: NamedDependency[Images],
) -> CookbookTaken:
    """Take the recipes of a zip, ours or another program's.

    Sent again, nothing is made twice: a recipe that is here already stays as it is. What can't be taken is told, and
    keeps nothing else out.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in ZIPS:
        raise NotAZip
    with cookbooks.admit(caller.household), await images.scratch() as file:
        await _save(request, file)
        outcome = await cookbooks.take_in(caller, file)
    language = errors.language(request.headers.get("accept-language"))
    return CookbookTaken(
        taken=outcome.taken,
        unchanged=outcome.unchanged,
        not_taken=told(outcome.refused, language),
        remarks=told(outcome.remarks, language),
    )


async def _save(request: Request[Any, Any, Any], file: BinaryIO) -> None:
    try:
        async for piece in request.stream():
            await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(file.flush)
    except OSError as error:
        raise ImagesAway from error
    except InternalServerException as error:  # what Litestar makes of a client that went away
        raise Malformed(reason="it ends early") from error


ROUTES = [export_cookbook, import_cookbook]
