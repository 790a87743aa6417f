"""Reaching out: only public servers, only so much, and every failure looks alike."""

import asyncio
import gzip
import logging
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from popote_kit.egress import NAT64, NOT_PUBLIC_4, NOT_PUBLIC_6, Egress, Limits, Unreachable, is_public, origin

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]
PUBLIC = "93.184.215.14"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
SMALL = Limits(connect_s=1, total_s=5, wire_bytes=20_000, decoded_bytes=50_000)


class Server:
    """A server on loopback that remembers what it was asked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.heads: list[bytes] = []

    @property
    def hosts(self) -> list[str]:
        return [
            line.split(b": ")[1].decode() for head in self.heads for line in head.split(b"\r\n") if b"Host: " in line
        ]


@asynccontextmanager
async def serving(*answers: bytes | Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve these answers in turn, the last one again and again."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            server.heads.append(head)
            answer = answers[min(len(server.heads), len(answers)) - 1]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(reader, writer, head)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    server = Server(listener.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listener.close()


def page(body: bytes, *headers: str) -> bytes:
    return HEAD + "".join(f"{header}\r\n" for header in headers).encode() + b"\r\n" + body


def moved(location: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


class Names:
    """A resolver of the test's own, which counts what it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@asynccontextmanager
async def reaching(*servers: Server, host: str = "shop.test", **options: Any) -> AsyncIterator[Egress]:
    """An egress that takes `host` for each of the servers, and may reach them."""
    allowed = frozenset(f"{host}:{server.port}" for server in servers)
    egress = Egress(allowed=allowed, **{"resolve": Names(["127.0.0.1"]), "limits": SMALL, **options})
    try:
        yield egress
    finally:
        await egress.close()


async def reason_of(egress: Egress, url: str, caplog: pytest.LogCaptureFixture) -> str:
    """Return why `url` is not read, which only the log tells."""
    with caplog.at_level(logging.INFO, "popote_kit.egress"), pytest.raises(Unreachable) as refused:
        await egress.get(url)
    assert refused.value.document() == Unreachable().document()
    return str(caplog.records[-1].__dict__["reason"])


async def test_a_page_comes_with_status_headers_and_body() -> None:
    async with serving(b"HTTP/1.1 404 Not Found\r\nX-Kind: none\r\n\r\nnothing") as server, reaching(server) as egress:
        found = await egress.get(f"http://shop.test:{server.port}/soup?q=1", {"User-Agent": "Popote/1 (me)"})
    assert (found.status, found.headers["x-kind"], found.body) == (404, "none", b"nothing")
    head = server.heads[0].decode()
    assert head.startswith("GET /soup?q=1 HTTP/1.1\r\n")
    assert f"Host: shop.test:{server.port}\r\n" in head
    assert "User-Agent: Popote/1 (me)\r\n" in head


async def test_a_proxy_from_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serving(page(b"direct")) as server, reaching(server) as egress:
        assert (await egress.get(f"http://shop.test:{server.port}/")).body == b"direct"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0", "0.0.0.0",  # noqa: S104 - an address to refuse
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1",
        "255.255.255.255", "localhost", "LOCALHOST", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[::127.0.0.1]", "[0:0:0:0:0:ffff:a00:1]", "[fe80::1]", "[fc00::1]", "[ff02::1]", "[fec0::1]",
        "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2001:db8::1]", "[100::1]",
    ],
)  # fmt: skip
async def test_a_private_address_is_refused_however_it_is_spelled(host: str, caplog: pytest.LogCaptureFixture) -> None:
    async with reaching(resolve=None) as egress:
        reason = await reason_of(egress, f"http://{host}/", caplog)
    assert "is not public" in reason


