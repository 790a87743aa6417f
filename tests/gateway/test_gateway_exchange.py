"""What an exchange leaves behind, seen whole: an ASGI client, the gateway and a service in one loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from popote_gateway.app import create_app
from popote_gateway.carriers.in_process import InProcess
from popote_gateway.settings import Settings

SECRET = "a secret of these tests, 32 characters or more"
OK = {"type": "http.response.start", "status": 200, "headers": []}
FIRST = {"type": "http.response.body", "body": b"first", "more_body": True}
LAST = {"type": "http.response.body", "body": b"last"}
SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/api/chat/x",
    "raw_path": b"/api/chat/x",
    "query_string": b"",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 50000),
}

begun_or_not = pytest.mark.parametrize("begun", [[], [OK, FIRST]], ids=["before its answer", "in its answer"])


class Client:
    """Asks once, keeps what it is sent, and may leave."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.is_watched = asyncio.Event()
        self.has_left = asyncio.Event()

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def has_whole_answer(self) -> bool:
        return bool(self.sent) and not self.sent[-1].get("more_body", False)

    async def ask(self, answer: Any, **settings: Any) -> None:
        app = create_app(Settings(secret=SECRET, **settings), InProcess({"chat": answer}))
        await app(dict(SCOPE), self._receive, self._send)

    async def _receive(self) -> Any:
        self.is_watched.set()
        await self.has_left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.sent.append(message)


class Silent:
    """A service that sends what it is given to send and then falls silent; stopped, it says one word more, too late."""

    def __init__(self, *messages: Any) -> None:
        self.is_waiting = asyncio.Event()
        self.may_stop = asyncio.Event()
        self.may_stop.set()
        self.has_stopped = asyncio.Event()
        self._messages = messages

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        for message in self._messages:
            await send(message)
        self.is_waiting.set()
        try:
            await asyncio.Future()
        finally:
            await self.may_stop.wait()
            await send(LAST)
            self.has_stopped.set()


NothingLeft = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> NothingLeft:
    """A block after which no task and no timer is left that was not there before."""

    @asynccontextmanager
    async def nothing_left() -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []
        call_later = loop.call_later

        def kept(*args: Any, **more: Any) -> asyncio.TimerHandle:
            timers.append(call_later(*args, **more))
            return timers[-1]

        monkeypatch.setattr(loop, "call_later", kept)
        before = asyncio.all_tasks()
        yield
        for _ in range(10):  # what was cancelled ends
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
        assert timers
        assert not [each for each in timers if not each.cancelled() and each.when() > loop.time()]

    return nothing_left


async def test_a_quick_read_is_answered_unwatched(nothing_left: NothingLeft) -> None:
    async def answer(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(OK)
        await send(LAST)

    client = Client()
    async with nothing_left():
        await client.ask(answer)
    assert (client.status, client.has_whole_answer) == (200, True)
    assert not client.is_watched.is_set()


async def test_a_slow_read_is_watched_and_answered(nothing_left: NothingLeft) -> None:
    client = Client()

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await client.is_watched.wait()
        await send(OK)
        await send(LAST)

    async with nothing_left():
        await client.ask(answer)
    assert (client.status, client.has_whole_answer) == (200, True)


@begun_or_not
async def test_a_client_that_leaves_ends_the_read(begun: list[Any], nothing_left: NothingLeft) -> None:
    client, service = Client(), Silent(*begun)
    client.has_left.set()
    async with nothing_left():
        await client.ask(service)
    assert service.has_stopped.is_set()
    assert len(client.sent) == len(begun)


@begun_or_not
async def test_a_request_that_is_cancelled_ends_the_read(begun: list[Any], nothing_left: NothingLeft) -> None:
    client, service = Client(), Silent(*begun)
    async with nothing_left():
        asked = asyncio.create_task(client.ask(service))
        await service.is_waiting.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
    assert service.has_stopped.is_set()
    assert len(client.sent) == len(begun)


async def test_a_read_that_never_answers_is_given_up(nothing_left: NothingLeft) -> None:
    client, service = Client(), Silent()
    async with nothing_left():
        await client.ask(service, deadline_s=0.1)
    assert service.has_stopped.is_set()
    assert (client.status, client.has_whole_answer) == (504, True)


async def test_a_read_that_falls_silent_is_cut(nothing_left: NothingLeft) -> None:
    client, service = Client(), Silent(OK, FIRST)
    async with nothing_left():
        await client.ask(service, silence_s=0.1)
    assert service.has_stopped.is_set()
    assert (client.status, client.has_whole_answer) == (200, False)


async def test_a_service_that_is_slow_to_stop_keeps_nobody_waiting(nothing_left: NothingLeft) -> None:
    client, service = Client(), Silent()
    service.may_stop.clear()
    async with nothing_left():
        await client.ask(service, deadline_s=0.1)
        assert (client.status, client.has_whole_answer) == (504, True)
        assert not service.has_stopped.is_set()
        service.may_stop.set()
    assert service.has_stopped.is_set()
    assert len(client.sent) == 2


async def test_a_service_that_breaks_leaves_nothing(nothing_left: NothingLeft) -> None:
    async def answer(_scope: Any, _receive: Any, _send: Any) -> None:
        raise RuntimeError("the service broke")

    client = Client()
    async with nothing_left():
        await client.ask(answer)
    assert (client.status, client.has_whole_answer) == (500, True)
