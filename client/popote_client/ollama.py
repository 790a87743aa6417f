"""One Ollama server, spoken to directly. It is given no token and no cookie, and no redirect is followed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar

import httpx
import msgspec

from popote_client.diagnosis import diagnosed
from popote_client.exchange import Answer, exchange
from popote_client.failures import Forbidden, OllamaFailure, Unreachable
from popote_client.protocol import Line, Model, ModelList, OllamaLimits, Question, Silence, Version
from popote_client.stream import AnswerStream

T = TypeVar("T")

LIST_BYTES = 4 * 1024 * 1024
VERSION_LENGTH = 64  # characters; a longer one is not Ollama's


def http_client(limits: OllamaLimits) -> httpx.AsyncClient:
    """Make the HTTP client for Ollama: it keeps no cookie, and goes through no proxy, which would read the prompts."""
    return httpx.AsyncClient(
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=httpx.Timeout(None, connect=limits.connect_s),
        headers={"accept": "application/json", "accept-encoding": "identity"},
        trust_env=False,
    )


class Ollama:
    """One server, at `base_url` (no slash at its end), spoken to through a client made by `http_client`.

    Raises:
        Unreachable: `base_url` is not an http(s) address, or holds a user name, which would be sent as credentials.
    """

    def __init__(self, base_url: str, http: httpx.AsyncClient, limits: OllamaLimits) -> None:
        check(base_url)
        self.base_url = base_url
        self._http = http
        self._limits = limits

    async def version(self) -> str:
        """Ask who is there.

        Raises:
            Unreachable: no answer within `probe_s`, or one that is not Ollama's.
            Forbidden: Ollama takes no requests from here.
        """
        version = (await self._get("/api/version", Version, self._limits.probe_s)).version
        if not 0 < len(version) <= VERSION_LENGTH:
            raise self._not_ollama()
        return version

    async def models(self) -> list[Model]:
        """List the models that are there; raises as `version` does."""
        return (await self._get("/api/tags", ModelList, self._limits.list_s)).models

    async def chat(self, question: Question) -> AsyncGenerator[Silence | Line, None]:
        """Stream the answer: silences while the model wakes, then lines, the last of them `done`.

        Raises:
            NoAnswer: it broke off before the first byte.
            TooSlow: no first byte within `first_byte_s`.
            Refused, ModelMissing: an error instead of a stream.
            Unfinished: it broke off later.
        """
        request = self._http.build_request(
            "POST",
            f"{self.base_url}/api/chat",
            content=msgspec.json.encode(question),
            headers={"content-type": "application/json"},
        )
        stream = AnswerStream(self._http, request, question.model, self._limits, is_there=self.is_there)
        async with aclosing(stream.lines()) as lines:
            async for line in lines:
                yield line

    async def is_there(self) -> bool:
        try:
            return bool(await self.version())
        except OllamaFailure:
            return False

    async def _get(self, path: str, kind: type[T], total_s: float) -> T:
        answer = await self._answer(path, total_s)
        if answer.status == HTTPStatus.FORBIDDEN and not answer.body:
            raise Forbidden(status=answer.status, message="")
        if answer.status != HTTPStatus.OK:
            raise self._not_ollama()
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.DecodeError as error:
            raise self._not_ollama() from error

    async def _answer(self, path: str, total_s: float) -> Answer:
        request = self._http.build_request("GET", self.base_url + path)
        try:
            async with asyncio.timeout(total_s):
                return await exchange(self._http, request, limit=LIST_BYTES)
        except (httpx.RequestError, TimeoutError) as error:
            raise diagnosed(error, self.base_url) from error

    def _not_ollama(self) -> Unreachable:
        return Unreachable(url=self.base_url, reason="not_ollama")


def check(base_url: str) -> None:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise Unreachable(url=base_url, reason="bad_address") from error
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
        raise Unreachable(url=base_url, reason="bad_address")
