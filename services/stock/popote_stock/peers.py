"""Typed questions to others: Open Food Facts, asked through the egress."""

from decimal import Decimal
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

import msgspec

from popote_kit.egress import Egress, Page, Unreachable
from popote_stock.model import barcode
from popote_stock.model.product import Product, read_product

FIELDS: Final = (
    "code,product_name,product_name_fr,product_name_en,brands,quantity,product_quantity,product_quantity_unit,"
    "nutriments,image_front_small_url,categories_tags"
)
EAN_13: Final = 13
MAX_RETRY_AFTER_S: Final = 3600
_DECODER: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class Busy(Exception):  # noqa: N818 - what the server says
    """Open Food Facts is away, or wants to be left alone for `retry_after_s`."""

    def __init__(self, reason: str, retry_after_s: int = 0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class OpenFoodFacts:
    """The product reads of its API, version 2, under a name that says who asks: it wants to know."""

    def __init__(self, egress: Egress, url: str, contact: str) -> None:
        self._egress = egress
        self._url = url.rstrip("/")
        self._headers = {"User-Agent": f"Popote/{version('popote-stock')} ({contact})", "Accept": "application/json"}

    async def ask(self, gtin: str) -> Product | None:
        """Return the product, or None where Open Food Facts knows none.

        Raises:
            Busy: it gave no usable answer; what it knows is still open.
        """
        # A UPC-A is filed there as the EAN-13 that it is a part of.
        code = barcode.shown(gtin)
        code = code if len(code) < EAN_13 - 1 else code.zfill(EAN_13)
        try:
            page = await self._egress.get(f"{self._url}/api/v2/product/{code}?fields={FIELDS}", self._headers)
        except Unreachable as error:
            raise Busy("it can't be reached") from error
        facts = _facts(page)
        return None if facts is None else read_product(gtin, facts)

    async def close(self) -> None:
        await self._egress.close()


def _facts(page: Page) -> dict[str, Any] | None:
    if page.status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
        wait = page.headers.get("retry-after", "")[:9]
        raise Busy(f"it answers {page.status}", min(int(wait), MAX_RETRY_AFTER_S) if wait.isdecimal() else 0)
    try:
        answer = _DECODER.decode(page.body)
    except (ValueError, RecursionError) as error:
        raise Busy("its answer is no JSON") from error
    match answer:
        case {"status": 1, "product": dict() as facts}:
            return facts
        case {"status": 0}:
            return None
    raise Busy("its answer has another form")
