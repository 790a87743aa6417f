"""Rows of an answer: a table on a terminal, lines with tabs in a pipe, JSON where it is asked for."""

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

import typer

from popote_client.backend import JSON
from popote_client.cli.output import note, readable
from popote_client.language import language
from popote_client.stock.quantities import Quantity, digits
from popote_client.stock.units import Units

T = TypeVar("T")


class Cell(NamedTuple):
    """A value, for people and for scripts."""

    people: str
    scripts: str


def amount(quantity: Quantity | None, units: Units) -> Cell:
    if quantity is None:
        return cell(None)
    return Cell(units.show(quantity), f"{digits(quantity.amount)} {quantity.unit}")


def cell(value: object) -> Cell:
    """Return a value that reads the same for everyone; dates are written as in the person's language."""
    if isinstance(value, date):
        return Cell(f"{value:%d/%m/%Y}" if language() == "fr" else str(value), str(value))
    text = "" if value is None else str(value)
    return Cell(text, text)


def show(
    found: Sequence[T], headings: Sequence[str], cells: Callable[[T], Sequence[Cell]], *, as_json: bool, nothing: str
) -> None:
    """Print rows, whose last cell is an id; say `nothing` where there are none."""
    if as_json:
        for each in found:
            typer.echo(JSON.encode(each))
    elif not found:
        note(nothing)
    elif sys.stdout.isatty():
        print_rows(headings, ([one.people for one in cells(each)] for each in found))
    else:
        for each in found:
            typer.echo("\t".join(" ".join(one.scripts.split()) for one in cells(each)))


def print_rows(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table for a person at a terminal; its last column holds ids."""
    from rich.console import Console  # noqa: PLC0415  # needed only for a person at a terminal
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, header_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=heading == "ID")
    for *texts, id_ in rows:
        table.add_row(*(Text(readable(text)) for text in texts), Text(id_, "dim"))
    Console().print(table)
