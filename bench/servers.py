"""What is measured, each server in a process of its own and started when a row first asks for it."""

import asyncio
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
from bench import diary, environment, larder, library, pantry
from bench.diary import Diary
from bench.larder import TABLE, Larder
from bench.library import RECIPES, Library
from bench.pantry import Pantry
from bench.people import Person, Writer

from popote_kit.database import Database
from popote_kit.peers import Peers
from popote_kit.service_tokens import ServiceTokens
from popote_launcher import services
from popote_launcher.embedded import Postgres, Valkey
from popote_recipes.peers import Nutrition

START_S = 60.0
STOP_S = 20.0
DATABASE = "popote"
JOURNAL = 100_000  # lines
OLLAMA = "http://192.168.1.20:11434"
PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Server:
    """A running server, on a loopback port."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Site:
    """Popote and its peers on one PostgreSQL with its usual, durable settings; everything stops with `stack`."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        # Its path must be short enough for a unix socket, and open to the user that PostgreSQL runs as.
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="popote-bench-")))
        self.folder.chmod(0o711)

    @cached_property
    def postgres(self) -> Postgres:
        postgres = Postgres(self.folder / "postgres", self.folder / "run", password=secrets.token_hex(16))
        self._stack.callback(postgres.stop)
        postgres.start()
        asyncio.run(_execute(postgres.dsn(), f"CREATE DATABASE {DATABASE}"))
        return postgres

    @property
    def postgres_pid(self) -> int:
        return int(self.postgres.pid_file.read_text().split("\n", 1)[0])

    @cached_property
    def valkey(self) -> Valkey:
        valkey = Valkey(self.folder / "valkey", self.folder / "run", password=secrets.token_hex(16))
        self._stack.callback(valkey.stop)
        valkey.start()
        return valkey

    @cached_property
    def settings(self) -> dict[str, str]:
        """The variables of the services and the gateway, for one process or for many."""
        database_url, redis_url = self.postgres.dsn(DATABASE), self.valkey.url
        secret = secrets.token_urlsafe(32)
        given = {"CONFIG_OLLAMA_BASE_URL": OLLAMA, "OLLAMA_BASE_URL": OLLAMA, "AUTH_REGISTRATIONS_PER_HOUR": "1000"}
        ours = services.environment(given, database_url=database_url, redis_url=redis_url, secret=secret)
        return {**ours, "DATABASE_URL": database_url, "REDIS_URL": redis_url}

    @cached_property
    def whole(self) -> Server:
        """`popote serve --all`: the gateway and every service in one process."""
        variables = {**self.settings, "POPOTE_HOST": "127.0.0.1"}
        return self._start([sys.executable, "-m", "popote_launcher", "serve"], "PORT", variables, ready="/readyz")

    @cached_property
    def chat(self) -> Server:
        return self._service("chat")

    @cached_property
    def stock(self) -> Server:
        return self._service("stock")

    @cached_property
    def nutrition(self) -> Server:
        return self._service("nutrition")

    @cached_property
    def recipes(self) -> Server:
        """Asks stock and nutrition over the network, with tokens of auth."""
        peers = {f"RECIPES_{name.upper()}_URL": getattr(self, name).url for name in ("auth", "stock", "nutrition")}
        return self._service("recipes", {**peers, "RECIPES_IMAGES_FOLDER": str(self.folder / "images")})

    @cached_property
    def auth(self) -> Server:
        """Where services get their tokens: the gateway of the whole lets nobody ask there."""
        return self._service("auth")

    @cached_property
    def peer(self) -> Server:
        """FastAPI and SQLAlchemy on the rows of chat."""
        return self._peer("fastapi_sqlalchemy.py")

    @cached_property
    def stock_peer(self) -> Server:
        """FastAPI and SQLAlchemy on the rows of stock."""
        return self._peer("fastapi_stock.py")

    @cached_property
    def constant(self) -> Server:
        """Answers 1 KB at once: the service behind a gateway whose hop is measured."""
        return self._start([sys.executable, str(PEERS / "constant.py")], None, {}, ready="/")

    @cached_property
    def gateway(self) -> Server:
        """The gateway in a process of its own, with the constant in place of the chat service."""
        variables = {**self.settings, "GATEWAY_HOST": "127.0.0.1", "GATEWAY_CHAT_URL": self.constant.url}
        command = [sys.executable, "-m", "popote_gateway", "serve"]
        return self._start(command, "GATEWAY_PORT", variables, ready="/healthz")

    @cached_property
    def nginx(self) -> Server | None:
        """A proxy in front of the constant, with a constant of its own at /constant; None where nginx is not found."""
        program = shutil.which("nginx")
        if program is None:
            return None
        folder, port = self.folder / "nginx", free_port()
        folder.mkdir()
        words = {"FOLDER": str(folder), "PORT": str(port), "UPSTREAM": str(self.constant.port)}
        text = (PEERS / "nginx.conf").read_text()
        for word, value in words.items():
            text = text.replace(word, value)
        (folder / "nginx.conf").write_text(text)
        command = [program, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        return self._stack.enter_context(started(command, {}, port, ready="/constant"))

    @cached_property
    def writer(self) -> Writer:
        writer = Writer(self.whole.url)
        self._stack.callback(writer.close)
        return writer

    @cached_property
    def people(self) -> list[Person]:
        """Ten people with 40 conversations each."""
        return [self.writer.sign_up(f"person-{number}", 40) for number in range(10)]

    @cached_property
    def turns(self) -> list[tuple[Person, str]]:
        """All their conversations, mixed: one person seldom asks twice running."""
        every = [(person, conversation) for person in self.people for conversation in person.conversations]
        return random.Random(1).sample(every, len(every))

    @cached_property
    def reader(self) -> Person:
        """A person with 10,000 messages, which PostgreSQL has looked through, as it does by itself within a minute."""
        reader = self.writer.sign_up("reader", 200)
        self.writer.write_messages(reader, 50)
        asyncio.run(_execute(self.postgres.dsn(DATABASE), "VACUUM ANALYZE"))
        return reader

    @cached_property
    def pantry(self) -> Pantry:
        """A household with 10,000 items, 4,000 lots on hand, and a journal of 100,000 lines."""
        return self._filled("pantry", JOURNAL)

    @cached_property
    def old_pantry(self) -> Pantry:
        """The same with ten times the journal."""
        return self._filled("old-pantry", 10 * JOURNAL)

    @cached_property
    def larder(self) -> Larder:
        """A household with foods of its own, beside an imported table of 12,000."""
        person, table = self.writer.sign_up("larder", 0), self.folder / f"{TABLE}.csv"
        imported = larder.write_table(table)
        command = [sys.executable, "-m", "popote_nutrition", "import", "csv", str(table)]
        subprocess.run(command, env={**os.environ, **self.settings}, check=True, capture_output=True)
        filled = larder.fill(self.writer, person, imported)
        asyncio.run(_execute(self.postgres.dsn(DATABASE), "VACUUM ANALYZE"))
        return filled

    @cached_property
    def diary(self) -> Diary:
        """Five people of one household who each wrote down 12 things a day for two years."""
        person = self.writer.sign_up("eater", 0)
        return asyncio.run(diary.fill(self.postgres.dsn(DATABASE), person))

    @cached_property
    def library(self) -> Library:
        """A household with 5,000 recipes, and 4,000 lots of 1,500 items."""
        return self._library("cook", RECIPES)

    @cached_property
    def large_library(self) -> Library:
        """The same with ten times the recipes."""
        return self._library("great-cook", 10 * RECIPES)

    def service_bearer(self, audience: str, household: str) -> dict[str, str]:
        """Return the header with which the recipes service asks another one, for a household."""
        return asyncio.run(self._service_bearer(audience, UUID(household)))

    async def _service_bearer(self, audience: str, household: UUID) -> dict[str, str]:
        async with self._of_recipes() as (_, tokens):
            return await tokens.header(audience, household)

    def _library(self, name: str, recipes: int) -> Library:
        return asyncio.run(self._fill_library(self.writer.sign_up(name, 0), recipes))

    async def _fill_library(self, person: Person, recipes: int) -> Library:
        url, password = (self.settings[f"RECIPES_DATABASE_{part}"] for part in ("URL", "PASSWORD"))
        database = Database(url, schema="recipes", password=password)
        try:
            async with self._of_recipes() as (peers, tokens):
                nutrition = Nutrition(peers, tokens)
                return await library.fill(self.postgres.dsn(DATABASE), database, nutrition, person, recipes)
        finally:
            await database.close()

    @asynccontextmanager
    async def _of_recipes(self) -> AsyncIterator[tuple[Peers, ServiceTokens]]:
        """Give what the recipes service asks others with."""
        peers = Peers(urls={"auth": self.auth.url, "nutrition": self.nutrition.url})
        try:
            yield peers, ServiceTokens(peers, "recipes", self.settings["RECIPES_CREDENTIAL"])
        finally:
            await peers.close()

    def _filled(self, name: str, journal: int) -> Pantry:
        person = self.writer.sign_up(name, 0)
        return asyncio.run(pantry.fill(self.postgres.dsn(DATABASE), self.writer, person, journal))

    def _service(self, name: str, more: Mapping[str, str] = {}) -> Server:
        """Start a service alone; it asks the whole for the keys of tokens, unless `more` says otherwise."""
        prefix = name.upper()
        ours = {f"{prefix}_HOST": "127.0.0.1", f"{prefix}_AUTH_URL": self.whole.url}
        variables = {**self.settings, **ours, **more}
        command = [sys.executable, "-m", f"popote_{name}", "serve"]
        return self._start(command, f"{prefix}_PORT", variables, ready="/readyz")

    def _peer(self, program: str) -> Server:
        _ = self.whole  # which makes the tables
        url = self.postgres.dsn(DATABASE).replace("postgresql://", "postgresql+asyncpg://", 1)
        command = [str(environment.PYTHON), str(PEERS / program)]
        return self._start(command, None, {"PEER_DATABASE_URL": url}, ready="/healthz")

    def _start(self, command: list[str], variable: str | None, environ: Mapping[str, str], *, ready: str) -> Server:
        """Start a server that takes its port from a variable, or else as its last argument."""
        port = free_port()
        if variable is None:
            return self._stack.enter_context(started([*command, str(port)], environ, port, ready=ready))
        return self._stack.enter_context(started(command, {**environ, variable: str(port)}, port, ready=ready))


@contextmanager
def started(command: list[str], environ: Mapping[str, str], port: int, *, ready: str) -> Iterator[Server]:
    """Run a server until the block ends; it is there when `ready` answers 200.

    Raises:
        RuntimeError: it ended, or did not answer within a minute; with what it wrote.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=output, stderr=output)
        try:
            await_answer(process, f"http://127.0.0.1:{port}{ready}")
            yield Server(process.pid, port)
        except Exception as error:
            output.seek(0)
            error.add_note(f"{' '.join(command)} wrote:\n" + output.read()[-3000:].decode(errors="replace"))
            raise
        finally:
            process.terminate()
            process.wait(STOP_S)


def await_answer(process: "subprocess.Popen[bytes]", url: str) -> None:
    """Ask `url` until it answers 200, every 10 ms."""
    deadline = time.monotonic() + START_S
    with httpx.Client(timeout=1.0, trust_env=False) as client:
        while not _is_good(client, url):
            if process.poll() is not None:
                raise RuntimeError(f"it ended with status {process.returncode}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{url} gave no good answer within {START_S:.0f} s")
            time.sleep(0.01)


def _is_good(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
