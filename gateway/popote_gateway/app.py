"""The gateway, put together: what is refused, what it answers itself, and what it takes to a service."""

import logging
from typing import Final

from popote_gateway import headers, pages, paths, readiness, table
from popote_gateway.answer import Answer
from popote_gateway.asgi import App, Header, Headers, Receive, Scope, Send, first, values
from popote_gateway.carriers import Carrier
from popote_gateway.clients import Clients
from popote_gateway.cors import METHODS, Cors
from popote_gateway.errors import BodyEncoded
from popote_gateway.exchange import Patience, exchange
from popote_gateway.hosts import Hosts
from popote_gateway.request import Body, Request
from popote_gateway.settings import Settings
from popote_kit import codec, errors
from popote_kit.problems import MethodNotAllowed, NotFound, Problem

TAKEN_METHODS: Final = frozenset({*METHODS.decode().split(", "), "OPTIONS"})
READS: Final = frozenset({"GET", "HEAD"})
JSON: Final = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]

log = logging.getLogger(__name__)


def create_app(settings: Settings, carrier: Carrier) -> App:
    """Return the gateway's ASGI app; its lifespan opens and closes `carrier`.

    Raises:
        SettingsError: a list in the settings has a wrong entry.
    """
    return Gateway(settings, carrier)


class Gateway:
    def __init__(self, settings: Settings, carrier: Carrier) -> None:
        self._carrier = carrier
        self._hosts = Hosts(settings.host_names())
        self._cors = Cors(settings.origins())
        self._clients = Clients(settings.edge(), settings.secret)
        self._patience = Patience(settings.deadline_s, settings.silence_s)
        self._always = _always(settings)
        self._pages = pages.load()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._carrier:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = headers.request_id(scope["headers"])
        body = Body(receive, headers.body_length(scope["headers"]))
        always = [(b"x-request-id", request_id.encode()), *self._always, *self._cors.on_answer(scope["headers"])]
        answer = Answer(send, scope["method"], body, always)
        try:
            await self._serve(scope, body, answer, request_id)
        except Problem as problem:
            await _refuse(scope, answer, problem, request_id)
        except Exception:
            log.exception("unforeseen", extra={"path": scope["path"], "request_id": request_id})
            await _refuse(scope, answer, Problem(), request_id)
        finally:
            body.end()

    async def _serve(self, scope: Scope, body: Body, answer: Answer, request_id: str) -> None:
        path, given = scope["raw_path"], scope["headers"]
        paths.check(path, scope["query_string"])
        self._hosts.check(given, is_health=path in (table.LIVE, table.READY))
        if scope["method"] not in TAKEN_METHODS:
            raise MethodNotAllowed(headers={"Allow": METHODS.decode()})
        preflight = self._cors.preflight(scope["method"], given)
        if preflight is not None:
            await answer.give(204, preflight)
        elif route := table.find(path):
            body.max_bytes = route.max_body
            patience = (
                self._patience if route.deadline_s is None else self._patience._replace(deadline_s=route.deadline_s)
            )
            passed = self._pass(scope, body, request_id, patience)
            request = Request(scope["method"], path, scope["query_string"], passed, body)
            await exchange(self._carrier, route.service, request, answer, patience)
        else:
            await self._serve_own(scope["method"], path, given, answer)

    def _pass(self, scope: Scope, body: Body, request_id: str, patience: Patience) -> list[Header]:
        """Return the headers that go to a service: those that may, and ours."""
        if values(scope["headers"], b"content-encoding"):
            raise BodyEncoded
        body.check_length()
        length = [(b"content-length", b"%d" % body.length)] if body.length else []
        return [
            *headers.to_service(scope["headers"]),
            *length,
            (b"x-request-id", request_id.encode()),
            (b"x-deadline-ms", b"%d" % (patience.deadline_s * 1000)),
            *self._clients.header(scope),
        ]

    async def _serve_own(self, method: str, path: bytes, given: Headers, answer: Answer) -> None:
        page = self._pages.get(path)
        if page is None and path not in (table.LIVE, table.READY):
            raise NotFound
        if method not in READS:
            raise MethodNotAllowed(headers={"Allow": "GET, HEAD"})
        if page is not None:
            await page.serve(given, answer)
        elif path == table.LIVE:
            await answer.give(200, JSON, b'{"status":"ok"}')
        else:
            state = await readiness.ask_all(self._carrier)
            await answer.give(200 if state.status == "ok" else 503, JSON, codec.encode(state))


def _always(settings: Settings) -> list[Header]:
    hsts = [(b"strict-transport-security", b"max-age=%d" % settings.hsts_s)] if settings.hsts_s else []
    return [(b"x-content-type-options", b"nosniff"), *hsts]


async def _refuse(scope: Scope, answer: Answer, problem: Problem, request_id: str) -> None:
    """Answer with the problem; where an answer has begun, leave it unfinished, so that the client sees it broke off."""
    if problem.status >= 500:  # noqa: PLR2004 - ours, not the client's
        facts = {"path": scope["path"], "request_id": request_id, "cause": repr(problem.__cause__)}
        log.warning(problem.title, extra={**problem.facts, **facts})
    if answer.has_started:
        return
    content, told = errors.answer(problem, first(scope["headers"], b"accept-language"), request_id)
    own = [(name.lower().encode(), str(value).encode()) for name, value in told.items()]
    await answer.give(problem.status, [*own, (b"cache-control", b"no-store")], content)
