"""One streamed answer of Ollama.

Ollama sends nothing, not even headers, until its first token, and hanging up makes it drop what it was loading. So the
wait for the first byte has no small timeout: the server is looked at on the side instead.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus

import httpx
import msgspec

from popote_client.exchange import read
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
from popote_client.protocol import ErrorBody, Line, OllamaLimits, Silence

ERROR_BYTES = 64 * 1024


class Opened(msgspec.Struct, frozen=True):
    """An answer that has begun."""

    response: httpx.Response
    first: bytes
    others: AsyncIterator[bytes]


class AnswerStream:
    """Sends `request` once, and gives the lines of its answer. `is_there` looks at the server on the side."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        request: httpx.Request,
        model: str,
        limits: OllamaLimits,
        is_there: Callable[[], Awaitable[bool]],
    ) -> None:
        self._http = http
        self._request = request
        self._model = model
        self._limits = limits
        self._is_there = is_there

    async def lines(self) -> AsyncGenerator[Silence | Line, None]:
        opening = asyncio.create_task(self._open())
        try:
            async with aclosing(self._silences(opening)) as silences:
                async for silence in silences:
                    yield silence
            async with aclosing(self._lines(opening.result())) as lines:
                async for line in lines:
                    yield line
        finally:
            await close(opening)

    # Before the first byte

    async def _open(self) -> Opened:
        try:
            response = await self._http.send(self._request, stream=True)
        except httpx.RequestError as error:
            raise NoAnswer(url=self._url) from error
        try:
            return await self._begin(response)
        except BaseException:
            await response.aclose()
            raise

    async def _begin(self, response: httpx.Response) -> Opened:
        try:
            if response.status_code != HTTPStatus.OK:
                raise await self._refusal(response)
            pieces = response.aiter_bytes()
            return Opened(response, await anext(pieces, b""), pieces)
        except httpx.RequestError as error:
            raise Interrupted("dropped") from error

    async def _refusal(self, response: httpx.Response) -> OllamaFailure:
        body = await read(response, ERROR_BYTES)
        status = response.status_code
        if status == HTTPStatus.FORBIDDEN and not body:
            return Forbidden(status=status, message="")
        try:
            message = msgspec.json.decode(body, type=ErrorBody).error
        except msgspec.DecodeError:
            return Unreachable(url=self._url, reason="not_ollama")
        if status == HTTPStatus.NOT_FOUND:
            return ModelMissing(model=self._model)
        kind = Busy if status == HTTPStatus.SERVICE_UNAVAILABLE else Refused
        return kind(status=status, message=message)

    async def _silences(self, opening: asyncio.Task[Opened]) -> AsyncGenerator[Silence, None]:
        """Yield while nothing has come; end when `opening` does."""
        clock = asyncio.get_running_loop().time
        sent_at, misses = clock(), 0
        while not await ends(opening, within_s=self._limits.side_check_s):
            waited_s = clock() - sent_at
            if waited_s >= self._limits.first_byte_s:
                raise TooSlow(model=self._model, seconds=self._limits.first_byte_s)
            misses = 0 if await self._is_there_or(opening) else misses + 1
            if misses >= self._limits.side_misses:
                raise NoAnswer(url=self._url)
            yield Silence(waited_s)

    async def _is_there_or(self, opening: asyncio.Task[Opened]) -> bool:
        """Look at the server, for no longer than `opening` takes: its end is a sign of life too."""
        check = asyncio.ensure_future(self._is_there())
        await asyncio.wait({check, opening}, return_when=asyncio.FIRST_COMPLETED)
        if check.done():
            return check.result()
        check.cancel()
        return True

    # After it

    async def _lines(self, opened: Opened) -> AsyncGenerator[Line, None]:
        """Yield whole lines up to the one that is done; an end without one is an interruption."""
        splitter = LineSplitter(self._limits.line_bytes)
        async for piece in self._pieces(opened):
            for raw in split(splitter, piece):
                line = decoded(raw)
                yield line
                if line.done:
                    return
        yield last(splitter.rest())

    async def _pieces(self, opened: Opened) -> AsyncGenerator[bytes, None]:
        size, piece = 0, opened.first
        while piece:
            size += len(piece)
            if size > self._limits.answer_bytes:
                raise Interrupted("too_long")
            yield piece
            piece = await self._next(opened.others)

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes:
        try:
            async with asyncio.timeout(self._limits.idle_s):
                return await anext(pieces, b"")
        except TimeoutError as error:
            raise Interrupted("silent") from error
        except httpx.RequestError as error:
            raise Interrupted("dropped") from error

    @property
    def _url(self) -> str:
        return str(self._request.url).removesuffix("/api/chat")


def split(splitter: LineSplitter, piece: bytes) -> list[bytes]:
    try:
        return [line for line in splitter.feed(piece) if line.strip()]
    except LineTooLongError as error:
        raise Interrupted("too_long") from error


def decoded(raw: bytes) -> Line:
    try:
        line = msgspec.json.decode(raw, type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Interrupted("unreadable") from error
    if line.error is not None:
        raise ModelFailed(message=line.error)
    return line


def last(rest: bytes) -> Line:
    """Return the line that the stream ended with, if it is the whole of a `done` one."""
    if not rest.rstrip().endswith(b"}"):
        raise Interrupted("ended")
    line = decoded(rest)
    if not line.done:
        raise Interrupted("ended")
    return line


async def ends(task: asyncio.Task[Opened], *, within_s: float) -> bool:
    done, _ = await asyncio.wait({task}, timeout=within_s)
    return bool(done)


async def close(opening: asyncio.Task[Opened]) -> None:
    """Hang up, whether or not an answer has begun."""
    opening.cancel()
    await asyncio.wait({opening})
    if not opening.cancelled() and not opening.exception():
        await opening.result().response.aclose()
