"""The load: a closed loop of keep-alive connections, each sending its next request when the last one is answered.

Runs as a process of its own (`python -m bench.load`): a `Job` comes as JSON on standard input, an `Outcome` goes to
standard output. It reads the CPU time of the processes under load itself, so that both ends of the window are the same.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from statistics import quantiles
from uuid import uuid4

import httptools
import msgspec
import psutil  # type: ignore[import-untyped]  # its stubs are a package more
import uvloop

FRESH_ID = b"@id@"  # in a header or a body, each becomes an id of its own
LAST_ID = b"@last@"  # becomes the last such id of the request before


class Call(msgspec.Struct):
    """A request to send."""

    path: str
    headers: dict[str, str] = {}
    method: str = "GET"
    body: str = ""
    status: int = 200  # any other answer fails the run
    is_timed: bool = True  # or else it only prepares the next

    def wire(self, host: str) -> bytes:
        headers = {"Host": host, **self.headers}
        if self.body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(self._length())}
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", self.body]).encode()

    def _length(self) -> int:
        body, some_id = self.body.encode(), str(uuid4()).encode()
        return len(body.replace(LAST_ID, some_id).replace(FRESH_ID, some_id))


class Job(msgspec.Struct):
    """What to send, in turn, to whom, for how long; and the processes to watch, each with its children."""

    port: int
    calls: list[Call]
    connections: int
    seconds: float
    warmup: float
    watch: dict[str, int]


class Outcome(msgspec.Struct):
    """What one window saw; times in seconds."""

    requests: int
    seconds: float
    p50: float
    p95: float
    cpu: dict[str, float]

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def cpu_us(self, name: str = "server") -> float:
        """Return the CPU time of a watched process for each request, in µs."""
        return self.cpu[name] / self.requests * 1e6


class Load:
    """What all connections share."""

    def __init__(self, job: Job) -> None:
        host = f"127.0.0.1:{job.port}"
        self.turn: Iterator[tuple[bytes, Call]] = cycle([(call.wire(host), call) for call in job.calls])
        self.durations: list[float] = []
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fail(self, reason: str) -> None:
        if not self.failed.done():
            self.failed.set_exception(RuntimeError(reason))


class Connection(asyncio.Protocol):
    """One connection, with one request under way at a time."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._body = b""
        self._id = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP gives this kind
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request, self._call = next(self._load.turn)
        request = request.replace(LAST_ID, self._id)
        while FRESH_ID in request:
            self._id = str(uuid4()).encode()
            request = request.replace(FRESH_ID, self._id, 1)
        self._parser = httptools.HttpResponseParser(self)
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body = body

    def on_message_complete(self) -> None:
        if self._call.is_timed:
            self._load.durations.append(time.perf_counter() - self._sent)
        status = self._parser.get_status_code()
        if status != self._call.status:
            self._load.fail(f"answered {status}, not {self._call.status}: {self._body[:300]!r}")
            self._transport.close()
        elif not self._transport.is_closing():
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._load.fail(f"the connection was lost: {error!r}")


async def run(job: Job) -> Outcome:
    """Load the server; measure what happens between the warm-up and the end."""
    load = Load(job)
    loop = asyncio.get_running_loop()
    for _ in range(job.connections):
        await loop.create_connection(lambda: Connection(load), "127.0.0.1", job.port)
    await _wait(load, job.warmup)
    before = {name: cpu_seconds(pid) for name, pid in job.watch.items()}
    load.durations.clear()
    start = time.perf_counter()
    await _wait(load, job.seconds)
    elapsed, durations = time.perf_counter() - start, load.durations.copy()
    spent = {name: cpu_seconds(pid) - before[name] for name, pid in job.watch.items()}
    if len(durations) < 2:  # noqa: PLR2004 - what quantiles need
        raise RuntimeError(f"{len(durations)} answers in {job.seconds} s")
    cuts = quantiles(durations, n=100, method="inclusive")
    return Outcome(len(durations), elapsed, cuts[49], cuts[94], spent)


async def _wait(load: Load, seconds: float) -> None:
    done, _ = await asyncio.wait([load.failed], timeout=seconds)
    for failure in done:
        failure.result()


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process and its children have had, in user and kernel mode."""
    process = psutil.Process(pid)
    return sum(sum(each.cpu_times()[:2]) for each in [process, *process.children(recursive=True)])


if __name__ == "__main__":
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(run(job))))
