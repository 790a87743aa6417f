-- The diary: what one person has eaten, each entry with the values that it had when it was written. A food that is edited
-- later leaves it alone. Nobody else reads it, nor those of the same household.

CREATE FUNCTION acting_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('popote.person', true), '')::uuid;

-- An entry is what was eaten once. Nutrients are those of the whole entry: null is unknown, and never zero. `coverage` is how
-- much of the entry each nutrient is known of, in ten-thousandths, in the order of the columns. `food_id` is the food that
-- the values are of, also for an item or a text that was taken for one: a fact about then, so no foreign key.
CREATE TABLE diary_entry (
    household_id   uuid        NOT NULL,
    person_id      uuid        NOT NULL,
    id             uuid        NOT NULL,
    day            date        NOT NULL,
    meal           text        NOT NULL CHECK (meal IN ('breakfast', 'lunch', 'dinner', 'snack')),
    kind           text        NOT NULL CHECK (kind IN ('food', 'item', 'free', 'recipe')),
    food_id        uuid        CHECK (kind <> 'food' OR food_id IS NOT NULL),
    item_id        uuid        CHECK ((kind = 'item') = (item_id IS NOT NULL)),
    recipe_id      uuid        CHECK ((kind = 'recipe') = (recipe_id IS NOT NULL)),
    cook_id        uuid        CHECK (kind = 'recipe' OR cook_id IS NULL),
    free           text        CHECK ((kind = 'free') = (free IS NOT NULL) AND length(free) BETWEEN 1 AND 500),  -- as typed
    name           text        NOT NULL CHECK (length(name) BETWEEN 1 AND 500),                                 -- as shown
    amount         numeric     CHECK (amount >= 0),                                                             -- as typed
    unit           text        CHECK ((amount IS NULL) = (unit IS NULL) AND length(unit) BETWEEN 1 AND 40),
    portions       numeric     CHECK (portions > 0),
    mass           bigint      CHECK (mass >= 0),                                                               -- ng
    energy_kj      numeric     CHECK (energy_kj >= 0),
    energy_kcal    numeric     CHECK (energy_kcal >= 0),
    fat_g          numeric     CHECK (fat_g >= 0),
    saturates_g    numeric     CHECK (saturates_g >= 0),
    carbohydrate_g numeric     CHECK (carbohydrate_g >= 0),
    sugars_g       numeric     CHECK (sugars_g >= 0),
    fibre_g        numeric     CHECK (fibre_g >= 0),
    protein_g      numeric     CHECK (protein_g >= 0),
    salt_g         numeric     CHECK (salt_g >= 0),
    alcohol_g      numeric     CHECK (alcohol_g >= 0),
    polyols_g      numeric     CHECK (polyols_g >= 0),
    coverage       smallint[]  NOT NULL CHECK (cardinality(coverage) = 11 AND 0 <= ALL (coverage) AND 10000 >= ALL (coverage)),
    is_approximate boolean     NOT NULL DEFAULT false,       -- a conversion that led to the mass is
    reason         text        CHECK (reason IN ('unmatched_food', 'unknown_conversion', 'no_quantity', 'no_value')),
    source         text        CHECK (length(source) BETWEEN 1 AND 100),  -- where the values came from; null where there are none
    version        bigint      NOT NULL,                     -- the person's
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (household_id, person_id, id)
);
CREATE INDEX diary_entry_by_day ON diary_entry (household_id, person_id, day);
CREATE INDEX diary_entry_by_version ON diary_entry (household_id, person_id, version, id);
CREATE INDEX diary_entry_by_age ON diary_entry (household_id, person_id, created_at DESC);

ALTER TABLE diary_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE diary_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON diary_entry USING (household_id = acting_household() AND person_id = acting_person());
