"""The client's address, as the gateway saw it: `X-Popote-Client: <address> <signature>`.

Only the holder of the gateway's secret can write it; unsigned, the peer's own address counts.
"""

import hmac
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any, Final

from litestar import Request

HEADER: Final = "x-popote-client"


@lru_cache(maxsize=4096)
def sign(address: str, secret: str) -> str:
    """Return the header's value for `address`."""
    return _signed(address, secret)


def verify(header: str | None, secret: str) -> str | None:
    """Return the address that the gateway vouches for, or None."""
    address, _, _ = (header or "").partition(" ")
    if not (header and secret and hmac.compare_digest(header.encode(), _signed(address, secret).encode())):
        return None
    return address


def _signed(address: str, secret: str) -> str:
    return f"{address} {hmac.digest(secret.encode(), address.encode(), sha256).hex()}"


def of(request: Request[Any, Any, Any], secret: str) -> str:
    """Return the address of the client behind `request`."""
    peer = request.client.host if request.client else ""
    return verify(request.headers.get(HEADER), secret) or peer


def prefix(address: str) -> str:
    """Return what counts as one client: the IPv4 address, or the /64 of an IPv6 one; other text as it is."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
