"""Stock as a table: the rows of a CSV file read and written, in English or French.

What is written is read again as it was. Cells that a spreadsheet would take for a formula get an apostrophe.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from popote_kit import quantity
from popote_kit.problems import Problem
from popote_kit.quantity import PositiveAmount, PositiveQuantity
from popote_stock.errors import (
    BrokenTable,
    DayToCome,
    EmptyCell,
    ExtraCells,
    LongCell,
    MissingColumn,
    NoAmount,
    NoCurrency,
    NoDay,
    NoPrice,
    SameColumn,
    TooManyRows,
    UnknownColumn,
)
from popote_stock.model import barcode
from popote_stock.model.lots import FIRST_DAY, LAST_DAY, MAX_PRICE, PRICE_DIGITS

MAX_ROWS: Final = 500
MAX_QUOTED: Final = 40  # characters of a cell or a heading that a sentence tells again

# Also the wide forms, which some spreadsheets take for the narrow ones.
_FORMULA: Final = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - just these
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_DAYS: Final = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
    re.compile(r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})"),
)
_LINE_END: Final = re.compile(r"[\r\n]")
_BESIDE_LETTERS: Final = re.compile(r"[^a-z]+")


class Row(Struct, frozen=True, kw_only=True):
    """A row that can be understood; `number` counts as spreadsheets do, with the header as 1."""

    number: int
    item: str
    quantity: PositiveQuantity
    location: str | None = None
    category: str | None = None
    best_before: date | None = None
    use_by: date | None = None
    opened_on: date | None = None
    frozen_on: date | None = None
    price: Decimal | None = None
    currency: str | None = None
    barcode: str | None = None
    note: str = ""


class Refusal(Struct):
    """A row that was left out, and why; without a `column`, the whole row is wrong."""

    row: int
    column: str | None
    problem: Problem


class Table(Struct):
    rows: list[Row]
    refused: list[Refusal]


class RefusedCell(Exception):  # noqa: N818 - becomes a Refusal
    """What stands in a column is wrong."""

    def __init__(self, column: str | None, problem: Problem) -> None:
        super().__init__(column, problem)
        self.column = column
        self.problem = problem


class _Form(Struct):
    """How the cells of a table are to be read."""

    has_decimal_comma: bool
    today: date


class _Column(Struct):
    """A column: how its cells are read, how long they may be, and what else it is called."""

    name: str
    read: Callable[[str, _Form], Any]
    limit: int
    also: tuple[str, ...]


def read(text: str, today: date) -> Table:
    """Read the rows of a CSV file, those that can't be understood apart.

    Cells are parted by commas, or by semicolons, and then decimals may have a comma. The first wrong cell of a row
    tells why it is refused. Empty rows are left out.

    Raises:
        BadTable: it is not CSV, its header is wrong, or it has more than 500 rows.
    """
    delimiter = ";" if ";" in _LINE_END.split(text, 1)[0] else ","
    records = _records(text, delimiter)
    columns = _columns(next(records, (1, []))[1])
    form = _Form(delimiter == ";", today)
    table = Table([], [])
    for count, (number, cells) in enumerate((one for one in records if one[1]), 1):
        if count > MAX_ROWS:
            raise TooManyRows(limit=MAX_ROWS)
        try:
            table.rows.append(_row(number, cells, columns, form))
        except RefusedCell as refused:
            table.refused.append(Refusal(number, refused.column, refused.problem))
    return table


def write(rows: Iterable[Sequence[str]]) -> str:
    """Return rows of cells as CSV (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _plain(cell: str) -> str:
    """Return what a cell says, without the apostrophe that `_harmless` may have given it."""
    bare = cell.removeprefix("'") if _FORMULA.match(cell) else cell
    return bare.strip()


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            yield number, _filled(cells)
    except csv.Error as error:
        raise BrokenTable(row=number + 1) from error


def _filled(cells: Sequence[str]) -> list[str]:
    """Return what the cells of a row say, without empty ones at its end."""
    filled = [_plain(cell) for cell in cells]
    while filled and not filled[-1]:
        filled.pop()
    return filled


def _columns(header: Sequence[str]) -> list[_Column]:
    columns: list[_Column] = []
    for heading in header:
        column = _BY_NAME.get(_key(heading))
        if column is None:
            raise UnknownColumn(column=heading[:MAX_QUOTED])
        if column in columns:
            raise SameColumn(column=column.name)
        columns.append(column)
    for column in NEEDED:
        if column not in columns:
            raise MissingColumn(column=column.name)
    return columns


def _key(heading: str) -> str:
    """Return the letters of a heading alone, without case and accents."""
    return _BESIDE_LETTERS.sub("", unicodedata.normalize("NFKD", heading.casefold()))


def _row(number: int, cells: Sequence[str], columns: Sequence[_Column], form: _Form) -> Row:
    if len(cells) > len(columns):
        raise RefusedCell(None, ExtraCells())
    texts = {column.name: cell for column, cell in zip(columns, cells, strict=False) if cell}
    values = {column.name: _value(column, texts.get(column.name, ""), form) for column in COLUMNS}
    held = PositiveQuantity(values.pop("quantity"), values.pop("unit"))
    return Row(number=number, quantity=held, **{name: value for name, value in values.items() if value is not None})


def _value(column: _Column, text: str, form: _Form) -> Any:
    try:
        if len(text) > column.limit:
            raise LongCell(limit=column.limit)
        if not text and column in NEEDED:
            raise EmptyCell
        return column.read(text, form) if text else None
    except Problem as problem:
        raise RefusedCell(column.name, problem) from problem


def _text(text: str, _form: _Form) -> str:
    return text


def _amount(text: str, form: _Form) -> PositiveAmount:
    try:
        return PositiveAmount.read(_number(text, form))
    except ValueError as error:
        raise NoAmount(text=text[:MAX_QUOTED]) from error


def _unit(text: str, _form: _Form) -> str:
    return quantity.unit(text).code


def _price(text: str, form: _Form) -> Decimal:
    price = _number(text, form)
    if price is None or price >= MAX_PRICE or price != round(price, PRICE_DIGITS):
        raise NoPrice(text=text)
    return price


def _number(text: str, form: _Form) -> Decimal | None:
    digits = text.replace(",", ".") if form.has_decimal_comma else text
    return Decimal(digits) if _NUMBER.fullmatch(digits) else None


def _currency(text: str, _form: _Form) -> str:
    if not _CURRENCY.fullmatch(text.upper()):
        raise NoCurrency(text=text)
    return text.upper()


def _day(text: str, _form: _Form) -> date:
    match = next((match for form in _DAYS if (match := form.fullmatch(text))), None)
    try:
        day = date(**{name: int(digits) for name, digits in match.groupdict().items()}) if match else None
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day < LAST_DAY:
        raise NoDay(text=text)
    return day


def _past_day(text: str, form: _Form) -> date:
    day = _day(text, form)
    if day > form.today:
        raise DayToCome
    return day


def _gtin(text: str, _form: _Form) -> str:
    return barcode.gtin(text)


COLUMNS: Final = (
    _Column("item", _text, 120, ("name", "product", "article", "nom", "produit")),
    _Column("quantity", _amount, 40, ("amount", "quantité")),
    _Column("unit", _unit, 40, ("unité",)),
    _Column("location", _text, 80, ("place", "emplacement", "lieu", "endroit")),
    _Column("category", _text, 80, ("aisle", "catégorie", "rayon")),
    _Column("best_before", _day, 40, ("à consommer de préférence avant", "à consommer de préférence avant le", "ddm")),
    _Column("use_by", _day, 40, ("à consommer jusqu'au", "dlc")),
    _Column("opened_on", _past_day, 40, ("opened", "ouvert le", "ouvert")),
    _Column("frozen_on", _past_day, 40, ("frozen", "congelé le", "congelé")),
    _Column("price", _price, 40, ("prix",)),
    _Column("currency", _currency, 40, ("devise", "monnaie")),
    _Column("barcode", _gtin, 40, ("ean", "gtin", "code-barres", "code barre")),
    _Column("note", _text, 500, ("notes", "remarque", "remarques")),
)
HEADER: Final = tuple(column.name for column in COLUMNS)
NEEDED: Final = COLUMNS[:3]
_BY_NAME: Final = {_key(name): column for column in COLUMNS for name in (column.name, *column.also)}
