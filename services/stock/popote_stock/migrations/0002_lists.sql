-- What a household must buy: lists, and their lines.

-- A list is a shopping list; `aisles` are categories in the order in which its shop has them, learned from trips.
CREATE TABLE list (
    household_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    name_key     text        NOT NULL GENERATED ALWAYS AS (plain(name)) STORED,
    aisles       uuid[]      NOT NULL,
    version      bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (household_id, id),
    CONSTRAINT list_name UNIQUE (household_id, name_key)
);
CREATE INDEX list_by_version ON list (household_id, version, id);

-- A line is something to buy: an item, or what is only known by its name. `amount` is in base units of the measure of `unit`;
-- none: some. `is_ticked` was said by `marked_by` for the moment `marked_at`, and only a later word changes it.
CREATE TABLE list_line (
    household_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    list_id      uuid        NOT NULL,
    item_id      uuid,
    name         text        CHECK (length(name) BETWEEN 1 AND 120),
    name_key     text        GENERATED ALWAYS AS (plain(name)) STORED,
    amount       bigint      CHECK (amount > 0),
    unit         text,
    note         text        NOT NULL CHECK (length(note) <= 500),
    is_ticked    boolean     NOT NULL,
    marked_at    timestamptz,
    marked_by    uuid,
    version      bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (household_id, id),
    FOREIGN KEY (household_id, list_id) REFERENCES list,
    FOREIGN KEY (household_id, item_id) REFERENCES item,
    CHECK ((item_id IS NULL) <> (name IS NULL)),
    CHECK ((amount IS NULL) = (unit IS NULL))
);
CREATE INDEX list_line_by_list ON list_line (household_id, list_id);
CREATE INDEX list_line_by_item ON list_line (household_id, item_id);
CREATE INDEX list_line_by_version ON list_line (household_id, version, id);

-- What was bought last of an item, and for how much.
CREATE INDEX lot_bought ON lot (household_id, item_id, added_at DESC, id DESC) WHERE parent_id IS NULL;
CREATE INDEX item_with_minimum ON item (household_id, id) WHERE minimum IS NOT NULL AND deleted_at IS NULL;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['list', 'list_line'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I USING (household_id = acting_household())', name);
    END LOOP;
END $$;
