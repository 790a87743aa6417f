"""What there is, as other services are told."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Self
from uuid import UUID

from msgspec import Raw, Struct

from popote_kit.quantity import Fact
from popote_stock.queries.supply import Supplied


class SuppliedItem(Struct):
    """An item, how its amounts count (the facts that win first), and what there is of it.

    `lots` is a list of `[id, base units, expires_on | null, is_use_by, is_opened]`, in the order in which stock takes
    from them, those past their use-by date among them.
    """

    id: UUID
    name: str
    food_id: UUID | None
    unit: str
    measure: str
    is_staple: bool
    facts: list[Fact]
    lots: Raw

    @classmethod
    def of(cls, item: Supplied) -> Self:
        lots = Raw(item.lots.encode())
        return cls(item.id, item.name, item.food_id, item.unit, item.measure, item.is_staple, item.facts, lots)


class Supply(Struct):
    """Everything that a household knows, and what it has of it, on its `today`."""

    today: date
    freezers: list[UUID]
    items: list[SuppliedItem]

    @classmethod
    def of(cls, today: date, places: Mapping[UUID, bool], items: Sequence[Supplied]) -> Self:
        """Return what to tell; `places` says of each location whether it is a freezer."""
        freezers = sorted(place for place, is_freezer in places.items() if is_freezer)
        return cls(today, freezers, [SuppliedItem.of(item) for item in items])
