"""The house rules that can be read off the source. Each is shown to find what it looks for."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from popote_kit.bootstrap import SERVICES

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("services", "gateway", "client", "launcher")
ROOMS: Final = ("app", "settings", "model", "errors", "routes", "queries", "events")

IO: Final = {
    "litestar", "asyncpg", "httpx", "redis", "aiohttp", "uvicorn", "socket", "subprocess", "structlog",
    "popote_kit.database", "popote_kit.cache", "popote_kit.peers", "popote_kit.service", "popote_kit.work",
}  # fmt: skip
CLOCKS: Final = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic"}
HTTP_CLIENTS: Final = {
    "httpx.AsyncClient", "httpx.Client", "httpx.AsyncHTTPTransport", "aiohttp.ClientSession", "urllib.request.urlopen",
    *(f"httpx.{method}" for method in ("get", "post", "put", "patch", "delete", "request", "stream")),
}  # fmt: skip
CONNECTIONS: Final = {"asyncpg.connect", "asyncpg.create_pool"}
SQL: Final = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+(AS\s|\w+\s+)?SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s*\(|TRUNCATE\s|"
    r"(CREATE|ALTER|DROP)\s+[A-Z]|(BEGIN|COMMIT|ROLLBACK|SAVEPOINT)\b|SET\s+(LOCAL|ROLE|SESSION)\s|NOTIFY\s|LISTEN\s)"
)


@dataclass(frozen=True)
class Module:
    """One file of our own: `chat/popote_chat/queries/lots.py` is in the room `queries` of `popote_chat`."""

    path: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return next(part for part in Path(self.path).parts if part.startswith("popote_"))

    @property
    def room(self) -> str:
        parts = Path(self.path).with_suffix("").parts
        return parts[parts.index(self.package) + 1]

    @property
    def is_service(self) -> bool:
        return self.package.removeprefix("popote_") in SERVICES

    def imported(self) -> Iterator[str]:
        """Give each module that is imported, in full: `from popote_kit import cache` gives `popote_kit.cache` too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def called(self) -> Iterator[str]:
        """Give the dotted name of each function that is called or passed on, as far as it is plainly written."""
        imports = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom)]
        short = {alias.asname or alias.name: f"{node.module}.{alias.name}" for node in imports for alias in node.names}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute | ast.Name):
                name = ast.unparse(node)
                yield name
                yield short.get(name, name)

    def texts(self) -> Iterator[str]:
        """Give each text that is no docstring; of an f-string, its fixed parts."""
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield node.value


def another_service_imported(module: Module) -> Iterator[str]:
    """Only the launcher puts services together; the kit knows none, and no service knows another."""
    if module.package == "popote_launcher":
        return
    allowed = {"popote_kit", module.package}
    for name in module.imported():
        package = name.partition(".")[0]
        if package.startswith("popote_") and package not in allowed:
            yield name


def io_in_the_model(module: Module) -> Iterator[str]:
    """`model.py` holds nouns and pure rules; time is an argument."""
    if module.is_service and module.room == "model":
        yield from (name for name in module.imported() if any(name == io or name.startswith(f"{io}.") for io in IO))
        yield from (name for name in module.called() if name in CLOCKS)


def sql_outside_of_queries(module: Module) -> Iterator[str]:
    """SQL stands in `queries.py`, in migrations and in the kit."""
    if (module.is_service and module.room != "queries") or module.package == "popote_gateway":
        yield from (text.strip()[:60] for text in module.texts() if SQL.match(text))


def an_http_client_elsewhere(module: Module) -> Iterator[str]:
    """Only the kit and `peers.py` make HTTP clients, beside the Python client and the gateway's carrier."""
    is_theirs = module.package in ("popote_kit", "popote_client") or module.room in ("peers", "egress", "testing")
    if not is_theirs and not module.path.endswith("popote_gateway/carriers/http.py"):
        yield from (name for name in module.called() if name in HTTP_CLIENTS)


def a_commit_or_connection_elsewhere(module: Module) -> Iterator[str]:
    """Only the kit opens connections and commits.

    The launcher opens one, to make the database on its own server; the Python client keeps a SQLite file of its own.
    """
    if module.package in ("popote_kit", "popote_client"):
        return
    connections = set() if module.package == "popote_launcher" else CONNECTIONS
    yield from (name for name in module.called() if name in connections or name.endswith((".commit", ".transaction")))
    yield from (text for text in module.texts() if re.match(r"\s*(BEGIN|COMMIT|ROLLBACK)\b", text))


def a_kitchen_of_ones_own(module: Module) -> Iterator[str]:
    """A kitchen comes from `kitchen()`, which sets whom it works for; an operator's may be set to work for all."""
    if module.package != "popote_kit":
        calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
        yield from (ast.unparse(call) for call in calls if ast.unparse(call.func).split(".")[-1] == "Kitchen")
        settings = (text for text in module.texts() if re.search(r"popote\.(household|person)", text))
        yield from (text for text in settings if "set_config('popote.household', '', true)" not in text)


