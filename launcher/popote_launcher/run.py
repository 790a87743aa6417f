"""`up`: embedded servers and everything else in this process. `serve_all`: everything on servers that exist."""

import asyncio
import errno
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
import uvicorn
import uvloop

from popote_kit import logs, serve
from popote_kit.settings import SettingsError
from popote_kit.settings import read as read_variable
from popote_launcher import home as homes
from popote_launcher import network, services, settings, welcome
from popote_launcher.embedded import Postgres, Server, Valkey
from popote_launcher.errors import CannotStart, NotWritable, PortInUse, PostgresAway, WrongSetting
from popote_launcher.home import Home
from popote_launcher.interrupts import Interrupts
from popote_launcher.services import Service
from popote_launcher.settings import Settings
from popote_launcher.supervisor import watch

INTERRUPTED: Final = 130  # 128 + SIGINT, as shells count
DATABASE: Final = "popote"
PATIENCE_S: Final = 3  # with a PostgreSQL that is starting too

Greeting = Callable[[list[Service]], Awaitable[None]]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Backing:
    """What the services stand on; `servers` are ours to start, watch and stop."""

    database_url: str  # as an administrator
    redis_url: str
    servers: tuple[Server, ...] = ()


def up(environ: Mapping[str, str] = os.environ) -> int:
    """Run Popote on this machine until Ctrl-C; return the exit status."""
    return _reported(_up, environ)


def serve_all(environ: Mapping[str, str] = os.environ) -> int:
    """Run every service on the servers that DATABASE_URL and REDIS_URL name; return the exit status."""
    return _reported(_serve_all, environ)


def _up(environ: Mapping[str, str]) -> None:
    _configure_logs(is_wordy=bool(environ.get("POPOTE_DEBUG")))
    given = settings.read(environ)
    with homes.opened(given.home) as home, home.run() as run, _listening(given) as listener:
        backing = _backing(given, home, run)
        variables = services.environment(
            environ,
            database_url=backing.database_url,
            redis_url=backing.redis_url,
            secret=home.secret("auth_secret"),
            more={
                "AUTH_SETUP_CODE": home.secret("setup_code", homes.setup_code),
                "CONFIG_STATE_DIR": str(home.config),
                "RECIPES_IMAGES_FOLDER": str(home.images),
            },
        )

        async def greet(every: list[Service]) -> None:
            code = None if await services.has_operator(every) else variables.get("AUTH_SETUP_CODE")
            listens_on, port = listener.getsockname()[:2]
            welcome.show(listens_on, port, home=home.folder, setup_code=code)
            await welcome.show_ollama(network.lan_address())

        with _started(backing.servers) as interrupts:
            _run(_serve(variables, backing, listener, interrupts, greet))


def _configure_logs(*, is_wordy: bool) -> None:
    logs.configure("popote", "console", logging.DEBUG if is_wordy else logging.INFO)
    if not is_wordy:
        logging.getLogger("popote_kit.migrations").setLevel(logging.WARNING)  # a dozen lines on the first start


def _serve_all(environ: Mapping[str, str]) -> None:
    logs.configure("popote")
    given = settings.read(environ)
    if not given.database_url:
        raise WrongSetting("DATABASE_URL is not set: a PostgreSQL, as a user who may make roles and schemas")
    backing = Backing(given.database_url, given.redis_url)
    variables = services.environment(
        environ,
        database_url=backing.database_url,
        redis_url=backing.redis_url,
        secret=_required("AUTH_SECRET", environ),
    )

    async def greet(_every: list[Service]) -> None:
        log.info("ready", extra={"port": listener.getsockname()[1]})

    with _listening(given) as listener, _started(()) as interrupts:
        _run(_serve(variables, backing, listener, interrupts, greet))


