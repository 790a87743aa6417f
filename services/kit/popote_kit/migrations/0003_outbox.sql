-- An event is a fact that a service announces, written in the transaction that made it true, and kept for 30 days.
-- Not under row-level security: other services read the events of all households, in the order of `xid` and `id` below
-- the oldest transaction still running, and one look finds what is new for every phone that listens. A statement for
-- one household names it. Within a household versions and ids are in the order of commits.
CREATE TABLE outbox (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid          xid8        NOT NULL DEFAULT pg_current_xact_id(),
    household_id uuid        NOT NULL,
    version      bigint      NOT NULL,
    kind         text        NOT NULL CHECK (kind ~ '^[a-z][a-z_.]{0,63}$'),
    payload      jsonb       NOT NULL CHECK (octet_length(payload::text) <= 65536),
    at           timestamptz NOT NULL
);
CREATE INDEX outbox_in_order ON outbox (xid, id);
CREATE INDEX outbox_by_household ON outbox (household_id, version, id);
