"""One streamed answer of Ollama, whatever happens to it."""

import asyncio
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from popote_client.failures import (
    Busy,
    Forbidden,
    Interrupted,
    ModelFailed,
    ModelMissing,
    NoAnswer,
    OllamaFailure,
    Refused,
    TooSlow,
    Unreachable,
)
from popote_client.lines import LineSplitter, LineTooLongError
from popote_client.ollama import Ollama, http_client
from popote_client.protocol import Line, OllamaLimits, Question, Silence, Turn
from popote_client.testing import Play, StandInModel, StandInOllama
from popote_client.testing.http_server import HttpServer

LIMITS = OllamaLimits(connect_s=2, probe_s=2, list_s=2, first_byte_s=20, side_check_s=0.05, idle_s=5)
HELLO = Question("stand-in:latest", [Turn("user", "Hello")])
DISHES = ("Crème ", "brûlée ", "et ", "phở 🍜")


async def listen(
    server: HttpServer, limits: OllamaLimits = LIMITS
) -> tuple[str, list[Silence | Line], OllamaFailure | None]:
    """Return the text, all that came, and the failure that ended it, if any."""
    parts: list[Silence | Line] = []
    failure = None
    async with http_client(limits) as http:
        try:
            async for part in Ollama(server.base_url, http, limits).chat(HELLO):
                parts.append(part)  # noqa: PERF401  # they count even where it fails
        except OllamaFailure as error:
            failure = error
    return "".join(part.message.content for part in parts if isinstance(part, Line)), parts, failure


def last(parts: list[Silence | Line]) -> Line:
    assert isinstance(parts[-1], Line)
    return parts[-1]


@pytest.mark.parametrize("size", [*range(1, 40), 1000])
async def test_an_answer_cut_at_any_byte_is_the_same_answer(size: int) -> None:
    async with StandInOllama(script=Play(tokens=DISHES, piece_bytes=size)) as server:
        text, parts, failure = await listen(server)

    assert (text, failure) == ("".join(DISHES), None)
    assert last(parts).done


def test_a_splitter_gives_the_same_lines_wherever_the_stream_is_cut() -> None:
    stream = '{"a":"é🍜"}\n\n{"b":"\u2028"}\nrest'.encode()
    whole = LineSplitter(100).feed(stream)
    for cut in range(len(stream) + 1):
        splitter = LineSplitter(100)
        assert splitter.feed(stream[:cut]) + splitter.feed(stream[cut:]) == whole
        assert splitter.rest() == b"rest"


def test_a_line_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert LineSplitter(4).feed(b"1234\n") == [b"1234"]
    splitter = LineSplitter(4)
    splitter.feed(b"12")
    with pytest.raises(LineTooLongError):
        splitter.feed(b"345")


async def test_a_line_of_nearly_four_megabytes_is_taken_and_a_longer_one_is_not() -> None:
    long = "é" * 2_000_000
    async with StandInOllama(script=[Play(tokens=[long]), Play(tokens=["A", long + long])]) as server:
        text, _, failure = await listen(server)
        assert (len(text), failure) == (2_000_000, None)
        text, _, failure = await listen(server)

    assert text == "A"
    assert isinstance(failure, Interrupted)
    assert failure.reason == "too_long"


async def test_an_answer_without_end_is_cut_off() -> None:
    async with StandInOllama(script=Play(tokens=["words"] * 200)) as server:
        text, _, failure = await listen(server, replace(LIMITS, answer_bytes=5000))

    assert 0 < len(text) < 1000
    assert isinstance(failure, Interrupted)
    assert failure.reason == "too_long"


async def test_an_end_without_done_is_an_interruption_that_keeps_the_text() -> None:
    async with StandInOllama(script=Play(tokens=DISHES, ending="cut", after=2)) as server:
        text, _, failure = await listen(server)

    assert text == "Crème brûlée "
    assert isinstance(failure, Interrupted)
    assert failure.reason == "ended"


@pytest.mark.parametrize("size", [None, 7])
async def test_a_connection_that_breaks_in_the_answer_keeps_the_text(size: int | None) -> None:
    async with StandInOllama(script=Play(tokens=DISHES, ending="drop", after=2, piece_bytes=size)) as server:
        text, _, failure = await listen(server)

    assert text == "Crème brûlée "
    assert isinstance(failure, Interrupted)
    assert failure.reason == "dropped"


async def test_an_error_line_under_status_200_is_a_failure_that_keeps_the_text() -> None:
    async with StandInOllama(script=Play(tokens=DISHES, ending="error", after=1, error="out of memory")) as server:
        text, _, failure = await listen(server)

    assert text == "Crème "
    assert isinstance(failure, ModelFailed)
    assert "out of memory" in failure.sentence("en")


async def test_silence_in_the_answer_is_an_interruption_after_the_idle_limit() -> None:
    async with StandInOllama(script=Play(tokens=DISHES, ending="hang", after=1)) as server:
        text, _, failure = await listen(server, replace(LIMITS, idle_s=0.1))

    assert text == "Crème "
    assert isinstance(failure, Interrupted)
    assert failure.reason == "silent"


async def test_a_last_line_without_a_line_feed_still_counts(raw_ollama: Callable[[bytes], HttpServer]) -> None:
    server = raw_ollama(b'{"message":{"role":"assistant","content":"A"},"done":false}\n{"message":{},"done":true}')
    text, parts, failure = await listen(server)

    assert (text, failure) == ("A", None)
    assert last(parts).done


