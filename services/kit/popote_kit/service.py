"""A service put together: what all of them have in common, so that `app.py` tells only what is its own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ASGIApp, ControllerRouterHandler, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from popote_kit import contract, errors, health, idempotency, outbox, sync
from popote_kit.clock import Clock
from popote_kit.codec import JSONResponse, StrictRequest
from popote_kit.database import Database
from popote_kit.etags import provide_if_match
from popote_kit.identity import NEEDS_CALLER, Keys, Verifier, auth_keys, provide_caller, require_caller
from popote_kit.peers import Peers
from popote_kit.problems import NotFound
from popote_kit.settings import ServiceSettings
from popote_kit.work import provide_kitchen, unit_of_work

log = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 1024 * 1024
SWEEP_EVERY_S: Final = 3600
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def service(  # noqa: PLR0913 - the parts of a service, by name
    name: str,
    settings: ServiceSettings,
    *,
    title: str,
    routes: Sequence[ControllerRouterHandler],
    peers: Peers,
    clock: Clock,
    database: Database | None = None,
    verifier: Verifier | None = None,
    dependencies: Mapping[str, object] | None = None,
    lifespan: Sequence[Lifespan] = (),
    checks: Mapping[str, health.Check] | None = None,
    sweeps: bool = True,
) -> Litestar:
    """Return the ASGI app of the service `name`; it connects to nothing before the first request.

    Handlers may ask for `kitchen`, `caller`, `if_match`, `database`, `clock` and whatever `dependencies` adds
    (values, not providers). `checks` replaces the readiness check of the database. With `sweeps`, old idempotency keys,
    tombstones and events are cleared away every hour.
    """
    database = database or open_database(name, settings, clock)
    verifier = verifier or Verifier(Keys(auth_keys(peers), clock=clock), issuer=settings.issuer, clock=clock)
    values = {"database": database, "clock": clock, **(dependencies or {})}
    checks = {"database": health.database_check(database)} if checks is None else checks
    app = Litestar(
        route_handlers=[*routes, *health.routes(checks)],
        dependencies={
            "caller": Provide(provide_caller),
            "kitchen": Provide(provide_kitchen),
            "if_match": Provide(provide_if_match),
            **{key: Provide(_value(value), sync_to_thread=False) for key, value in values.items()},
        },
        guards=[require_caller],
        middleware=[request_id, plain_path, unit_of_work(database)],
        exception_handlers=errors.HANDLERS,
        request_class=StrictRequest,
        response_class=JSONResponse,
        request_max_body_size=MAX_BODY_BYTES,
        lifespan=[_house(database, peers, sweeps=sweeps, clock=clock), *lifespan],
        state=State({"verifier": verifier, "service_verifier": verifier.for_services_calling(name)}),
        openapi_config=contract.config(title),
        plugins=[contract.AmountsAreNumbers()],
        logging_config=None,
    )
    for _, _, handler in contract.operations(app):
        handler.opt[NEEDS_CALLER] = "caller" in contract.needs(handler)
    return app


def open_database(name: str, settings: ServiceSettings, clock: Clock) -> Database:
    """Return the service's database, as its settings say."""
    return Database(settings.database_url, schema=name, password=settings.database_password, clock=clock)


def request_id(app: ASGIApp) -> ASGIApp:
    """Bind the gateway's request id to everything that is logged meanwhile."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        found = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        with bound_contextvars(request_id=found.decode("latin-1")[:64]):
            await app(scope, receive, send)

    return handle


def plain_path(app: ASGIApp) -> ASGIApp:
    """Let only one spelling of a path through: Litestar takes `//x`, `/x/` and `/%78` for `/x`."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if "//" in path or (path.endswith("/") and path != "/") or scope.get("raw_path") not in (None, path.encode()):
            raise NotFound
        await app(scope, receive, send)

    return handle


def _value(value: object) -> Callable[[], Any]:
    def give() -> Any:
        return value

    return give


def _house(database: Database, peers: Peers, *, sweeps: bool, clock: Clock) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(_sweep(database, clock)) if sweeps else None
        try:
            yield
        finally:
            if sweeper:
                sweeper.cancel()
            await peers.close()
            await database.close()

    return lifespan


async def _sweep(database: Database, clock: Clock) -> None:
    while True:
        await asyncio.sleep(SWEEP_EVERY_S)
        for what in (idempotency, sync, outbox):
            try:
                await what.sweep(database, clock())
            except Exception:
                log.exception("what is too old could not be swept", extra={"table": what.__name__})
