"""What became of an import, told in a few lines."""

import csv
from collections.abc import Iterator
from typing import Final, TextIO

from msgspec import Struct

from popote_nutrition.importing.records import Refused

SHOWN: Final = 20


class Report(Struct, frozen=True, kw_only=True):
    """Counts of foods; `elsewhere` are those of the source that only earlier imports held."""

    source: str
    new: int
    changed: int
    unchanged: int
    elsewhere: int
    halved: int
    traces: int
    refused: list[Refused]

    @property
    def read(self) -> int:
        return self.new + self.changed + self.unchanged


def lines(report: Report) -> Iterator[str]:
    """Give what people read: the counts, then the first that were refused."""
    yield (
        f"{report.source}: {report.read:,} foods read: {report.new:,} new, {report.changed:,} changed, "
        f"{report.unchanged:,} unchanged; {len(report.refused):,} refused"
    )
    if report.halved or report.traces:
        yield f"  values below a limit, taken as half of it: {report.halved:,}; traces, taken as 0: {report.traces:,}"
    if report.elsewhere:
        yield f"  foods of earlier imports that are not in this one, and stay: {report.elsewhere:,}"
    for each in report.refused[:SHOWN]:
        yield f"  refused: {each.where}: {each.why}"
    if len(report.refused) > SHOWN:
        yield f"  … and {len(report.refused) - SHOWN:,} more; --report FILE writes them all"


def write(report: Report, file: TextIO) -> None:
    """Write all that was refused as CSV."""
    writer = csv.writer(file)
    writer.writerow(("where", "why"))
    writer.writerows((each.where, each.why) for each in report.refused)
