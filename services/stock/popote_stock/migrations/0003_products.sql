-- A product is what Open Food Facts says of one barcode ('found'), that it knows none ('absent'), or that it is still to be
-- asked ('waiting'): then the row is a place in the queue, in the order of `asked_at`. After `forget_at` the row counts for
-- nothing, and the barcode is asked anew.
-- Its contents are by the contributors of Open Food Facts, under the Open Database License (ODbL); so they stay in a table
-- of their own, and nothing of a household is mixed into it.
-- Not under row-level security: it holds what the world says of a barcode, the same for every household. `asked_by`, the
-- household that waits, only keeps one of them from filling the queue, is in no answer, and goes when the answer comes.
CREATE TABLE product (
    code          text        PRIMARY KEY CHECK (code ~ '^[0-9]{14}$'),
    state         text        NOT NULL CHECK (state IN ('waiting', 'found', 'absent')),
    name          text        CHECK (length(name) BETWEEN 1 AND 120),
    name_en       text        CHECK (length(name_en) BETWEEN 1 AND 120),
    name_fr       text        CHECK (length(name_fr) BETWEEN 1 AND 120),
    brands        text        CHECK (length(brands) <= 200),
    quantity      text        CHECK (length(quantity) <= 100),   -- as the label says it
    amount        numeric     CHECK (amount > 0),                -- the same, where it could be read
    unit          text,
    nutrients     jsonb       NOT NULL DEFAULT '{}',             -- per 100 g or 100 ml; what is not known is not there
    categories    text[]      NOT NULL DEFAULT '{}',
    image_url     text        CHECK (length(image_url) <= 500),
    asked_by      uuid,
    asked_at      timestamptz NOT NULL,
    tried_at      timestamptz,
    tries         integer     NOT NULL DEFAULT 0,
    fetched_at    timestamptz,
    forget_at     timestamptz NOT NULL,
    CHECK ((state = 'found') = (name IS NOT NULL)),
    CHECK ((amount IS NULL) = (unit IS NULL))
);
CREATE INDEX product_waiting ON product (asked_at, code) WHERE state = 'waiting';
CREATE INDEX product_forgotten ON product (forget_at);
