"""What a service answers when something is wrong, how it says that it is well, and what its contract tells."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from popote_kit import contract, serve
from popote_kit.cache import Cache
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch
from popote_kit.identity import Caller
from popote_kit.peers import Peers
from popote_kit.problems import (
    STATUS,
    Invalid,
    NotFound,
    Problem,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    at,
    documented,
)
from popote_kit.quantity import Amount
from popote_kit.testing import calling, serving

Headers = dict[str, str]
SECRET = "hunter2 in /srv/popote/secret.py"


class Short(msgspec.Struct):
    grams: int


class NotEnough(Problem):
    """There is less than was asked for."""

    type = "/problems/not-enough"
    title = "Not enough"
    kind = "conflict"
    en = "There are {grams} g missing of {what}."
    fr = "Il manque {grams} g de {what}."


def raising(error: Exception) -> Any:
    @get("/wrong", operation_id="wrong")
    async def wrong() -> None:
        raise error

    return wrong


async def test_a_problem_says_what_is_missing_in_the_readers_language(build: Any) -> None:
    app = build(raising(NotEnough(grams=50, what="rice", short=[Short(50)], status="kept", type="kept")))
    async with calling(app) as client:
        answer = await client.get("/wrong", headers={"X-Request-Id": "r-1"})
        french = await client.get("/wrong", headers={"Accept-Language": "fr-BE"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/not-enough",
        "title": "Not enough",
        "status": 409,
        "detail": "There are 50 g missing of rice.",
        "grams": 50,
        "what": "rice",
        "short": [{"grams": 50}],
        "request_id": "r-1",
    }
    assert (french.json()["title"], french.json()["detail"]) == ("Not enough", "Il manque 50 g de rice.")
    assert "request_id" not in french.json()


@pytest.mark.parametrize(
    "error", [RuntimeError(SECRET), HTTPException(SECRET), ExceptionGroup(SECRET, [ValueError(SECRET)])]
)
async def test_what_nobody_foresaw_is_logged_whole_and_told_in_one_bland_sentence(
    build: Any, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async with calling(build(raising(error))) as client:
        answer = await client.get("/wrong", headers={"X-Request-Id": "r-1"})
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
    assert "hunter2" not in answer.text + str(answer.headers)
    assert answer.json()["request_id"] == "r-1"
    assert sum("hunter2" in (record.exc_text or "") for record in caplog.records) == 1


async def test_a_wait_is_told_in_seconds(build: Any) -> None:
    for error, seconds in (
        (TooManyRequests(retry_after_s=7), "7"),
        (Unavailable(), "1"),
        (Unavailable(retry_after_s=3), "3"),
    ):
        async with calling(build(raising(error))) as client:
            assert (await client.get("/wrong")).headers["retry-after"] == seconds


async def test_an_unknown_path_or_method_is_a_problem_too(build: Any) -> None:
    async with calling(build(raising(NotFound()))) as client:
        unknown = await client.get("/nothing", headers={"X-Request-Id": "r-1"})
        wrong = await client.put("/wrong")
    assert (unknown.status_code, unknown.json()["type"], unknown.json()["request_id"]) == (
        404,
        "/problems/not-found",
        "r-1",
    )
    assert (wrong.status_code, wrong.json()["type"]) == (405, "/problems/method-not-allowed")
    assert "GET" in wrong.headers["allow"]


async def test_a_body_past_the_limit_is_refused_also_when_its_length_is_not_told(build: Any) -> None:
    @post("/take", operation_id="take")
    async def take(data: JSONBody[dict[str, str]]) -> int:
        return len(data)

    async def dribble() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    async with calling(build(take), headers={"Content-Type": "application/json"}) as client:
        for content in (b" " * 1_048_577, dribble()):
            answer = await client.post("/take", content=content)
            assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
            assert answer.json()["limit_bytes"] == 1_048_576


async def test_a_stream_that_breaks_off_never_looks_complete(build: Any) -> None:
    async def lines() -> AsyncIterator[bytes]:
        yield b"one\n"
        await asyncio.sleep(0)
        raise RuntimeError(SECRET)

    @get("/lines", operation_id="lines")
    async def stream() -> Stream:
        return Stream(lines())

    async with calling(build(stream)) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/lines")


def test_each_kind_of_problem_has_a_status_of_its_own() -> None:
    assert len(set(STATUS.values())) == len(STATUS)


def test_documented_problems_of_one_status_stand_together() -> None:
    told = documented(NotFound, Invalid, NotEnough)
    assert set(told) == {404, 422, 409}
    both = documented(NotFound, type("Other", (NotFound,), {"type": "/problems/other", "title": "Other"}))
    assert both[404].description == "`/problems/not-found`: Not found · `/problems/other`: Other"


async def test_a_service_is_live_and_ready_and_says_why_it_is_not(build: Any) -> None:
    async def well() -> None: ...

    async def ill() -> None:
        raise ConnectionError(SECRET)

    async def never() -> None:
        await asyncio.Event().wait()

    async with calling(build(checks={"a": well})) as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ok", "checks": {"a": "ok"}})
    async with calling(build(checks={"a": well, "b": ill, "c": never})) as client:
        ready = await client.get("/readyz")
        expected = {"a": "ok", "b": "ConnectionError", "c": "TimeoutError"}
        assert (ready.status_code, ready.json()) == (503, {"status": "unavailable", "checks": expected})
        assert (await client.get("/healthz")).json() == {"status": "ok", "checks": {}}
    async with calling(build()) as client:
        assert (await client.get("/readyz")).json() == {"status": "ok", "checks": {"database": "ok"}}


class Pot(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(max_length=20)]


@get("/pots/{id:int}", operation_id="read_pot", responses=documented(NotFound))
async def read_pot(id: FromPath[int], kitchen: NamedDependency[Kitchen]) -> Pot:
    """Read a pot; its name is what it was given. More is not known."""
    return Pot(await kitchen.fetchval("SELECT $1::text", str(id)))


@patch("/pots/{id:int}", operation_id="rename_pot", responses=documented(NotFound))
async def rename_pot(
    id: FromPath[int], data: JSONBody[Pot], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> Response[Pot]:
    """Rename a pot."""
    return Response(Pot(await kitchen.fetchval("SELECT $1::text", data.name)))


@post("/pots", operation_id="make_pot", responses=documented(NotEnough))
async def make_pot(data: JSONBody[Pot], kitchen: NamedDependency[Kitchen]) -> Pot:
    """Make a pot."""
    return Pot(await kitchen.fetchval("SELECT $1::text", data.name))


@post(
    "/pots/break", operation_id="break_pot", idempotency="needed", summary="Oops", responses=documented(Unauthenticated)
)
async def break_pot(kitchen: NamedDependency[Kitchen]) -> None:
    """Break a pot."""
    await kitchen.execute("SELECT 1")


@post("/pots/wash", operation_id="wash_pot", responses=documented(Unauthenticated))
async def wash_pot(caller: NamedDependency[Caller]) -> str:
    """Wash a pot."""
    return str(caller.person)


@pytest.fixture
def pots(build: Any) -> Litestar:
    app: Litestar = build(read_pot, rename_pot, make_pot, break_pot, wash_pot)
    return app


async def test_the_contract_tells_the_headers_that_the_kit_reads(pots: Litestar) -> None:
    operations = {
        operation["operationId"]: operation
        for path in contract.describe(pots)["paths"].values()
        for operation in path.values()
    }
    headers = {
        name: {one["name"]: one["required"] for one in operation.get("parameters", []) if one["in"] == "header"}
        for name, operation in operations.items()
    }
    assert headers == {
        "read_pot": {},
        "rename_pot": {"If-Match": False},
        "make_pot": {"Idempotency-Key": False},
        "break_pot": {"Idempotency-Key": True},
        "wash_pot": {},
    }
    assert operations["read_pot"]["summary"] == "Read a pot"
    assert operations["break_pot"]["summary"] == "Oops"
    conflict = operations["make_pot"]["responses"]["409"]
    assert conflict["description"].splitlines() == [
        "`/problems/not-enough`: Not enough · `/problems/key-in-use`: Still being worked on"
    ]
    assert operations["break_pot"]["responses"]["409"]["content"] == conflict["content"]


async def test_the_contract_is_the_same_however_often_it_is_told(pots: Litestar) -> None:
    once = contract.describe(pots)
    assert contract.describe(pots) == once
    async with calling(pots) as client:
        served = await client.get("/internal/openapi/openapi.json")
    assert served.json() == json.loads(msgspec.json.encode(once))


def test_what_a_handler_needs_is_known_through_its_dependencies(pots: Litestar) -> None:
    needed = {handler.operation_id: contract.needs(handler) for _, _, handler in contract.operations(pots)}
    assert needed["read_pot"] == {"kitchen", "caller"}
    assert needed["rename_pot"] == {"kitchen", "caller", "if_match"}
    assert needed["wash_pot"] == {"caller"}


def test_every_decimal_is_a_number_in_the_contract(build: Any) -> None:
    @get("/weigh", operation_id="weigh")
    async def weigh() -> dict[str, Decimal | Amount]:
        return {}

    answer = contract.describe(build(weigh))["paths"]["/weigh"]["get"]["responses"]["200"]
    told = answer["content"]["application/json"]["schema"]["additionalProperties"]
    assert {kind["type"] for kind in told.get("oneOf", [told])} == {"number"}


def test_a_route_without_an_operation_id_is_found_out(build: Any) -> None:
    @get("/nameless")
    async def nameless() -> None: ...

    with pytest.raises(LookupError, match="operation_id"):
        contract.describe(build(nameless))


async def test_a_question_to_a_peer_carries_the_request_id(build: Any) -> None:
    @get("/echo", operation_id="echo")
    async def echo(request: Request[Any, Any, Any]) -> str:
        return request.headers.get("x-request-id", "none")

    far = build(echo)
    async with serving(far) as far_url:
        for peers in (Peers(urls={"far": far_url}), Peers(apps={"far": far})):

            @get("/ask", operation_id="ask")
            async def ask(peers: NamedDependency[Peers]) -> str:
                return (await peers.client("far").get("/echo")).text

            async with calling(build(ask, dependencies={"peers": peers})) as client:
                assert (await client.get("/ask", headers={"X-Request-Id": "r-1"})).text == "r-1"
            await peers.close()


async def test_a_peer_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("popote_kit.peers.TIMEOUT", httpx.Timeout(0.1))
    with serve.listen("127.0.0.1", 0) as silent:
        peers = Peers(urls={"silent": f"http://127.0.0.1:{silent.getsockname()[1]}"})
        with pytest.raises(httpx.TimeoutException):
            await peers.client("silent").get("/")
        await peers.close()


def test_a_peer_that_nobody_told_of_is_a_mistake() -> None:
    with pytest.raises(LookupError, match="stock"):
        Peers().client("stock")


async def test_a_cache_that_is_gone_is_asked_no_more_for_a_moment(servers: Any) -> None:
    cache, gone, none = Cache(servers.redis_url), Cache("redis://127.0.0.1:1"), Cache("")
    asked = 0

    async def ask(redis: Any) -> str | None:
        nonlocal asked
        asked += 1
        await redis.set("kit", "here")
        return str(await redis.get("kit"))

    assert await cache.ask(ask) == "b'here'"
    assert [await gone.ask(ask) for _ in range(5)] == [None] * 5
    assert await none.ask(ask) is None
    assert asked == 2
    for each in (cache, gone, none):
        await each.close()


def test_a_listener_on_both_families_answers_on_both() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with serve.listen("::", 0) as listener:
        port = listener.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, port), timeout=5) as client, listener.accept()[0] as accepted:
                client.sendall(b"hello")
                assert accepted.recv(5) == b"hello", host


@pytest.mark.parametrize(("host", "to"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::", "::1")])
def test_a_connection_never_waits_to_fill_a_packet(host: str, to: str) -> None:
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with serve.listen(host, 0) as listener, socket.create_connection((to, listener.getsockname()[1])):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


LOGGING = """
import logging
from popote_kit import logs
from structlog.contextvars import bound_contextvars
logs.configure("tiny", "{style}")
with bound_contextvars(request_id="r-1"):
    logging.getLogger("ours").info("cooked", extra={{"grams": 5}})
    try:
        secret = "hunter2"
        raise RuntimeError("a bug")
    except RuntimeError:
        logging.getLogger("theirs").exception("burnt")
