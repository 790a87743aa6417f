"""A request's unit of work: when it is committed, when it is undone, and when its connection is free again."""

import asyncio
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Stream

from popote_kit.database import POOL_SIZE, Kitchen
from popote_kit.problems import Problem, Unavailable
from popote_kit.testing import FreshDatabase, calling, new_id

Headers = dict[str, str]
Message = dict[str, Any]

FAILS_AT_COMMIT = """
    CREATE FUNCTION chat.fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN %s; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON chat.note DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION chat.fail()
"""


async def insert(kitchen: Kitchen, words: str = "x") -> None:
    await kitchen.execute("INSERT INTO note VALUES ($1, $2, $3)", kitchen.household, kitchen.person, words)


@post("/notes", operation_id="write_note")
async def write(kitchen: NamedDependency[Kitchen]) -> str:
    await insert(kitchen)
    return "written"


@get("/notes", operation_id="count_notes")
async def count(kitchen: NamedDependency[Kitchen]) -> int:
    found: int = await kitchen.fetchval("SELECT count(*) FROM note")
    return found


async def stored(database: FreshDatabase) -> int:
    return len(await database.rows("SELECT words FROM chat.note"))


def request(app: Litestar, headers: Headers, method: str = "POST", path: str = "/notes") -> Message:
    """Return the ASGI scope of a request without a body."""
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"", "headers": raw,
        "server": ("test", 80), "client": ("127.0.0.1", 1), "scheme": "http", "root_path": "", "http_version": "1.1",
        "app": app, "asgi": {"version": "3.0"},
    }  # fmt: skip


async def no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def test_a_write_is_committed_before_the_first_byte_of_its_answer(
    build: Any, notes: FreshDatabase, anna: Headers
) -> None:
    app = build(write)
    seen = []

    async def send(message: Message) -> None:
        seen.append((message["type"], await stored(notes)))

    async with app.lifespan():
        await app(request(app, anna), no_body, send)
    assert seen[0] == ("http.response.start", 1)


