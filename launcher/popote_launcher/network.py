"""Where others at home reach what listens on this machine."""

import socket
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, ip_address
from typing import Final

import psutil

LOCALHOST: Final = "localhost"
ELSEWHERE: Final = "192.0.2.1"  # RFC 5737: an address of nobody; nothing is sent to it
CONTAINERS: Final = ("docker", "br-", "veth", "virbr", "podman", "cni", "lxc")  # networks inside this machine


def reach(listens_on: str) -> tuple[str, str | None]:
    """Return the host for URLs on this machine, and that for URLs on other devices, where there is one.

    `listens_on` is the address that a socket is bound to.
    """
    address = ip_address(listens_on)
    if address.is_unspecified:
        return LOCALHOST, lan_address()
    if address.is_loopback:
        return LOCALHOST, None
    host = str(address) if isinstance(address, IPv4Address) else f"[{address}]"
    return host, host


def lan_address() -> str | None:
    """Return the IPv4 address that other devices at home reach this machine by; None without a network."""
    return _toward_elsewhere() or next(home_addresses(_interfaces()), None)


def home_addresses(interfaces: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield those of the IPv4 addresses, given by the name of their interface, that may belong to a home network."""
    for name, addresses in interfaces.items():
        if not name.startswith(CONTAINERS):
            yield from (each for each in addresses if not ip_address(each).is_link_local)


def _toward_elsewhere() -> str | None:
    """Return the address that packets to the Internet would leave from; a home network may lead to none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE, 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def _interfaces() -> dict[str, list[str]]:
    """Return the IPv4 addresses of each interface that runs, loopback and tunnels left out."""
    states = psutil.net_if_stats()
    return {
        name: [each.address for each in addresses if each.family == socket.AF_INET]
        for name, addresses in psutil.net_if_addrs().items()
        if name in states and states[name].isup and _leads_to_neighbours(states[name].flags)
    }


def _leads_to_neighbours(flags: str) -> bool:
    return not {"loopback", "pointopoint"} & set(flags.split(","))
