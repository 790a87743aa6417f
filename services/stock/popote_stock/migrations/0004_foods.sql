-- What an item is, as the nutrition service says it. `food_facts` are how amounts of the food count, after what the
-- household and the label say; `food_names` is what it is called, so that an item is found by those words too.
-- With `is_food_chosen` somebody said which food it is, or that it is none; otherwise its name tells. `food_due` is how often
-- there was a reason to ask nutrition about it since nutrition last told; 0: there is none.
ALTER TABLE item
    ADD COLUMN food_facts     jsonb   NOT NULL DEFAULT '[]',
    ADD COLUMN food_names     text    NOT NULL DEFAULT '' CHECK (length(food_names) <= 500),
    ADD COLUMN is_food_chosen boolean NOT NULL DEFAULT false,
    ADD COLUMN food_due       integer NOT NULL DEFAULT 1;

ALTER TABLE item NO FORCE ROW LEVEL SECURITY;  -- for the next statement, which concerns all households
UPDATE item SET is_food_chosen = true WHERE food_id IS NOT NULL;
ALTER TABLE item FORCE ROW LEVEL SECURITY;

ALTER TABLE item ADD COLUMN search_key text NOT NULL GENERATED ALWAYS AS (plain(name || ' ' || food_names)) STORED;
DROP INDEX item_like;
CREATE INDEX item_like ON item USING gin (household_id, search_key gin_trgm_ops) WHERE deleted_at IS NULL;
CREATE INDEX item_by_food ON item (household_id, food_id) WHERE food_id IS NOT NULL;
CREATE INDEX item_food_due ON item (household_id, id) WHERE food_due > 0 AND deleted_at IS NULL;

-- A line says whether its amount was converted by a fact that is only about right.
ALTER TABLE action_line ADD COLUMN is_approximate boolean NOT NULL DEFAULT false;

-- Items whose name, or whose food's names, hold every word, or begin of a word, come first, by their own name before by
-- their food's; then those that are like the words.
DROP FUNCTION search_items;
CREATE FUNCTION search_items(wanted text, at_most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20 SET search_path = stock, extensions, pg_catalog, pg_temp
    SET pg_trgm.word_similarity_threshold = 0.45
AS $$
DECLARE
    household constant uuid := nullif(current_setting('popote.household', true), '')::uuid;
    words     constant text := trim(regexp_replace(plain(wanted), '[^[:alnum:]]+', ' ', 'g'));
    each_word constant text[] := (SELECT array_agg('%' || word || '%' ORDER BY length(word) DESC)
                                    FROM unnest(string_to_array(words, ' ')) AS word);
BEGIN
    IF words = '' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT i.id
      FROM item i
     WHERE i.household_id = household AND i.deleted_at IS NULL
       AND i.search_key LIKE each_word[1] AND i.search_key LIKE ALL (each_word)  -- the longest by the index; it can't do ALL
     ORDER BY NOT i.name_key LIKE ALL (each_word), i.name_key <> words, i.name_key NOT LIKE words || '%',
              length(i.name_key), i.name_key
     LIMIT at_most;
    IF NOT FOUND THEN
        RETURN QUERY
        SELECT i.id
          FROM item i
         WHERE i.household_id = household AND i.deleted_at IS NULL AND words <% i.search_key
         ORDER BY word_similarity(words, i.search_key) DESC, word_similarity(words, i.name_key) DESC,
                  length(i.name_key), i.name_key
         LIMIT at_most;
    END IF;
END $$;

-- The next household, in the order of ids, with items that nutrition is to be asked about. It concerns no single one, so
-- it sees past row-level security, and tells nothing but that id.
CREATE FUNCTION household_to_ask_for(after uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT household_id
      FROM item
     WHERE food_due > 0 AND deleted_at IS NULL AND household_id > after
     ORDER BY household_id
     LIMIT 1;
END;

-- Nutrition is to be asked about every item of every household again: what it announced was missed.
CREATE FUNCTION ask_about_all_items() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
BEGIN ATOMIC
    UPDATE item SET food_due = food_due + 1;
END;

GRANT UPDATE (food_due) ON item TO stock_search;
REVOKE EXECUTE ON FUNCTION search_items, household_to_ask_for, ask_about_all_items FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_items, household_to_ask_for, ask_about_all_items TO stock_app;
ALTER FUNCTION search_items OWNER TO stock_search;
ALTER FUNCTION household_to_ask_for OWNER TO stock_search;
ALTER FUNCTION ask_about_all_items OWNER TO stock_search;
