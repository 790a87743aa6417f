"""Entity tags: what GET gives in `ETag`, an edit gives back in `If-Match`, and the next GET in `If-None-Match`."""

import re
from typing import Annotated, Any, Final, TypeVar

from litestar import Request, Response
from litestar.params import HeaderParameter
from litestar.status_codes import HTTP_304_NOT_MODIFIED

from popote_kit.codec import JSONResponse
from popote_kit.problems import Malformed, PreconditionRequired, Stale

T = TypeVar("T")

IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match", description="An `ETag` that is known.")]

_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')  # a weak one is well-formed, and never the current one


def etag(version: int | str) -> str:
    """Return the strong entity tag of a version."""
    return f'"{version}"'


def tagged(value: T, version: int | str) -> Response[T]:
    """Return an answer with its `ETag`."""
    return JSONResponse(value, headers={"ETag": etag(version)})


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Tell whether what `tag` tags is named in `If-None-Match`: compared weakly, as RFC 9110 has it."""
    if if_none_match is None or if_none_match == tag:
        return if_none_match is not None
    named = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return tag in named or named == ["*"]


def unchanged(tag: str) -> Response[Any]:
    """Return the answer to who knows already what `tag` tags."""
    return Response(None, status_code=HTTP_304_NOT_MODIFIED, headers={"ETag": tag})


class IfMatch:
    """The request's `If-Match`."""

    def __init__(self, header: str | None) -> None:
        self._any = header is not None and header.strip() == "*"
        self._tags = None if header is None else _parse(header)

    @property
    def is_given(self) -> bool:
        return self._tags is not None

    def check(self, current: str) -> None:
        """Let an edit of the version tagged `current` pass.

        Raises:
            PreconditionRequired: there was no `If-Match`.
            Stale: it names other versions; the problem carries the current tag.
        """
        if self._tags is None:
            raise PreconditionRequired
        if not self._any and current not in self._tags:
            raise Stale(headers={"ETag": current}, current=current)


def _parse(header: str) -> frozenset[str]:
    if header.strip() == "*":
        return frozenset()
    tags = [tag.strip() for tag in header.split(",")]
    if not all(_TAG.fullmatch(tag) for tag in tags):
        raise Malformed(reason="If-Match holds no entity tag")
    return frozenset(tags)


async def provide_if_match(request: Request[Any, Any, Any]) -> IfMatch:
    return IfMatch(request.headers.get("if-match"))
