"""A command on a terminal of its own, where the system has pseudo-terminals."""

import asyncio
import os
import pty
from collections.abc import Mapping


async def on_a_terminal(
    environ: Mapping[str, str], *command: str | os.PathLike[str], answers: str = "", columns: int = 120
) -> str:
    """Run a command, typing `answers` ahead; return what it showed."""
    ours, theirs = pty.openpty()
    os.write(ours, answers.encode())
    process = await asyncio.create_subprocess_exec(
        *command, env={**environ, "TERM": "xterm", "COLUMNS": str(columns)}, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = await asyncio.to_thread(read_all, ours)
    await process.wait()
    os.close(ours)
    return shown


def read_all(terminal: int) -> str:
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            return shown.decode()
        shown += piece
