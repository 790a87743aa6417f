"""What a phone may ask of stock, a file a noun."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from popote_stock.routes import barcodes, items, ledger, lists, live, lots, places, reports, supply, sync, tables

ROUTES: Sequence[ControllerRouterHandler] = [
    *places.ROUTES,
    *items.ROUTES,
    *lots.ROUTES,
    *ledger.ROUTES,
    *lists.ROUTES,
    *barcodes.ROUTES,
    *reports.ROUTES,
    *tables.ROUTES,
    *supply.ROUTES,
    *sync.ROUTES,
    *live.ROUTES,
]
