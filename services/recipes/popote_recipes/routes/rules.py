"""What holds for many routes: who may call them, and what may go wrong with any."""

from decimal import Decimal
from typing import Annotated, Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from popote_kit.identity import Caller
from popote_kit.problems import Forbidden, Invalid, Malformed, NotFound, Unauthenticated, Unavailable
from popote_kit.quantity import TooMuch, UnknownConversion, UnknownUnit
from popote_recipes.model.recipes import MAX_SERVINGS

READ: Final = (Unauthenticated, Malformed, Invalid, Unavailable)
WRITE: Final = (*READ, Forbidden, NotFound)
COUNTED: Final = (UnknownUnit, UnknownConversion, TooMuch)
KEYED: Final = {"idempotency": "needed"}
ASKS: Final = {"idempotency": "none"}  # a POST that changes nothing

Words = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=100, description="Words to look for; accents and small typos do not matter."
    ),
]

Servings = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[0-9]{1,4}(\.[0-9]{1,6})?$", description="For how many, above 0 and up to 1000: 6 or 2.5."
    ),
]


def servings_of(text: str | None) -> Decimal | None:
    """Return the number of servings that a query names.

    Raises:
        Invalid: it is zero, or more than 1000.
    """
    if text is None:
        return None
    servings = Decimal(text)
    if not 0 < servings <= MAX_SERVINGS:
        message = f"A number above 0, up to {MAX_SERVINGS}"
        raise Invalid(errors=[{"pointer": "/servings", "message": message}])
    return servings


async def adults_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let owners and adults pass: a Litestar guard."""
    _caller(connection).require("owner", "adult")


async def no_guests(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let everyone pass who belongs to the household: a Litestar guard."""
    _caller(connection).require("owner", "adult", "child")


def _caller(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    caller: Caller = connection.scope["state"]["caller"]
    return caller