Rule = Callable[[Module], Iterator[str]]
RULES: Final[list[Rule]] = [
    another_service_imported,
    io_in_the_model,
    sql_outside_of_queries,
    an_http_client_elsewhere,
    a_commit_or_connection_elsewhere,
    a_kitchen_of_ones_own,
]

CHAT: Final = "services/chat/popote_chat"
BAD: Final[list[tuple[Rule, str, str]]] = [
    (another_service_imported, f"{CHAT}/peers.py", "from popote_stock.model import Lot"),
    (another_service_imported, f"{CHAT}/peers.py", "import popote_auth"),
    (another_service_imported, f"{CHAT}/peers.py", "def f():\n    from popote_gateway import table"),
    (another_service_imported, "services/kit/popote_kit/x.py", "import popote_chat.model"),
    (another_service_imported, "gateway/popote_gateway/x.py", "from popote_chat.app import create_app"),
    (io_in_the_model, f"{CHAT}/model.py", "import httpx"),
    (io_in_the_model, f"{CHAT}/model/rules.py", "from asyncpg.pool import Pool"),
    (io_in_the_model, f"{CHAT}/model.py", "from popote_kit import database"),
    (io_in_the_model, f"{CHAT}/model.py", "from popote_kit.database import Kitchen"),
    (io_in_the_model, f"{CHAT}/model.py", "from datetime import datetime\nnow = datetime.now()"),
    (io_in_the_model, f"{CHAT}/model.py", "from time import time\nnow = time()"),
    (sql_outside_of_queries, f"{CHAT}/routes.py", "kitchen.fetch('SELECT 1')"),
    (
        sql_outside_of_queries,
        f"{CHAT}/actions.py",
        "kitchen.execute(f'''\n  UPDATE {table} SET x = 1''')\n'UPDATE lot SET x'",
    ),
    (sql_outside_of_queries, f"{CHAT}/actions.py", "x = 'DELETE FROM lot'"),
    (sql_outside_of_queries, f"{CHAT}/events.py", "x = '''\n    WITH a AS (SELECT 1) SELECT 2'''"),
    (sql_outside_of_queries, "gateway/popote_gateway/app.py", "x = 'INSERT INTO lot VALUES (1)'"),
    (an_http_client_elsewhere, f"{CHAT}/actions.py", "import httpx\nhttpx.AsyncClient()"),
    (an_http_client_elsewhere, f"{CHAT}/actions.py", "from httpx import AsyncClient\nAsyncClient()"),
    (an_http_client_elsewhere, f"{CHAT}/actions.py", "import httpx\nhttpx.get('http://x')"),
    (an_http_client_elsewhere, "gateway/popote_gateway/app.py", "import aiohttp\naiohttp.ClientSession()"),
    (a_commit_or_connection_elsewhere, f"{CHAT}/queries.py", "await_(connection.commit())"),
    (a_commit_or_connection_elsewhere, f"{CHAT}/queries.py", "kitchen.execute('COMMIT')"),
    (a_commit_or_connection_elsewhere, f"{CHAT}/queries.py", "with connection.transaction(): ..."),
    (a_commit_or_connection_elsewhere, f"{CHAT}/queries.py", "import asyncpg\nasyncpg.connect()"),
    (a_commit_or_connection_elsewhere, f"{CHAT}/queries.py", "from asyncpg import create_pool\ncreate_pool()"),
    (a_kitchen_of_ones_own, f"{CHAT}/queries.py", "Kitchen(connection, None, None, now)"),
    (a_kitchen_of_ones_own, f"{CHAT}/queries.py", "x = \"SELECT set_config('popote.household', $1, false)\""),
]


def modules() -> Iterator[Module]:
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("popote_*/**/*.py")):
            path = file.relative_to(ROOT).as_posix()
            yield Module(path, ast.parse(file.read_text(encoding="utf-8"), path))


@pytest.fixture(scope="module")
def source() -> list[Module]:
    return list(modules())


def test_there_is_source_to_look_at(source: list[Module]) -> None:
    assert {module.package for module in source} >= {
        f"popote_{name}" for name in (*SERVICES, "kit", "gateway", "client")
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_house_rule_holds(source: list[Module], rule: Rule) -> None:
    assert [f"{module.path}: {found}" for module in source for found in rule(module)] == []


@pytest.mark.parametrize(("rule", "path", "text"), BAD, ids=lambda part: getattr(part, "__name__", None))
def test_a_house_rule_finds_what_breaks_it(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, ast.parse(text))))


def missing_rooms(package: Path) -> list[str]:
    return [
        room
        for room in ROOMS
        if not (package / f"{room}.py").exists() and not (package / room / "__init__.py").exists()
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_its_seven_rooms(service: str) -> None:
    package = ROOT / "services" / service / f"popote_{service}"
    assert missing_rooms(package) == []
    assert (package / "__main__.py").exists()
    assert (package / "py.typed").exists()


def test_a_missing_room_is_found(tmp_path: Path) -> None:
    for room in ROOMS[:-2]:
        (tmp_path / f"{room}.py").touch()
    (tmp_path / "queries").mkdir()
    assert missing_rooms(tmp_path) == ["queries", "events"]
    (tmp_path / "queries" / "__init__.py").touch()
    assert missing_rooms(tmp_path) == ["events"]
