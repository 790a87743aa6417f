"""`python -m popote_<name> serve | migrate | openapi`, the same for every service."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from litestar import Litestar
from msgspec.structs import asdict, fields

from popote_kit import codec, logs, migrations, serve
from popote_kit.bootstrap import SERVICES
from popote_kit.contract import describe
from popote_kit.migrations import Seed, migrate
from popote_kit.peers import Peers
from popote_kit.settings import ServiceSettings, SettingsError, load

S = TypeVar("S", bound=ServiceSettings)


def run(  # noqa: PLR0913 - the parts of a service, by name
    name: str,
    settings: type[S],
    create_app: Callable[..., Litestar],
    folder: Path,
    *,
    migrates_first: bool = True,
    seed: Seed | None = None,
) -> None:
    """Do what the command line says: `serve` migrates first, `openapi` needs no settings and prints the contract.

    To migrate is to run the files in `folder`, then `seed`.
    A service that serves even without PostgreSQL migrates by itself, and says `migrates_first=False`.
    """
    action = sys.argv[1] if len(sys.argv) == 2 else ""  # noqa: PLR2004 - the program and one word
    if action == "openapi":
        sys.stdout.buffer.write(codec.encode(contract(settings, create_app)) + b"\n")
        return
    if action not in ("serve", "migrate"):
        sys.exit(f"usage: python -m popote_{name} serve | migrate | openapi")
    try:
        loaded = load(settings, f"{name.upper()}_")
    except SettingsError as error:
        sys.exit(str(error))
    logs.configure(name, loaded.log_format)
    if migrates_first or action == "migrate":
        asyncio.run(prepare(name, loaded, folder, seed=seed))
    if action == "serve":
        app = create_app(loaded, peers=Peers(urls=urls_of_peers(loaded)))
        serve.run(app, loaded.host, loaded.port)


def urls_of_peers(settings: ServiceSettings) -> dict[str, str]:
    """Return where other services are: each setting that is the name of one and `_url`."""
    given = asdict(settings)
    return {name: given[f"{name}_url"] for name in SERVICES if f"{name}_url" in given}


async def prepare(
    name: str,
    settings: ServiceSettings,
    folder: Path,
    *,
    patience_s: float = migrations.PATIENCE_S,
    seed: Seed | None = None,
) -> None:
    """Bring the schema of the service up to date, waiting for PostgreSQL for as long as `patience_s`."""
    url, password = settings.database_url, settings.database_password
    folders = [migrations.KIT, folder]
    await migrate(url, schema=name, folders=folders, password=password, patience_s=patience_s, seed=seed)


def contract(settings: type[S], create_app: Callable[..., Litestar]) -> dict[str, Any]:
    """Return the OpenAPI document of a service, made without any of its surroundings."""
    needed: dict[str, Any] = {field.name: "-" * 64 for field in fields(settings) if field.required}
    app = create_app(settings(**needed), peers=Peers())
    return describe(app)
