"""Reaching out: the one way to servers that somebody else names, such as recipe pages and Open Food Facts.

A name is resolved once, every address must be public, and the connection goes to one of those very addresses; so
neither a name that answers differently the second time nor a redirect leads into the network that Popote runs in.
"""

import asyncio
import logging
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Final

import httpx

from popote_kit.problems import Problem

log = logging.getLogger(__name__)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

PORTS: Final = {"http": 80, "https": 443}
MAX_URL: Final = 2048  # characters
MAX_CONNECTIONS: Final = 20
MAX_ADDRESSES: Final = 3  # tried before a server counts as away
RESOLVERS: Final = 4  # threads of our own: a name server that never answers holds up nobody else
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS

# Source: IANA special-purpose address registries, RFC 6890 and what was added since. The standard library's `is_global`
# knows fewer of them in older versions, and takes multicast and NAT64 for global.
NOT_PUBLIC_4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/3",
    )
)  # fmt: skip
UNICAST_6: Final = IPv6Network("2000::/3")  # outside of it: loopback, local, multicast, and IPv4 addresses in disguise
NOT_PUBLIC_6: Final = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
NAT64: Final = IPv6Network("64:ff9b::/96")  # how a network without IPv4 reaches it: the last 32 bits say where


class Unreachable(Problem):
    """A server elsewhere gave no usable answer. Why is only logged: a stranger must not map our network with it."""

    type = "/problems/unreachable"
    title = "That address can't be read"
    kind = "invalid"
    en = "Nothing could be read from that address."
    fr = "Rien n'a pu être lu à cette adresse."


class _Refused(Exception):  # noqa: N818 - becomes an Unreachable
    pass


_FAILURES: Final = (_Refused, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, zlib.error)


@dataclass(frozen=True)
class Limits:
    """What one page may cost."""

    connect_s: float = 3
    total_s: float = 10
    wire_bytes: int = 5 * 1024 * 1024
    decoded_bytes: int = 10 * 1024 * 1024
    redirects: int = 3


@dataclass(frozen=True)
class Page:
    """What a server answered; the names of `headers` are in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Egress:
    """Reads pages from public servers; those in `allowed`, as `host:port`, may be private and on any port.

    Only an operator names what is `allowed`. `verify` is the TLS context where the public authorities are not enough.
    """

    def __init__(
        self,
        *,
        allowed: frozenset[str] = frozenset(),
        resolve: Resolve | None = None,
        verify: ssl.SSLContext | bool = True,
        limits: Limits = Limits(),
    ) -> None:
        self._allowed = allowed
        self._threads = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="resolve")
        self._resolve = resolve or self._ask_system
        self._verify = verify
        self._limits = limits

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        """Return the page at `url`, whatever its status; `headers` go along with each redirect too.

        Raises:
            Unreachable: there is none, it may not be asked for, or it is too slow or too long.
        """
        try:
            async with asyncio.timeout(self._limits.total_s):
                return await self._follow(url, headers or {})
        except _FAILURES as error:
            log.info("a page can't be read", extra={"reason": repr(error)})
            raise Unreachable from error

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        if "_transport" in vars(self):
            await self._transport.aclose()

    @cached_property
    def _transport(self) -> httpx.AsyncHTTPTransport:
        # No connection is kept: the next name on the same address must show a certificate of its own.
        limits = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=0)
        return httpx.AsyncHTTPTransport(verify=self._verify, trust_env=False, limits=limits)

    async def _follow(self, text: str, headers: Mapping[str, str]) -> Page:
        if len(text) > MAX_URL:
            raise _Refused("the URL is too long")
        url = httpx.URL(text)
        for _ in range(self._limits.redirects + 1):
            async with self._answer(url, headers) as answer:
                location = answer.headers.get("location")
                if answer.status_code not in REDIRECTS or location is None:
                    return Page(answer.status_code, answer.headers, await self._body(answer))
            url = url.join(location[:MAX_URL])
        raise _Refused("too many redirects")

    @asynccontextmanager
    async def _answer(self, url: httpx.URL, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        answer = await self._connect(url, headers)
        try:
            yield answer
        finally:
            await answer.aclose()

    async def _connect(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        failure: Exception = _Refused("the name has no address")
        for address in (await self._addresses(url))[:MAX_ADDRESSES]:
            try:
                return await self._transport.handle_async_request(self._request(url, address, headers))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    def _request(self, url: httpx.URL, address: str, headers: Mapping[str, str]) -> httpx.Request:
        """Return the request that goes to `address` and asks for `url`, under its own name and certificate."""
        ours = httpx.Headers(headers)
        ours.update({"Host": url.netloc.decode(), "Accept-Encoding": "gzip", "Connection": "close"})
        total = self._limits.total_s
        timeout = {"connect": self._limits.connect_s, "read": total, "write": total, "pool": total}
        extensions = {"sni_hostname": url.raw_host.decode(), "timeout": timeout}
        return httpx.Request("GET", url.copy_with(host=address), headers=ours, extensions=extensions)

    async def _addresses(self, url: httpx.URL) -> Sequence[str]:
        """Resolve the name of `url`, once, to addresses of which every one may be connected to."""
        if url.scheme not in PORTS or not url.host or url.userinfo:
            raise _Refused("only http and https, without user and password")
        host, port = url.raw_host.decode(), _port(url)
        is_allowed = f"{host}:{port}" in self._allowed
        if port != PORTS[url.scheme] and not is_allowed:
            raise _Refused(f"port {port} is not asked")
        addresses = await self._resolve(host, port)
        if not is_allowed and not all(map(is_public, addresses)):
            raise _Refused(f"{host} is not public")
        return addresses

    async def _ask_system(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(sockaddr[0]) for *_, sockaddr in found]

    async def _body(self, answer: httpx.Response) -> bytes:
        """Read the body, decoding as it comes, so that nothing is held beyond the limits."""
        inflater = _inflater(answer.headers.get("content-encoding", ""))
        body, on_wire = bytearray(), 0
        async for chunk in answer.aiter_raw():
            on_wire += len(chunk)
            body += inflater.decompress(chunk, self._limits.decoded_bytes + 1 - len(body)) if inflater else chunk
            if on_wire > self._limits.wire_bytes or len(body) > self._limits.decoded_bytes:
                raise _Refused("the page is too long")
        if inflater and on_wire and (not inflater.eof or inflater.unused_data):
            raise _Refused("the compressed page does not end where it should")
        return bytes(body)


def is_public(text: str) -> bool:
    """Tell whether `text` is the address of a public server: global unicast, and not IPv4 in disguise."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_4)
    if address in NAT64:
        return is_public(str(IPv4Address(int(address) & 0xFFFF_FFFF)))
    return address in UNICAST_6 and not any(address in network for network in NOT_PUBLIC_6)


def origin(url: str) -> str:
    """Return the `host:port` of an http or https URL, as `Egress` wants to be told what is allowed.

    Raises:
        ValueError: it is no such URL.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"not a URL: {error}") from error
    if parsed.scheme not in PORTS or not parsed.host:
        raise ValueError("not an http or https URL")
    return f"{parsed.raw_host.decode()}:{_port(parsed)}"


def _port(url: httpx.URL) -> int:
    return PORTS[url.scheme] if url.port is None else url.port


def _inflater(encoding: str) -> "zlib._Decompress | None":
    if encoding.strip().lower() in ("", "identity"):
        return None
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        raise _Refused(f"the page is encoded as {encoding[:20]}")
    return zlib.decompressobj(GZIP_OR_ZLIB)
