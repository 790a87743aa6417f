"""Settings of the gateway: `GATEWAY_…`."""

import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from popote_gateway.clients import Network
from popote_kit.settings import SettingsError

T = TypeVar("T")

_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How the gateway is reached, and where the services are; lists are separated by commas."""

    secret: Annotated[str, Meta(min_length=32, description="Signs the client's address; auth has the same one.")]
    hosts: Annotated[
        str, Meta(description="Host names it answers under; empty: addresses, `localhost` and `*.local`.")
    ] = ""
    trusted_edge: Annotated[
        str, Meta(description="Addresses or networks of the proxy in front, whose `X-Real-IP` is believed.")
    ] = ""
    cors_origins: Annotated[
        str, Meta(description="Origins whose web pages may call the API, such as `https://app.example`; empty: none.")
    ] = ""
    hsts_s: Annotated[
        int, Meta(ge=0, le=63_072_000, description="Seconds that browsers keep to HTTPS; 0 without TLS in front.")
    ] = 0
    deadline_s: Annotated[float, Meta(gt=0, le=900, description="Seconds until a service must begin to answer.")] = 15
    silence_s: Annotated[
        float, Meta(gt=0, le=3600, description="Seconds that an answer may pause before it is ended.")
    ] = 300
    host: Annotated[str, Meta(description="The address to listen on; `::` is both IPv6 and IPv4.")] = "::"
    port: Annotated[int, Meta(ge=0, le=65535, description="The port to listen on.")] = 8080
    log_format: Annotated[str, Meta(pattern="^(json|console)$", description="`json` or `console`.")] = "json"
    auth_url: Annotated[str, Meta(description="Where the auth service answers; unused in one process, as below.")] = (
        "http://auth:8000"
    )
    stock_url: str = "http://stock:8000"
    recipes_url: str = "http://recipes:8000"
    nutrition_url: str = "http://nutrition:8000"
    chat_url: str = "http://chat:8000"
    config_url: str = "http://config:8000"

    def url(self, service: str) -> str:
        """Return where `service` answers."""
        return str(getattr(self, f"{service}_url"))

    def host_names(self) -> frozenset[str]:
        return frozenset(name.lower() for name in _listed(self.hosts))

    def origins(self) -> frozenset[str]:
        """Return the origins that may call.

        Raises:
            SettingsError: one of them is not an origin.
        """
        return frozenset(_each("GATEWAY_CORS_ORIGINS", self.cors_origins, _origin))

    def edge(self) -> tuple[Network, ...]:
        """Return the networks of the proxy in front.

        Raises:
            SettingsError: one of them is neither an address nor a network.
        """
        return tuple(_each("GATEWAY_TRUSTED_EDGE", self.trusted_edge, ip_network))


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _each(name: str, text: str, parse: Callable[[str], T]) -> list[T]:
    try:
        return [parse(part) for part in _listed(text)]
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from error


def _origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise ValueError(f"{text!r} is not an origin such as https://app.example")
    return text
