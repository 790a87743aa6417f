"""Barcodes: what was scanned, as the household's own item or as a product that the world knows."""

from collections.abc import Sequence
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from litestar.types import ControllerRouterHandler

from popote_kit.clock import Clock
from popote_kit.codec import JSONResponse
from popote_kit.identity import Caller
from popote_kit.problems import TooManyRequests, documented
from popote_kit.rules import READ
from popote_stock.actions.products import Lookups
from popote_stock.errors import BadBarcode
from popote_stock.model import barcode, gs1
from popote_stock.model.gs1 import MAX_SCAN, Scan
from popote_stock.wire.barcodes import BarcodeShown

LOOKED_UP: Final = (*READ, BadBarcode, TooManyRequests)

CodeInPath = Annotated[str, PathParameter(max_length=64, description="EAN-8, EAN-13, UPC-A, UPC-E or ITF-14; digits.")]
ScanText = Annotated[
    str,
    QueryParameter(
        name="scan",
        min_length=1,
        max_length=MAX_SCAN,
        description="What the scanner read: digits, a GS1 element string (FNC1 as %1D), or a GS1 Digital Link.",
    ),
]


@get("/api/stock/barcodes/{code:str}", operation_id="look_up_barcode", responses=documented(*LOOKED_UP))
async def look_up_barcode(
    code: CodeInPath, caller: NamedDependency[Caller], lookups: NamedDependency[Lookups]
) -> Response[BarcodeShown]:
    """Tell what a barcode is; one that nobody here knows is looked up in Open Food Facts, unless a guest asks."""
    return await _look_up(lookups, caller, barcode.gtin(code))


@get("/api/stock/barcodes", operation_id="look_up_scan", responses=documented(*LOOKED_UP))
async def look_up_scan(
    scan: ScanText,
    caller: NamedDependency[Caller],
    lookups: NamedDependency[Lookups],
    clock: NamedDependency[Clock],
) -> Response[BarcodeShown]:
    """Tell what a scanned code is, and what it says of dates, lot and weight; looked up as a plain barcode is."""
    today = clock().astimezone(ZoneInfo(caller.zone)).date()
    read = gs1.read(scan, today)
    return await _look_up(lookups, caller, read.gtin, read)


async def _look_up(lookups: Lookups, caller: Caller, number: str, scan: Scan | None = None) -> Response[BarcodeShown]:
    finding = await lookups.find(caller, number)
    headers = {"Retry-After": str(finding.retry_after_s)} if finding.status == "pending" else None
    return JSONResponse(BarcodeShown.of(number, finding, caller.language, scan), headers=headers)


ROUTES: Sequence[ControllerRouterHandler] = [look_up_barcode, look_up_scan]
