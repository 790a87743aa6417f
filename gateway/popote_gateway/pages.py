"""What the gateway serves itself, prepared as bytes: the contract, and the page to read and try it."""

from hashlib import sha256
from importlib.resources import files
from typing import Final

from popote_gateway.answer import Answer
from popote_gateway.asgi import Headers, first
from popote_gateway.table import CONTRACT, DOCS

CSP: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
GUARDED: Final = (
    (b"content-security-policy", CSP),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class Page:
    """A file of this package, with a strong ETag; browsers ask each time whether it changed."""

    def __init__(self, name: str, media_type: bytes) -> None:
        self.content = files("popote_gateway").joinpath(name).read_bytes()
        self.etag = f'"{sha256(self.content).hexdigest()[:32]}"'.encode()
        self._headers = [(b"etag", self.etag), (b"cache-control", b"no-cache")]
        self._own = [(b"content-type", media_type), *(GUARDED if media_type.startswith(b"text/html") else ())]

    async def serve(self, headers: Headers, answer: Answer) -> None:
        if self._is_known(first(headers, b"if-none-match")):
            await answer.give(304, self._headers)
        else:
            await answer.give(200, [*self._headers, *self._own], self.content)

    def _is_known(self, tags: str | None) -> bool:
        known = [tag.strip().removeprefix("W/") for tag in (tags or "").split(",")]
        return "*" in known or self.etag.decode() in known


class Redirect:
    """Sends a browser on to the page at `place`."""

    def __init__(self, place: bytes) -> None:
        self._place = place

    async def serve(self, _headers: Headers, answer: Answer) -> None:
        await answer.give(307, [(b"location", self._place), (b"cache-control", b"no-cache")])


def load() -> dict[bytes, Page | Redirect]:
    """Return every page by its path."""
    return {
        b"/": Redirect(DOCS),  # who opens the address that `popote up` prints sees what answers there
        CONTRACT: Page("openapi.json", b"application/json"),
        DOCS: Page("docs/docs.html", b"text/html; charset=utf-8"),
        DOCS + b"/docs.css": Page("docs/docs.css", b"text/css; charset=utf-8"),
        DOCS + b"/icon.svg": Page("docs/icon.svg", b"image/svg+xml"),
        DOCS + b"/docs.js": Page("docs/docs.js", b"text/javascript; charset=utf-8"),
    }
