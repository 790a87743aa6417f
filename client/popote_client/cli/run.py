"""From a command to a connection."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import httpx
import typer

from popote_client.client import Popote
from popote_client.diagnosis import is_home_host
from popote_client.language import say

T = TypeVar("T")

LAST_PORT = 65535

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
        async with Popote(server or named_url()) as popote:
            return await work(popote)

    return asyncio.run(connected())


def named_url() -> str | None:
    return typed_url(os.environ.get("POPOTE_SERVER"), "POPOTE_SERVER")


def typed_url(text: str | None, where: str) -> str | None:
    """Complete an address typed without its scheme: http at home, https elsewhere.

    Raises:
        BadParameter: what stands at `where` is no web address.
    """
    if not text:
        return None
    try:
        url = httpx.URL(text if "://" in text else f"//{text}")
        url = url if url.scheme else httpx.URL(f"{'http' if is_home_host(url.host) else 'https'}://{text}")
    except httpx.InvalidURL as error:
        raise typer.BadParameter(str(error), param_hint=where) from error
    if url.scheme not in {"http", "https"} or not url.host or not 0 < (url.port or 80) <= LAST_PORT:
        raise typer.BadParameter(say("not a web address", "pas une adresse web"), param_hint=where)
    return str(url).rstrip("/")
