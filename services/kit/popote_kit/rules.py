"""What holds for many routes of many services: who may call them, and what may go wrong with any."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from popote_kit.identity import Caller
from popote_kit.problems import Forbidden, Invalid, Malformed, NotFound, Unauthenticated, Unavailable
from popote_kit.quantity import TooMuch, UnknownConversion, UnknownUnit

READ: Final = (Unauthenticated, Malformed, Invalid, Unavailable)
WRITE: Final = (*READ, Forbidden, NotFound)
COUNTED: Final = (UnknownUnit, UnknownConversion, TooMuch)
KEYED: Final = {"idempotency": "needed"}
ASKS: Final = {"idempotency": "none"}  # a POST that changes nothing


async def adults_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let owners and adults pass: a Litestar guard."""
    _caller(connection).require("owner", "adult")


async def no_guests(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let everyone pass who belongs to the household: a Litestar guard."""
    _caller(connection).require("owner", "adult", "child")


def _caller(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    caller: Caller = connection.scope["state"]["caller"]
    return caller
