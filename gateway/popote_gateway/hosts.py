"""Under which names this server answers, so that another site's name can't be pointed at it (DNS rebinding)."""

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from popote_gateway.asgi import Headers, values
from popote_gateway.errors import HostRefused

HEALTH_CHECKERS: Final = frozenset({"healthcheck.railway.app"})
_HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")


class Hosts:
    """The taken host names: those given or, without any, what a home network uses."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def check(self, headers: Headers, *, is_health: bool) -> None:
        """Let a request pass that has one Host, a taken one; health checks may also come from inside.

        Raises:
            HostRefused: no Host, two, or another one.
        """
        hosts = values(headers, b"host")
        name = _name(hosts[0]) if len(hosts) == 1 else ""
        if not (self._takes(name) or (is_health and (name in HEALTH_CHECKERS or _is_of_a_home(name)))):
            raise HostRefused

    def _takes(self, name: str) -> bool:
        return name in self._names if self._names else _is_of_a_home(name)


@lru_cache(maxsize=1024)
def _name(host: bytes) -> str:
    match = _HOST.fullmatch(host.decode("latin-1").lower())
    return match["name"].removesuffix(".") if match else ""


@lru_cache(maxsize=1024)
def _is_of_a_home(name: str) -> bool:
    return name == "localhost" or (name.endswith(".local") and name != ".local") or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        return ip_address(name.strip("[]")).version == (6 if name.startswith("[") else 4)
    except ValueError:
        return False
