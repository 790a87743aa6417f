"""Pictures of recipes."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, delete, get, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, QueryParameter

from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, IfNoneMatch, etag, is_known, tagged
from popote_kit.identity import Caller
from popote_kit.problems import NotFound, PreconditionRequired, Stale, TooLarge, documented
from popote_kit.rules import READ, WRITE, adults_only
from popote_kit.work import asking_first
from popote_recipes import actions, queries
from popote_recipes.actions.images import Album
from popote_recipes.errors import ImagesFull, NotAnImage
from popote_recipes.model.pictures import MEDIA_TYPE, Picture, Size
from popote_recipes.sandbox import Sandbox, Unreadable
from popote_recipes.storage import Images
from popote_recipes.wire.recipes import RecipeShown

MAX_BYTES: Final = 10 * 1024 * 1024
EDIT: Final = (*WRITE, Stale, PreconditionRequired)
UNCHANGED: Final = {304: ResponseSpec(None, description="It is the one that is known.", generate_examples=False)}

Wanted = Annotated[Size, QueryParameter(description="`full` is at most 1600 pixels wide and high, `thumb` 320.")]


@dataclass
class TakesImage(Operation):
    """An operation whose body is a picture."""

    def __post_init__(self) -> None:
        binary = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
        self.request_body = RequestBody(
            content={"image/*": binary},
            description=f"A JPEG, PNG, WebP, AVIF or GIF of at most {MAX_BYTES} bytes and 50 million pixels.",
            required=True,
        )


async def read_picture(  # noqa: PLR0913, PLR0917 - what it needs, by name
    id: FromPath[UUID],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    sandbox: NamedDependency[Sandbox],
    if_match: NamedDependency[IfMatch],
) -> Picture:
    """Read the picture in a body, unless it would be refused whatever it shows."""
    if not request.headers.get("content-type", "").lower().startswith("image/"):
        raise NotAnImage
    body = await request.body()
    async with database.kitchen(caller.household, caller.person) as kitchen:
        recipe = await queries.recipes.read_recipe(kitchen, id)
    if_match.check(etag(recipe.version))
    return await actions.images.read(sandbox, body)


@put(
    "/api/recipes/{id:uuid}/image", operation_id="put_image", guards=[adults_only], operation_class=TakesImage,
    request_max_body_size=MAX_BYTES, responses=documented(*EDIT, NotAnImage, TooLarge, Unreadable, ImagesFull),
    dependencies=asking_first(read_picture),
)  # fmt: skip
async def put_image(
    id: FromPath[UUID],
    asked: NamedDependency[Picture],
    kitchen: NamedDependency[Kitchen],
    album: NamedDependency[Album],
    if_match: NamedDependency[IfMatch],
) -> Response[RecipeShown]:
    """Let a recipe have this picture.

    It is made anew, upright and at most 1600 pixels wide and high; of what the file told beside, such as where and
    when it was taken, nothing is kept.
    """
    changed = await album.put(kitchen, id, asked, if_match)
    return tagged(RecipeShown.of(changed), changed.version)


@get(
    "/api/recipes/{id:uuid}/image", operation_id="get_image", media_type=MEDIA_TYPE,
    responses={**UNCHANGED, **documented(*READ, NotFound)},
)  # fmt: skip
async def get_image(  # noqa: PLR0913, PLR0917 - what may be asked for, by name
    id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    images: NamedDependency[Images],
    size: Wanted = "full",
    if_none_match: IfNoneMatch = None,
) -> Response[bytes]:
    """Show a recipe's picture, a JPEG; its `ETag` is another once the picture is."""
    async with database.kitchen(caller.household, caller.person) as kitchen:
        name = await queries.images.find_name(kitchen, id)
    headers = {
        "ETag": etag(name if size == "full" else f"{name}.{size}"),
        "Cache-Control": "private, no-cache",  # kept, and asked about each time
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
    }
    if is_known(headers["ETag"], if_none_match):
        return Response(b"", status_code=304, headers=headers)
    return Response(await images.open(caller.household, name, size), media_type=MEDIA_TYPE, headers=headers)


@delete(
    "/api/recipes/{id:uuid}/image", operation_id="delete_image", status_code=200, guards=[adults_only],
    responses=documented(*EDIT),
)  # fmt: skip
async def delete_image(
    id: FromPath[UUID],
    kitchen: NamedDependency[Kitchen],
    album: NamedDependency[Album],
    if_match: NamedDependency[IfMatch],
) -> Response[RecipeShown]:
    """Let a recipe have no picture."""
    changed = await album.take_away(kitchen, id, if_match)
    return tagged(RecipeShown.of(changed), changed.version)


ROUTES = [put_image, get_image, delete_image]
