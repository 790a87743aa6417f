"""`/healthz`: the process lives. `/readyz`: it can serve."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from popote_kit.database import Database
from popote_kit.problems import Unavailable

Check = Callable[[], Awaitable[object]]
DEADLINE_S: Final = 2.0


class Health(msgspec.Struct):
    """`checks` names each part that was asked, with `ok` or the reason why not."""

    status: str
    checks: dict[str, str] = {}


def database_check(database: Database) -> Check:
    async def check() -> None:
        async with database.kitchen() as kitchen:
            await kitchen.fetchval("SELECT 1")

    return check


def routes(checks: Mapping[str, Check]) -> list[HTTPRouteHandler]:
    """Return the two handlers; the service is ready when every check passes."""

    @get("/healthz", operation_id="healthz", include_in_schema=False)
    async def healthz() -> Health:
        return Health("ok")

    @get("/readyz", operation_id="readyz", include_in_schema=False)
    async def readyz() -> Response[Health]:
        outcomes = dict(zip(checks, await asyncio.gather(*map(_outcome, checks.values())), strict=True))
        is_ready = all(outcome == "ok" for outcome in outcomes.values())
        health = Health("ok" if is_ready else "unavailable", outcomes)
        return Response(health, status_code=200 if is_ready else 503)

    return [healthz, readyz]


async def _outcome(check: Check) -> str:
    try:
        await asyncio.wait_for(check(), DEADLINE_S)
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is a reason
        told_by = error.__cause__ if isinstance(error, Unavailable) else None
        return type(told_by or error).__name__
    return "ok"
