"""What a barcode is."""

from datetime import date
from decimal import Decimal
from typing import Literal
from urllib.parse import quote

import msgspec

from popote_client.stock.items import Item, NewItem
from popote_client.stock.part import StockPart
from popote_client.stock.quantities import Quantity


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What the scanned code tells beside the product; `quantity` is the net content of what bears it."""

    best_before: date | None = None
    use_by: date | None = None
    lot: str | None = None
    quantity: Quantity | None = None


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """What Open Food Facts says of a product; `attribution` must be shown with it."""

    name: str
    attribution: str
    per_100g: dict[str, Decimal] = {}
    categories: list[str] = []
    brands: str | None = None
    quantity: Quantity | None = None
    quantity_text: str | None = None
    image_url: str | None = None


class Barcode(msgspec.Struct, frozen=True, kw_only=True):
    """What a barcode is.

    `item`: the household's own item. `found`: a product, and a draft of an item. `pending`: it is being looked up; ask
    again later. `unknown`: nobody knows it. `off`: it is none of the household's, and nobody else is asked.
    """

    gtin: str
    status: Literal["item", "found", "pending", "unknown", "off"]
    code: str = ""
    scan: Scan | None = None
    item: Item | None = None
    product: Product | None = None
    draft: NewItem | None = None


class Barcodes(StockPart):
    async def look_up_barcode(self, code: str) -> Barcode:
        """Tell what the digits of an EAN, UPC or ITF-14 stand for."""
        return await self._get(f"/barcodes/{quote(code, safe='')}", Barcode)

    async def look_up_scan(self, text: str) -> Barcode:
        """Tell what a scanner read: digits, a GS1 element string or a GS1 Digital Link."""
        return await self._get("/barcodes", Barcode, scan=text)
