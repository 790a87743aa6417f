"""One request and its whole answer, of bounded length."""

import httpx
import msgspec


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: httpx.Headers
    body: bytes


class AnswerTooLong(httpx.TransportError):
    """The answer is longer than the caller is ready to hold."""


async def exchange(http: httpx.AsyncClient, request: httpx.Request, *, limit: int) -> Answer:
    """Send a request, follow no redirect, and read the answer, at most `limit` bytes of it.

    Raises:
        httpx.RequestError: no whole answer came, or (AnswerTooLong) it does not end.
    """
    response = await http.send(request, stream=True, follow_redirects=False)
    try:
        return Answer(response.status_code, response.headers, await read(response, limit))
    finally:
        await response.aclose()


async def read(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > limit:
            raise AnswerTooLong(f"more than {limit} bytes")
    return bytes(body)
