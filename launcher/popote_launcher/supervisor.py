"""Starts an embedded server again when it dies."""

import asyncio
import logging
from typing import Final

from popote_launcher.embedded import Server

LOOK_EVERY_S: Final = 0.25
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0
STEADY_S: Final = 30.0  # a server that lived this long may die of something new

log = logging.getLogger(__name__)


async def watch(server: Server) -> None:
    """Keep `server` running until cancelled; the pause before each new start doubles while it keeps dying."""
    pause_s = FIRST_PAUSE_S
    now = asyncio.get_running_loop().time
    while True:
        since = now()
        while server.is_alive:  # noqa: ASYNC110 - the process was not started by this loop
            await asyncio.sleep(LOOK_EVERY_S)
        pause_s = FIRST_PAUSE_S if now() - since > STEADY_S else min(pause_s * 2, LONGEST_PAUSE_S)
        log.error("%s died; it starts again", server.name, extra={"last_lines": list(server.last_lines)[-3:]})
        await asyncio.sleep(pause_s)
        server.spawn()
