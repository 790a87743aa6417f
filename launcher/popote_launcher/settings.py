"""Settings of the launcher; those of the services are passed on to them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from platformdirs import user_data_path

from popote_kit.settings import SettingsError, load
from popote_launcher.embedded.identity import identity
from popote_launcher.errors import WrongSetting

SYSTEM_HOME: Final = Path("/var/lib/popote")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    popote_home: Annotated[str, Meta(description="The folder for data and secrets; made if it is missing.")] = ""
    popote_host: Annotated[str, Meta(description="The address to listen on; `::` is both IPv6 and IPv4.")] = "::"
    port: Annotated[int, Meta(description="The port to listen on; 0: a free one.", ge=0, le=65535)] = 8080
    database_url: Annotated[str, Meta(description="A PostgreSQL, as an administrator, instead of our own.")] = ""
    redis_url: Annotated[str, Meta(description="A Redis or Valkey instead of our own.")] = ""

    def __post_init__(self) -> None:
        _require_scheme("DATABASE_URL", self.database_url, "postgresql", "postgres")
        _require_scheme("REDIS_URL", self.redis_url, "redis", "rediss", "unix")

    @property
    def home(self) -> Path:
        """The data folder; where PostgreSQL must run as nobody, not in root's own folders, which nobody can't enter."""
        if self.popote_home:
            return Path(self.popote_home).expanduser().absolute()
        return SYSTEM_HOME if identity() == "nobody" else user_data_path("popote")


def _require_scheme(name: str, url: str, *schemes: str) -> None:
    if url and url.partition("://")[0] not in schemes:
        raise ValueError(f"{name} must begin with {schemes[0]}://")


def read(environ: Mapping[str, str]) -> Settings:
    """Return the launcher's settings.

    Raises:
        WrongSetting: a variable has the wrong form.
    """
    try:
        return load(Settings, "", environ)
    except SettingsError as error:
        raise WrongSetting(str(error)) from error
