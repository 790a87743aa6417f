"""What a household can do with its stock; a file a noun."""

from popote_stock.actions import consumption, corrections, items, places, purchases, services, tables, undo, upkeep

__all__ = ["consumption", "corrections", "items", "places", "purchases", "services", "tables", "undo", "upkeep"]
