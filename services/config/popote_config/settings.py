"""Settings of the config service: `CONFIG_…`."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from popote_config.address import Address, normalise
from popote_config.reach import Policy
from popote_config.remarks import Refused
from popote_kit.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """What the config service needs to be told beyond what every service needs."""

    ollama_base_url: Annotated[
        str, Meta(description="The system-wide Ollama address on the first start; later starts ignore it.")
    ] = ""
    allow_loopback: Annotated[bool, Meta(description="Take loopback addresses; for development alone.")] = False
    own_hosts: Annotated[
        str, Meta(description="Hosts of this backend, separated by commas; public ones are never taken for an Ollama.")
    ] = ""
    public_read: Annotated[bool, Meta(description="Give the system-wide address to everyone, without a token.")] = True
    state_dir: Annotated[
        str, Meta(description="A folder for what is served while PostgreSQL is away; empty: keep nothing.")
    ] = ""
    poll_seconds: Annotated[
        float, Meta(description="How often to look for changes that no push told of, in seconds.", gt=0, le=3600)
    ] = 5.0

    def __post_init__(self) -> None:
        try:
            _ = self.seed
        except Refused as refused:
            raise ValueError(f"OLLAMA_BASE_URL: {refused.refusal.en}") from refused

    @property
    def policy(self) -> Policy:
        hosts = (host.strip().strip("[]").lower() for host in self.own_hosts.split(","))
        return Policy(self.allow_loopback, frozenset(host for host in hosts if host))

    @property
    def seed(self) -> Address | None:
        """The system-wide address to start with."""
        return normalise(self.ollama_base_url, self.policy) if self.ollama_base_url.strip() else None

    @property
    def state_file(self) -> Path | None:
        return Path(self.state_dir) / "config.json" if self.state_dir else None
