"""What delta sync reads of each kind of row: id, version, whether it is gone, and the row as JSON."""

from typing import Final

from popote_nutrition.model.nutrients import CODES
from popote_nutrition.queries import diary, foods

_EXACT: Final = ", ".join(f"'{code}', row.{code}::text" for code in CODES)
FOODS: Final = f"""
    SELECT id, version, false AS deleted, to_jsonb(row) || jsonb_build_object({_EXACT}) AS data
      FROM (SELECT {foods.COLUMNS}
              FROM household_food h LEFT JOIN food f ON f.id = h.id
             WHERE h.household_id = $1) AS row
"""  # noqa: S608 - fixed columns
LEARNED_NAMES: Final = """
    SELECT id, version, false AS deleted, to_jsonb(row) AS data
      FROM (SELECT id, name, food_id, created_at, version FROM learned_name WHERE household_id = $1) AS row
"""
_TEXTS: Final = ", ".join(f"'{name}', row.{name}::text" for name in diary.EXACT)
ENTRIES: Final = f"""
    SELECT id, version, false AS deleted, to_jsonb(row) || jsonb_build_object({_TEXTS}) AS data
      FROM (SELECT {diary.COLUMNS} FROM diary_entry WHERE household_id = $1 AND person_id = $2) AS row
"""  # noqa: S608 - fixed columns
GOALS: Final = """
    SELECT id, version, false AS deleted, to_jsonb(row) AS data
      FROM (SELECT id, from_day, weekdays, created_at, version
              FROM goal WHERE household_id = $1 AND person_id = $2) AS row
"""
WEIGHTS: Final = """
    SELECT id, version, false AS deleted, to_jsonb(row) AS data
      FROM (SELECT id, day, mass, unit, note, created_at, version
              FROM weight WHERE household_id = $1 AND person_id = $2) AS row
"""
