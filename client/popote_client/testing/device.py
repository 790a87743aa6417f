"""Somebody's computer, with the `popote` command on it."""

import asyncio
import os
import sys
from pathlib import Path
from typing import NamedTuple

POPOTE = Path(sys.executable).with_name("popote")


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Device:
    """Runs `popote` as a person would; what it remembers goes under `home`."""

    def __init__(self, home: Path, **environ: str) -> None:
        self.home = home
        self._environ = {"POPOTE_CLIENT_HOME": str(home), "LANG": "en_US.UTF-8", "NO_COLOR": "1"} | environ

    async def run(self, *words: str, stdin: str = "", **environ: str) -> Ran:
        """Run a command to its end, whatever its exit code."""
        process = await asyncio.create_subprocess_exec(
            POPOTE,
            *words,
            env=os.environ | self._environ | environ,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(stdin.encode())
        return Ran(process.returncode or 0, out.decode(), err.decode())

    async def popote(self, *words: str, stdin: str = "") -> str:
        """Run a command that goes well; return what it prints.

        Raises:
            AssertionError: it did not.
        """
        ran = await self.run(*words, stdin=stdin)
        if ran.code:
            raise AssertionError(words, ran)
        return ran.out

    async def on_terminal(self, *words: str, answers: str = "", columns: int = 80) -> str:
        """Run a command on a terminal of that width, typing `answers` ahead; return what it showed."""
        from popote_client.testing.terminal import on_a_terminal  # noqa: PLC0415  # Windows has no pseudo-terminals

        return await on_a_terminal(os.environ | self._environ, POPOTE, *words, answers=answers, columns=columns)