@given(st.ip_addresses())
def test_what_counts_as_public_is_global(address: Any) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize("network", [*NOT_PUBLIC_4, *NOT_PUBLIC_6], ids=str)
def test_both_ends_of_a_reserved_network_are_refused(network: Any) -> None:
    assert not is_public(str(network[0]))
    assert not is_public(str(network[-1]))


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700::1111", "64:ff9b::1.1.1.1", "223.255.255.255"])
def test_a_public_address_is_taken(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_behind_nat64_the_address_inside_decides(address: Any) -> None:
    inside = ip_address(int(NAT64.network_address) + int(address))
    assert is_public(str(inside)) == is_public(str(address))


@pytest.mark.parametrize("text", ["", "shop.test", "1.2.3", "::g", "127.0.0.1/8"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


async def test_one_private_address_among_public_ones_spoils_the_name(caplog: pytest.LogCaptureFixture) -> None:
    async with reaching(resolve=Names([PUBLIC, "10.0.0.1"])) as egress:
        assert "shop.test is not public" in await reason_of(egress, "http://shop.test/", caplog)


async def test_a_name_is_asked_once_and_what_it_says_later_does_not_count() -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    async with serving(page(b"first")) as server, reaching(server, resolve=names) as egress:
        assert (await egress.get(f"http://shop.test:{server.port}/")).body == b"first"
    assert names.asked == ["shop.test"]
    assert server.hosts == [f"shop.test:{server.port}"]


async def test_where_one_address_is_away_the_next_is_tried() -> None:
    names = Names(["127.0.0.9", "127.0.0.1"])
    async with serving(page(b"second")) as server, reaching(server, resolve=names) as egress:
        assert (await egress.get(f"http://shop.test:{server.port}/")).body == b"second"


async def test_a_name_without_addresses_is_unreachable(caplog: pytest.LogCaptureFixture) -> None:
    async with reaching(resolve=Names([])) as egress:
        assert "no address" in await reason_of(egress, "http://shop.test/", caplog)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://shop.test/", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("//shop.test/", "only http and https"),
        ("shop.test", "only http and https"),
        ("", "only http and https"),
        ("http:///", "only http and https"),
        ("http://me@shop.test/", "without user and password"),
        ("http://me:secret@shop.test/", "without user and password"),
        ("http://shop.test:8080/", "port 8080"),
        ("http://shop.test:443/", "port 443"),
        ("https://shop.test:80/", "port 80"),
        ("http://shop.test:99999/", "port 99999"),
        ("http://shop.test:0/", "port 0"),
        ("http://shop.test:x/", "InvalidURL"),
        ("http://sh\nop.test/", "InvalidURL"),
        ("http://[::1/", "InvalidURL"),
        ("http://0177.0.0.1/", "InvalidURL"),
        (f"http://shop.test/{'a' * 2048}", "too long"),
    ],
)
async def test_an_odd_url_is_refused(url: str, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    names = Names([PUBLIC])
    async with reaching(resolve=names) as egress:
        assert reason in await reason_of(egress, url, caplog)
    assert names.asked == []


async def test_a_failing_resolver_looks_like_any_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_host: str, _port: int) -> Sequence[str]:
        raise OSError("the name server is away")

    async with reaching(resolve=fail) as egress:
        assert "name server" in await reason_of(egress, "http://shop.test/", caplog)


async def test_three_redirects_are_followed_and_a_fourth_is_not(caplog: pytest.LogCaptureFixture) -> None:
    hops = (moved("/b"), moved("c/d"), moved("?e=f"))
    async with serving(*hops, page(b"there")) as server, reaching(server) as egress:
        assert (await egress.get(f"http://shop.test:{server.port}/a")).body == b"there"
    assert [head.split()[1] for head in server.heads] == [b"/a", b"/b", b"/c/d", b"/c/d?e=f"]
    async with serving(*hops, moved("/g"), page(b"there")) as server, reaching(server) as egress:
        assert "too many redirects" in await reason_of(egress, f"http://shop.test:{server.port}/a", caplog)
    assert len(server.heads) == 4


@pytest.mark.parametrize("status", ["301 Moved", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_every_kind_of_redirect_is_followed(status: str) -> None:
    hop = f"HTTP/1.1 {status}\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n".encode()
    async with serving(hop, page(b"there")) as server, reaching(server) as egress:
        assert (await egress.get(f"http://shop.test:{server.port}/")).body == b"there"
    assert server.heads[1].startswith(b"GET /next ")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://127.0.0.1/admin", "is not public"),
        ("http://inside.test/", "inside.test is not public"),
        ("http://169.254.169.254/latest/meta-data/", "is not public"),
        ("http://me@shop.test/", "without user"),
        ("http://shop.test:6379/", "port 6379"),
        ("file:///etc/passwd", "only http"),
        ("gopher://shop.test/", "only http"),
    ],
)
async def test_a_redirect_is_checked_like_the_first_address(
    location: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(moved(location)) as server, reaching(server) as egress:
        assert reason in await reason_of(egress, f"http://shop.test:{server.port}/", caplog)
    assert len(server.heads) == 1


async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _head: bytes) -> None:
    writer.write(page(b""))
    while True:
        writer.write(b"x" * 1000)
        await writer.drain()


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _head: bytes) -> None:
    await reader.read()


