"""What was acknowledged is there, once, whatever is killed meanwhile."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from popote_kit.testing import new_id
from popote_launcher import services
from popote_launcher.embedded import Postgres
from popote_launcher.supervisor import watch
from popote_launcher.testing import SECRET, House, Person, open_house

PHONES = 4
KILLS = 3


def batch() -> list[dict[str, Any]]:
    ids = [str(new_id()) for _ in range(5)]
    return [{"id": id, "role": "user", "content": id, "created_at": "2026-11-23T10:00:00Z"} for id in ids]


async def insist(person: Person, method: str, path: str, **options: Any) -> tuple[httpx.Response, int]:
    """Do what a phone does: ask again until it is answered; return the answer and how often it was not."""
    for failures in range(300):
        try:
            answer = await person.ask(method, path, **options)
            if answer.status_code == 200:
                return answer, failures
            assert answer.status_code in (503, 504), answer.text
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    pytest.fail("PostgreSQL came back, and the request was never answered")


@pytest.mark.timeout(180)
async def test_killing_postgresql_during_writes_loses_and_doubles_nothing(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path / "postgres", tmp_path / "run", password="for this test only")
    await asyncio.to_thread(postgres.start)
    try:
        async with on_its_own(postgres, tmp_path) as house:
            her = await house.sign_up("her")
            conversation = (await her.ask("POST", "/api/chat/conversations", json={})).json()["id"]
            path = f"/api/chat/conversations/{conversation}/messages"
            watcher = asyncio.create_task(watch(postgres))
            killer = asyncio.create_task(kill_now_and_then(postgres))
            sent = await asyncio.gather(*(send_meanwhile(her, path, killer) for _ in range(PHONES)))
            found = await read_all(her, path)
            watcher.cancel()
        failures = sum(failures for _, failures in sent)
        assert failures >= KILLS, "the kills were not felt"
        assert sorted(found) == sorted(content for contents, _ in sent for content in contents)
    finally:
        await asyncio.to_thread(postgres.stop)


@asynccontextmanager
async def on_its_own(postgres: Postgres, folder: Path) -> AsyncIterator[House]:
    given = {"CONFIG_STATE_DIR": str(folder / "state")}
    environ = services.environment(given, database_url=postgres.dsn(), redis_url="", secret=SECRET)
    every, _ = services.assemble(environ)
    await services.prepare(postgres.dsn(), every)
    async with open_house(environ) as house:
        yield house


async def send_meanwhile(person: Person, path: str, killer: asyncio.Task[None]) -> tuple[list[str], int]:
    """Save batch after batch until the killing is over; return what was acknowledged, and how often one was not."""
    contents: list[str] = []
    failures = 0
    while not killer.done():
        messages = batch()
        answer, failed = await insist(person, "PUT", path, json={"messages": messages})
        assert answer.json() == {"stored": len(messages)}
        contents += [message["content"] for message in messages]
        failures += failed
        await asyncio.sleep(0.02)
    return contents, failures


async def kill_now_and_then(postgres: Postgres) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(1)
        postmaster = int(postgres.pid_file.read_text().split()[0])
        with suppress(ProcessLookupError):  # it is still down from the last time
            os.kill(postmaster, signal.SIGKILL)


async def read_all(person: Person, path: str) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        answer, _ = await insist(person, "GET", path, params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
        page = answer.json()
        found += [item["content"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found
