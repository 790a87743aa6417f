"""A small HTTP/1.1 server that can misbehave: bodies cut anywhere, connections that break."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Self

import h11
import msgspec

BODY_BYTES = 16 * 1024 * 1024
READ_BYTES = 64 * 1024
REMEMBERED = 10_000


class Request(msgspec.Struct, frozen=True):
    """A request as it came: `path` is not decoded, header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Response(msgspec.Struct):
    """An answer. Of a streamed body each piece is sent by itself, the status with the first."""

    status: int = 200
    headers: dict[str, str] = {}
    body: bytes | AsyncGenerator[bytes, None] = b""


class Instead(Exception):  # noqa: N818  # not an error but another answer
    """Raised by a handler, or by a body before its first piece, to give another response."""

    def __init__(self, response: Response) -> None:
        self.response = response


class Drop(Exception):  # noqa: N818  # an order to the server
    """Raised by a handler or by a body to break the connection."""


class HttpServer:
    """Answers each request with what `handler` makes of it; `port` 0 takes a free one.

    `requests` are the latest REMEMBERED ones, as soon as they have come.
    """

    def __init__(
        self, handler: Callable[[Request], Awaitable[Response]], *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.requests: deque[Request] = deque(maxlen=REMEMBERED)
        self._came = asyncio.Condition()
        self._handler = handler
        self._address = (host, port)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        host, port = self._address
        self._server = await asyncio.start_server(self._accept, host, port)
        self._address = (host, self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for requests until `condition` holds."""
        async with self._came:
            await self._came.wait_for(condition)

    async def stop(self) -> None:
        """Stop listening, and break the connections that there are."""
        if self._server is None:
            return
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        if self._connections:
            await asyncio.wait(self._connections)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(Connection(reader, writer, self._receive).serve())
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _receive(self, request: Request) -> Response:
        self.requests.append(request)
        async with self._came:
            self._came.notify_all()
        return await self._handler(request)


class Connection:
    """One connection of one client."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handler: Callable[[Request], Awaitable[Response]],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handler = handler
        self._protocol = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        """Answer requests until the client leaves, or the connection is to break."""
        try:
            while request := await self._request():
                await self._answer_unless_gone(request)
                self._protocol.start_next_cycle()
        except (Drop, asyncio.CancelledError):
            self._writer.transport.abort()
        except (ConnectionError, h11.ProtocolError):
            pass  # the client left, or does not speak HTTP
        finally:
            self._writer.close()

    async def _request(self) -> Request | None:
        """Read a request; None where the client left instead."""
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._protocol.next_event()
            if event is h11.NEED_DATA:
                self._protocol.receive_data(await self._reader.read(READ_BYTES))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data) and len(body) + len(event.data) <= BODY_BYTES:
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and head:
                headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
                return Request(head.method.decode(), head.target.decode("latin-1"), headers, bytes(body))
            else:
                return None

    async def _answer_unless_gone(self, request: Request) -> None:
        """Answer, and stop at once when the client hangs up."""
        answering = asyncio.create_task(self._answer(request))
        leaving = asyncio.create_task(self._read_on())
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise ConnectionResetError
            await answering
        finally:
            answering.cancel()
            leaving.cancel()
            await asyncio.wait({answering, leaving})

    async def _read_on(self) -> None:
        """Read until the client hangs up."""
        while data := await self._reader.read(READ_BYTES):
            self._protocol.receive_data(data)

    async def _answer(self, request: Request) -> None:
        try:
            response = await self._handler(request)
            first = await first_piece(response)
        except Instead as instead:
            response, first = instead.response, await first_piece(instead.response)
        await self._send(h11.Response(status_code=response.status, headers=list(framed(response).items())))
        if request.method != "HEAD":
            await self._send_body(response, first)
        await self._send(h11.EndOfMessage())

    async def _send_body(self, response: Response, first: bytes) -> None:
        await self._send(h11.Data(data=first))
        if not isinstance(response.body, bytes):
            async with aclosing(response.body) as pieces:
                async for piece in pieces:
                    await self._send(h11.Data(data=piece))

    async def _send(self, event: h11.Event) -> None:
        self._writer.write(self._protocol.send(event) or b"")
        await self._writer.drain()


async def first_piece(response: Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else await anext(response.body, b"")


def framed(response: Response) -> dict[str, str]:
    length = {"content-length": str(len(response.body))} if isinstance(response.body, bytes) else {}
    return {**response.headers, **(length or {"transfer-encoding": "chunked"})}
