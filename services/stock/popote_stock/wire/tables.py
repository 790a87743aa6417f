"""Tables on the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from popote_kit import quantity
from popote_stock.model import barcode
from popote_stock.model.table import Refusal
from popote_stock.queries.tables import KeptLot


class RefusedRow(Struct):
    """A row that was left out, and why; rows count from the header, which is 1."""

    row: int
    column: str | None
    message: str

    @classmethod
    def of(cls, refusal: Refusal, language: str) -> Self:
        return cls(refusal.row, refusal.column, refusal.problem.document(language=language)["detail"])


class Imported(Struct):
    """How many lots a table added, in which action, and which rows were refused."""

    action_id: UUID | None
    added: int
    refused: list[RefusedRow]


def cells(lot: KeptLot, zone: ZoneInfo) -> list[str]:
    """Return a lot as a row of a table, with days of the time zone `zone`; the price is that of what is left.

    What was bought frozen and keeps by its label has no day since which it is frozen: read again, it keeps by it too.
    """
    shown = quantity.show(lot.amount, lot.unit)
    cost = lot.cost(lot.amount)
    return [
        lot.name,
        _digits(shown.amount),
        shown.unit,
        lot.location or "",
        lot.category or "",
        _day(lot.best_before),
        _day(lot.use_by),
        _day_of(lot.opened_at, zone),
        _day_of(lot.frozen_since, zone),
        "" if cost is None else _digits(cost),
        (lot.currency or "") if cost is not None else "",
        barcode.shown(lot.gtin) if lot.gtin else "",
        lot.note,
    ]


def _digits(number: Decimal) -> str:
    digits = f"{number:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day_of(moment: datetime | None, zone: ZoneInfo) -> str:
    return _day(moment.astimezone(zone).date() if moment else None)