logging.getLogger("httpx").info("noise")
"""


def run_logging(style: str) -> list[str]:
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", LOGGING.format(style=style)], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_a_log_is_one_json_object_a_line_with_service_and_request_id() -> None:
    lines = [json.loads(line) for line in run_logging("json")]
    assert [(line["event"], line["level"], line["service"], line["request_id"]) for line in lines] == [
        ("cooked", "info", "tiny", "r-1"),
        ("burnt", "error", "tiny", "r-1"),
    ]
    assert lines[0]["grams"] == 5
    assert "RuntimeError: a bug" in lines[1]["exception"]


def test_a_log_for_a_terminal_never_shows_local_variables() -> None:
    text = "\n".join(run_logging("console"))
    assert "cooked" in text
    assert "a bug" in text
    assert "hunter2" not in text
    assert "noise" not in text


def test_what_is_invalid_is_told_with_its_place() -> None:
    within = Invalid(errors=[{"pointer": "/amount", "message": "too small"}])
    for problem, pointer in ((within, "/lines/3/quantity/amount"), (Invalid(), "/lines/3/quantity")):
        with pytest.raises(Invalid) as told, at("lines", 3), at("quantity"):
            raise problem
        assert [error["pointer"] for error in told.value.facts["errors"]] == [pointer]
    with pytest.raises(NotFound) as missing, at("lines", 3):
        raise NotFound
    assert missing.value.facts == {}
