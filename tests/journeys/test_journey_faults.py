"""What was acknowledged is there, once, whatever is killed meanwhile."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from popote_kit.testing import new_id
from popote_launcher import services
from popote_launcher.embedded import Postgres
from popote_launcher.testing import SECRET, House, Person, open_house

BATCHES = 40
KILLS = 3


def batch(number: int) -> list[dict[str, Any]]:
    return [
        {"id": str(new_id()), "role": "user", "content": f"{number}-{part}", "created_at": "2026-11-23T10:00:00Z"}
        for part in range(5)
    ]


async def send_until_acknowledged(person: Person, path: str, messages: list[dict[str, Any]]) -> None:
    """Do what a phone does: send the same batch again until the answer is 200."""
    for _ in range(200):
        try:
            answer = await person.ask("PUT", path, json={"messages": messages})
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code == 200:
            assert answer.json() == {"stored": len(messages)}
            return
        assert answer is None or answer.status_code in (429, 503, 504), answer.text
        await asyncio.sleep(0.1)
    pytest.fail("PostgreSQL came back, and the batch was never taken")


@pytest.mark.timeout(180)
async def test_killing_postgresql_during_writes_loses_and_doubles_nothing(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", tmp_path / "run", password="for this test only")
    await asyncio.to_thread(postgres.start)
    try:
        async with AsyncExitStack() as stack:
            house = await on_its_own(stack, postgres, tmp_path)
            her = await house.sign_up("her")
            conversation = (await her.ask("POST", "/api/chat/conversations", json={})).json()["id"]
            path = f"/api/chat/conversations/{conversation}/messages"
            batches = [batch(number) for number in range(BATCHES)]
            killer = asyncio.create_task(kill_now_and_then(postgres))
            phones = [batches[phone::4] for phone in range(4)]
            await asyncio.gather(*(send_all(her, path, mine) for mine in phones))
            await killer
            assert sorted(await read_all(her, path)) == sorted(one["content"] for each in batches for one in each)
    finally:
        await asyncio.to_thread(postgres.stop)


async def on_its_own(stack: AsyncExitStack, postgres: Postgres, folder: Path) -> House:
    given = {"CONFIG_STATE_DIR": str(folder / "state")}
    environ = services.environment(given, database_url=postgres.dsn(), redis_url="", secret=SECRET, setup_code="x")
    every, _ = services.assemble(environ)
    await services.prepare(postgres.dsn(), every)
    return await open_house(stack, environ)


async def send_all(person: Person, path: str, batches: list[list[dict[str, Any]]]) -> None:
    for messages in batches:
        await send_until_acknowledged(person, path, messages)
        await asyncio.sleep(0.05)


async def kill_now_and_then(postgres: Postgres) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(0.3)
        postgres.kill()
        await asyncio.to_thread(postgres.start)


async def read_all(person: Person, path: str) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = (await person.ask("GET", path, params={"limit": 200} | ({"cursor": cursor} if cursor else {}))).json()
        found += [item["content"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found
