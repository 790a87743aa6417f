"""Measuring in turns: every round runs each side once, so that what disturbs the machine disturbs all of them."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import msgspec
from bench.load import Call, Job, Outcome
from bench.servers import Server


@dataclass(frozen=True)
class Pace:
    """How long to measure: rounds, and seconds in each, after a warm-up."""

    rounds: int = 5
    seconds: float = 1.2
    warmup: float = 0.3


@dataclass(frozen=True)
class Side:
    """One of those that are compared: a server and what it is asked."""

    name: str
    server: Server
    calls: Sequence[Call]
    connections: int = 16


class Rounds:
    """What each side did in each round."""

    def __init__(self, outcomes: dict[str, list[Outcome]]) -> None:
        self.outcomes = outcomes

    def each(self, name: str, figure: Callable[[Outcome], float]) -> list[float]:
        return [figure(outcome) for outcome in self.outcomes[name]]

    def median(self, name: str, figure: Callable[[Outcome], float]) -> float:
        return median(self.each(name, figure))

    def paired(
        self, name: str, other: str, figure: Callable[[Outcome], float], by: Callable[[float, float], float]
    ) -> list[float]:
        """Compare two sides within each round; return what `by` makes of them, sorted."""
        both = zip(self.outcomes[name], self.outcomes[other], strict=True)
        return sorted(by(figure(one), figure(two)) for one, two in both)

    def ratio(self, name: str, other: str, figure: Callable[[Outcome], float]) -> list[float]:
        return self.paired(name, other, figure, lambda one, two: one / two)

    def table(self) -> list[list[str]]:
        """Return the medians, a line for each side."""
        return [[name, *self._medians(name)] for name in self.outcomes]

    def _medians(self, name: str) -> list[str]:
        has_database = "database" in self.outcomes[name][0].cpu
        database = f"{self.median(name, lambda outcome: outcome.cpu_us('database')):.0f}" if has_database else ""
        return [
            f"{self.median(name, rate):,.0f}",
            f"{self.median(name, lambda outcome: outcome.p50) * 1e3:.2f}",
            f"{self.median(name, lambda outcome: outcome.p95) * 1e3:.2f}",
            f"{self.median(name, cpu):.0f}",
            database,
        ]


HEADINGS = ["", "requests/s", "p50 ms", "p95 ms", "CPU µs per request", "of PostgreSQL, µs"]


def rate(outcome: Outcome) -> float:
    return outcome.rate


def cpu(outcome: Outcome) -> float:
    return outcome.cpu_us()


def p95_ms(outcome: Outcome) -> float:
    return outcome.p95 * 1e3


def in_turns(sides: Sequence[Side], pace: Pace, *, database: int | None = None) -> Rounds:
    """Load each side in every round; `database` is the process of PostgreSQL, to be watched too."""
    outcomes: dict[str, list[Outcome]] = {side.name: [] for side in sides}
    for _ in range(pace.rounds):
        for side in sides:
            outcomes[side.name].append(_load(side, pace, database))
    return Rounds(outcomes)


def _load(side: Side, pace: Pace, database: int | None) -> Outcome:
    watch = {"server": side.server.pid} | ({} if database is None else {"database": database})
    job = Job(side.server.port, list(side.calls), side.connections, pace.seconds, pace.warmup, watch)
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=msgspec.json.encode(job), capture_output=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{side.name}: {done.stderr.decode().strip().splitlines()[-1]}")
    return msgspec.json.decode(done.stdout, type=Outcome)
