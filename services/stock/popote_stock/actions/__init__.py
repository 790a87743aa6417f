"""What a household can do with its stock; a file a noun."""

from popote_stock.actions import (
    consumption,
    corrections,
    items,
    lists,
    places,
    purchases,
    services,
    trips,
    undo,
    upkeep,
)

__all__ = [
    "consumption", "corrections", "items", "lists", "places", "purchases", "services", "trips", "undo", "upkeep",
]  # fmt: skip
