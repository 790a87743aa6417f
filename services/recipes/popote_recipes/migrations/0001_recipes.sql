-- What a household cooks: its recipes, what each of them needs, what became of them, and what each person thinks of them.
-- Amounts are whole base units: nanograms, nanolitres, millionths of a piece. A row's `version` is the household's when the
-- row last changed, or the person's where the row is one person's: it is the row's ETag, and what delta sync goes by.

CREATE FUNCTION acting_household() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('popote.household', true), '')::uuid;

CREATE FUNCTION acting_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('popote.person', true), '')::uuid;

-- What two spellings of a name share: case, accents and ligatures do not count.
CREATE FUNCTION plain(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 SET search_path = extensions, pg_catalog
    RETURN lower(extensions.unaccent('extensions.unaccent', words));

-- Words as French and as English have them, and as they stand; accents do not count in any.
CREATE TEXT SEARCH CONFIGURATION fr (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION fr
    ALTER MAPPING FOR hword, hword_part, word WITH extensions.unaccent, pg_catalog.french_stem;
CREATE TEXT SEARCH CONFIGURATION en (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION en
    ALTER MAPPING FOR hword, hword_part, word WITH extensions.unaccent, pg_catalog.english_stem;
CREATE TEXT SEARCH CONFIGURATION bare (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION bare
    ALTER MAPPING FOR hword, hword_part, word WITH extensions.unaccent, pg_catalog.simple;

-- A recipe is a dish as the household cooks it, for so many servings. `content` is what nothing is searched by: sections,
-- lines with what nutrition made of them, steps; its decimals are texts. `words` are the names of its ingredients.
-- `due` is how often there was a reason to ask nutrition about its lines since nutrition last told; 0: there is none.
CREATE TABLE recipe (
    household_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    title        text        NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    title_key    text        NOT NULL GENERATED ALWAYS AS (plain(title)) STORED,
    language     text        NOT NULL CHECK (language IN ('en', 'fr')),
    servings     numeric     NOT NULL CHECK (servings > 0 AND servings <= 1000),
    minutes      integer     CHECK (minutes >= 0),
    tags         text[]      NOT NULL CHECK (cardinality(tags) <= 20),
    words        text        NOT NULL,
    content      jsonb       NOT NULL,
    has_unknown  boolean     NOT NULL,                     -- a line whose food nobody knows
    image        text,                                     -- its name in the store of images
    due          integer     NOT NULL,
    revision     integer     NOT NULL,
    version      bigint      NOT NULL,
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    search       tsvector    NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('recipes.fr', title), 'A') || setweight(to_tsvector('recipes.en', title), 'A')
        || setweight(to_tsvector('recipes.bare', title), 'A')
        || setweight(to_tsvector('recipes.fr', words), 'C') || setweight(to_tsvector('recipes.en', words), 'C')
        || setweight(to_tsvector('recipes.bare', words), 'C')
    ) STORED,
    PRIMARY KEY (household_id, id)
);
CREATE INDEX recipe_by_title ON recipe (household_id, title_key, id);
CREATE INDEX recipe_by_version ON recipe (household_id, version, id);
CREATE INDEX recipe_due ON recipe (household_id, id) WHERE due > 0;
CREATE INDEX recipe_by_tag ON recipe USING gin (household_id, tags) WITH (fastupdate = off);
CREATE INDEX recipe_search ON recipe USING gin (household_id, search) WITH (fastupdate = off);
CREATE INDEX recipe_like ON recipe USING gin (household_id, title_key gin_trgm_ops) WITH (fastupdate = off);

-- A part is a recipe that another uses: a dough, a sauce.
CREATE TABLE part (
    household_id uuid NOT NULL,
    recipe_id    uuid NOT NULL,
    part_id      uuid NOT NULL,
    PRIMARY KEY (household_id, recipe_id, part_id),
    FOREIGN KEY (household_id, recipe_id) REFERENCES recipe ON DELETE CASCADE,
    CONSTRAINT part_in_use FOREIGN KEY (household_id, part_id) REFERENCES recipe
);
CREATE INDEX part_by_part ON part (household_id, part_id);

-- A need is how much of one thing a recipe takes for its `servings`, those of its parts included: what cookable goes by.
-- A slot is a line, that of the recipe `source_id`. Rank 0 is what it says, the others may stand in for it.
-- A thing is a food, or what a name stands for that is no known food. Without `units` it is some of it. What `is_alone` is
-- all that its slot offers, and no other slot of the recipe offers its thing: the lines that need no comparing with others.
CREATE TABLE need (
    household_id uuid     NOT NULL,
    recipe_id    uuid     NOT NULL,
    source_id    uuid     NOT NULL,
    thing_id     uuid     NOT NULL,
    slot         smallint NOT NULL,
    rank         smallint NOT NULL,
    is_alone     boolean  NOT NULL,
    servings     float8   NOT NULL,
    units        bigint   CHECK (units >= 0),
    measure      text,
    PRIMARY KEY (household_id, recipe_id, slot, rank),
    CHECK ((measure IS NULL) = (units IS NULL)),
    FOREIGN KEY (household_id, recipe_id) REFERENCES recipe ON DELETE CASCADE
);
CREATE INDEX need_by_thing ON need (household_id, thing_id);

-- A revision is what a recipe was before it was changed.
CREATE TABLE revision (
    household_id uuid        NOT NULL,
    recipe_id    uuid        NOT NULL,
    revision     integer     NOT NULL,
    edited_by    uuid        NOT NULL,
    edited_at    timestamptz NOT NULL,
    recipe       jsonb       NOT NULL,
    PRIMARY KEY (household_id, recipe_id, revision),
    FOREIGN KEY (household_id, recipe_id) REFERENCES recipe ON DELETE CASCADE
);

-- A substitute is a food that this household takes for another, as much of it.
CREATE TABLE substitute (
    household_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    food_id      uuid        NOT NULL,
    food_name    text        NOT NULL CHECK (length(food_name) BETWEEN 1 AND 200),
    instead_id   uuid        NOT NULL CHECK (instead_id <> food_id),
    instead_name text        NOT NULL CHECK (length(instead_name) BETWEEN 1 AND 200),
    created_at   timestamptz NOT NULL,
    version      bigint      NOT NULL,
    PRIMARY KEY (household_id, id),
    CONSTRAINT substitute_pair UNIQUE (household_id, food_id, instead_id)
);
CREATE INDEX substitute_by_version ON substitute (household_id, version, id);

-- An opinion is what one person thinks of a recipe: nobody else sees it.
CREATE TABLE opinion (
    household_id uuid     NOT NULL,
    person_id    uuid     NOT NULL,
    id           uuid     NOT NULL,                        -- the recipe's
    is_favourite boolean  NOT NULL,
    note         text     NOT NULL CHECK (length(note) <= 2000),
    rating       smallint CHECK (rating BETWEEN 1 AND 5),
    version      bigint   NOT NULL,
    PRIMARY KEY (household_id, person_id, id),
    FOREIGN KEY (household_id, id) REFERENCES recipe ON DELETE CASCADE
);
CREATE INDEX opinion_by_version ON opinion (household_id, person_id, version, id);
CREATE INDEX opinion_by_recipe ON opinion (household_id, id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['recipe', 'part', 'need', 'revision', 'substitute'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I USING (household_id = acting_household())', name);
    END LOOP;
END $$;
ALTER TABLE opinion ENABLE ROW LEVEL SECURITY;
ALTER TABLE opinion FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON opinion USING (household_id = acting_household() AND person_id = acting_person());

-- Matches of words are not leakproof, so under row-level security they never use an index. This function sees past it, as
-- a role that can do nothing else, and takes the household from the session, never from an argument.
-- Recipes that hold every word come first, as words or as the beginnings of such; where there are none, those that are
-- like the words.
CREATE FUNCTION search_recipes(wanted text, at_most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = recipes, extensions, pg_catalog, pg_temp
    SET pg_trgm.word_similarity_threshold = 0.45
AS $$
DECLARE
    household constant uuid := nullif(current_setting('popote.household', true), '')::uuid;
    looked     constant text := trim(regexp_replace(plain(wanted), '[^[:alnum:]]+', ' ', 'g'));
    begins    constant tsquery := (SELECT to_tsquery('recipes.bare', string_agg(word || ':*', ' & '))
                                     FROM unnest(string_to_array(looked, ' ')) AS word
                                    WHERE word <> '');
    meant     constant tsquery := plainto_tsquery('recipes.fr', wanted) || plainto_tsquery('recipes.en', wanted);
BEGIN
    IF looked = '' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT r.id
      FROM recipe r
     WHERE r.household_id = household AND r.search @@ (meant || begins)
     ORDER BY r.title_key <> looked, ts_rank(r.search, meant || begins) DESC, length(r.title_key), r.title_key, r.id
     LIMIT at_most;
    IF NOT FOUND THEN
        RETURN QUERY
        SELECT r.id
          FROM recipe r
         WHERE r.household_id = household AND looked <% r.title_key
         ORDER BY word_similarity(looked, r.title_key) DESC, length(r.title_key), r.title_key, r.id
         LIMIT at_most;
    END IF;
END $$;

-- The next household, in the order of ids, with recipes that nutrition is to be asked about. It concerns no single one, so
-- it sees past row-level security, and tells nothing but that id.
CREATE FUNCTION household_to_ask_for(after uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT household_id FROM recipe WHERE due > 0 AND household_id > after ORDER BY household_id LIMIT 1;
END;

-- Nutrition is to be asked about every recipe of every household again: what it announced was missed.
CREATE FUNCTION ask_about_all_recipes() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
BEGIN ATOMIC
    UPDATE recipe SET due = due + 1;
END;

GRANT SELECT ON recipe TO recipes_search;
GRANT UPDATE (due) ON recipe TO recipes_search;
GRANT EXECUTE ON FUNCTION plain TO recipes_search;
REVOKE EXECUTE ON FUNCTION search_recipes, household_to_ask_for, ask_about_all_recipes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_recipes, household_to_ask_for, ask_about_all_recipes TO recipes_app;
ALTER FUNCTION search_recipes OWNER TO recipes_search;
ALTER FUNCTION household_to_ask_for OWNER TO recipes_search;
ALTER FUNCTION ask_about_all_recipes OWNER TO recipes_search;
