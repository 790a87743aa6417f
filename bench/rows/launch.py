"""Starting the whole on a fresh folder and again, and what it holds in memory when nobody asks anything."""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.environment import memory_mib
from bench.measure import Pace
from bench.report import Result, at_most
from bench.servers import Site, free_port, started

MEMORY_MIB = 150
SECOND_S = 5
IDLE_S = 3.0


def start(_site: Site, pace: Pace) -> Result:
    times, memory = [], []
    with TemporaryDirectory(prefix="popote-bench-") as folder:
        Path(folder).chmod(0o711)
        for _ in range(1 + max(1, pace.rounds // 2)):
            seconds, found = _up(folder)
            times.append(seconds)
            memory.append(found)
    resident = [each[0] for each in memory]
    return Result(
        "Start and idle memory",
        "`popote up` (what `make run` runs) in a fresh folder, with PostgreSQL and Valkey of its own, and again in the "
        f"same folder; until `/readyz` answers 200 over every service. Memory {IDLE_S:.0f} s after that, of the one "
        "process with the gateway and all services, the databases not counted.",
        ["", "ready after s", "RSS MiB", "PSS MiB"],
        [
            [f"start {number}", f"{seconds:.2f}", f"{rss:.0f}", "" if pss is None else f"{pss:.0f}"]
            for number, (seconds, (rss, pss)) in enumerate(zip(times, memory, strict=True), 1)
        ],
        [
            at_most(f"Idle memory of the one process: under {MEMORY_MIB} MiB", MEMORY_MIB, resident, " MiB"),
            at_most(f"A second start: under {SECOND_S} s to the first good answer", SECOND_S, times[1:], " s"),
        ],
    )


def _up(home: str) -> tuple[float, tuple[float, float | None]]:
    port = free_port()
    variables = {"POPOTE_HOME": home, "POPOTE_HOST": "127.0.0.1", "PORT": str(port)}
    begun = time.perf_counter()
    with started([sys.executable, "-m", "popote_launcher"], variables, port, ready="/readyz") as server:
        seconds = time.perf_counter() - begun
        time.sleep(IDLE_S)
        return seconds, memory_mib(server.pid)
