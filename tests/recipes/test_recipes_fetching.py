"""Pages are fetched through the egress and read in the sandbox; whatever a server does, it is one bland problem."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from popote_kit.egress import Egress, Limits, Unreachable
from popote_recipes.actions import drafts
from popote_recipes.actions.drafts import Reader
from popote_recipes.peers import PAGE, Pages
from popote_recipes.reading.draft import Draft
from popote_recipes.sandbox import Sandbox, Unreadable
from popote_recipes.wire.drafts import ToImport

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\n"
RECIPE = """<html lang="fr"><script type="application/ld+json">{"@context":"https://schema.org","@type":"Recipe",
"name":"Crêpes","recipeYield":"4","recipeIngredient":["250 g de farine"],"recipeInstructions":["Cuire."]}
</script></html>"""
QUICK = Limits(total_s=1, wire_bytes=200_000, decoded_bytes=500_000)


class Server:
    """A server on loopback that remembers what it was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.heads: list[str] = []


@asynccontextmanager
async def serving(answer: bytes | Answer) -> AsyncIterator[Server]:
    server = Server()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


def html(body: bytes, kind: str = "text/html; charset=utf-8", status: bytes = OK) -> bytes:
    return status + f"Content-Type: {kind}\r\n\r\n".encode() + body


class Names:
    """Names that answer otherwise each time."""

    def __init__(self, *answers: str) -> None:
        self.answers = answers
        self.asked = 0

    async def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        return [self.answers[min(self.asked, len(self.answers)) - 1]]


async def read(
    server: Server, path: str = "/crepes", *, names: Names | None = None, limits: Limits = PAGE, allowed: bool = True
) -> Draft:
    """Read a page of `recipes.test`, which is that server."""
    origins = frozenset({f"recipes.test:{server.port}"} if allowed else ())
    egress = Egress(allowed=origins, resolve=names or Names("127.0.0.1"), limits=limits)
    try:
        asked = ToImport(url=f"http://recipes.test:{server.port}{path}")
        return await Reader(Sandbox(), Pages(egress)).read(asked, "fr")
    finally:
        await egress.close()


async def test_a_page_becomes_a_draft_under_a_name_that_says_who_asks() -> None:
    async with serving(html(RECIPE.encode())) as server:
        found = await read(server)
    assert (found.title, found.language, found.warnings) == ("Crêpes", "fr", [])
    assert found.source_url == f"http://recipes.test:{server.port}/crepes"
    head = server.heads[0]
    assert head.startswith("GET /crepes HTTP/1.1\r\n")
    assert "User-Agent: Popote/" in head
    assert "Accept: text/html" in head
    assert "Accept-Language: fr, *;q=0.5" in head
    assert "Cookie" not in head
    assert "Authorization" not in head


@pytest.mark.parametrize("kind", ["text/html; charset=iso-8859-1", 'Application/XHTML+XML; charset="latin1"'])
async def test_the_server_says_how_the_page_is_encoded(kind: str) -> None:
    async with serving(html(RECIPE.encode("latin-1"), kind)) as server:
        assert (await read(server)).title == "Crêpes"


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(html(b"<p>"))
    while True:
        writer.write(b"<p>more" * 1000)
        await writer.drain()


async def slow(writer: asyncio.StreamWriter) -> None:
    writer.write(html(b"<p>"))
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.2)


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)
    writer.close()


REFUSED = {
    "no HTML": html(b"{}", "application/json"),
    "a picture": html(b"GIF89a", "image/gif"),
    "no kind": OK + b"\r\n" + RECIPE.encode(),
    "not found": html(RECIPE.encode(), status=b"HTTP/1.1 404 Not Found\r\n"),
    "broken": html(RECIPE.encode(), status=b"HTTP/1.1 500 Oh\r\n"),
    "to a private address": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/admin\r\nContent-Length: 0\r\n\r\n",
    "to the metadata": b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n",
    "to a file": b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
    "to itself": b"HTTP/1.1 302 Found\r\nLocation: /crepes\r\nContent-Length: 0\r\n\r\n",
    "no end": endless,
    "a letter now and then": slow,
    "silence": silent,
    "no HTTP": b"220 mail.test ESMTP\r\n",
}


@pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_no_page_is_refused_in_one_way(answer: bytes | Answer) -> None:
    async with serving(answer) as server:
        with pytest.raises(Unreachable) as refused:
            await read(server, limits=QUICK)
    assert refused.value.document() == Unreachable().document()


async def test_a_name_inside_of_our_network_is_refused() -> None:
    async with serving(html(RECIPE.encode())) as server:
        with pytest.raises(Unreachable):
            await read(server, allowed=False)
        assert server.heads == []


async def test_a_name_that_leads_inside_the_second_time_is_refused() -> None:
    names = Names("127.0.0.1", "10.0.0.1")
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://recipes.test/inside\r\nContent-Length: 0\r\n\r\n"
    async with serving(moved) as server:
        with pytest.raises(Unreachable):
            await read(server, names=names)
    assert (names.asked, len(server.heads)) == (2, 1)


async def test_a_name_is_asked_for_once_a_page() -> None:
    names = Names("127.0.0.1", "10.0.0.1")
    async with serving(html(RECIPE.encode())) as server:
        assert (await read(server, names=names)).title == "Crêpes"
    assert names.asked == 1


async def test_a_page_that_is_read_for_too_long_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "PAGE_S", 3.0)
    attributes = b" ".join(b"a%d=x" % number for number in range(60_000))
    async with serving(html(b"<div " + attributes + b">")) as server:
        with pytest.raises(Unreadable):
            await read(server, limits=Limits(total_s=2))


def test_a_page_and_its_reading_fit_in_ten_seconds() -> None:
    assert PAGE.total_s + 3 <= drafts.PAGE_S <= 10
