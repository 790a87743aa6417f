"""Run the stand-in by itself, to try Popote without a model: `python -m popote_client.testing`."""

import argparse
import asyncio
import os
import sys
from contextlib import suppress

from popote_client.testing import Play, StandInOllama

LOAD_S, TOKEN_S = 2.0, 0.05  # slow enough to be seen


async def serve(host: str, port: int) -> None:
    async with StandInOllama(script=Play(load_s=LOAD_S, token_s=TOKEN_S), host=host, port=port) as server:
        told = f"A stand-in for Ollama answers at {server.base_url} (it only says back what it hears)."
        print(told, flush=True)  # noqa: T201
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m popote_client.testing", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at; default: this machine only")
    parser.add_argument("--port", type=int, default=11434)
    arguments = parser.parse_args()
    with suppress(KeyboardInterrupt):
        try:
            asyncio.run(serve(arguments.host, arguments.port))
        except OSError as error:
            sys.exit(f"Can't listen at {arguments.host}, port {arguments.port}: {os.strerror(error.errno or 0)}")


main()
