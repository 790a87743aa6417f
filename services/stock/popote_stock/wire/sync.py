"""The rows that phones keep, as they are sent: each in the shape in which it is read."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from popote_kit.sync import Kind
from popote_stock.model.items import Item
from popote_stock.model.lists import Listed, ShoppingList
from popote_stock.queries import changes
from popote_stock.queries.lots import ShownLot
from popote_stock.queries.places import Category, Location
from popote_stock.wire.items import ItemShown
from popote_stock.wire.lists import LineShown
from popote_stock.wire.lots import LotShown

T = TypeVar("T")


def _as(kind: type[T], show: Callable[[T], object] = lambda row: row) -> Callable[[dict[str, Any]], object]:
    def render(data: dict[str, Any]) -> object:
        return show(msgspec.convert(data, kind))

    return render


def _lot(lot: ShownLot) -> LotShown:
    return LotShown.of(lot, lot.unit)


KINDS: Final = (
    Kind("category", changes.CATEGORIES, _as(Category)),
    Kind("item", changes.ITEMS, _as(Item, ItemShown.of)),
    Kind("list", changes.LISTS, _as(ShoppingList)),
    Kind("list_line", changes.LIST_LINES, _as(Listed, LineShown.of)),
    Kind("location", changes.LOCATIONS, _as(Location)),
    Kind("lot", changes.LOTS, _as(ShownLot, _lot)),
)
