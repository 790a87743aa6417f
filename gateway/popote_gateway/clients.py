"""Whose request it is, by address: the peer's own or, when the peer is our own edge, the one it reports."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from popote_gateway.asgi import Header, Scope, values
from popote_kit import client_address

Network = IPv4Network | IPv6Network


class Clients:
    """Tells services the client's address, signed; `edge` is where a proxy of ours may stand."""

    def __init__(self, edge: Sequence[Network], secret: str) -> None:
        self._edge = tuple(edge)
        self._secret = secret
        self._is_edge = lru_cache(maxsize=4096)(self._lies_in_edge)

    def header(self, scope: Scope) -> list[Header]:
        """Return the signed header, or nothing where the peer has no address."""
        address = self.address(scope)
        if address is None:
            return []
        signed = client_address.sign(address, self._secret)
        return [(client_address.HEADER.encode(), signed.encode())]

    def address(self, scope: Scope) -> str | None:
        """Return the client's address in its usual form."""
        peer = _address(scope["client"][0]) if scope["client"] else None
        reported = values(scope["headers"], b"x-real-ip")
        if peer is not None and len(reported) == 1 and self._is_edge(peer):
            peer = _address(reported[0].decode("latin-1")) or peer
        return peer

    def _lies_in_edge(self, peer: str) -> bool:
        return any(ip_address(peer) in network for network in self._edge)


@lru_cache(maxsize=4096)
def _address(text: str) -> str | None:
    try:
        address: IPv4Address | IPv6Address = ip_address(text.strip().partition("%")[0])  # without an IPv6 zone
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
