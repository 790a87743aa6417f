-- What a household has: places, items, lots, and the journal of everything that ever happened to a lot.
-- Amounts are whole base units: nanograms, nanolitres, millionths of a piece. A row's `version` is the household's when the
-- row last changed: it is the row's ETag, and what delta sync goes by.

CREATE FUNCTION acting_household() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('popote.household', true), '')::uuid;

-- What two spellings of a name share: case, accents and ligatures do not count.
CREATE FUNCTION plain(words text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 SET search_path = extensions, pg_catalog
    RETURN lower(extensions.unaccent('extensions.unaccent', words));

-- A location is a place where food is kept: a fridge, a freezer, a cellar. What is put into a freezer is frozen.
CREATE TABLE location (
    household_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    name_key     text        NOT NULL GENERATED ALWAYS AS (plain(name)) STORED,
    is_freezer   boolean     NOT NULL,
    version      bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (household_id, id),
    CONSTRAINT location_name UNIQUE (household_id, name_key)
);
CREATE INDEX location_by_version ON location (household_id, version, id);

-- A category is a kind of goods, and with it an aisle of the shop; `position` is the aisle's place in the household's order.
CREATE TABLE category (
    household_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    name_key     text        NOT NULL GENERATED ALWAYS AS (plain(name)) STORED,
    position     integer     NOT NULL,
    version      bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (household_id, id),
    CONSTRAINT category_name UNIQUE (household_id, name_key)
);
CREATE INDEX category_by_version ON category (household_id, version, id);

-- An item is something that a household knows, in stock or not. `unit` is the one it is shown in; `measure` is what its
-- amounts count (mass, volume, or pieces of something), and stays once there are lots. An item that was deleted keeps its
-- row, since the journal goes on telling of it.
CREATE TABLE item (
    household_id   uuid        NOT NULL,
    id             uuid        NOT NULL,
    name           text        NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    name_key       text        NOT NULL GENERATED ALWAYS AS (plain(name)) STORED,
    unit           text        NOT NULL,
    measure        text        NOT NULL,
    category_id    uuid,
    food_id        uuid,                                   -- of the nutrition service; nothing here depends on it
    location_id    uuid,
    minimum        bigint      CHECK (minimum > 0),
    minimum_amount numeric,                                -- the minimum as it was typed
    minimum_unit   text,
    is_staple      boolean     NOT NULL,
    date_kind      text        NOT NULL CHECK (date_kind IN ('best_before', 'use_by')),
    purchased_days smallint    CHECK (purchased_days >= 0),
    opened_days    smallint    CHECK (opened_days >= 0),
    frozen_days    smallint    CHECK (frozen_days >= 0),
    thawed_days    smallint    CHECK (thawed_days >= 0),
    conversions    jsonb       NOT NULL DEFAULT '[]',
    note           text        NOT NULL CHECK (length(note) <= 500),
    version        bigint      NOT NULL,
    created_at     timestamptz NOT NULL,
    deleted_at     timestamptz,
    PRIMARY KEY (household_id, id),
    FOREIGN KEY (household_id, category_id) REFERENCES category ON DELETE SET NULL (category_id),
    FOREIGN KEY (household_id, location_id) REFERENCES location ON DELETE SET NULL (location_id)
);
CREATE UNIQUE INDEX item_name ON item (household_id, name_key) WHERE deleted_at IS NULL;
CREATE INDEX item_by_name ON item (household_id, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX item_by_version ON item (household_id, version, id);
CREATE INDEX item_by_category ON item (household_id, category_id);
CREATE INDEX item_by_location ON item (household_id, location_id);
CREATE INDEX item_like ON item USING gin (household_id, name_key gin_trgm_ops) WHERE deleted_at IS NULL;

-- A barcode names one item of the household, and how much of it one pack holds.
CREATE TABLE item_barcode (
    household_id uuid    NOT NULL,
    gtin         text    NOT NULL CHECK (gtin ~ '^[0-9]{14}$'),
    item_id      uuid    NOT NULL,
    amount       numeric,
    unit         text,
    CONSTRAINT item_barcode_gtin PRIMARY KEY (household_id, gtin),
    FOREIGN KEY (household_id, item_id) REFERENCES item ON DELETE CASCADE
);
CREATE INDEX item_barcode_by_item ON item_barcode (household_id, item_id);

-- A lot is one purchase of one item: one date, one place. Lots are never merged; what leaves a lot to be kept otherwise
-- (opened, moved, frozen) is a lot of its own, with a parent. `price` is that of `price_for`, all that was bought, also in a
-- part of it. `expires_on` follows from the label, what happened to the lot, and the item's shelf life; `expires_why` tells which.
CREATE TABLE lot (
    household_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    item_id      uuid        NOT NULL,
    parent_id    uuid,                                     -- no foreign key: an undo may take the parent away
    amount       bigint      NOT NULL CHECK (amount >= 0),
    location_id  uuid,
    best_before  date,
    use_by       date,
    added_at     timestamptz NOT NULL,
    opened_at    timestamptz,
    frozen_at    timestamptz,
    thawed_at    timestamptz,
    price        numeric(14, 4) CHECK (price >= 0),
    currency     text,
    price_for    bigint      NOT NULL CHECK (price_for > 0),
    expires_on   date,
    expires_why  text,
    is_use_by    boolean     NOT NULL,                     -- past that date it is not to be eaten
    version      bigint      NOT NULL,
    PRIMARY KEY (household_id, id),
    FOREIGN KEY (household_id, item_id) REFERENCES item,
    FOREIGN KEY (household_id, location_id) REFERENCES location ON DELETE SET NULL (location_id)
);
CREATE INDEX lot_on_hand ON lot (household_id, item_id) WHERE amount > 0;
CREATE INDEX lot_expiring ON lot (household_id, expires_on, id) WHERE amount > 0;
CREATE INDEX lot_by_version ON lot (household_id, version, id);
CREATE INDEX lot_by_location ON lot (household_id, location_id);

-- An action is one thing that somebody did to the stock. It is only ever added to: what was undone is told by another action
-- that `undoes` it. `sequence` is the household's version at that moment. An undo does not stand by itself, it only takes
-- another away; everything else stands, also the undo of an undo, until it is undone.
CREATE TABLE action (
    household_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    sequence     bigint      NOT NULL,
    kind         text        NOT NULL,
    reason       text        CHECK (reason IN ('used', 'spoiled', 'given')),
    undoes       uuid,
    stands       boolean     NOT NULL,
    person_id    uuid        NOT NULL,
    service      text,                                     -- which one did it, for the person
    request_hash bytea,                                    -- of what that service asked for
    note         text        NOT NULL CHECK (length(note) <= 500),
    shopping     jsonb,                                    -- the lines that left a shopping list with it
    at           timestamptz NOT NULL,
    PRIMARY KEY (household_id, id),
    UNIQUE (household_id, sequence),
    CONSTRAINT action_undone_once UNIQUE (household_id, undoes),
    FOREIGN KEY (household_id, undoes) REFERENCES action
);
CREATE INDEX action_by_time ON action (household_id, at);

-- A line is what an action did to one lot: by how much its amount changed, and where more than that changed, the lot before
-- and after. A line without a before made the lot, one without an after took it away.
CREATE TABLE action_line (
    household_id uuid     NOT NULL,
    sequence     bigint   NOT NULL,
    number       smallint NOT NULL,
    kind         text     NOT NULL,
    lot_id       uuid     NOT NULL,                        -- no foreign key: an undo may take the lot away
    item_id      uuid     NOT NULL,
    delta        bigint   NOT NULL,
    amount       numeric,                                  -- as it was typed
    unit         text,
    price        numeric(14, 4),                           -- what this amount of the lot had cost
    currency     text,
    is_new       boolean  NOT NULL,
    is_gone      boolean  NOT NULL,
    before       jsonb,
    after        jsonb,
    PRIMARY KEY (household_id, sequence, number),
    FOREIGN KEY (household_id, sequence) REFERENCES action (household_id, sequence),
    FOREIGN KEY (household_id, item_id) REFERENCES item
);
CREATE INDEX action_line_by_lot ON action_line (household_id, lot_id, sequence);
CREATE INDEX action_line_by_item ON action_line (household_id, item_id, sequence);

REVOKE UPDATE, DELETE ON action, action_line FROM stock_app;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['location', 'category', 'item', 'item_barcode', 'lot', 'action', 'action_line'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I USING (household_id = acting_household())', name);
    END LOOP;
END $$;

-- The likeness of texts is not leakproof, so under row-level security it never uses an index. This function sees past it, as
-- a role that can do nothing else, and takes the household from the session, never from an argument.
-- Items whose name holds every word, or begin of a word, come first; then those that are like the words.
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
       AND i.name_key LIKE each_word[1] AND i.name_key LIKE ALL (each_word)  -- the longest by the index; it can't do ALL
     ORDER BY i.name_key <> words, i.name_key NOT LIKE words || '%', length(i.name_key), i.name_key
     LIMIT at_most;
    IF NOT FOUND THEN
        RETURN QUERY
        SELECT i.id
          FROM item i
         WHERE i.household_id = household AND i.deleted_at IS NULL AND words <% i.name_key
         ORDER BY word_similarity(words, i.name_key) DESC, length(i.name_key), i.name_key
         LIMIT at_most;
    END IF;
END $$;

GRANT SELECT ON item TO stock_search;
GRANT EXECUTE ON FUNCTION plain TO stock_search;
REVOKE EXECUTE ON FUNCTION search_items FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_items TO stock_app;
ALTER FUNCTION search_items OWNER TO stock_search;
