"""What a household can do with its stock; a file a noun."""

from popote_stock.actions import consumption, corrections, items, places, products, purchases, services, undo, upkeep

__all__ = ["consumption", "corrections", "items", "places", "products", "purchases", "services", "undo", "upkeep"]
