"""Events of the stock: read out of pieces, and heard on through lost connections until the session ends."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popote_client.backoff import Backoff
from popote_client.client import Popote, Waits
from popote_client.problems import Problem
from popote_client.sse import Event, EventReader
from popote_client.testing.http_server import Drop, HttpServer, Request, Response

STREAM = (
    b"id: 3-7\n\n"
    b": all is quiet\n\n"
    b'id: 4-8\nevent: stock_changed\ndata: {"action_id": "a"}\n\n'
    b"event: resync\r\ndata: {}\r\n\r\n"
    b"id: 5-9\nevent: places_changed\ndata: [1,\ndata: 2.50]\n\n"
    b"id: 6-1\nevent: never_ended\ndata: {}\n"
)
READ = [
    Event("4-8", "stock_changed", {"action_id": "a"}),
    Event("4-8", "resync", {}),
    Event("5-9", "places_changed", [1, 2.5]),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_events_are_the_same_wherever_the_pieces_begin_and_end(places: list[int]) -> None:
    reader = EventReader()
    cuts = [0, *sorted(places), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(cuts)]
    assert [event for piece in pieces for event in reader.feed(piece)] == READ
    assert reader.last_id == "5-9"


def test_what_was_unfinished_when_a_connection_ended_is_no_part_of_the_next() -> None:
    reader = EventReader("1-1")
    assert list(reader.feed(b'event: stock_changed\ndata: {"half":')) == []
    reader.start_over()
    assert list(reader.feed(b"id: 2-2\ndata: {}\n\n")) == [Event("2-2", "message", {})]


def stream(*pieces: bytes) -> Response:
    async def body() -> AsyncGenerator[bytes, None]:
        for piece in pieces:
            yield piece

    return Response(200, {"content-type": "text/event-stream"}, body())


def refusal(status: int, type_: str, **headers: str) -> Response:
    body = msgspec.json.encode({"type": type_, "title": "Refused", "status": status})
    return Response(status, {"content-type": "application/problem+json"} | headers, body)


@pytest.fixture
async def playing() -> AsyncIterator[Callable[[list[Response | None]], HttpServer]]:
    """Make a server that answers with these, one after the other; None breaks the connection."""
    script: list[Response | None] = []

    async def answer(_request: Request) -> Response:
        response = script.pop(0)
        if response is None:
            raise Drop
        return response

    async with HttpServer(answer) as server:

        def begun(responses: list[Response | None]) -> HttpServer:
            script.extend(responses)
            return server

        yield begun


async def heard(server: HttpServer, home: Path, waits: Waits, last: str | None = None) -> list[Event]:
    """Return all events until the session ends."""
    async with Popote(server.base_url, home=home, waits=waits) as popote:
        events = popote.api.stock.stock_events(last, backoff=waits.backoff)
        async with aclosing(events) as heard:
            return [event async for event in heard]


async def test_a_connection_that_ends_is_made_anew_where_it_ended_until_the_session_does(
    playing: Callable[[list[Response | None]], HttpServer], tmp_path: Path, quick: Waits
) -> None:
    server = playing(
        [
            stream(b"id: 1-1\n\n", b"id: 2-2\nevent: a\nda", b"ta: 1\n\nid: 3-3\nevent: b\n"),
            None,
            refusal(503, "/problems/unavailable"),
            stream(b"id: 2-2\n\nid: 3-3\nevent: b\ndata: 2\n\n"),
            refusal(401, "/problems/unauthenticated"),
        ]
    )
    assert await heard(server, tmp_path, quick) == [Event("2-2", "a", 1), Event("3-3", "b", 2)]
    assert [request.headers.get("last-event-id") for request in server.requests] == [None, "2-2", "2-2", "2-2", "3-3"]
    assert {request.headers["accept"] for request in server.requests} == {"text/event-stream"}


async def test_a_place_from_an_earlier_run_is_named_and_one_that_is_refused_is_told(
    playing: Callable[[list[Response | None]], HttpServer], tmp_path: Path, quick: Waits
) -> None:
    server = playing([refusal(400, "/problems/malformed")])
    with pytest.raises(Problem, match="malformed"):
        await heard(server, tmp_path, quick, "not a place")
    assert server.requests[0].headers["last-event-id"] == "not a place"


async def test_what_the_backend_asks_to_wait_is_waited(
    playing: Callable[[list[Response | None]], HttpServer], tmp_path: Path, quick: Waits
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    full = {"retry-after": "30"}
    server = playing([refusal(429, "/problems/too-many-streams", **full), refusal(401, "/problems/unauthenticated")])
    patient = msgspec.structs.replace(quick, backoff=Backoff(first_s=1, most_s=1, sleep=sleep))
    assert await heard(server, tmp_path, patient) == []
    assert waited == [30]


async def test_what_is_no_stream_of_events_is_tried_again_like_a_lost_connection(
    playing: Callable[[list[Response | None]], HttpServer], tmp_path: Path, quick: Waits
) -> None:
    server = playing(
        [
            stream(b"id: 1-1\ndata: 0\n\nid: 2-2\ndata: not JSON\n\n"),
            Response(200, {"content-type": "text/html"}, b"<p>Welcome to our Wi-Fi"),
            Response(302, {"location": "https://elsewhere.example"}),
            stream(b"data: 1\n\n"),
            refusal(401, "/problems/unauthenticated"),
        ]
    )
    assert await heard(server, tmp_path, quick) == [Event("1-1", "message", 0), Event("1-1", "message", 1)]
    assert [request.headers.get("last-event-id") for request in server.requests] == [None, *["1-1"] * 4]
