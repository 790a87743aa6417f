"""Shopping lists on the wire."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from popote_kit.quantity import PositiveQuantity, Quantity
from popote_stock.model.lists import MAX_LIST_LINES, Listed
from popote_stock.model.places import MAX_CATEGORIES
from popote_stock.wire.common import MAX_LINES, Name, Note, Price, ShortName
from popote_stock.wire.ledger import Asked


class NewList(Struct, forbid_unknown_fields=True, kw_only=True):
    """A list; `id` is its id, where the client made it."""

    id: UUID | None = None
    name: ShortName


class EditList(Struct, forbid_unknown_fields=True, kw_only=True):
    """Whatever is left out stays; `aisles` are categories in the order of the shop."""

    name: ShortName | UnsetType = UNSET
    aisles: Annotated[list[UUID], Meta(max_length=MAX_CATEGORIES)] | UnsetType = UNSET


class Something(Struct, forbid_unknown_fields=True, kw_only=True):
    """An item, or what is called `name`."""

    item_id: UUID | None = None
    name: Name | None = None
    quantity: PositiveQuantity | None = None


class Need(Something, kw_only=True):
    """How much is needed of something."""

    quantity: PositiveQuantity


class NewLine(Something, kw_only=True):
    """Something to buy; `id` is the line's, where the client made it."""

    id: UUID | None = None
    quantity: PositiveQuantity | None = None
    note: Note = ""


class NewLines(Struct, forbid_unknown_fields=True):
    lines: Annotated[list[NewLine], Meta(min_length=1, max_length=MAX_LINES)]


class EditLine(Struct, forbid_unknown_fields=True, kw_only=True):
    """Whatever is left out stays; a quantity of null is some."""

    quantity: PositiveQuantity | UnsetType | None = UNSET
    note: Note | UnsetType = UNSET


class Tick(Struct, forbid_unknown_fields=True):
    """A line was ticked, or unticked, at a moment by the phone's clock."""

    line_id: UUID
    is_ticked: bool
    at: Annotated[datetime, Meta(tz=True)]


class Ticks(Struct, forbid_unknown_fields=True):
    ticks: Annotated[list[Tick], Meta(min_length=1, max_length=MAX_LIST_LINES)]


class Fill(Struct, forbid_unknown_fields=True, kw_only=True):
    """What there should be: the items' minimum stock, and what is needed beside it."""

    from_minimum: bool = False
    needs: Annotated[list[Need], Meta(max_length=MAX_LINES)] = []


class Buy(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be bought, beside what is on hand; the list by its id, or its name, or else the household's first.

    Without a quantity it is some.
    """

    list_id: UUID | None = None
    list_name: ShortName | None = None
    needs: Annotated[list[Something], Meta(min_length=1, max_length=MAX_LINES)]


class TripLine(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is known better of a ticked line, in the shop or at home."""

    line_id: UUID
    quantity: PositiveQuantity | None = None
    price: Price | None = None
    best_before: date | None = None
    use_by: date | None = None
    location_id: UUID | None = None


class Commit(Asked, kw_only=True):
    lines: Annotated[list[TripLine], Meta(max_length=MAX_LIST_LINES)] = []  # noqa: RUF012 - msgspec gives each its own


class LineShown(Struct, kw_only=True):
    """A line of a list. Without a quantity it is some; without an `item_id` only the name is known."""

    id: UUID
    list_id: UUID
    item_id: UUID | None
    name: str
    quantity: Quantity | None
    note: str
    category_id: UUID | None
    is_ticked: bool
    ticked_at: datetime | None
    ticked_by: UUID | None
    version: int
    created_at: datetime

    @classmethod
    def of(cls, line: Listed) -> Self:
        return cls(
            id=line.id,
            list_id=line.list_id,
            item_id=line.item_id,
            name=line.title,
            quantity=line.quantity,
            note=line.note,
            category_id=line.category_id,
            is_ticked=line.is_ticked,
            ticked_at=line.marked_at if line.is_ticked else None,
            ticked_by=line.marked_by if line.is_ticked else None,
            version=line.version,
            created_at=line.created_at,
        )


class Lines(Struct):
    """Lines; `uncountable` are those called like an item that can't be counted in their unit.

    Such a line comes home only with another quantity, or once the item has the conversion.
    """

    items: list[LineShown]
    uncountable: list[UUID]

    @classmethod
    def of(cls, lines: Iterable[Listed], uncountable: list[UUID]) -> Self:
        return cls([LineShown.of(line) for line in lines], uncountable)


class ToBuyShown(Struct):
    """The list that things were put on, and the lines, of any list, on which they stand."""

    list_id: UUID
    items: list[LineShown]


class Ticked(Struct):
    """The lines that changed; those of which something later was known (`superseded`); those that are `gone`."""

    items: list[LineShown]
    superseded: list[UUID]
    gone: list[UUID]
