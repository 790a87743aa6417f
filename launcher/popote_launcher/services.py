"""Every service and the gateway, put together in one process."""

import asyncio
import hmac
import secrets
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from inspect import getfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from litestar import Litestar

from popote_gateway.app import create_app as create_gateway
from popote_gateway.asgi import App
from popote_gateway.carriers.in_process import InProcess
from popote_gateway.contract import merge, render
from popote_gateway.settings import Settings as GatewaySettings
from popote_kit import command
from popote_kit.bootstrap import SERVICES, bootstrap
from popote_kit.database import Database
from popote_kit.migrations import MigrationError, Seed, connect
from popote_kit.peers import Peers
from popote_kit.service_tokens import CALLERS
from popote_kit.settings import ServiceSettings, SettingsError, load
from popote_launcher.errors import CannotStart, DiskFull, PostgresAway, WrongSetting
from popote_nutrition.queries.starter import seed as seed_nutrition

SEEDS: Final[Mapping[str, Seed]] = {"nutrition": seed_nutrition}  # by service; as in `python -m popote_nutrition`
ADMINISTRATOR: Final = "the user of DATABASE_URL"
LOOK_EVERY_S: Final = 1.0
UNUSABLE: Final = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
AWAY: Final = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)


@dataclass(frozen=True)
class Service:
    name: str
    settings: ServiceSettings
    app: Litestar
    migrations: Path
    seed: Seed | None = None


def environment(
    environ: Mapping[str, str], *, database_url: str, redis_url: str, secret: str, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables that the services and the gateway read: ours and `more`; those in `environ` win.

    The passwords of the services' database roles follow from `secret`, so that two processes agree on them.
    """
    between_gateway_and_auth = secrets.token_urlsafe(32)
    ours = {
        "AUTH_SECRET": secret,
        "AUTH_GATEWAY_SECRET": between_gateway_and_auth,
        "GATEWAY_SECRET": between_gateway_and_auth,
        "CONFIG_OLLAMA_BASE_URL": environ.get("OLLAMA_BASE_URL", ""),
        "CONFIG_OWN_HOSTS": environ.get("GATEWAY_HOSTS", ""),
        **(more or {}),
    }
    for name in CALLERS:
        ours[f"AUTH_{name.upper()}_CREDENTIAL"] = ours[f"{name.upper()}_CREDENTIAL"] = secrets.token_urlsafe(32)
    for name in SERVICES:
        prefix = name.upper()
        ours[f"{prefix}_DATABASE_URL"] = for_role(database_url, f"{name}_app")
        ours[f"{prefix}_DATABASE_PASSWORD"] = role_password(secret, name)
        ours[f"{prefix}_REDIS_URL"] = redis_url
    return {**{name: value for name, value in ours.items() if f"{name}_FILE" not in environ}, **environ}


def for_role(url: str, role: str) -> str:
    """Return the database URL `url` with another user and no password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}"))


def role_password(secret: str, service: str) -> str:
    return hmac.digest(secret.encode(), f"popote database password {service}".encode(), "sha256").hex()


def assemble(environ: Mapping[str, str]) -> tuple[list[Service], App]:
    """Return the services, and the gateway's ASGI app, which calls theirs directly.

    Raises:
        WrongSetting: a variable is missing or has the wrong form.
    """
    apps: dict[str, Any] = {}
    try:
        services = [_assemble(name, environ, apps) for name in SERVICES]
        apps.update((service.name, service.app) for service in services)
        return services, _gateway(environ, apps)
    except SettingsError as error:
        raise WrongSetting(str(error)) from error


async def prepare(admin_url: str, services: list[Service], *, patience_s: float = 0) -> None:
    """Make the roles and schemas, and bring every schema up to date.

    Raises:
        PostgresAway: the database does not answer within `patience_s`.
        WrongSetting: it lets us not in, or not do that.
        CannotStart: it was migrated by another version.
    """
    try:
        await _reach(admin_url, patience_s)
        await bootstrap(admin_url, {service.name: service.settings.database_password for service in services})
        await asyncio.gather(
            *(command.prepare(each.name, each.settings, each.migrations, seed=each.seed) for each in services)
        )
    except MigrationError as error:
        raise CannotStart(str(error)) from error
    except asyncpg.DiskFullError as error:
        raise DiskFull(f"the disk of PostgreSQL is full: {error}") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise WrongSetting(f"{ADMINISTRATOR} may not make roles and schemas: {error}") from error
    except UNUSABLE as error:
        raise WrongSetting(f"DATABASE_URL: {error}") from error
    except AWAY as error:
        raise PostgresAway(f"PostgreSQL does not answer ({str(error) or type(error).__name__})") from error


async def _reach(admin_url: str, patience_s: float) -> None:
    try:
        connection = await connect(admin_url, patience_s=patience_s)
    except ValueError as error:  # asyncpg's word for a URL that it can't read
        raise WrongSetting(f"DATABASE_URL: {error}") from error
    await connection.close()


async def prepare_once_there(admin_url: str, services: list[Service]) -> None:
    """Do as `prepare`, however long the database is away."""
    while True:
        try:
            return await prepare(admin_url, services)
        except PostgresAway:
            await asyncio.sleep(LOOK_EVERY_S)


async def start(services: list[Service], stack: AsyncExitStack) -> None:
    """Enter the lifespan of every service; they end in turn with `stack`."""
    for service in services:
        await stack.enter_async_context(service.app.lifespan())


async def has_operator(services: list[Service]) -> bool:
    """Tell whether someone has become the operator with the setup code.

    Raises:
        Unavailable: PostgreSQL is away.
    """
    from popote_auth.queries.persons import is_set_up  # noqa: PLC0415 - services are imported when they are wanted

    auth = next(service for service in services if service.name == "auth")
    database = Database(auth.settings.database_url, schema="auth", password=auth.settings.database_password)
    try:
        async with database.kitchen() as kitchen:
            return await is_set_up(kitchen)
    finally:
        await database.close()


def contract() -> bytes:
    """Return the contract of the whole API, as the code has it: OpenAPI 3.1, as JSON."""
    return render(merge({name: command.contract(*_parts(name)) for name in SERVICES}))


def _parts(name: str) -> tuple[type[ServiceSettings], Callable[..., Litestar]]:
    return import_module(f"popote_{name}.settings").Settings, import_module(f"popote_{name}.app").create_app


def _assemble(name: str, environ: Mapping[str, str], apps: Mapping[str, Any]) -> Service:
    kind, create_app = _parts(name)
    settings = load(kind, f"{name.upper()}_", environ)
    # Each has peers of its own, since it closes them; the apps are filled in when all are made.
    app = create_app(settings, peers=Peers(apps=apps))
    return Service(name, settings, app, Path(getfile(create_app)).parent / "migrations", SEEDS.get(name))


def _gateway(environ: Mapping[str, str], apps: Mapping[str, Any]) -> App:
    return create_gateway(load(GatewaySettings, "GATEWAY_", environ), InProcess(apps))
