"""The stock as a table of comma-separated values (CSV), out and in."""

import csv
from collections.abc import AsyncGenerator, Iterator, Sequence
from hashlib import sha256
from io import StringIO
from itertools import islice
from uuid import UUID, uuid5

import msgspec
from uuid_utils.compat import uuid7

from popote_client.problems import Explained
from popote_client.state import State
from popote_client.stock.part import STOCK, StockPart

BATCH_ROWS = 500  # this and the next: what the backend takes at once
BATCH_BYTES = 1024 * 1024
FIRST_ROW = 2  # below the header
CSV = "text/csv; charset=utf-8"


class NotATable(Explained):
    code = "NOT_A_TABLE"
    en = "That is no table of comma-separated values in UTF-8: {reason}."
    fr = "Ce n'est pas un tableau CSV en UTF-8 : {reason}."


class Refusal(msgspec.Struct, frozen=True):
    """Why a row was left out; `row` is its number in the table that was sent, whose header is 1."""

    row: int
    column: str | None = None
    message: str = ""


class Imported(msgspec.Struct, frozen=True):
    """How many rows became lots, in which action, and which did not."""

    action_id: UUID | None
    added: int
    refused: list[Refusal]


class Batch(msgspec.Struct, frozen=True):
    """Some rows of a table, below its header; `lines` has the number of the first line of each row in the file."""

    body: bytes
    lines: Sequence[int]

    def line(self, row: int) -> int:
        """Return the line of the file where a row of this batch begins."""
        return self.lines[row - FIRST_ROW]


class Tables(StockPart):
    async def export_table(self) -> bytes:
        """Return everything on hand as CSV in UTF-8, with a header; `import_table` takes it again."""
        return (await self._backend.request("GET", f"{STOCK}/export.csv")).body

    async def import_table(self, table: bytes, *, dry_run: bool = False, key: str | None = None) -> Imported:
        """Add the rows of a table, in one action; at most `BATCH_ROWS` rows and `BATCH_BYTES`, see `batches`.

        With `dry_run` nothing changes; the answer tells what would.
        """
        answer = await self._backend.post(
            f"{STOCK}/import",
            table,
            idempotency_key=key,
            params={"dry_run": "1"} if dry_run else {},
            headers={"content-type": CSV},
        )
        return self._backend.decode(answer, Imported)


class Begun(msgspec.Struct, frozen=True):
    """An import that was begun and has not ended: its batches go out under keys that follow from `run`."""

    run: UUID


async def import_whole(stock: Tables, state: State, table: bytes) -> AsyncGenerator[tuple[Batch, Imported], None]:
    """Add the rows of a table of any length, and tell of each batch what became of it.

    Where this broke off before its end, the same table goes on from there: what is in already is not added twice.

    Raises:
        NotATable: as `batches`; nothing is sent then.
    """
    cut = list(batches(table))
    name = f"import {sha256(table).hexdigest()}"
    begun = state.read(name, Begun) or Begun(uuid7())
    state.write(name, begun)
    for number, batch in enumerate(cut):
        yield batch, await stock.import_table(batch.body, key=batch_key(begun.run, number, batch))
    state.forget(name)


def batch_key(run: UUID, number: int, batch: Batch) -> str:
    return str(uuid5(run, f"{number} {sha256(batch.body).hexdigest()}"))


def batches(table: bytes) -> Iterator[Batch]:
    """Cut a table of any length into such as the backend takes, each with the header; rows stay as they are written.

    Raises:
        NotATable: it is no UTF-8, a quote in it does not end, or a row is too long.
    """
    try:
        lines = list(StringIO(table.decode("utf-8-sig"), newline=""))
        rows = records(lines)
        header = next(rows, None)
        if header is None:
            return
        _, heading = header
        while some := list(islice(rows, BATCH_ROWS)):
            yield from fitting(heading, some)
    except (UnicodeDecodeError, csv.Error) as error:
        raise NotATable(reason=error) from error


def records(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give each row that is not blank, as it is written, with the number of its first line.

    Raises:
        csv.Error: a quote does not end, or something follows it.
    """
    delimiter = ";" if lines and ";" in lines[0] else ","
    reader, start = csv.reader(lines, delimiter=delimiter, strict=True), 0
    for cells in reader:
        if cells:
            text = "".join(lines[start : reader.line_num])
            yield start + 1, text if text.endswith(("\n", "\r")) else f"{text}\n"
        start = reader.line_num


def fitting(header: str, rows: Sequence[tuple[int, str]]) -> Iterator[Batch]:
    """Put rows into as few batches as they fit into.

    Raises:
        NotATable: a row alone is too long.
    """
    body = "".join((header, *(text for _, text in rows))).encode()
    if len(body) <= BATCH_BYTES:
        yield Batch(body, [line for line, _ in rows])
        return
    if len(rows) == 1:
        raise NotATable(reason=f"{rows[0][0]}: > {BATCH_BYTES} B")
    middle = len(rows) // 2
    yield from fitting(header, rows[:middle])
    yield from fitting(header, rows[middle:])
