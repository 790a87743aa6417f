"""What the gateway's hop costs: a service asked directly, through the gateway in one process, and through it by HTTP.

    python bench/hop.py [seconds]

Every server is a process of its own with uvicorn; the service is a raw ASGI app that answers 1 KB. Load comes from this
process over plain sockets, so requests per second hold for this machine alone: read the servers' CPU and the ratios.
The ways are measured in turns, three rounds, and the median is printed.
"""

import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from popote_gateway.app import create_app
from popote_gateway.carriers import Carrier
from popote_gateway.carriers.http import Http
from popote_gateway.carriers.in_process import InProcess
from popote_gateway.settings import Settings
from popote_kit.serve import run

CONNECTIONS = (1, 16, 64)
ROUNDS = 3
BODY = b"x" * 1024
REQUEST = (
    b"GET /api/chat/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer abcdefghijklmnop\r\nAccept: */*\r\n\r\n"
)
SECRET = "a secret of this measurement, 32 characters"


async def service(scope: Any, receive: Any, send: Any) -> None:
    """Answer 1 KB; as a service does, after the request was read."""
    if scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
        return
    await receive()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"1024")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


def serve(way: str, port: int, upstream: int) -> None:
    carriers: dict[str, Carrier] = {
        "in_process": InProcess({"chat": service}),
        "http": Http({"chat": f"http://127.0.0.1:{upstream}"}),
    }
    app = service if way == "direct" else create_app(Settings(secret=SECRET), carriers[way])
    run(app, "127.0.0.1", port)


def free_port() -> int:
    with socket.socket() as once:
        once.bind(("127.0.0.1", 0))
        return int(once.getsockname()[1])


@contextmanager
def served(way: str, upstream: int = 0) -> Iterator[tuple[int, int]]:
    port = free_port()
    process = subprocess.Popen([sys.executable, __file__, "serve", way, str(port), str(upstream)])
    try:
        for _ in range(200):
            time.sleep(0.05)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        yield process.pid, port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def load(port: int, connections: int, seconds: float) -> int:
    """Return how many requests were answered."""
    until = time.monotonic() + seconds

    async def one() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while time.monotonic() < until:
            writer.write(REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            await reader.readexactly(1024)
            count += 1
        writer.close()
        return count

    return sum(await asyncio.gather(*(one() for _ in range(connections))))


def measure(seconds: float) -> None:
    with served("direct") as direct, served("in_process") as inside, served("http", direct[1]) as outside:
        ways = {"direct": direct, "in_process": inside, "http": outside}
        for pid, port in ways.values():
            once(pid, port, connections=16, seconds=0.5)  # warms up
        turns = [(way, connections) for way in ways for connections in CONNECTIONS] * ROUNDS
        found: dict[tuple[str, int], list[tuple[float, float]]] = {}
        for way, connections in turns:
            found.setdefault((way, connections), []).append(once(*ways[way], connections, seconds))
    report({turn: medians(rounds) for turn, rounds in found.items()})


def once(pid: int, port: int, connections: int, seconds: float) -> tuple[float, float]:
    """Return requests a second, and CPU µs of the server a request."""
    before = cpu_s(pid)
    count = uvloop.run(load(port, connections, seconds))
    return count / seconds, (cpu_s(pid) - before) / count * 1e6


def medians(rounds: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(rate for rate, _ in rounds), statistics.median(cpu for _, cpu in rounds)


def report(found: dict[tuple[str, int], tuple[float, float]]) -> None:
    print("| way | connections | requests/s | CPU µs a request | over direct, µs |\n|---|---|---|---|---|")
    for (way, connections), (rate, cpu) in found.items():
        print(f"| {way} | {connections} | {rate:,.0f} | {cpu:.0f} | {cpu - found['direct', connections][1]:.0f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        measure(float(sys.argv[1]) if sys.argv[1:] else 3.0)
