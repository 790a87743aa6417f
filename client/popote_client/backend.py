"""The connection to one backend: requests as the person whose session is on this device."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import TypeVar

import httpx
import msgspec
from uuid_utils import uuid7

from popote_client import __version__
from popote_client.exchange import Answer, exchange
from popote_client.language import language
from popote_client.problems import BackendUnreachable, NotLoggedIn, NotPopote, Problem, ProblemDocument
from popote_client.state import State
from popote_client.tokens import Session, Tokens
from popote_client.wire import Rotation

T = TypeVar("T")

ANSWER_LOST = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


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

    async def get(self, path: str, kind: type[T], params: Mapping[str, str | None] | None = None) -> T:
        return self.decode(await self.request("GET", path, params=params or {}), kind)

    async def post(self, path: str, body: object, *, idempotency_key: str | None = None) -> Answer:
        """Do something once, however often it is sent under one key; a new key is made where none is given."""
        key = idempotency_key or str(uuid7())
        return await self.request("POST", path, body=body, headers={"idempotency-key": key})

    async def request(  # noqa: PLR0913  # the parts of an HTTP request
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        params: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
        connect_s: float | None = None,
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
        session = await asyncio.to_thread(self.tokens.session)
        if session and not session.is_live:
            raise NotLoggedIn
        answer = await self._send(request, token=session.access_token if session else "")
        if answer.status == HTTPStatus.UNAUTHORIZED and problem_in(answer):
            if session is None:
                raise NotLoggedIn
            answer = await self._send(request, token=await self._renewed(session.access_token))
        return self._checked(answer)

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
        """Return an access token newer than `used`; everyone who asks at the same time shares one refresh."""
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
        params: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        return self._http.build_request(
            method,
            path,
            content=None if body is None else msgspec.json.encode(body),
            params={name: value for name, value in (params or {}).items() if value is not None},
            headers=dict(headers or {}) | ({} if body is None else {"content-type": "application/json"}),
        )

    async def _send(self, request: httpx.Request, *, token: str = "", is_repeatable: bool = False) -> Answer:
        if token:
            request.headers["authorization"] = f"Bearer {token}"
        is_repeatable |= request.method != "POST" or "idempotency-key" in request.headers
        try:
            async with asyncio.timeout(self._limits.total_s):
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
    facts = msgspec.json.decode(answer.body)
    return Problem(answer.status, document, facts, seconds(answer.headers.get("retry-after", "")))


def seconds(retry_after: str) -> float:
    """Read a `Retry-After` given in seconds; 0 for any other form, and for absurd ones."""
    return float(retry_after) if retry_after.isdecimal() and len(retry_after) < 7 else 0.0  # noqa: PLR2004  # 11 days


def heard(task: asyncio.Task[str]) -> None:
    """Take note of a task's failure even if all who waited for it have gone."""
    if not task.cancelled():
        task.exception()
