"""Whether the whole can serve: every service is asked at once."""

import asyncio
import logging
from typing import Final, Literal

import msgspec

from popote_gateway.asgi import Message
from popote_gateway.carriers import Carrier
from popote_gateway.errors import ServiceAway
from popote_gateway.request import Body, Request
from popote_gateway.table import READY, SERVICES
from popote_kit import codec
from popote_kit.problems import Problem

DEADLINE_S: Final = 3.0
MAX_REPORT_BYTES: Final = 16 * 1024
OK: Final = 200

log = logging.getLogger(__name__)

State = Literal["ok", "unavailable"]


class ServiceState(msgspec.Struct, omit_defaults=True):
    """What one service said: why it can't serve and, where it told, each of its checks."""

    status: State
    reason: str = ""
    checks: dict[str, str] = {}


class Readiness(msgspec.Struct):
    status: State
    services: dict[str, ServiceState]


class _Report(msgspec.Struct):
    checks: dict[str, str] = {}


class _Collected:
    """The answer of a service, gathered; longer ones are cut."""

    def __init__(self) -> None:
        self.status = 0
        self.content = b""

    async def send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.content = (self.content + message.get("body", b""))[:MAX_REPORT_BYTES]


async def ask_all(carrier: Carrier, deadline_s: float = DEADLINE_S) -> Readiness:
    """Return the state of every service, after `deadline_s` at the latest."""
    states = await asyncio.gather(*(_ask(carrier, service, deadline_s) for service in SERVICES))
    status: State = "ok" if all(state.status == "ok" for state in states) else "unavailable"
    return Readiness(status, dict(zip(SERVICES, states, strict=True)))


async def _ask(carrier: Carrier, service: str, deadline_s: float) -> ServiceState:
    body, answer = Body(_never, 0), _Collected()
    try:
        async with asyncio.timeout(deadline_s):
            await carrier.call(service, Request("GET", READY, b"", [], body), answer.send)
    except ServiceAway:
        return ServiceState("unavailable", "it can't be reached")
    except TimeoutError:
        return ServiceState("unavailable", f"no answer within {deadline_s:g} s")
    except Exception:
        log.exception("a service broke when it was asked whether it is ready", extra={"of": service})
        return ServiceState("unavailable", "it broke")
    finally:
        body.end()
    return _read(answer)


def _read(answer: _Collected) -> ServiceState:
    try:
        checks = codec.decode(answer.content, _Report).checks
    except Problem:  # not as services of this version say it
        checks = {}
    if answer.status == OK:
        return ServiceState("ok", checks=checks)
    return ServiceState("unavailable", "it is not ready", checks)


async def _never() -> Message:
    return await asyncio.Future()
