"""Items: what a household knows, in stock or not."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from popote_client.language import Language
from popote_client.stock.part import STOCK, StockPart
from popote_client.stock.quantities import Fact, Quantity, Unit
from popote_client.wire import Page

SEARCHED = 100  # characters that can be searched for, at most

DateKind = Literal["best_before", "use_by"]


class Conversion(msgspec.Struct, frozen=True):
    """One `unit` of the item is as much as `equals`."""

    unit: str
    equals: Quantity


class PackCode(msgspec.Struct, frozen=True, omit_defaults=True):
    """A barcode, and how much one pack of it holds."""

    code: str
    quantity: Quantity | None = None


class ShelfLife(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many days it keeps after it was bought (without a date on the label), opened, frozen, thawed."""

    purchased: int | None = None
    opened: int | None = None
    frozen: int | None = None
    thawed: int | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An item; `measure` is what its amounts count: mass, volume, or pieces of something."""

    id: UUID
    name: str
    unit: str
    measure: str
    category: str | None = None
    category_id: UUID | None = None
    food_id: UUID | None = None
    location_id: UUID | None = None
    minimum: Quantity | None = None
    is_staple: bool = False
    date_kind: DateKind = "best_before"
    shelf_life: ShelfLife = ShelfLife()
    conversions: list[Conversion] = []
    barcodes: list[PackCode] = []
    note: str = ""
    created_at: datetime
    version: int


class ProductFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the label of an item's product says: `nutrients` are in 100 of `per`; what is not there is unknown."""

    code: str
    source: str
    per: Literal["g", "ml"]
    nutrients: dict[str, Decimal]
    quantity: Quantity | None = None


class ItemFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How amounts of an item count, the facts that win first, and what the label of its product says."""

    item_id: UUID
    name: str
    unit: str
    food_id: UUID | None = None
    facts: list[Fact]
    product: ProductFacts | None = None


class NewItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item to be made. A category that is not there yet is made with it."""

    name: str
    unit: str
    id: UUID | None = None
    category: str | None = None
    food_id: UUID | None = None
    location_id: UUID | None = None
    minimum: Quantity | None = None
    is_staple: bool = False
    date_kind: DateKind = "best_before"
    shelf_life: ShelfLife = ShelfLife()
    conversions: Sequence[Conversion] = ()
    barcodes: Sequence[PackCode] = ()
    note: str = ""


class ItemEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever is left out stays; lists are replaced whole."""

    name: str | UnsetType = UNSET
    unit: str | UnsetType = UNSET
    category: str | UnsetType | None = UNSET
    food_id: UUID | UnsetType | None = UNSET
    location_id: UUID | UnsetType | None = UNSET
    minimum: Quantity | UnsetType | None = UNSET
    is_staple: bool | UnsetType = UNSET
    date_kind: DateKind | UnsetType = UNSET
    shelf_life: ShelfLife | UnsetType = UNSET
    conversions: list[Conversion] | UnsetType = UNSET
    barcodes: list[PackCode] | UnsetType = UNSET
    note: str | UnsetType = UNSET


class Items(StockPart):
    """Items and units. Edits and deletions name the version that was read."""

    async def list_items(
        self, q: str | None = None, *, category_id: UUID | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[Item]:
        """List items by name; or with `q` the best matches, on one page."""
        return await self._get("/items", Page[Item], q=q, category_id=category_id, limit=limit, cursor=cursor)

    async def create_item(self, item: NewItem) -> Item:
        """Make an item; with an `id` that was used before, give that one again."""
        return await self._post("/items", item, Item)

    async def get_item(self, id: UUID) -> Item:
        return await self._get(f"/items/{id}", Item)

    async def get_item_facts(self, id: UUID) -> ItemFacts:
        """Read how amounts of an item count: by the household's own facts, its pack's, its food's."""
        return await self._get(f"/items/{id}/facts", ItemFacts)

    async def edit_item(self, id: UUID, version: int, edit: ItemEdit) -> Item:
        return await self._patch(f"/items/{id}", version, edit, Item)

    async def delete_item(self, id: UUID, version: int) -> None:
        """Forget an item of which nothing is left."""
        await self._delete(f"/items/{id}", version)

    async def list_units(self, language: Language | None = None) -> list[Unit]:
        """List the units of quantities, by default with their names in the language of the system."""
        headers = {"accept-language": language} if language else {}
        answer = await self._backend.request("GET", f"{STOCK}/units", headers=headers)
        return self._backend.decode(answer, Page[Unit]).items
