"""Bodies flow as they come, both ways, and everybody hears when somebody is gone: the same with either carrier."""

import asyncio
import json
from typing import Any

import httpx
import pytest

OK = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/octet-stream")]}
MIB = 1024 * 1024
ID = "0192a3b4-0000-7000-8000-000000000000"
LAST = {"type": "http.response.body", "body": b""}


def piece(content: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": True}


async def test_the_first_piece_goes_up_before_the_last_is_sent(start: Any, play: Any) -> None:
    first_arrived = asyncio.Event()
    got: list[bytes] = []

    async def answer(_scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            got.append(message["body"])
            more = message["more_body"]
            first_arrived.set()
        await send(OK)
        await send(LAST)

    async def body() -> Any:
        yield b"first"
        await first_arrived.wait()
        yield b"last"

    async with start({"chat": play(answer)}) as gateway:
        answered = await gateway.client.put("/api/chat/x", content=body())
    assert answered.status_code == 200
    assert b"".join(got) == b"firstlast"


async def test_the_first_piece_comes_down_before_the_last_is_made(start: Any, play: Any) -> None:
    first_seen = asyncio.Event()

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send(OK)
        await send(piece(b"first"))
        await first_seen.wait()
        await send(piece(b"last"))
        await send(LAST)

    async with start({"chat": play(answer)}) as gateway, gateway.client.stream("GET", "/api/chat/x") as answered:
        got = []
        async for content in answered.aiter_raw():
            got.append(content)
            first_seen.set()
    assert got == [b"first", b"last"]


async def test_both_directions_flow_at_once(start: Any, play: Any) -> None:
    async def answer(_scope: Any, receive: Any, send: Any) -> None:
        await send(OK)
        more = True
        while more:
            message = await receive()
            await send(piece(message["body"]))
            more = message["more_body"]
        await send(LAST)

    async with start({"chat": play(answer)}) as gateway:
        reader, writer = await gateway.connect()
        writer.write(b"POST /api/chat/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for word in (b"one", b"two"):
            writer.write(b"3\r\n" + word + b"\r\n")
            await reader.readuntil(b"3\r\n" + word + b"\r\n")
        writer.write(b"0\r\n\r\n")
        assert await reader.read() == b"0\r\n\r\n"
        writer.close()


async def test_server_sent_events_arrive_one_by_one(start: Any, play: Any) -> None:
    seen: asyncio.Queue[None] = asyncio.Queue()

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number in range(3):
            await send(piece(b"id: %d\ndata: look\n\n" % number))
            await seen.get()
        await send(LAST)

    async with start({"stock": play(answer)}) as gateway, gateway.client.stream("GET", "/api/stock/events") as answered:
        events = []
        async for content in answered.aiter_raw():
            events.append(content)
            seen.put_nowait(None)
    assert events == [b"id: %d\ndata: look\n\n" % number for number in range(3)]


async def test_a_large_answer_arrives_whole_at_a_slow_client(start: Any, play: Any) -> None:
    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send(OK)
        for number in range(256):
            await send(piece(bytes([number]) * 65536))
        await send(LAST)

    async with start({"chat": play(answer)}) as gateway, gateway.client.stream("GET", "/api/chat/x") as answered:
        got = bytearray()
        async for content in answered.aiter_raw():
            got += content
            await asyncio.sleep(0)
    assert got == b"".join(bytes([number]) * 65536 for number in range(256))


async def test_a_client_that_leaves_ends_the_stream_at_the_service(start: Any, play: Any) -> None:
    ended = asyncio.Event()

    async def answer(_scope: Any, receive: Any, send: Any) -> None:
        try:
            await send(OK)
            await send(piece(b"first"))
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            ended.set()

    async with start({"chat": play(answer)}) as gateway:
        async with gateway.client.stream("GET", "/api/chat/x") as answered:
            assert await anext(answered.aiter_raw()) == b"first"
        assert await asyncio.wait_for(ended.wait(), 10)


class Linger:
    """A service that waits until nobody listens to it any more."""

    def __init__(self) -> None:
        self.began, self.ended = asyncio.Event(), asyncio.Event()

    async def answer(self, _scope: Any, receive: Any, _send: Any) -> None:
        self.began.set()
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self.ended.set()


async def test_a_client_that_leaves_before_the_answer_ends_the_read_at_the_service(start: Any, play: Any) -> None:
    linger = Linger()
    async with start({"chat": play(linger.answer)}) as gateway:
        _, writer = await gateway.connect()
        writer.write(b"GET /api/chat/x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await linger.began.wait()
        writer.close()
        assert await asyncio.wait_for(linger.ended.wait(), 10)


async def test_a_server_that_stops_ends_a_slow_read_at_the_service(start: Any, play: Any) -> None:
    linger = Linger()
    async with start({"chat": play(linger.answer)}) as gateway:
        _, writer = await gateway.connect()
        writer.write(b"GET /api/chat/x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await linger.began.wait()
    assert await asyncio.wait_for(linger.ended.wait(), 10)
    writer.close()


async def test_a_write_that_was_read_whole_runs_to_its_end_without_its_client(start: Any, play: Any) -> None:
    began, may_go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        began.set()
        await may_go_on.wait()
        assert (await receive())["type"] == "http.disconnect"
        await send(OK)
        await send(LAST)
        done.set()

    async with start({"chat": play(answer)}) as gateway:
        _, writer = await gateway.connect()
        writer.write(b"POST /api/chat/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
        await began.wait()
        writer.close()
        may_go_on.set()
        await asyncio.wait_for(done.wait(), 10)


async def test_a_client_that_leaves_in_its_body_leaves_no_whole_request_behind(start: Any, play: Any) -> None:
    began, ended = asyncio.Event(), asyncio.Event()
    whole = []

    async def answer(_scope: Any, receive: Any, _send: Any) -> None:
        try:
            while (message := await receive())["type"] == "http.request":
                began.set()
                if not message["more_body"]:
                    whole.append(message)
        finally:
            ended.set()

    async with start({"chat": play(answer)}) as gateway:
        _, writer = await gateway.connect()
        writer.write(b"POST /api/chat/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n" + b"x" * 4000)
        await began.wait()
        writer.close()
        await asyncio.wait_for(ended.wait(), 10)
    assert not whole


async def test_a_service_that_breaks_off_is_seen_to_have_broken_off(start: Any, play: Any) -> None:
    async def answer(scope: Any, _receive: Any, send: Any) -> None:
        sized = [(b"content-length", b"100")] if scope["path"].endswith("sized") else []
        await send({"type": "http.response.start", "status": 200, "headers": sized})
        await send(piece(b"the first half"))
        raise RuntimeError("the service broke")

    async with start({"chat": play(answer)}) as gateway:
        for target in ("/api/chat/sized", "/api/chat/chunked"):
            with pytest.raises(httpx.RemoteProtocolError):
                await gateway.client.get(target)
        assert (await gateway.client.get("/healthz")).status_code == 200


async def test_a_service_that_breaks_before_it_answers_gives_one_bland_sentence(start: Any, play: Any) -> None:
    async def answer(_scope: Any, _receive: Any, _send: Any) -> None:
        raise RuntimeError("a secret of the inside")

    async with start({"chat": play(answer)}) as gateway:
        answered = await gateway.client.get("/api/chat/x")
    assert answered.status_code == 500
    assert "secret" not in answered.text


async def test_a_service_that_does_not_begin_to_answer_is_given_up(start: Any, play: Any) -> None:
    async def answer(_scope: Any, receive: Any, _send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async with start({"chat": play(answer)}, deadline_s=0.3) as gateway:
        for method in ("GET", "POST"):
            answered = await gateway.client.request(method, "/api/chat/x")
            assert (answered.status_code, answered.json()["type"]) == (504, "/problems/timeout")
            assert answered.headers["retry-after"] == "1"


async def test_an_answer_may_take_longer_than_it_takes_to_begin(start: Any, play: Any) -> None:
    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send(OK)
        for _ in range(5):
            await asyncio.sleep(0.1)
            await send(piece(b"x"))
        await send(LAST)

    async with start({"chat": play(answer)}, deadline_s=0.3, silence_s=5) as gateway:
        answered = await gateway.client.get("/api/chat/x")
    assert answered.content == b"xxxxx"


async def test_an_answer_that_falls_silent_is_ended(start: Any, play: Any) -> None:
    ended = asyncio.Event()

    async def answer(_scope: Any, receive: Any, send: Any) -> None:
        await send(OK)
        await send(piece(b"first"))
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            ended.set()

    async with start({"chat": play(answer)}, silence_s=0.2) as gateway:
        with pytest.raises(httpx.RemoteProtocolError):
            await gateway.client.get("/api/chat/x")
        await asyncio.wait_for(ended.wait(), 10)


async def test_a_body_that_does_not_arrive_in_time_is_given_up(start: Any, play: Any) -> None:
    async with start({"chat": play()}, deadline_s=0.3) as gateway:
        answer = await gateway.ask(b"/api/chat/x", method=b"POST", headers=b"Host: localhost\r\nContent-Length: 10\r\n")
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"/problems/body-too-slow" in answer


@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_a_body_over_the_limit_is_refused_readably_and_never_handed_on_whole(
    start: Any, play: Any, framing: str
) -> None:
    whole = []

    async def answer(_scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            if not message["more_body"]:
                whole.append(message)
                await send(OK)
                await send(LAST)

    block = b"x" * 65536
    head = b"POST /api/chat/x HTTP/1.1\r\nHost: localhost\r\n"
    async with start({"chat": play(answer)}) as gateway:
        if framing == "length":
            request = head + b"Content-Length: %d\r\n\r\n" % (len(block) * 48) + block * 48
        else:
            request = (
                head + b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + block + b"\r\n") * 48 + b"0\r\n\r\n"
            )
        answered = await gateway.raw(request)
    top, _, content = answered.partition(b"\r\n\r\n")
    assert top.startswith(b"HTTP/1.1 413")
    assert json.loads(content)["limit_bytes"] == 1024 * 1024
    assert not whole


async def test_a_body_that_breaks_the_limit_in_its_last_piece_ends_the_call(start: Any, play: Any) -> None:
    ended = asyncio.Event()
    whole = []

    async def answer(_scope: Any, receive: Any, _send: Any) -> None:
        try:
            while (message := await receive())["type"] == "http.request":
                if not message["more_body"]:
                    whole.append(message)
        finally:
            ended.set()

    async with start({"chat": play(answer)}) as gateway:
        head = (
            b"POST /api/chat/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        answered = await gateway.raw(head + b"100001\r\n" + b"x" * 1048577 + b"\r\n0\r\n\r\n")
        await asyncio.wait_for(ended.wait(), 10)
    assert answered.startswith(b"HTTP/1.1 413")
    assert not whole


async def test_a_promise_of_too_much_is_refused_before_anything_is_read(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        headers = b"Host: localhost\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n"
        reader, writer = await gateway.connect()
        writer.write(b"POST /api/chat/x HTTP/1.1\r\n" + headers + b"\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
    assert head.startswith(b"HTTP/1.1 413")
    assert not peer.seen


async def test_a_body_of_just_the_limit_passes(start: Any, peer: Any) -> None:
    async with start({"chat": peer}) as gateway:
        answer = await gateway.client.post("/api/chat/x", content=b"x" * 1024 * 1024)
    assert answer.status_code == 200
    assert len(peer.seen[0].body) == 1024 * 1024


@pytest.mark.parametrize(
    ("path", "mib", "deadline_s"), [(f"/api/recipes/{ID}/image", 10, 60), ("/api/recipes/cookbook", 50, 300)]
)
async def test_a_picture_and_a_cookbook_may_be_longer_and_take_longer(
    start: Any, peer: Any, path: str, mib: int, deadline_s: int
) -> None:
    async with start({"recipes": peer}) as gateway:
        answer = await gateway.client.put(path, content=b"x" * 10 * MIB)
        over = b"Host: localhost\r\nContent-Length: %d\r\n" % (mib * MIB + 1)
        refused = await gateway.ask(path.encode(), method=b"PUT", headers=over)
    assert answer.status_code == 200
    assert len(peer.seen[0].body) == 10 * MIB
    assert peer.seen[0].header(b"x-deadline-ms") == b"%d" % (deadline_s * 1000)
    assert refused.startswith(b"HTTP/1.1 413")
    assert json.loads(refused.partition(b"\r\n\r\n")[2])["limit_bytes"] == mib * MIB


async def test_what_only_begins_or_ends_like_a_picture_may_not(start: Any, peer: Any) -> None:
    paths = (f"/api/recipes/{ID}", f"/api/recipes/{ID}/image/x", "/api/recipes/a/b/image", "/api/recipes/cookbook/x")
    async with start({"recipes": peer}) as gateway:
        for path in paths:
            over = b"Host: localhost\r\nContent-Length: %d\r\n" % (MIB + 1)
            assert (await gateway.ask(path.encode(), method=b"PUT", headers=over)).startswith(b"HTTP/1.1 413"), path
    assert not peer.seen


async def test_a_service_may_answer_without_reading_the_body(start: Any, play: Any) -> None:
    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
        await send(LAST)

    async def chunks() -> Any:
        for _ in range(8):
            yield b"x" * 65536

    async with start({"chat": play(answer)}) as gateway:
        for _ in range(3):
            sized = await gateway.client.post("/api/chat/x", content=b"x" * 512 * 1024)
            chunked = await gateway.client.post("/api/chat/x", content=chunks())
            assert [sized.status_code, chunked.status_code] == [401, 401]


async def test_many_at_once_get_each_their_own_answer(start: Any, play: Any) -> None:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        await asyncio.sleep(0)
        await send(OK)
        await send({"type": "http.response.body", "body": scope["raw_path"] + body})

    async with start({"chat": play(answer)}) as gateway:
        answers = await asyncio.gather(
            *(gateway.client.post(f"/api/chat/{number}", content=b"=%d" % number) for number in range(100))
        )
    assert [each.text for each in answers] == [f"/api/chat/{number}={number}" for number in range(100)]
