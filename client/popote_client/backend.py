"""The connection to one backend: requests as the person whose session is on this device."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from http import HTTPStatus
from typing import TypeVar

import httpx
import msgspec
from uuid_utils import uuid7

from popote_client import __version__
from popote_client.exchange import Answer, exchange, read
from popote_client.language import language
from popote_client.problems import BackendUnreachable, NotLoggedIn, NotPopote, Problem, ProblemDocument
from popote_client.state import State
from popote_client.tokens import Session, Tokens
from popote_client.wire import Rotation

T = TypeVar("T")

Params = Mapping[str, str | Sequence[str] | None]  # of a query; those that are None are left out

ANSWER_LOST = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
KEY_IN_USE = "/problems/key-in-use"
KEY_TRIES = 5  # while the backend still works on the same request, whose answer was lost

FACTS = msgspec.json.Decoder(float_hook=Decimal)
JSON = msgspec.json.Encoder(decimal_format="number")  # decimals stay exact, and numbers


class BackendLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Waits are in seconds; `total_s` is for one exchange."""

    connect_s: float = 5
    total_s: float = 30
    answer_bytes: int = 32 * 1024 * 1024


class Backend:
    """One backend. `transport` takes the place of the network, for a backend in the same process."""

    def __init__(
        self,
        server: str,
        state: State,
        *,
        limits: BackendLimits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.server = server.rstrip("/")
        self.tokens = Tokens(state, self.server)
        self._limits = limits or BackendLimits()
        self._rotating = asyncio.Lock()
        self._renewal: asyncio.Task[str] | None = None
        self._http = httpx.AsyncClient(
            base_url=self.server,
            transport=transport,
            timeout=httpx.Timeout(None, connect=self._limits.connect_s),
            headers={"accept-language": language(), "user-agent": f"popote-client/{__version__}"},
        )

    async def aclose(self) -> None:
        if self._renewal:
            self._renewal.cancel()  # its refresh_id is on the disk: the next one finds the answer again
        await self._http.aclose()

    async def get(self, path: str, kind: type[T], params: Params | None = None) -> T:
        return self.decode(await self.request("GET", path, params=params or {}), kind)

    async def post(  # noqa: PLR0913  # the parts of an HTTP request
        self,
        path: str,
        body: object,
        *,
        idempotency_key: str | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        total_s: float | None = None,
    ) -> Answer:
        """Do something once, however often it is sent under one key; a new key is made where none is given."""
        keyed = {**(headers or {}), "idempotency-key": idempotency_key or str(uuid7())}
        for _ in range(KEY_TRIES - 1):
            try:
                return await self.request("POST", path, body=body, params=params, headers=keyed, total_s=total_s)
            except Problem as problem:
                if problem.type != KEY_IN_USE:
                    raise
                await asyncio.sleep(problem.retry_after_s)
        return await self.request("POST", path, body=body, params=params, headers=keyed, total_s=total_s)

    async def request(  # noqa: PLR0913  # the parts of an HTTP request
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        connect_s: float | None = None,
        total_s: float | None = None,
    ) -> Answer:
        """Send as the person whose session this is; without a token where nobody ever logged in.

        An access token that ran out is renewed once. An answer that was lost on the way is asked for again once, unless
        that could do something twice.

        Raises:
            Problem: the backend refused.
            NotLoggedIn: the session has ended.
            BackendUnreachable: no answer in time, or (NotPopote) one that is not Popote's.
        """
        request = self._build(method, path, body, params, headers)
        if connect_s is not None:
            request.extensions["timeout"]["connect"] = connect_s
        token = await self._access_token()
        answer = await self._send(request, token=token, total_s=total_s)
        if answer.status == HTTPStatus.UNAUTHORIZED and problem_in(answer):
            answer = await self._send(request, token=await self._renewed(token), total_s=total_s)
        return self._checked(answer)

    @asynccontextmanager
    async def stream(
        self, path: str, headers: Mapping[str, str] | None = None, *, idle_s: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Read an answer piece by piece as it comes, for as long as no piece takes longer than `idle_s`.

        It ends where the backend ends it. Raises as `request` does, also while it is read.
        """
        request = self._build("GET", path, None, headers=headers)
        request.extensions["timeout"]["read"] = idle_s
        token = await self._access_token()
        try:
            response = await self._begun(request, token)
            try:
                yield response.aiter_bytes()
            finally:
                await response.aclose()
        except httpx.RequestError as error:
            raise BackendUnreachable(server=self.server) from error

    async def _begun(self, request: httpx.Request, token: str, *, is_renewed: bool = False) -> httpx.Response:
        """Send, and return the answer as soon as it begins."""
        if token:
            request.headers["authorization"] = f"Bearer {token}"
        response = await self._http.send(request, stream=True, follow_redirects=False)
        if response.status_code == HTTPStatus.OK:
            return response
        try:
            answer = Answer(response.status_code, response.headers, await read(response, self._limits.answer_bytes))
        finally:
            await response.aclose()
        if answer.status == HTTPStatus.UNAUTHORIZED and problem_in(answer) and not is_renewed:
            return await self._begun(request, await self._renewed(token), is_renewed=True)
        raise problem_in(answer) or NotPopote(server=self.server, status=answer.status)

    async def _access_token(self) -> str:
        """Return the session's access token, "" where nobody ever logged in."""
        session = await asyncio.to_thread(self.tokens.session)
        if session and not session.is_live:
            raise NotLoggedIn
        return session.access_token if session else ""

    def decode(self, answer: Answer, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.DecodeError as error:
            raise NotPopote(server=self.server, status=answer.status) from error

    async def rotate(self, path: str, **body: object) -> Session:
        """Exchange the refresh token at `path`, and keep what comes of it.

        Raises:
            NotLoggedIn: the backend takes this refresh token no more.
        """
        async with self._rotating:
            return await self._exchange_refresh_token(path, body)

    async def _exchange_refresh_token(self, path: str, body: dict[str, object]) -> Session:
        sent = await asyncio.to_thread(self.tokens.begin_rotation)
        body |= {"refresh_token": sent.refresh_token, "refresh_id": sent.refresh_id}
        request = self._build("POST", path, body)
        try:
            answer = self._checked(await self._send(request, is_repeatable=True))
        except Problem as problem:
            if problem.status != HTTPStatus.UNAUTHORIZED:
                raise
            await asyncio.to_thread(self.tokens.end, sent)
            raise NotLoggedIn from problem
        return await asyncio.to_thread(self.tokens.finish_rotation, sent, self.decode(answer, Rotation))

    async def anonymous(self, path: str, body: object) -> Answer:
        """Send something that can't be sent twice, without a token."""
        return self._checked(await self._send(self._build("POST", path, body)))

    async def _renewed(self, used: str) -> str:
        """Return an access token newer than `used`; everyone who asks at the same time shares one refresh.

        Raises:
            NotLoggedIn: `used` is empty, or the session has ended.
        """
        if not used:
            raise NotLoggedIn
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(used))
            self._renewal.add_done_callback(heard)
        return await asyncio.shield(self._renewal)

    async def _renew(self, used: str) -> str:
        session = await asyncio.to_thread(self.tokens.session)
        if session is None or session.access_token == used:
            session = await self.rotate("/api/auth/refresh")
        if not session.is_live:
            raise NotLoggedIn
        return session.access_token

    def _build(
        self,
        method: str,
        path: str,
        body: object,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        return self._http.build_request(
            method,
            path,
            content=body if body is None or isinstance(body, bytes) else JSON.encode(body),
            params={name: value for name, value in (params or {}).items() if value is not None},
            headers=({} if body is None else {"content-type": "application/json"}) | dict(headers or {}),
        )

    async def _send(
        self, request: httpx.Request, *, token: str = "", is_repeatable: bool = False, total_s: float | None = None
    ) -> Answer:
        if token:
            request.headers["authorization"] = f"Bearer {token}"
        is_repeatable |= request.method != "POST" or "idempotency-key" in request.headers
        try:
            async with asyncio.timeout(total_s or self._limits.total_s):
                return await self._exchange(request, tries=2 if is_repeatable else 1)
        except (httpx.RequestError, TimeoutError) as error:
            raise BackendUnreachable(server=self.server) from error

    async def _exchange(self, request: httpx.Request, *, tries: int) -> Answer:
        try:
            return await exchange(self._http, request, limit=self._limits.answer_bytes)
        except ANSWER_LOST:
            if tries == 1:
                raise
            return await self._exchange(request, tries=tries - 1)

    def _checked(self, answer: Answer) -> Answer:
        if answer.status < HTTPStatus.MULTIPLE_CHOICES or answer.status == HTTPStatus.NOT_MODIFIED:
            return answer
        raise problem_in(answer) or NotPopote(server=self.server, status=answer.status)


def problem_in(answer: Answer) -> Problem | None:
    """Return the problem that an answer holds, None where it is not a problem document."""
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return None
    try:
        document = msgspec.json.decode(answer.body, type=ProblemDocument)
    except msgspec.DecodeError:
        return None
    facts = FACTS.decode(answer.body)
    return Problem(answer.status, document, facts, seconds(answer.headers.get("retry-after", "")))


def seconds(retry_after: str) -> float:
    """Read a `Retry-After` given in seconds; 0 for any other form, and for absurd ones."""
    return float(retry_after) if retry_after.isdecimal() and len(retry_after) < 7 else 0.0  # noqa: PLR2004  # 11 days


def heard(task: asyncio.Task[str]) -> None:
    """Take note of a task's failure even if all who waited for it have gone."""
    if not task.cancelled():
        task.exception()
