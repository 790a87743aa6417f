"""Rounds: whatever goes wrong in one, the next one comes; and with the service they end."""

import asyncio
import logging

import pytest

from popote_kit.problems import Unavailable
from popote_kit.rounds import rounds


class Work:
    """Something that fails in the ways that it is given, round by round, and then goes well."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.is_done = asyncio.Event()
        self.rounds = 0

    async def do(self) -> None:
        self.rounds += 1
        if self._failures:
            raise self._failures.pop(0)
        self.is_done.set()


async def test_what_fails_is_logged_and_the_next_round_comes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "popote_kit.rounds")
    work = Work(ValueError("broken"), Unavailable())
    async with rounds(work.do, every_s=0, failing="the pot can't be stirred", facts={"pot": 3}):
        await asyncio.wait_for(work.is_done.wait(), 5)
    assert work.rounds >= 3
    broken, away = caplog.records
    assert (broken.levelname, broken.getMessage()) == ("ERROR", "the pot can't be stirred")
    assert broken.exc_info
    assert (away.levelname, away.getMessage(), away.exc_info) == ("INFO", "the pot can't be stirred now", None)
    assert [vars(record)["pot"] for record in caplog.records] == [3, 3]


async def test_between_two_rounds_there_is_a_pause() -> None:
    work = Work()
    async with rounds(work.do, every_s=3600, failing=""):
        await asyncio.wait_for(work.is_done.wait(), 5)
        for _ in range(10):
            await asyncio.sleep(0)
    assert work.rounds == 1


async def test_the_round_that_is_under_way_ends_with_the_service() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def do() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with rounds(do, every_s=0, failing=""):
        await asyncio.wait_for(begun.wait(), 5)
        assert not ended.is_set()
    assert ended.is_set()
