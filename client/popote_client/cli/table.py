"""Rows of an answer: a table on a terminal, lines with tabs in a pipe, JSON where it is asked for."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, NamedTuple, TypeVar
from uuid import UUID

import typer

from popote_client.backend import JSON
from popote_client.cli.output import note, readable
from popote_client.language import language, say
from popote_client.stock.quantities import Quantity, digits
from popote_client.stock.units import Units

T = TypeVar("T")


Ids = Annotated[bool, typer.Option("--ids", help=say("Show the IDs, too.", "Montrer aussi les ID."))]


class Cell(NamedTuple):
    """A value, for people and for scripts; one that `is_whole` is never broken, as a date or an amount."""

    people: str
    scripts: str
    is_whole: bool = False


def amount(quantity: Quantity | None, units: Units) -> Cell:
    if quantity is None:
        return cell(None)
    return Cell(units.show(quantity), f"{digits(quantity.amount)} {quantity.unit}", is_whole=True)


def cell(value: object) -> Cell:
    """Return a value that reads the same for everyone; dates are written as in the person's language."""
    if isinstance(value, date):
        return Cell(f"{value:%d/%m/%Y}" if language() == "fr" else str(value), str(value), is_whole=True)
    text = "" if value is None else str(value)
    return Cell(text, text, is_whole=isinstance(value, UUID))


def moment(at: datetime) -> Cell:
    """Return a moment: to the minute and in the zone of this machine, for scripts to the second and in UTC."""
    return Cell(f"{at.astimezone():%Y-%m-%d %H:%M}", f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", is_whole=True)


def show(  # noqa: PLR0913  # each says how
    found: Sequence[T],
    headings: Sequence[str],
    cells: Callable[[T], Sequence[Cell]],
    *,
    nothing: str,
    as_json: bool,
    ids: bool,
) -> None:
    """Print rows, whose last cell is an id, which a terminal shows where `ids` are wanted; or say `nothing`."""
    if as_json:
        for each in found:
            typer.echo(JSON.encode(each))
    elif not found:
        note(nothing)
    else:
        shown = None if ids or not sys.stdout.isatty() else -1
        show_table(headings[:shown], [cells(each)[:shown] for each in found])


def show_table(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print rows: a table on a terminal, lines with tabs elsewhere."""
    if sys.stdout.isatty():
        print_rows(headings, rows)
        return
    for row in rows:
        typer.echo("\t".join(" ".join(one.scripts.split()) for one in row))


def print_rows(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a table for a person at a terminal."""
    from rich.console import Console  # noqa: PLC0415  # needed only for a person at a terminal
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, header_style="bold")
    for heading, column in zip(headings, zip(*rows, strict=True), strict=True):
        widest = max((len(one.people) for one in column if one.is_whole), default=None)
        table.add_column(heading, min_width=widest, no_wrap=widest is not None, overflow="fold")
    for row in rows:
        table.add_row(*(Text(readable(one.people)) for one in row))
    Console().print(table)
