"""How a stand-in Ollama answers: a play, as lines; and the shapes of everything else."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from popote_client.testing import catalogue
from popote_client.testing.http_server import Drop, Instead, Response
from popote_client.testing.script import Play, StandInModel

Line = dict[str, Any]


class Said(msgspec.Struct, frozen=True):
    role: str
    content: str = ""


class ChatRequest(msgspec.Struct, frozen=True):
    model: str = ""
    messages: list[Said] = []
    stream: bool = True
    think: bool | str | None = None
    tools: list[dict[str, Any]] = []
    options: dict[str, Any] = {}
    keep_alive: float | str | None = None

    @property
    def num_ctx(self) -> int | None:
        return self.options.get("num_ctx")


def check_capabilities(model: StandInModel, asked: ChatRequest) -> None:
    if asked.tools and "tools" not in model.capabilities:
        raise Instead(error(400, f"registry.ollama.ai/library/{model.name} does not support tools"))
    if asked.think and "thinking" not in model.capabilities:
        raise Instead(error(400, f'"{model.name}" does not support thinking'))


async def perform(play: Play, asked: ChatRequest, model: str) -> AsyncGenerator[Line, None]:
    """Play an answer line by line, up to the ending that is asked for."""
    begun_ns = time.monotonic_ns()
    spoken = list(thoughts(play, asked)) + [{"content": token} for token in tokens(play, asked)[: play.after]]
    for message in spoken:
        await asyncio.sleep(play.token_s)
        yield catalogue.line(model, message)
    if play.ending == "hang":
        await forever()
    if play.ending == "drop":
        raise Drop
    if play.ending == "error":
        yield await failure(play, has_begun=bool(spoken))
    if play.ending == "done":
        if play.tool_calls:
            yield catalogue.line(model, {"tool_calls": list(play.tool_calls)})
        yield last_line(play, model, eval_count=len(spoken), total_ns=time.monotonic_ns() - begun_ns)


def thoughts(play: Play, asked: ChatRequest) -> Iterator[dict[str, str]]:
    if play.thinking and asked.think is not False:
        yield {"thinking": play.thinking}


def tokens(play: Play, asked: ChatRequest) -> Sequence[str]:
    if play.tokens is not None:
        return play.tokens
    question = asked.messages[-1].content
    return re.findall(r"\s*\S+|\s+", f"This is the stand-in for Ollama. You said: {question}")


async def failure(play: Play, *, has_begun: bool) -> Line:
    """Return the line that tells an error; before the first line it is a status of its own."""
    if not has_begun:
        raise Instead(error(500, play.error))
    return {"error": play.error}


def last_line(play: Play, model: str, *, eval_count: int, total_ns: int) -> Line:
    return catalogue.line(
        model,
        {},
        done=True,
        done_reason=play.done_reason,
        total_duration=total_ns,
        load_duration=int(play.load_s * 1e9),
        prompt_eval_count=1,
        prompt_eval_duration=1,
        eval_count=eval_count,
        eval_duration=total_ns,
    )


def whole(lines: Sequence[Line]) -> Line:
    """Join the lines of an answer into one, as for `stream: false`."""
    messages = [line["message"] for line in lines]
    joined = {key: "".join(message.get(key, "") for message in messages) for key in ("content", "thinking")}
    calls = [call for message in messages for call in message.get("tool_calls", [])]
    extra = {key: value for key, value in {"thinking": joined["thinking"], "tool_calls": calls}.items() if value}
    return {**lines[-1], "message": {"role": "assistant", "content": joined["content"], **extra}}


async def pieces(lines: AsyncGenerator[Line, None], size: int | None) -> AsyncGenerator[bytes, None]:
    """Yield the lines as bytes, each whole, or cut into pieces of `size` bytes."""
    async with aclosing(lines):
        async for line in lines:
            data = msgspec.json.encode(line) + b"\n"
            for begin in range(0, len(data), size or len(data)):
                yield data[begin : begin + (size or len(data))]


def page() -> Response:
    return Response(200, {"content-type": "text/html"}, b"<!doctype html><title>Sign in</title><p>Welcome to our Wi-Fi")


def text(words: str, status: int = 200) -> Response:
    return Response(status, {"content-type": "text/plain; charset=utf-8"}, words.encode())


def json(value: object, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json; charset=utf-8"}, msgspec.json.encode(value))


def error(status: int, message: str) -> Response:
    return json({"error": message}, status)


async def forever() -> None:
    await asyncio.Event().wait()
