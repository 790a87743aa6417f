"""What delta sync reads of each kind of row: id, version, whether it is gone, and the row as JSON."""

from typing import Final

from popote_stock.queries import items, lists, lots, places

LOCATIONS: Final = f"""
    SELECT id, version, false AS deleted, to_jsonb(row) AS data
      FROM (SELECT {places.LOCATION} FROM location WHERE household_id = $1) AS row
"""  # noqa: S608 - fixed columns
CATEGORIES: Final = f"""
    SELECT id, version, false AS deleted, to_jsonb(row) AS data
      FROM (SELECT {places.CATEGORY} FROM category WHERE household_id = $1) AS row
"""  # noqa: S608 - fixed columns
ITEMS: Final = f"""
    SELECT id, version, deleted_at IS NOT NULL AS deleted, to_jsonb(row) AS data
      FROM (SELECT {items.COLUMNS} FROM item i WHERE i.household_id = $1) AS row
"""  # noqa: S608 - fixed columns
# A lot that holds nothing is gone, for a phone; an undo may bring it back.
LOTS: Final = f"""
    SELECT id, version, amount = 0 AS deleted, to_jsonb(row) AS data
      FROM (SELECT {lots.OF_LOT}, lot.version, i.unit
              FROM lot JOIN item i ON i.household_id = lot.household_id AND i.id = lot.item_id
             WHERE lot.household_id = $1) AS row
"""  # noqa: S608 - fixed columns
LISTS: Final = f"""
    SELECT id, version, false AS deleted, to_jsonb(row) AS data
      FROM (SELECT {lists.LIST} FROM list WHERE household_id = $1) AS row
"""  # noqa: S608 - fixed columns
LIST_LINES: Final = f"""
    SELECT id, version, false AS deleted, to_jsonb(row) AS data
      FROM (SELECT {lists.LISTED}
              FROM list_line l LEFT JOIN item i ON i.household_id = l.household_id AND i.id = l.item_id
             WHERE l.household_id = $1) AS row
"""  # noqa: S608 - fixed columns
