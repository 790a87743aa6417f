"""What there is, as other services are told."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Self
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from popote_kit import codec
from popote_stock.model.items import Barcode, StoredConversion, StoredFact, facts_of
from popote_stock.queries.supply import Supplied


class SuppliedItem(Struct):
    """An item, how its amounts count, and what there is of it.

    `facts` is a list of `popote_kit.quantity.Fact`, the ones that win first;
    `lots` is a list of `[id, base units, expires_on | null, is_use_by, is_opened]`, in the order in which stock takes
    from them, those past their use-by date among them.
    """

    id: UUID
    name: str
    food_id: UUID | None
    unit: str
    measure: str
    is_staple: bool
    facts: Raw
    lots: Raw

    @classmethod
    def of(cls, item: Supplied) -> Self:
        facts, lots = _facts(item.conversions, item.barcodes, item.food_facts), Raw(item.lots.encode())
        return cls(item.id, item.name, item.food_id, item.unit, item.measure, item.is_staple, facts, lots)


@lru_cache(maxsize=8192)  # many items are of few foods, and what is told of them seldom changes
def _facts(conversions: str, barcodes: str, food_facts: str) -> Raw:
    told = facts_of(
        msgspec.json.decode(conversions, type=list[StoredConversion]),
        msgspec.json.decode(barcodes, type=list[Barcode]),
        msgspec.json.decode(food_facts, type=list[StoredFact]),
    )
    return Raw(codec.encode(told))


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
