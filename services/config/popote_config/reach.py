"""Where a host is to be found, and whether phones may be sent there."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, Literal, TypeAlias
from unicodedata import bidirectional

import idna

from popote_config.remarks import Refusal, Refused

Kind = Literal["lan", "mdns", "vpn", "public"]


@dataclass(frozen=True)
class Policy:
    """What an operator may decide."""

    allow_loopback: bool = False
    own_hosts: frozenset[str] = frozenset()
    """Lower-case names and addresses under which the backend itself answers; IPv6 without brackets.

    Refused where they are public. At home Popote and Ollama may well share a machine, and differ by port alone.
    """


STRICT: Final = Policy()
_MAX_HOST: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMERIC_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_QUAD: Final = re.compile(r"([0-9]{1,3}\.){3}[0-9]{1,3}")
_LOCAL_NAMES: Final[tuple[tuple[str, Kind], ...]] = (
    (".local", "mdns"),
    (".lan", "lan"),
    (".home.arpa", "lan"),
    (".internal", "lan"),
)
_LOOPBACK_NAME: Final = re.compile(r"(.+\.)?localhost|localhost\.localdomain|ip6-(localhost|loopback)")


def locate(raw: str, policy: Policy = STRICT) -> tuple[str, Kind]:
    """Return the host as it is to be written, and where a phone finds it.

    Raises:
        Refused: it is no host, or one that phones should not be sent to.
    """
    if not raw:
        raise Refused(Refusal.EMPTY_HOST)
    host, kind = _read(raw.lower(), policy)
    if kind == "public" and host.strip("[]") in policy.own_hosts:
        raise Refused(Refusal.OWN_HOST)
    return host, kind


def _read(host: str, policy: Policy) -> tuple[str, Kind]:
    if host.startswith("["):
        v6 = _ipv6(host[1:-1])
        if v6 is None:
            raise Refused(Refusal.BAD_IPV6)
        return f"[{v6.compressed}]", _reach(v6, policy)
    name = host.removesuffix(".")
    if _NUMERIC_LABEL.fullmatch(name.rpartition(".")[2]):  # a browser takes such a name for IPv4
        v4 = _quad(host)
        return str(v4), _reach(v4, policy)
    return name, _name_reach(name, policy)


def _ipv6(text: str) -> IPv6Address | None:
    try:
        return IPv6Address(text)
    except ValueError:
        return None


def _quad(text: str) -> IPv4Address:
    try:
        if _QUAD.fullmatch(text):
            return IPv4Address(text)
    except ValueError:
        pass
    raise Refused(Refusal.AMBIGUOUS_IPV4)


def _name_reach(name: str, policy: Policy) -> Kind:
    labels = name.split(".")
    if len(name) > _MAX_HOST or not all(map(_LABEL.fullmatch, labels)) or not _is_international(labels):
        raise Refused(Refusal.BAD_HOST)
    if _LOOPBACK_NAME.fullmatch(name):
        return _loopback(policy)
    if is_single_label(name):
        return "lan"
    return next((kind for suffix, kind in _LOCAL_NAMES if name.endswith(suffix)), "public")


def _is_international(labels: list[str]) -> bool:
    """Say whether each `xn--` label is what it claims to be, so that every client reads the same name."""
    try:
        shown = [idna.ulabel(label) if label.startswith("xn--") else label for label in labels]
        has_rtl = any(bidirectional(char) in {"R", "AL", "AN"} for char in "".join(shown))
        return all(idna.check_bidi(label, check_ltr=has_rtl) for label in shown)
    except idna.IDNAError:
        return False


def is_single_label(host: str) -> bool:
    return "." not in host and not host.startswith("[")


def _loopback(policy: Policy) -> Kind:
    if policy.allow_loopback:
        return "lan"
    raise Refused(Refusal.LOOPBACK)


Verdict: TypeAlias = Kind | Refusal
_IPV4: Final[dict[IPv4Network, Verdict]] = {
    IPv4Network("0.0.0.0/8"): Refusal.UNSPECIFIED,
    IPv4Network("10.0.0.0/8"): "lan",
    IPv4Network("100.64.0.0/10"): "vpn",
    IPv4Network("127.0.0.0/8"): Refusal.LOOPBACK,
    IPv4Network("169.254.0.0/16"): Refusal.LINK_LOCAL,
    IPv4Network("172.16.0.0/12"): "lan",
    IPv4Network("192.0.0.0/24"): Refusal.RESERVED,
    IPv4Network("192.0.2.0/24"): Refusal.DOCUMENTATION,
    IPv4Network("192.88.99.0/24"): Refusal.RESERVED,
    IPv4Network("192.168.0.0/16"): "lan",
    IPv4Network("198.18.0.0/15"): Refusal.RESERVED,
    IPv4Network("198.51.100.0/24"): Refusal.DOCUMENTATION,
    IPv4Network("203.0.113.0/24"): Refusal.DOCUMENTATION,
    IPv4Network("224.0.0.0/4"): Refusal.MULTICAST,
    IPv4Network("255.255.255.255/32"): Refusal.BROADCAST,
    IPv4Network("240.0.0.0/4"): Refusal.RESERVED,
    IPv4Network("0.0.0.0/0"): "public",
}
"""The first network that holds an address decides. Source: IANA IPv4 Special-Purpose Address Registry."""
_IPV6: Final[dict[IPv6Network, Verdict]] = {
    IPv6Network("::/128"): Refusal.UNSPECIFIED,
    IPv6Network("::1/128"): Refusal.LOOPBACK,
    IPv6Network("::/96"): Refusal.EMBEDDED_IPV4,
    IPv6Network("::ffff:0:0/96"): Refusal.EMBEDDED_IPV4,
    IPv6Network("64:ff9b::/96"): Refusal.EMBEDDED_IPV4,
    IPv6Network("64:ff9b:1::/48"): Refusal.EMBEDDED_IPV4,
    IPv6Network("2001::/32"): Refusal.EMBEDDED_IPV4,
    IPv6Network("2001:db8::/32"): Refusal.DOCUMENTATION,
    IPv6Network("2001::/23"): Refusal.RESERVED,
    IPv6Network("2002::/16"): Refusal.EMBEDDED_IPV4,
    IPv6Network("3fff::/20"): Refusal.DOCUMENTATION,
    IPv6Network("2000::/3"): "public",
    IPv6Network("fc00::/7"): "lan",
    IPv6Network("fe80::/10"): Refusal.LINK_LOCAL,
    IPv6Network("ff00::/8"): Refusal.MULTICAST,
    IPv6Network("::/0"): Refusal.RESERVED,
}
"""The first network that holds an address decides. Source: IANA IPv6 Special-Purpose Address Registry."""


def _reach(address: IPv4Address | IPv6Address, policy: Policy) -> Kind:
    networks = _IPV4 if isinstance(address, IPv4Address) else _IPV6
    verdict = next(verdict for network, verdict in networks.items() if address in network)
    if verdict is Refusal.LOOPBACK:
        return _loopback(policy)
    if isinstance(verdict, Refusal):
        raise Refused(verdict)
    return verdict
