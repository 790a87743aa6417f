"""The main job: from nothing to a streamed answer, and the same conversation on another device."""

import asyncio
import os
import sys
from pathlib import Path


async def popote(home: Path, *words: str, stdin: str = "") -> str:
    """Run the `popote` command as a person with this home would; return what it prints."""
    environ = {**os.environ, "POPOTE_CLIENT_HOME": str(home), "LANG": "en_US.UTF-8", "NO_COLOR": "1"}
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("popote"),
        *words,
        env=environ,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin.encode())
    assert process.returncode == 0, (words, out.decode(), err.decode())
    return out.decode()
