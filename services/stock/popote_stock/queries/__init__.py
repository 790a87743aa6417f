"""Every SQL statement of stock, a file a noun. The household comes from the kitchen; row-level security checks."""

from popote_stock.queries import changes, items, ledger, lists, lots, places, reports, tables

__all__ = ["changes", "items", "ledger", "lists", "lots", "places", "reports", "tables"]
