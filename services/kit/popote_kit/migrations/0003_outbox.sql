-- An event is a fact that a service announces, written in the transaction that made it true. It is kept for 30 days, and the
-- last of a household for good, so that a phone that heard nothing for long knows that there was nothing.
-- Not under row-level security: other services read the events of all households, in the order of `xid` and `id` below
-- the oldest transaction still running, and one look finds what is new for every phone that listens. A statement for
-- one household names it, and counts by its `number`: ids would tell it how busy others are.
CREATE TABLE outbox (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid          xid8        NOT NULL DEFAULT pg_current_xact_id(),
    household_id uuid        NOT NULL,
    number       bigint      NOT NULL,  -- 1, 2, 3 … within the household, in the order of commits, as its versions
    version      bigint      NOT NULL,
    kind         text        NOT NULL CHECK (kind ~ '^[a-z][a-z_.]{0,63}$'),
    payload      jsonb       NOT NULL CHECK (octet_length(payload::text) <= 65536),
    at           timestamptz NOT NULL,
    CONSTRAINT outbox_by_household UNIQUE (household_id, number)
);
CREATE INDEX outbox_in_order ON outbox (xid, id);