@pytest.mark.parametrize(
    "tail", [b"<html>", b'"done"\n', b'{"done": "true"}\n', b'{"message":{"content":"\xff"},"done":false}\n', b"[]\n"]
)
async def test_a_garbled_line_is_an_interruption_that_keeps_the_text(
    raw_ollama: Callable[[bytes], HttpServer], tail: bytes
) -> None:
    server = raw_ollama(b'{"message":{"content":"A"},"done":false}\n' + tail)
    text, _, failure = await listen(server)

    assert text == "A"
    assert isinstance(failure, Interrupted)


async def test_what_follows_done_is_not_read(raw_ollama: Callable[[bytes], HttpServer]) -> None:
    server = raw_ollama(b'{"message":{"content":"A"},"done":true,"done_reason":"stop"}\n{"error":"late"}\n')
    text, _, failure = await listen(server)

    assert (text, failure) == ("A", None)


async def test_thinking_comes_apart_from_the_answer() -> None:
    async with StandInOllama(script=Play(tokens=["Soup."], thinking="It is cold.")) as server:
        text, parts, _ = await listen(server)

    first = parts[0]
    assert isinstance(first, Line)
    assert text == "Soup."
    assert first.message.thinking == "It is cold."


async def test_a_cold_load_is_waited_for_and_the_server_looked_at_meanwhile() -> None:
    async with StandInOllama(script=Play(tokens=["Ready."], load_s=0.8)) as server:
        text, parts, failure = await listen(server)
        looks = [request.path for request in server.requests].count("/api/version")

    assert (text, failure) == ("Ready.", None)
    silences = [part.seconds for part in parts if isinstance(part, Silence)]
    assert silences == sorted(silences)
    assert len(silences) >= 2
    assert looks >= len(silences)
    assert server.loads == 1


async def test_two_missed_looks_in_a_row_mean_that_the_server_is_lost() -> None:
    async with StandInOllama(script=Play(ending="hang", after=0)) as server:
        answering = asyncio.create_task(listen(server, replace(LIMITS, probe_s=0.1)))
        await server.until(lambda: bool(server.chats))
        server.is_deaf = True
        _, parts, failure = await answering

    assert isinstance(failure, NoAnswer)
    assert [type(part) for part in parts][-1:] == [Silence]  # the first miss is not yet a loss


async def test_an_answer_is_taken_even_while_the_looks_fail() -> None:
    async with StandInOllama(script=Play(tokens=["Late."], load_s=0.3)) as server:
        answering = asyncio.create_task(listen(server, replace(LIMITS, probe_s=2)))
        await server.until(lambda: bool(server.chats))
        server.is_deaf = True
        text, _, failure = await answering

    assert (text, failure) == ("Late.", None)


async def test_the_first_byte_has_a_budget() -> None:
    async with StandInOllama(script=Play(ending="hang", after=0)) as server:
        _, parts, failure = await listen(server, replace(LIMITS, first_byte_s=0.5))

    assert isinstance(failure, TooSlow)
    assert any(isinstance(part, Silence) for part in parts)


async def test_a_connection_that_breaks_before_the_first_byte_is_no_answer() -> None:
    async with StandInOllama(script=Play(ending="drop", after=0)) as server:
        _, parts, failure = await listen(server)

    assert (parts, type(failure)) == ([], NoAnswer)


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (Play(status=403), Forbidden),
        (Play(status=503, error="server busy, please try again.  maximum pending requests exceeded"), Busy),
        (Play(status=400, error='"stand-in" does not support chat'), Refused),
        (Play(status=404, error="model 'stand-in' not found"), ModelMissing),
        (Play(ending="error", after=0, error="llama runner process has terminated"), Refused),
        (Play(html=True), Interrupted),
        (Play(status=502), Unreachable),
    ],
)
async def test_an_error_before_the_first_line_is_told_for_what_it_is(play: Play, kind: type[Exception]) -> None:
    async with StandInOllama(script=play) as server:
        _, parts, failure = await listen(server)

    assert (parts, type(failure)) == ([], kind)
    assert failure is not None
    assert failure.sentence("en")
    assert failure.sentence("fr") != failure.sentence("en") or kind is Refused


async def test_a_wrong_path_is_not_ollama() -> None:
    async with StandInOllama() as server, http_client(LIMITS) as http:
        for path in ("/ollama", "/"):
            with pytest.raises(Unreachable) as failure:
                await Ollama(server.base_url + path, http, LIMITS).version()
            assert failure.value.reason == "not_ollama"


async def test_leaving_in_the_middle_hangs_up() -> None:
    async with StandInOllama(script=Play(tokens=["A"] * 50, token_s=0.01)) as server, http_client(LIMITS) as http:
        stream = Ollama(server.base_url, http, LIMITS).chat(HELLO)
        await anext(stream)
        await stream.aclose()
        text, _, failure = await listen(server)  # the one turn is free again

    assert (len(text), failure) == (50, None)


async def test_only_what_ollama_needs_is_sent() -> None:
    async with StandInOllama([StandInModel(name="stand-in:latest")]) as server:
        await listen(server)

    assert server.chats == [
        {"model": "stand-in:latest", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    ]
    assert server.admin_calls == {}
