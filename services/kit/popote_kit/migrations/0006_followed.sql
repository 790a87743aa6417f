-- A followed service is one whose events are handled here, up to a place in its outbox.
-- Not under row-level security: it is the system's, and says nothing of any household.
CREATE TABLE followed (
    service text PRIMARY KEY CHECK (service ~ '^[a-z]{1,32}$'),
    place   text NOT NULL CHECK (length(place) <= 1024)
);
