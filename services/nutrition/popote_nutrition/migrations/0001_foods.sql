-- The kitchen's dictionary: foods, what they are called, what they hold, how amounts of them count.
-- Values of nutrients are per 100 of what `per` says. Null is unknown, and never zero.

CREATE FUNCTION acting_household() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('popote.household', true), '')::uuid;

-- What names are sorted by: case, accents and ligatures do not count.
CREATE FUNCTION plain(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 SET search_path = extensions, pg_catalog
    RETURN lower(extensions.unaccent('extensions.unaccent', words));

-- A food is what the starter table, or an official table that was imported, says of one. `rank` puts the starter table first.
-- Not under row-level security: it is the same for every household, and only the schema's owner writes it.
CREATE TABLE food (
    id            uuid     PRIMARY KEY,
    source        text     NOT NULL CHECK (length(source) BETWEEN 1 AND 40),
    source_id     text     NOT NULL CHECK (length(source_id) BETWEEN 1 AND 80),
    rank          smallint NOT NULL,
    name_en       text     CHECK (length(name_en) BETWEEN 1 AND 200),
    name_fr       text     CHECK (length(name_fr) BETWEEN 1 AND 200),
    per           text     NOT NULL CHECK (per IN ('g', 'ml')),
    energy_kj     numeric  CHECK (energy_kj >= 0),
    energy_kcal   numeric  CHECK (energy_kcal >= 0),
    fat_g         numeric  CHECK (fat_g >= 0),
    saturates_g   numeric  CHECK (saturates_g >= 0),
    carbohydrate_g numeric CHECK (carbohydrate_g >= 0),
    sugars_g      numeric  CHECK (sugars_g >= 0),
    fibre_g       numeric  CHECK (fibre_g >= 0),
    protein_g     numeric  CHECK (protein_g >= 0),
    salt_g        numeric  CHECK (salt_g >= 0),
    alcohol_g     numeric  CHECK (alcohol_g >= 0),
    polyols_g     numeric  CHECK (polyols_g >= 0),
    facts         jsonb    NOT NULL DEFAULT '[]',
    storage       text     CHECK (storage IN ('pantry', 'fridge', 'freezer')),
    keeps_days    smallint CHECK (keeps_days >= 0),
    opened_days   smallint CHECK (opened_days >= 0),
    frozen_days   smallint CHECK (frozen_days >= 0),
    CHECK (name_en IS NOT NULL OR name_fr IS NOT NULL)
);
CREATE INDEX food_by_source ON food (source, id);
CREATE INDEX food_by_name_en ON food (rank, plain(coalesce(name_en, name_fr)), id);
CREATE INDEX food_by_name_fr ON food (rank, plain(coalesce(name_fr, name_en)), id);

-- A name is what a food goes by in one language; `key` is what its spellings share (`model/names.py`).
-- Not under row-level security: it is the same for every household, and only the schema's owner writes it.
CREATE TABLE food_name (
    food_id  uuid    NOT NULL REFERENCES food ON DELETE CASCADE,
    language text    NOT NULL CHECK (language IN ('en', 'fr')),
    key      text    NOT NULL CHECK (key <> ''),
    name     text    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    is_alias boolean NOT NULL,
    rank     smallint NOT NULL,                              -- the food's
    PRIMARY KEY (food_id, language, key)
);
CREATE INDEX food_name_exact ON food_name (key);
-- Without a list of what is still to be indexed: after an import it is so long that likeness would read the whole table.
CREATE INDEX food_name_like ON food_name USING gin (key gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX food_name_like_starter ON food_name USING gin (key gin_trgm_ops) WHERE rank = 0;  -- what all look through

-- Which starter table is stored. Not under row-level security: it is the schema owner's, and has one row.
CREATE TABLE starter (
    checksum text PRIMARY KEY
);

REVOKE INSERT, UPDATE, DELETE ON food, food_name, starter FROM nutrition_app;

-- A household's food is its own; or, with the id of a food that all share, what the household says otherwise of it: its
-- names and facts come before those, and with `has_nutrients` its values stand for all of those.
CREATE TABLE household_food (
    household_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    name_en       text        CHECK (length(name_en) BETWEEN 1 AND 120),
    name_fr       text        CHECK (length(name_fr) BETWEEN 1 AND 120),
    is_override   boolean     NOT NULL,
    has_nutrients boolean     NOT NULL,
    per           text        NOT NULL CHECK (per IN ('g', 'ml')),
    energy_kj     numeric     CHECK (energy_kj >= 0),
    energy_kcal   numeric     CHECK (energy_kcal >= 0),
    fat_g         numeric     CHECK (fat_g >= 0),
    saturates_g   numeric     CHECK (saturates_g >= 0),
    carbohydrate_g numeric    CHECK (carbohydrate_g >= 0),
    sugars_g      numeric     CHECK (sugars_g >= 0),
    fibre_g       numeric     CHECK (fibre_g >= 0),
    protein_g     numeric     CHECK (protein_g >= 0),
    salt_g        numeric     CHECK (salt_g >= 0),
    alcohol_g     numeric     CHECK (alcohol_g >= 0),
    polyols_g     numeric     CHECK (polyols_g >= 0),
    facts         jsonb       NOT NULL DEFAULT '[]',
    storage       text        CHECK (storage IN ('pantry', 'fridge', 'freezer')),
    keeps_days    smallint    CHECK (keeps_days >= 0),
    opened_days   smallint    CHECK (opened_days >= 0),
    frozen_days   smallint    CHECK (frozen_days >= 0),
    source_id     text        NOT NULL DEFAULT '' CHECK (length(source_id) <= 80),  -- where the values were read, as typed
    version       bigint      NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (household_id, id)
);
CREATE INDEX household_food_by_version ON household_food (household_id, version, id);

-- What a household calls a food of its own, or one that all share.
CREATE TABLE household_name (
    household_id uuid    NOT NULL,
    food_id      uuid    NOT NULL,
    language     text    NOT NULL CHECK (language IN ('en', 'fr')),
    key          text    NOT NULL CHECK (key <> ''),
    name         text    NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    is_alias     boolean NOT NULL,
    PRIMARY KEY (household_id, food_id, language, key),
    FOREIGN KEY (household_id, food_id) REFERENCES household_food ON DELETE CASCADE
);
CREATE INDEX household_name_exact ON household_name (household_id, key);
CREATE INDEX household_name_like ON household_name USING gin (household_id, key gin_trgm_ops) WITH (fastupdate = off);

-- A learned name is a correction: somebody of the household said which food is meant by it.
CREATE TABLE learned_name (
    household_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    key          text        NOT NULL CHECK (key <> ''),
    food_id      uuid        NOT NULL,                       -- the household's or a shared one: no foreign key
    version      bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (household_id, id),
    CONSTRAINT learned_name_key UNIQUE (household_id, key)
);
CREATE INDEX learned_name_by_version ON learned_name (household_id, version, id);
CREATE INDEX learned_name_by_food ON learned_name (household_id, food_id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['household_food', 'household_name', 'learned_name'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I USING (household_id = acting_household())', name);
    END LOOP;
END $$;

-- The likeness of texts is not leakproof, so under row-level security it never uses an index. These functions see past it,
-- as a role that can do nothing else, and take the household from the session, never from an argument.

-- The foods with a name that holds all words, or else those with one that is like them, the best first.
CREATE FUNCTION search_foods(wanted text, preferred text, at_most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20 SET search_path = nutrition, extensions, pg_catalog, pg_temp
    SET pg_trgm.word_similarity_threshold = 0.5
AS $$
DECLARE
    each_word constant text[] := (SELECT array_agg('%' || word || '%' ORDER BY length(word) DESC)
                                    FROM unnest(string_to_array(wanted, ' ')) AS word);
BEGIN
    RETURN QUERY
    SELECT best.food_id
      FROM (SELECT DISTINCT ON (n.food_id) n.food_id, n.key, n.rank, n.language
              FROM (SELECT food_id, key, rank, language FROM food_name
                     WHERE key LIKE each_word[1] AND key LIKE ALL (each_word)
                     UNION ALL
                    SELECT food_id, key, -1, language FROM household_name
                     WHERE household_id = acting_household() AND key LIKE each_word[1] AND key LIKE ALL (each_word)) AS n
             ORDER BY n.food_id, n.key <> wanted, (' ' || n.key) NOT LIKE '% ' || wanted || '%', length(n.key)) AS best
     ORDER BY best.key <> wanted, best.rank, (' ' || best.key) NOT LIKE '% ' || wanted || '%', best.key NOT LIKE wanted || '%',
              best.language <> preferred, length(best.key), best.key
     LIMIT at_most;
    IF NOT FOUND THEN
        RETURN QUERY
        SELECT best.food_id
          FROM (SELECT DISTINCT ON (n.food_id) n.food_id, n.key, n.rank, word_similarity(wanted, n.key) AS likeness
                  FROM (SELECT food_id, key, rank FROM food_name WHERE wanted <% key
                         UNION ALL
                        SELECT food_id, key, -1 FROM household_name
                         WHERE household_id = acting_household() AND wanted <% key) AS n
                 ORDER BY n.food_id, word_similarity(wanted, n.key) DESC, length(n.key)) AS best
         ORDER BY best.likeness DESC, best.rank, length(best.key), best.key
         LIMIT at_most;
    END IF;
END $$;

-- For each key the foods whose names are like it, the likest first: of the household's and the starter table's. A word that is
-- written otherwise is like itself; a name that holds the key beside other words is not.
CREATE FUNCTION like_names(keys text[], at_most integer)
    RETURNS TABLE (key text, food_id uuid, language text, likeness real)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = nutrition, extensions, pg_catalog, pg_temp
    SET pg_trgm.similarity_threshold = 0.4
BEGIN ATOMIC
    SELECT wanted.key, near.food_id, near.language, near.likeness
      FROM unnest(keys) AS wanted (key)
     CROSS JOIN LATERAL (
           SELECT n.food_id, n.language, extensions.similarity(n.key, wanted.key) AS likeness
             FROM (SELECT food_id, language, key, rank FROM food_name
                    WHERE rank = 0 AND key OPERATOR(extensions.%) wanted.key
                    UNION ALL
                   SELECT food_id, language, key, -1 FROM household_name
                    WHERE household_id = acting_household() AND key OPERATOR(extensions.%) wanted.key) AS n
            ORDER BY likeness DESC, n.rank, n.key
            LIMIT at_most) AS near;
END;

-- The same of imported foods. Their names are long and many: only what is near is worth a person's look, or PostgreSQL's.
CREATE FUNCTION like_imported_names(keys text[], at_most integer)
    RETURNS TABLE (key text, food_id uuid, language text, likeness real)
    LANGUAGE sql STABLE ROWS 100 SET search_path = nutrition, extensions, pg_catalog, pg_temp
    SET pg_trgm.similarity_threshold = 0.6
BEGIN ATOMIC
    SELECT wanted.key, near.food_id, near.language, near.likeness
      FROM unnest(keys) AS wanted (key)
     CROSS JOIN LATERAL (
           SELECT n.food_id, n.language, extensions.similarity(n.key, wanted.key) AS likeness
             FROM food_name AS n
            WHERE n.rank > 0 AND n.key OPERATOR(extensions.%) wanted.key
            ORDER BY likeness DESC, n.key
            LIMIT at_most) AS near;
END;

GRANT SELECT ON food_name, household_name TO nutrition_search;
GRANT EXECUTE ON FUNCTION acting_household TO nutrition_search;
REVOKE EXECUTE ON FUNCTION search_foods, like_names FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_foods, like_names TO nutrition_app;
ALTER FUNCTION search_foods OWNER TO nutrition_search;
ALTER FUNCTION like_names OWNER TO nutrition_search;
