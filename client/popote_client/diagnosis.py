"""Why an address does not answer, as far as one can tell from here."""

import errno
import socket
import ssl
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from popote_client.failures import Away, Unreachable

Ip = IPv4Address | IPv6Address

NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
HOME_NAMES = (".local", ".lan", ".home.arpa", ".internal")
HOME_PREFIX = {4: 24, 6: 64}  # what home routers hand out


def diagnosed(error: BaseException, url: str) -> Unreachable:
    """Turn a failed connection into what to tell the person about it."""
    reason = reason_of(error)
    return Away(url=url, reason=reason) if is_away(url, reason) else Unreachable(url=url, reason=reason)


def reason_of(error: BaseException) -> str:
    """Return the key of `failures.REASONS` that fits best."""
    causes = list(causes_of(error))

    def is_any(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if is_any(ConnectionRefusedError):
        return "refused"
    if is_any(socket.gaierror):
        return "unknown_name"
    if is_any(ssl.SSLError):
        return "tls"
    if any(isinstance(cause, OSError) and cause.errno in NO_ROUTE for cause in causes):
        return "no_route"
    if is_any(TimeoutError, httpx.TimeoutException):
        return "timeout"
    return "bad_address" if is_any(httpx.InvalidURL, httpx.UnsupportedProtocol) else "dropped"


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that led to it."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from causes_of(each)
    if cause := error.__cause__ or error.__context__:
        yield from causes_of(cause)


def is_away(url: str, reason: str) -> bool:
    """Whether the silence of a home address is explained by this device being on another network."""
    host = httpx.URL(url).host
    address = ip_or_none(host)
    if reason == "unknown_name":
        return is_home_host(host)
    if reason not in {"timeout", "no_route"} or address is None:
        return False
    return address.is_private and not shares_network(address, own_address(address))


def is_home_host(host: str) -> bool:
    """Whether this is a private address, or a name as home networks give them."""
    address = ip_or_none(host)
    if address is not None:
        return address.is_private
    return "." not in host or host.endswith(HOME_NAMES)


def ip_or_none(host: str) -> Ip | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def shares_network(address: Ip, own: Ip | None) -> bool:
    """Whether both are in one /24 (IPv6: one /64)."""
    if own is None or own.version != address.version:
        return False
    return address in ip_network((own, HOME_PREFIX[own.version]), strict=False)


def own_address(toward: Ip) -> Ip | None:
    """Return this device's address on the way to another; None where there is no way. Nothing is sent."""
    family = socket.AF_INET6 if toward.version == 6 else socket.AF_INET  # noqa: PLR2004  # IPv6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((str(toward), 9))  # a datagram socket only looks up the route
        except OSError:
            return None
        return ip_address(probe.getsockname()[0])
