"""From a command to a connection."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from popote_client.client import Popote
from popote_client.language import say

T = TypeVar("T")

Server = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help=say(
            "Where Popote runs. Default: POPOTE_SERVER, else the last one, else http://127.0.0.1:8080.",
            "Où tourne Popote. Par défaut : POPOTE_SERVER, sinon le dernier, sinon http://127.0.0.1:8080.",
        ),
    ),
]


def run(work: Callable[[Popote], Awaitable[T]], server: str | None = None) -> T:
    """Do some work with a connection to Popote."""

    async def connected() -> T:
        async with Popote(server) as popote:
            return await work(popote)

    return asyncio.run(connected())
