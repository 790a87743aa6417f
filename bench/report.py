"""The results, as Markdown for a stranger."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

BUSY_CORES = 0.3
RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True)
class Hold:
    """What the design asks for, and whether this run shows it; `holds` is None where it could not be measured."""

    wanted: str
    found: str
    holds: bool | None

    @property
    def verdict(self) -> str:
        return {True: "holds", False: "**does not hold**", None: "not measured"}[self.holds]


@dataclass(frozen=True)
class Result:
    """A row of the bench: what was measured and how, the figures, and what they should hold to."""

    title: str
    how: str
    headings: Sequence[str]
    lines: Sequence[Sequence[str]]
    holds: Sequence[Hold] = field(default_factory=list)
    notes: Sequence[str] = field(default_factory=list)

    def markdown(self) -> str:
        verdicts = [f"* {hold.wanted}: {hold.found}: {hold.verdict}." for hold in self.holds]
        notes = [f"* {note}" for note in self.notes]
        return "\n\n".join(
            part
            for part in (
                f"## {self.title}",
                self.how,
                table(self.headings, self.lines),
                "\n".join([*verdicts, *notes]),
            )
            if part
        )


def at_least(wanted: str, limit: float, found: Sequence[float], unit: str = "") -> Hold:
    """Hold the median of the rounds to a lower limit."""
    return Hold(wanted, spread(found, unit), median(found) >= limit)


def at_most(wanted: str, limit: float, found: Sequence[float], unit: str = "") -> Hold:
    """Hold the median of the rounds to an upper limit."""
    return Hold(wanted, spread(found, unit), median(found) <= limit)


def spread(found: Sequence[float], unit: str = "") -> str:
    """Say the median, and how far the rounds lie apart."""
    low, middle, high = (_short(value) for value in (min(found), median(found), max(found)))
    return f"{middle}{unit}" + (f" (rounds: {low} to {high})" if len(found) > 1 else "")


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 20 else f"{value:.2f}"  # noqa: PLR2004 - two digits say enough there


def table(headings: Sequence[str], lines: Sequence[Sequence[str]], *, figures: bool = True) -> str:
    """Lay a table out in Markdown; with `figures`, all columns but the first stand to the right."""
    align = str.rjust if figures else str.ljust
    widths = [max(len(cell) for cell in column) for column in zip(headings, *lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + (":" if figures else "-") for width in widths[1:])]
    cells = [
        [cells[0].ljust(widths[0]), *(align(cell, width) for cell, width in zip(cells[1:], widths[1:], strict=True))]
        for cells in (headings, *lines)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in [cells[0], rule, *cells[1:]])


INTRODUCTION = """\
# What Popote costs, measured

Made by `make bench` (`python -m bench`), which measures and never judges a build: tests time nothing. The figures are
of one machine at one time; **read the ratios**, and CPU per request before requests per second.
"""

METHOD = """\
## How

* Every server is a process of its own with one worker, on the loopback interface, started with its own command and the
  settings that Popote runs with: PostgreSQL is durable (fsync on), tokens are real and verified, row-level security is
  on.
* What is compared runs in turns (A B A B ...). A table shows the median of the rounds. A ratio or a difference is taken
  within each round; the median of those is given, with the lowest and the highest.
* The load is a closed loop in a process of its own (asyncio, uvloop, httptools): it keeps a number of connections open,
  16 unless said, and sends the next request on each when the last one is answered. Any answer but the expected one
  fails the run. A request costs the load about 10 µs of CPU: beside a server as light as nginx, requests per second
  show what the load can do, and CPU per request is the figure to read.
* CPU is the user and kernel time of the server's process and its children, from `/proc`, over the measured window. That
  of PostgreSQL is counted apart.
* Nothing is pinned to a core. Load, servers and databases share the machine.
"""


def write(machine: Sequence[tuple[str, str]], before: float, after: float, results: Sequence[Result]) -> None:
    """Write RESULTS.md; `before` and `after` are the cores that other work kept busy."""
    remark = (
        f"Noise: just before this run, other work kept {before:.1f} cores busy, and just after it {after:.1f} "
        f"(an idle machine: under 0.1). What the machine did during the run shows in the spread of the rounds."
    )
    if max(before, after) > BUSY_CORES:
        remark += " **These figures are provisional: take them again when the machine is quiet.**"
    parts = [
        INTRODUCTION.rstrip(),
        "## Where",
        table(["", ""], machine, figures=False),
        remark,
        METHOD.rstrip(),
        "## What it should hold to",
        table(
            ["wanted", "found", ""],
            [[hold.wanted, hold.found, hold.verdict] for result in results for hold in result.holds],
            figures=False,
        ),
        *(result.markdown() for result in results),
    ]
    RESULTS.write_text("\n\n".join(parts) + "\n")
