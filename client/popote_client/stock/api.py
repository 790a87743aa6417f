"""Everything that the stock can be asked, under the names that the contract gives to its operations."""

from popote_client.stock.barcodes import Barcodes
from popote_client.stock.items import Items
from popote_client.stock.ledger import Ledger
from popote_client.stock.lists import Lists
from popote_client.stock.lots import Lots
from popote_client.stock.places import Places
from popote_client.stock.reports import Reports
from popote_client.stock.sync import Sync
from popote_client.stock.tables import Tables


class StockApi(Places, Items, Lots, Ledger, Lists, Barcodes, Reports, Tables, Sync):
    """The household's stock and shopping lists.

    Amounts and prices are decimals, exact both ways. Each POST goes out under a key of its own, so an answer that was
    lost is asked for again and nothing is done twice; where an action takes a `key`, a caller may repeat it later too.
    """