async def test_a_commit_that_is_refused_is_told_as_a_failure(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    async with calling(build(write, count)) as client:
        assert (await client.post("/notes", headers=anna)).status_code == 201
        same = await client.post("/notes", headers=anna)
        assert (same.status_code, same.json()["type"]) == (500, "/problems/internal")
        assert same.headers["content-type"] == "application/problem+json"
        assert (await client.get("/notes", headers=anna)).json() == 1


async def test_a_connection_lost_at_commit_is_told_as_away(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    await notes.run(FAILS_AT_COMMIT % "PERFORM pg_terminate_backend(pg_backend_pid())")
    async with calling(build(write, count)) as client:
        lost = await client.post("/notes", headers=anna)
        assert (lost.status_code, lost.json()["type"]) == (503, "/problems/unavailable")
        assert lost.headers["retry-after"] == "1"
        assert (await client.get("/notes", headers=anna)).json() == 0


async def test_a_success_after_a_statement_that_failed_is_never_told(
    build: Any, notes: FreshDatabase, anna: Headers
) -> None:
    @post("/careless", operation_id="careless")
    async def careless(kitchen: NamedDependency[Kitchen]) -> str:
        await insert(kitchen)
        try:
            await kitchen.execute("SELECT 1 / 0")
        except Exception:  # noqa: BLE001 - as careless as can be
            return "all is well"
        return "all is really well"

    async with calling(build(careless)) as client:
        answer = await client.post("/careless", headers=anna)
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
    assert await stored(notes) == 0


class NoRoom(Problem):
    type = "/problems/no-room"
    title = "No room"
    kind = "conflict"


@pytest.mark.parametrize(
    ("way_out", "status"),
    [
        (NoRoom(), 409),
        (Unavailable(), 503),
        (RuntimeError("a bug"), 500),
        (Response("no", status_code=400), 400),
        (Response("no", status_code=507), 507),
        (Response("yes", status_code=399), 399),
        (Response("yes", status_code=200), 200),
    ],
    ids=lambda value: None if isinstance(value, int) else type(value).__name__,
)
async def test_only_what_is_answered_well_is_kept(
    build: Any, notes: FreshDatabase, anna: Headers, way_out: Any, status: int
) -> None:
    @post("/notes", operation_id="write_note")
    async def write_and_leave(kitchen: NamedDependency[Kitchen]) -> Response[str]:
        await insert(kitchen)
        if isinstance(way_out, Exception):
            raise way_out
        answer: Response[str] = way_out
        return answer

    async with calling(build(write_and_leave)) as client:
        assert (await client.post("/notes", headers=anna)).status_code == status
    assert await stored(notes) == (1 if status < 400 else 0)


async def test_a_read_is_no_transaction_and_a_write_is_one(build: Any, anna: Headers) -> None:
    async def transactions(kitchen: Kitchen) -> int:
        return len({await kitchen.fetchval("SELECT now()") for _ in range(3)})

    @get("/times", operation_id="read_times")
    async def read(kitchen: NamedDependency[Kitchen]) -> int:
        return await transactions(kitchen)

    @post("/times", operation_id="write_times")
    async def change(kitchen: NamedDependency[Kitchen]) -> int:
        return await transactions(kitchen)

    async with calling(build(read, change)) as client:
        assert (await client.get("/times", headers=anna)).json() == 3
        assert (await client.post("/times", headers=anna)).json() == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_client_that_reads_slowly_holds_no_connection(build: Any, anna: Headers, method: str) -> None:
    @post("/notes", operation_id="write_another_note")
    async def write_another(kitchen: NamedDependency[Kitchen]) -> None:
        await insert(kitchen, str(new_id()))

    waiting, goes_on = 0, asyncio.Event()
    all_wait = asyncio.Event()
    sent: list[Message] = []

    async def send_slowly(_message: Message) -> None:
        nonlocal waiting
        waiting += 1
        if waiting == POOL_SIZE + 2:
            all_wait.set()
        await goes_on.wait()

    async def send(message: Message) -> None:
        sent.append(message)

    app = build(write_another, count)
    async with app.lifespan(), asyncio.TaskGroup() as slow:
        for _ in range(POOL_SIZE + 2):
            slow.create_task(app(request(app, anna, method), no_body, send_slowly))
        await all_wait.wait()
        await app(request(app, anna, "GET"), no_body, send)
        goes_on.set()
    assert sent[0]["status"] == 200


async def test_a_write_can_not_answer_with_a_stream(build: Any, notes: FreshDatabase, anna: Headers) -> None:
    @post("/notes", operation_id="write_note")
    async def write_and_stream(kitchen: NamedDependency[Kitchen]) -> Stream:
        await insert(kitchen)
        return Stream([b"one", b"two"])

    async with calling(build(write_and_stream)) as client:
        assert (await client.post("/notes", headers=anna)).status_code == 500
    assert await stored(notes) == 0


async def test_a_read_may_answer_with_a_stream(build: Any, anna: Headers) -> None:
    @get("/numbers", operation_id="read_numbers")
    async def stream(kitchen: NamedDependency[Kitchen]) -> Stream:
        return Stream([str(await kitchen.fetchval("SELECT 1")), "2", "3"])

    async with calling(build(stream)) as client:
        assert (await client.get("/numbers", headers=anna)).text == "123"


async def begin(  # noqa: PLR0913 - the parts of a request, by name
    client: httpx.AsyncClient, method: str, path: str, headers: Headers, *, body: bytes = b"", length: int = 0
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request by hand, with `body` as the beginning of its `length` bytes."""
    url = client.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port, limit=1000)
    fields = {**headers, "Host": "test", "Content-Length": str(length), "Content-Type": "application/json"}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
    await writer.drain()
    return reader, writer


async def test_a_client_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind(
    build: Any, notes: FreshDatabase, anna: Headers
) -> None:
    @post("/notes", operation_id="write_note")
    async def write_words(data: JSONBody[dict[str, str]], kitchen: NamedDependency[Kitchen]) -> str:
        await insert(kitchen, data["words"])
        return "written"

    keyed = {**anna, "Idempotency-Key": "k-1"}
    async with calling(build(write_words)) as client:
        for _ in range(POOL_SIZE + 2):
            _, writer = await begin(client, "POST", "/notes", keyed, body=b'{"words": "a', length=100)
            await asyncio.sleep(0.02)  # long enough to be at work, most of the time
            writer.close()
        assert (await client.post("/notes", json={"words": "b"}, headers=keyed)).status_code == 201
    assert [row["words"] for row in await notes.rows("SELECT words FROM chat.note")] == ["b"]


async def test_clients_that_send_slowly_hold_no_connection(build: Any, anna: Headers) -> None:
    @post("/notes", operation_id="write_note")
    async def write_what_comes(request: Request[Any, Any, Any], kitchen: NamedDependency[Kitchen]) -> str:
        words = (await request.body()).decode()
        await insert(kitchen, words)
        return words

    async with calling(build(write_what_comes, count)) as client:
        slow = [
            await begin(client, "POST", "/notes", {**anna, "Idempotency-Key": f"k-{number}"}, body=b"a", length=2)
            for number in range(POOL_SIZE + 2)
        ]
        await asyncio.sleep(0.1)  # long enough for all to be at work, most of the time
        assert (await client.get("/notes", headers=anna)).json() == 0
        for number, (reader, writer) in enumerate(slow):
            writer.write(str(number).encode())
            assert (await reader.readline()).split()[1] == b"201"
            writer.close()
        assert (await client.get("/notes", headers=anna)).json() == len(slow)


async def test_a_client_that_leaves_before_its_answer_finds_it_later(
    build: Any, notes: FreshDatabase, anna: Headers
) -> None:
    has_written, may_answer = asyncio.Event(), asyncio.Event()

    @post("/notes", operation_id="write_note")
    async def write_slowly(kitchen: NamedDependency[Kitchen]) -> str:
        await insert(kitchen)
        has_written.set()
        await may_answer.wait()
        return "written"

    keyed = {**anna, "Idempotency-Key": "k-1"}
    async with calling(build(write_slowly)) as client:
        _, writer = await begin(client, "POST", "/notes", keyed)
        await has_written.wait()
        writer.close()
        may_answer.set()
        again = await client.post("/notes", headers=keyed)
    assert (again.status_code, again.text, again.headers["idempotent-replayed"]) == (201, "written", "true")
    assert await stored(notes) == 1


async def test_work_that_is_cancelled_is_undone_and_its_connection_free(
    build: Any, notes: FreshDatabase, anna: Headers
) -> None:
    has_written = asyncio.Event()

    @post("/notes", operation_id="write_note")
    async def write_for_ever(kitchen: NamedDependency[Kitchen]) -> str:
        await insert(kitchen, str(id(kitchen)))
        has_written.set()
        await kitchen.execute("SELECT pg_sleep(4)")
        return "never"

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    app = build(write_for_ever, count)
    async with app.lifespan():
        for _ in range(POOL_SIZE + 2):
            has_written.clear()
            work = asyncio.create_task(app(request(app, anna), no_body, send))
            await has_written.wait()
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
        assert sent == []
        await app(request(app, anna, "GET"), no_body, send)
    assert (sent[0]["status"], sent[1]["body"]) == (200, b"0")
    assert await stored(notes) == 0
