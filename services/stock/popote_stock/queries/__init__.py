"""Every SQL statement of stock, a file a noun. The household comes from the kitchen; row-level security checks."""

from popote_stock.queries import changes, foods, items, ledger, lists, lots, places, products, reports, supply, tables

__all__ = ["changes", "foods", "items", "ledger", "lists", "lots", "places", "products", "reports", "supply", "tables"]
