"""Barcodes on the wire."""

from datetime import date
from typing import Final, Self

from msgspec import Struct

from popote_kit.quantity import Amount, PositiveAmount, PositiveQuantity, Quantity
from popote_stock.actions.products import Finding, Status
from popote_stock.model import barcode
from popote_stock.model.gs1 import Scan
from popote_stock.model.product import Language, Product
from popote_stock.wire.items import ItemShown, PackCode

ATTRIBUTION: Final = "Open Food Facts contributors, ODbL"


class ScanShown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the scanned code tells beside the product; `quantity` is the net amount of what bears it."""

    best_before: date | None = None
    use_by: date | None = None
    lot: str | None = None
    quantity: Quantity | None = None

    @classmethod
    def of(cls, scan: Scan) -> Self:
        return cls(best_before=scan.best_before, use_by=scan.use_by, lot=scan.lot, quantity=scan.quantity)


class ProductShown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What Open Food Facts says of the product, to be shown with `attribution`.

    A nutrient that is not there is unknown.
    """

    name: str
    attribution: str
    per_100g: dict[str, Amount]
    categories: list[str]
    brands: str | None = None
    quantity: Quantity | None = None
    quantity_text: str | None = None
    image_url: str | None = None

    @classmethod
    def of(cls, product: Product, language: Language) -> Self:
        return cls(
            name=product.named(language),
            attribution=ATTRIBUTION,
            per_100g={name: Amount(value) for name, value in product.nutrients.items()},
            categories=product.categories,
            brands=product.brands,
            quantity=product.quantity,
            quantity_text=product.quantity_text,
            image_url=product.image_url,
        )


class ItemDraft(Struct, frozen=True):
    """An item that could be made of the product: a body for `POST /api/stock/items`."""

    name: str
    unit: str
    barcodes: list[PackCode]

    @classmethod
    def of(cls, product: Product, language: Language) -> Self:
        code, held = barcode.shown(product.gtin), product.quantity
        if held is None:
            return cls(product.named(language), "piece", [PackCode(code)])
        pack = PositiveQuantity(PositiveAmount(held.amount), held.unit)
        return cls(product.named(language), held.unit, [PackCode(code, pack)])


class BarcodeShown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a barcode is: `gtin` is its number in 14 digits, `code` the same in its shortest form.

    `item`: the household's own item. `found`: a product, and a draft of an item. `pending`: being looked up; ask again
    after `Retry-After` seconds. `unknown`: nobody knows it. `off`: nobody here does, and Open Food Facts is not asked.
    """

    gtin: str
    code: str
    status: Status
    scan: ScanShown | None = None
    item: ItemShown | None = None
    product: ProductShown | None = None
    draft: ItemDraft | None = None

    @classmethod
    def of(cls, number: str, finding: Finding, language: Language, scan: Scan | None = None) -> Self:
        return cls(
            gtin=number,
            code=barcode.shown(number),
            status=finding.status,
            scan=ScanShown.of(scan) if scan else None,
            item=ItemShown.of(finding.item) if finding.item else None,
            product=ProductShown.of(finding.product, language) if finding.product else None,
            draft=ItemDraft.of(finding.product, language) if finding.product else None,
        )