async def _serve(
    environ: Mapping[str, str],
    backing: Backing,
    listener: socket.socket,
    interrupts: Interrupts,
    greet: Greeting,
) -> None:
    """Prepare the database, start every service and the gateway, and serve until interrupted.

    While PostgreSQL is away, what needs none of it is served; the rest follows, and the greeting.
    """
    _cancel_on(interrupts)
    await _create_database(backing)
    every, gateway = services.assemble(environ)
    is_prepared = await _is_prepared(backing, every, listener)

    async def greet_once_prepared() -> None:
        if not is_prepared:
            await services.prepare_once_there(backing.database_url, every)
        await greet(every)

    async with AsyncExitStack() as stack:
        for server in backing.servers:
            stack.callback(asyncio.create_task(watch(server)).cancel)
        await services.start(every, stack)
        serve.settle()
        await _until_cancelled(serve.server(gateway, http="httptools"), listener, greet_once_prepared)


async def _is_prepared(backing: Backing, every: list[Service], listener: socket.socket) -> bool:
    try:
        await services.prepare(backing.database_url, every, patience_s=PATIENCE_S)
    except PostgresAway as away:
        port = listener.getsockname()[1]
        log.warning("%s; until it does, only what needs none of it is served", away, extra={"port": port})
        return False
    return True


def _cancel_on(interrupts: Interrupts) -> None:
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is not None:
        interrupts.ask = lambda: loop.call_soon_threadsafe(task.cancel)


async def _until_cancelled(
    server: uvicorn.Server, listener: socket.socket, greet: Callable[[], Awaitable[None]]
) -> None:
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]  # signals are ours
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn sets no event
            await asyncio.sleep(0.01)
        if server.started:
            await greet()
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        pass
    finally:
        server.should_exit = True
        await serving


async def _create_database(backing: Backing) -> None:
    for postgres in (server for server in backing.servers if isinstance(server, Postgres)):
        connection = await asyncpg.connect(postgres.dsn())
        try:
            with suppress(asyncpg.DuplicateDatabaseError):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()


def _run(work: Any) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def _backing(given: Settings, home: Home, run: Path) -> Backing:
    """Take the servers that are named, and our own for those that are not."""
    servers: list[Server] = []
    database_url, redis_url = given.database_url, given.redis_url
    if not database_url:
        postgres = Postgres(home.postgres, run, password=home.secret("postgres_password"))
        database_url = postgres.dsn(DATABASE)
        servers.append(postgres)
    if not redis_url:
        valkey = Valkey(home.valkey, run, password=home.secret("valkey_password"))
        redis_url = valkey.url
        servers.append(valkey)
    return Backing(database_url, redis_url, tuple(servers))


@contextmanager
def _started(servers: tuple[Server, ...]) -> Iterator[Interrupts]:
    """Start the servers and, at the end, stop them in the same order: PostgreSQL first."""

    def kill() -> None:
        for server in servers:
            server.kill()

    with Interrupts(kill) as interrupts:
        try:
            for server in servers:
                server.start()
            yield interrupts
        finally:
            interrupts.ask = lambda: None  # it is happening
            for server in servers:
                server.stop()


@contextmanager
def _listening(given: Settings) -> Iterator[socket.socket]:
    try:
        listener = serve.listen(given.popote_host, given.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(f"port {given.port} is in use; set another one: PORT=8081") from error
        if error.errno == errno.EACCES:
            raise NotWritable(f"port {given.port} needs root; set another one: PORT=8080") from error
        raise WrongSetting(f"can't listen on {given.popote_host}: {error.strerror}") from error
    with listener:
        yield listener


def _required(name: str, environ: Mapping[str, str]) -> str:
    try:
        value = read_variable(name, environ)
    except SettingsError as error:
        raise WrongSetting(str(error)) from error
    if not value:
        raise WrongSetting(f"{name} is not set (or {name}_FILE, a file that holds it)")
    return value


def _reported(work: Callable[[Mapping[str, str]], None], environ: Mapping[str, str]) -> int:
    try:
        work(environ)
    except CannotStart as error:
        print(f"Popote can't start: {error}", file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return error.code
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    return os.EX_OK
