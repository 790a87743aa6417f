"""What a household can do with its stock; a file a noun."""

from popote_stock.actions import (
    consumption,
    corrections,
    foods,
    intake,
    items,
    list_lines,
    lists,
    places,
    purchases,
    refusals,
    services,
    shortages,
    tables,
    trips,
    undo,
    upkeep,
)

__all__ = [
    "consumption",
    "corrections",
    "foods",
    "intake",
    "items",
    "list_lines",
    "lists",
    "places",
    "purchases",
    "refusals",
    "services",
    "shortages",
    "tables",
    "trips",
    "undo",
    "upkeep",
]
