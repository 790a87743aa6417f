-- A key is one promise kept: the request that carried it, and the answer it got, so that a retry gets the same.
-- Not under row-level security: it is swept by age across households. Every statement names household and person.
CREATE TABLE idempotency_key (
    household_id uuid        NOT NULL,
    person_id    uuid        NOT NULL,
    operation    text        NOT NULL,
    key          text        NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
    request_hash bytea       NOT NULL,
    status       smallint,                -- null until the transaction that holds the effect commits
    headers      jsonb,
    answer       bytea,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (household_id, person_id, operation, key)
);
CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);
