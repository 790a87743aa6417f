"""Where the stock's operations are."""

from popote_client.part import Part

STOCK = "/api/stock"


class StockPart(Part):
    root = STOCK