async def dripping(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _head: bytes) -> None:
    writer.write(page(b"", "Content-Length: 10000"))
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def test_an_endless_page_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(endless) as server, reaching(server) as egress:
        assert "too long" in await reason_of(egress, f"http://shop.test:{server.port}/", caplog)


@pytest.mark.parametrize("slow", [silent, dripping])
async def test_a_slow_page_is_given_up_by_the_total_time(slow: Answer, caplog: pytest.LogCaptureFixture) -> None:
    limits = Limits(connect_s=0.2, total_s=0.3)
    async with serving(slow) as server, reaching(server, limits=limits) as egress:
        assert "Timeout" in await reason_of(egress, f"http://shop.test:{server.port}/", caplog)


async def test_an_endless_head_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    async def heads(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _head: bytes) -> None:
        writer.write(HEAD)
        while True:
            writer.write(b"X-More: " + b"x" * 1000 + b"\r\n")
            await writer.drain()

    async with serving(heads) as server, reaching(server) as egress:
        assert "ProtocolError" in await reason_of(egress, f"http://shop.test:{server.port}/", caplog)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "GZIP"])
async def test_a_compressed_page_is_decoded(encoding: str) -> None:
    body = b"soup " * 1000
    packed = zlib.compress(body) if encoding == "deflate" else gzip.compress(body)
    async with serving(page(packed, f"Content-Encoding: {encoding}")) as server, reaching(server) as egress:
        assert (await egress.get(f"http://shop.test:{server.port}/")).body == body


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (gzip.compress(b"0" * 10_000_000), "gzip", "too long"),
        (zlib.compress(b"0" * 10_000_000), "deflate", "too long"),
        (gzip.compress(b"soup")[:-3], "gzip", "does not end"),
        (gzip.compress(b"soup") * 2, "gzip", "does not end"),
        (b"not gzip at all", "gzip", "error"),
        (b"soup", "br", "encoded as br"),
        (gzip.compress(gzip.compress(b"soup")), "gzip, gzip", "encoded as"),
    ],
    ids=["bomb", "deflated bomb", "cut off", "twice", "no gzip", "brotli", "nested"],
)
async def test_a_compressed_page_that_is_none_or_a_bomb_is_refused(
    body: bytes, encoding: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(page(body, f"Content-Encoding: {encoding}")) as server, reaching(server) as egress:
        assert reason in await reason_of(egress, f"http://shop.test:{server.port}/", caplog)


async def test_an_empty_page_is_a_page_also_when_it_says_gzip() -> None:
    head = b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n"
    async with serving(head) as server, reaching(server) as egress:
        assert (await egress.get(f"http://shop.test:{server.port}/")).body == b""


async def test_an_answer_that_is_not_http_is_unreachable(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(b"220 mail.test ESMTP\r\n") as server, reaching(server) as egress:
        assert "ProtocolError" in await reason_of(egress, f"http://shop.test:{server.port}/", caplog)


async def test_no_cookie_goes_from_one_page_to_the_next() -> None:
    async with serving(page(b"", "Set-Cookie: a=b")) as server, reaching(server) as egress:
        for _ in range(2):
            await egress.get(f"http://shop.test:{server.port}/")
    assert b"ookie" not in b"".join(server.heads)


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the context of a server with a certificate for `name`, and of a client that trusts its maker."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(private + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


async def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    theirs, ours = certificate_for("shop.test", tmp_path)
    asked: list[str | None] = []
    theirs.sni_callback = lambda _socket, name, _context: asked.append(name)
    async with serving(page(b"safe"), tls=theirs) as server:
        async with reaching(server, verify=ours) as egress:
            assert (await egress.get(f"https://shop.test:{server.port}/")).body == b"safe"
        async with reaching(server, host="other.test", verify=ours) as egress:
            reason = await reason_of(egress, f"https://other.test:{server.port}/", caplog)
    assert asked == ["shop.test", "other.test"]
    assert "certificate verify failed" in reason


async def test_only_the_named_origin_may_be_private(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(page(b"")) as server, reaching(server) as egress:
        assert "port" in await reason_of(egress, f"http://127.0.0.1:{server.port}/", caplog)
    assert server.heads == []


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://world.openfoodfacts.org", "world.openfoodfacts.org:443"),
        ("http://127.0.0.1:8099/x", "127.0.0.1:8099"),
        ("http://SHOP.test", "shop.test:80"),
    ],
)
def test_an_origin_is_host_and_port(url: str, named: str) -> None:
    assert origin(url) == named


@pytest.mark.parametrize("url", ["", "shop.test", "ftp://shop.test", "http://", "http://[::1"])
def test_what_has_no_origin_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        origin(url)
