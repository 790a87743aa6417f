"""The whole of Popote in one process, on a loopback port, and people who use it: for tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from popote_kit.bootstrap import SERVICES
from popote_kit.testing import PASSWORD, FreshDatabase, serving
from popote_launcher import services

SECRET: Final = "for tests only, and long enough for them"


@dataclass
class Person:
    """Somebody with an account, and what the app on their phone holds."""

    client: httpx.AsyncClient
    email: str
    password: str
    answer: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.answer["user"]["id"])

    @property
    def household(self) -> str:
        return str(self.answer["household"]["id"])

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request with this person's token."""
        headers = {"Authorization": f"Bearer {self.answer['tokens']['access_token']}", **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)


class House:
    """The running whole."""

    def __init__(self, base_url: str, client: httpx.AsyncClient, every: list[services.Service]) -> None:
        self.base_url = base_url
        self.client = client
        self.services = every

    async def sign_up(self, name: str, **more: Any) -> Person:
        """Register; with an `invitation_code`, into that household, else into a new one."""
        password = "leek soup every Sunday evening"
        body = {"email": f"{name}@example.org", "password": password, "display_name": name, **more}
        if "invitation_code" not in body:
            body.setdefault("household_name", f"The house of {name}")
        answer = await self.client.post("/api/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        return Person(self.client, body["email"], password, answer.json())

    async def invite(self, host: Person, name: str, role: str = "adult") -> Person:
        invitation = await host.ask("POST", "/api/auth/invitations", json={"role": role})
        assert invitation.status_code == 201, invitation.text
        return await self.sign_up(name, invitation_code=invitation.json()["code"])


def environment(database: FreshDatabase, redis_url: str, state: Path) -> dict[str, str]:
    """Return the variables for the whole on a migrated test database; `X-Real-IP` says where a caller is."""
    given = {f"{name.upper()}_DATABASE_PASSWORD": PASSWORD for name in SERVICES}
    given["GATEWAY_TRUSTED_EDGE"] = "127.0.0.1"  # so that a test may say where it calls from
    given |= {"CONFIG_ALLOW_LOOPBACK": "true", "CONFIG_STATE_DIR": str(state), "AUTH_SETUP_CODE": "let me in"}
    given["RECIPES_IMAGES_FOLDER"] = str(state / "images")
    return services.environment(given, database_url=database.admin_url, redis_url=redis_url, secret=SECRET)


@asynccontextmanager
async def open_house(environ: dict[str, str], port: int = 0) -> AsyncIterator[House]:
    """Run every service and the gateway, in a task of their own: fixtures end in another task than they began in."""
    ready: asyncio.Future[House] = asyncio.get_running_loop().create_future()
    leaving = asyncio.Event()
    living = asyncio.create_task(_live(environ, port, ready, leaving))
    either: list[asyncio.Future[Any]] = [ready, living]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    try:
        if ready.done():
            yield ready.result()
    finally:
        leaving.set()
        await living


async def _live(environ: dict[str, str], port: int, ready: asyncio.Future[House], leaving: asyncio.Event) -> None:
    async with AsyncExitStack() as stack:
        every, gateway = services.assemble(environ)
        await services.start(every, stack)
        base_url = await stack.enter_async_context(serving(gateway, port))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=base_url, timeout=30))
        ready.set_result(House(base_url, client, every))
        await leaving.wait()
