"""What a household can do with its stock; a file a noun."""

from popote_stock.actions import (
    consumption,
    corrections,
    items,
    list_lines,
    lists,
    places,
    purchases,
    services,
    shortages,
    trips,
    undo,
    upkeep,
)

__all__ = [
    "consumption",
    "corrections",
    "items",
    "list_lines",
    "lists",
    "places",
    "purchases",
    "services",
    "shortages",
    "trips",
    "undo",
    "upkeep",
]
