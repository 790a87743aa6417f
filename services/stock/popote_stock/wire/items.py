"""Items on the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal, Self
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from popote_kit import quantity
from popote_kit.quantity import Amount, Fact, PositiveAmount, PositiveQuantity, Quantity
from popote_stock.model import barcode
from popote_stock.model.items import MAX_BARCODES, MAX_CONVERSIONS, MAX_DAYS, Conversion, Item
from popote_stock.model.lots import DateKind
from popote_stock.model.product import Product
from popote_stock.wire.common import Name, Note, ShortName

SOURCE: Final = "Open Food Facts"

UnitText = Annotated[str, Meta(min_length=1, max_length=40, description="A unit's code, or a name of it.")]
Days = Annotated[int, Meta(ge=0, le=MAX_DAYS)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]


class PackCode(Struct, frozen=True, forbid_unknown_fields=True):
    """A barcode, and how much one pack of it holds."""

    code: Code
    quantity: PositiveQuantity | None = None


class ShelfLifeDays(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many days it keeps after it was bought (without a date on the label), opened, frozen, thawed."""

    purchased: Days | None = None
    opened: Days | None = None
    frozen: Days | None = None
    thawed: Days | None = None


Conversions = Annotated[list[Conversion], Meta(max_length=MAX_CONVERSIONS)]
Barcodes = Annotated[list[PackCode], Meta(max_length=MAX_BARCODES)]


class NewItem(Struct, forbid_unknown_fields=True, kw_only=True):
    """Something that the household wants to know of. A category that is not there yet is made."""

    id: UUID | None = None
    name: Name
    unit: UnitText
    category: ShortName | None = None
    food_id: UUID | None = None
    location_id: UUID | None = None
    minimum: PositiveQuantity | None = None
    is_staple: bool = False
    date_kind: DateKind = "best_before"
    shelf_life: ShelfLifeDays = field(default_factory=ShelfLifeDays)
    conversions: Conversions = []
    barcodes: Barcodes = []
    note: Note = ""


class EditItem(Struct, forbid_unknown_fields=True, kw_only=True):
    """Whatever is left out stays; lists are replaced whole."""

    name: Name | UnsetType = UNSET
    unit: UnitText | UnsetType = UNSET
    category: ShortName | UnsetType | None = UNSET
    food_id: UUID | UnsetType | None = UNSET
    location_id: UUID | UnsetType | None = UNSET
    minimum: PositiveQuantity | UnsetType | None = UNSET
    is_staple: bool | UnsetType = UNSET
    date_kind: DateKind | UnsetType = UNSET
    shelf_life: ShelfLifeDays | UnsetType = UNSET
    conversions: Conversions | UnsetType = UNSET
    barcodes: Barcodes | UnsetType = UNSET
    note: Note | UnsetType = UNSET


class ItemShown(Struct, kw_only=True):
    """An item as it is shown; `measure` is what its amounts count."""

    id: UUID
    name: str
    unit: str
    measure: str
    category: str | None
    category_id: UUID | None
    food_id: UUID | None
    location_id: UUID | None
    minimum: Quantity | None
    is_staple: bool
    date_kind: DateKind
    shelf_life: ShelfLifeDays
    conversions: list[Conversion]
    barcodes: list[PackCode]
    note: str
    created_at: datetime
    version: int

    @classmethod
    def of(cls, item: Item) -> Self:
        minimum = None
        if item.minimum_amount is not None and item.minimum_unit is not None:
            minimum = Quantity(Amount(item.minimum_amount), item.minimum_unit)
        life = ShelfLifeDays(
            purchased=item.purchased_days, opened=item.opened_days, frozen=item.frozen_days, thawed=item.thawed_days
        )
        same = ("id", "name", "unit", "measure", "category", "category_id", "food_id", "location_id", "is_staple",
                "date_kind", "note", "created_at", "version")  # fmt: skip
        return cls(
            **{name: getattr(item, name) for name in same},
            minimum=minimum,
            shelf_life=life,
            conversions=[
                Conversion(each.unit, PositiveQuantity(PositiveAmount(each.amount), each.equals))
                for each in item.conversions
            ],
            barcodes=[_pack(each.gtin, each.amount, each.unit) for each in item.barcodes],
        )


class ProductFacts(Struct, frozen=True, kw_only=True):
    """What the label of a product says, as it was entered in the database that `source` names.

    `nutrients` are those of 100 g, or of 100 ml where `per` says so; what is not there is unknown.
    """

    code: str
    source: str
    per: Literal["g", "ml"]
    nutrients: dict[str, Amount]
    quantity: Quantity | None

    @classmethod
    def of(cls, product: Product) -> Self:
        held = product.quantity
        return cls(
            code=barcode.shown(product.gtin),
            source=SOURCE,
            per="ml" if held and quantity.unit(held.unit).measure == quantity.VOLUME else "g",
            nutrients={name: Amount(value) for name, value in product.nutrients.items()},
            quantity=held,
        )


class ItemFacts(Struct, frozen=True, kw_only=True):
    """How amounts of an item count, the facts that win first: the household's own, its pack's, its food's."""

    item_id: UUID
    name: str
    unit: str
    food_id: UUID | None
    facts: list[Fact]
    product: ProductFacts | None

    @classmethod
    def of(cls, item: Item, product: Product | None) -> Self:
        return cls(
            item_id=item.id,
            name=item.name,
            unit=item.unit,
            food_id=item.food_id,
            facts=item.facts,
            product=ProductFacts.of(product) if product else None,
        )


def _pack(gtin: str, amount: Decimal | None, unit: str | None) -> PackCode:
    held = PositiveQuantity(PositiveAmount(amount), unit) if amount is not None and unit is not None else None
    return PackCode(barcode.shown(gtin), held)


def given(edit: Struct) -> dict[str, object]:
    """Return the members of an edit that were sent."""
    return {name: value for name, value in msgspec.structs.asdict(edit).items() if value is not UNSET}
