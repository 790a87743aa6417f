"""What delta sync reads of each kind of row: id, version, whether it is gone, and the row as JSON."""

from typing import Final

from popote_recipes.queries import plan

RECIPES: Final = """
    SELECT id, version, false AS deleted,
           jsonb_build_object('id', id, 'title', title, 'language', language, 'servings', servings::text,
                              'minutes', minutes, 'tags', to_jsonb(tags), 'content', content, 'image', image,
                              'due', due,
                              'revision', revision, 'version', version, 'created_by', created_by,
                              'created_at', created_at, 'updated_at', updated_at) AS data
      FROM recipe
     WHERE household_id = $1
"""
COOKS: Final = """
    SELECT id, version, false AS deleted,
           to_jsonb(row) || jsonb_build_object('servings', row.servings::text,
                                               'cooked_mass_g', row.cooked_mass_g::text) AS data
      FROM (SELECT id, recipe_id, title, servings, day, meal, plan_id, state, stock_order, meal_parts, cooked_mass_g,
                   eaters, lacking, takes, leftover_lot_id, person_id, held_until, version, created_at
              FROM cook
             WHERE household_id = $1 AND state IN ('done', 'undone', 'undoing')) AS row
"""
SUBSTITUTES: Final = """
    SELECT id, version, false AS deleted,
           jsonb_build_object('id', id, 'food_id', food_id, 'food_name', food_name, 'instead_id', instead_id,
                              'instead_name', instead_name, 'created_at', created_at, 'version', version) AS data
      FROM substitute
     WHERE household_id = $1
"""
PLAN_ENTRIES: Final = f"""
    SELECT id, version, false AS deleted, to_jsonb(row) || jsonb_build_object('servings', servings::text) AS data
      FROM (SELECT {plan.COLUMNS} FROM plan_entry e WHERE e.household_id = $1) AS row
"""  # noqa: S608 - fixed columns
OPINIONS: Final = """
    SELECT id, version, false AS deleted,
           jsonb_build_object('id', id, 'is_favourite', is_favourite, 'note', note, 'rating', rating,
                              'version', version) AS data
      FROM opinion
     WHERE household_id = $1 AND person_id = $2
"""
