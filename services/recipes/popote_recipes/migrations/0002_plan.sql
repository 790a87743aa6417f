-- The plan: which meals a household means to have.

-- An entry is one dish of one meal: a recipe for so many servings, or what is eaten without one, by its title.
-- `cook_id` is the cooking that made it, once there was one.
CREATE TABLE plan_entry (
    household_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    day          date        NOT NULL CHECK (day BETWEEN '1900-01-01' AND '2200-12-31'),
    meal         text        NOT NULL CHECK (meal IN ('breakfast', 'lunch', 'snack', 'dinner')),
    recipe_id    uuid,
    title        text        CHECK ((title IS NULL) = (recipe_id IS NOT NULL) AND length(title) BETWEEN 1 AND 200),
    servings     numeric     CHECK (servings > 0 AND servings <= 1000),
    note         text        NOT NULL CHECK (length(note) <= 2000),
    cook_id      uuid        CHECK (cook_id IS NULL OR recipe_id IS NOT NULL),
    version      bigint      NOT NULL,
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (household_id, id),
    FOREIGN KEY (household_id, recipe_id) REFERENCES recipe ON DELETE CASCADE,
    CHECK (recipe_id IS NULL OR servings IS NOT NULL)
);
CREATE INDEX plan_entry_by_day ON plan_entry (household_id, day);
CREATE INDEX plan_entry_by_recipe ON plan_entry (household_id, recipe_id);
CREATE INDEX plan_entry_by_version ON plan_entry (household_id, version, id);

ALTER TABLE plan_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON plan_entry USING (household_id = acting_household());
