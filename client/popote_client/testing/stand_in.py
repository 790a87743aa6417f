"""A stand-in for Ollama: its HTTP protocol as far as Popote uses it, and every trouble that Popote must bear."""

import asyncio
import re
from collections import Counter, deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec

from popote_client.testing import catalogue
from popote_client.testing.answers import (
    ChatRequest,
    Line,
    check_capabilities,
    error,
    forever,
    json,
    page,
    perform,
    pieces,
    text,
    whole,
)
from popote_client.testing.http_server import HttpServer, Instead, Request, Response
from popote_client.testing.script import Play, StandInModel

T = TypeVar("T")

READ = ("GET", "HEAD")
ECHO = Play()


class Named(msgspec.Struct, frozen=True):
    model: str = ""


class StandInOllama(HttpServer):
    """Use it as `async with StandInOllama(models=..., script=...) as server`, and call `server.base_url`.

    Each chat is answered by the next play of `script` (or later of `play`), the last one again and again.

    To change meanwhile: `models`; `version`; `headers`, sent with every answer; `queue`, how many chats may run and
    wait (one runs at a time); `is_deaf`: nothing new is answered; `is_portal`: all that is answered is a web page.

    To look at: `requests`; `chats`, the bodies of those to /api/chat; `admin_calls`, counted by
    name; `loaded`, the `num_ctx` of each model in memory; `loads`, how often one was loaded.
    """

    def __init__(
        self,
        models: Sequence[StandInModel] = (StandInModel(),),
        script: Play | Sequence[Play] = ECHO,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(self._handle, host=host, port=port)
        self.models = list(models)
        self.version = "0.33.0"
        self.headers: dict[str, str] = {}
        self.queue = 512
        self.is_deaf = False
        self.is_portal = False
        self.admin_calls: Counter[str] = Counter()
        self.loaded: dict[str, int | None] = {}
        self.loads = 0
        self._plays = deque([script] if isinstance(script, Play) else script)
        self._turn = asyncio.Lock()
        self._queued = 0
        self._routes = {
            "/": (READ, self._root),
            "/api/version": (READ, self._version),
            "/api/tags": (READ, self._tags),
            "/api/ps": (("GET",), self._ps),
            "/api/show": (("POST",), self._show),
            "/api/chat": (("POST",), self._chat),
            "/api/pull": (("POST",), self._admin),
            "/api/push": (("POST",), self._admin),
            "/api/create": (("POST",), self._admin),
            "/api/copy": (("POST",), self._admin),
            "/api/delete": (("DELETE",), self._admin),
        }

    def play(self, *script: Play) -> None:
        """Answer the next chats with these, from now on."""
        self._plays = deque(script)

    @property
    def chats(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(request.body) for request in self.requests if request.path == "/api/chat"]

    async def _handle(self, request: Request) -> Response:
        response = page() if self.is_portal else await self._route(request)
        response.headers = {**response.headers, **self.headers}
        return response

    async def _route(self, request: Request) -> Response:
        path = request.path.partition("?")[0]
        if "//" in path:
            return Response(301, {"location": re.sub("/+", "/", path)})
        methods, handler = self._routes.get(path, ((), None))
        if handler is None:
            return text("404 page not found", 404)
        if request.method not in methods:
            return text("405 method not allowed", 405)
        if self.is_deaf:
            await forever()
        return await handler(request)

    async def _root(self, _request: Request) -> Response:
        return text("Ollama is running")

    async def _version(self, _request: Request) -> Response:
        return json({"version": self.version})

    async def _tags(self, _request: Request) -> Response:
        return json({"models": [catalogue.tag(model) for model in self.models]})

    async def _ps(self, _request: Request) -> Response:
        loaded = [model for model in self.models if model.name in self.loaded]
        return json({"models": [catalogue.process(model, self.loaded[model.name]) for model in loaded]})

    async def _show(self, request: Request) -> Response:
        return json(catalogue.description(self._model(read(request, Named).model)))

    async def _admin(self, request: Request) -> Response:
        self.admin_calls[request.path.rpartition("/")[2]] += 1
        return json({"status": "success"})

    async def _chat(self, request: Request) -> Response:
        asked = read(request, ChatRequest)
        model = self._model(asked.model)
        check_capabilities(model, asked)
        if not asked.messages:
            return self._preload(model, asked)
        play = self._plays.popleft() if len(self._plays) > 1 else self._plays[0]
        if play.html:
            return page()
        if play.status != HTTPStatus.OK:
            return error(play.status, play.error) if play.error else Response(play.status)
        lines = self._lines(play, asked, model)
        if not asked.stream:
            return json(whole([line async for line in lines]))
        return Response(200, {"content-type": "application/x-ndjson"}, pieces(lines, play.piece_bytes))

    def _preload(self, model: StandInModel, asked: ChatRequest) -> Response:
        reason = "unload" if asked.keep_alive == 0 else "load"
        if reason == "load":
            self._load(model, asked)
        self._release(model, asked)
        return json(catalogue.line(model.name, {}, done=True, done_reason=reason))

    async def _lines(self, play: Play, asked: ChatRequest, model: StandInModel) -> AsyncGenerator[Line, None]:
        with self._place_in_queue():
            async with self._turn:
                if self.loaded.get(model.name, -1) != asked.num_ctx:
                    await asyncio.sleep(play.load_s)
                    self._load(model, asked)
                async with aclosing(perform(play, asked, model.name)) as lines:
                    async for line in lines:
                        yield line
                self._release(model, asked)

    @contextmanager
    def _place_in_queue(self) -> Iterator[None]:
        if self._queued >= self.queue:
            raise Instead(error(503, "server busy, please try again.  maximum pending requests exceeded"))
        self._queued += 1
        try:
            yield
        finally:
            self._queued -= 1

    def _load(self, model: StandInModel, asked: ChatRequest) -> None:
        if self.loaded.get(model.name, -1) != asked.num_ctx:
            self.loaded[model.name] = asked.num_ctx
            self.loads += 1

    def _release(self, model: StandInModel, asked: ChatRequest) -> None:
        if asked.keep_alive == 0:
            self.loaded.pop(model.name, None)

    def _model(self, name: str) -> StandInModel:
        found = next((model for model in self.models if model.name in {name, f"{name}:latest"}), None)
        if found is None:
            raise Instead(error(404, f"model '{name}' not found"))
        return found


def read(request: Request, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(request.body, type=kind)
    except msgspec.DecodeError as failure:
        raise Instead(error(400, str(failure))) from failure
