"""Entity tags: what GET gives in `ETag` and an edit gives back in `If-Match`."""

import re
from typing import Any, Final, TypeVar

from litestar import Request, Response

from popote_kit.codec import JSONResponse
from popote_kit.problems import Malformed, PreconditionRequired, Stale

T = TypeVar("T")

_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')  # a weak one is well-formed, and never the current one


def etag(version: int | str) -> str:
    """Return the strong entity tag of a version."""
    return f'"{version}"'


def tagged(value: T, version: int | str) -> Response[T]:
    """Return an answer with its `ETag`."""
    return JSONResponse(value, headers={"ETag": etag(version)})


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
