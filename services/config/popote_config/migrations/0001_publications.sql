-- A publication is one Ollama address, put up by someone at one time, for one household, or for all that have none of
-- their own (household_id is null: the system-wide address). The newest one stands; the older ones are the audit, so
-- nobody may change or delete a row.

CREATE TABLE publication (
    revision     bigint      NOT NULL PRIMARY KEY,      -- across all households, in the order of commit
    household_id uuid,
    url          text        NOT NULL CHECK (octet_length(url) <= 255),
    replaced     text,                                  -- what clients were given before, an inherited address included
    reason       text        CHECK (length(reason) <= 200),
    restores     bigint      REFERENCES publication,    -- set by a rollback
    published_by text        NOT NULL,                  -- person:<uuid>, or settings
    published_at timestamptz NOT NULL
);
CREATE INDEX publication_by_household ON publication (household_id, revision DESC);
REVOKE UPDATE, DELETE ON publication FROM config_app;

-- The one row is the lock of every write, held until commit: that makes the order of revisions the order of commits, and
-- lets a reader ask for what is newer than the last that it saw.
CREATE TABLE last_revision (
    is_only boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (is_only),
    last    bigint  NOT NULL
);
INSERT INTO last_revision (last) VALUES (0);
REVOKE INSERT, DELETE ON last_revision FROM config_app;

-- Whoever works for a household reaches its rows alone; whoever works for none reaches the system-wide ones alone.
-- last_revision is not under row-level security: it holds no household's data.
ALTER TABLE publication ENABLE ROW LEVEL SECURITY;
ALTER TABLE publication FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON publication USING (
    household_id IS NOT DISTINCT FROM nullif(current_setting('popote.household', true), '')::uuid
);

-- Both functions see past row-level security, as a role that can do nothing else.

-- What clients of the household in the session are given: its own address, or else the system-wide one.
CREATE FUNCTION standing() RETURNS TABLE (household_id uuid, url text, revision bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = config, pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT p.household_id, p.url, p.revision
      FROM publication p
     WHERE p.household_id = nullif(current_setting('popote.household', true), '')::uuid OR p.household_id IS NULL
     ORDER BY p.household_id NULLS LAST, p.revision DESC
     LIMIT 1;
END;

-- The addresses of all households that changed after a revision, for the service's memory: what it answers from while
-- PostgreSQL is away must be complete. Of the audit it gives nothing.
CREATE FUNCTION changed_after(last bigint) RETURNS TABLE (household_id uuid, url text, revision bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = config, pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT DISTINCT ON (p.household_id) p.household_id, p.url, p.revision
      FROM publication p
     WHERE p.revision > changed_after.last
     ORDER BY p.household_id, p.revision DESC;
END;

GRANT SELECT ON publication TO config_search;
REVOKE EXECUTE ON FUNCTION standing, changed_after FROM PUBLIC;
GRANT EXECUTE ON FUNCTION standing, changed_after TO config_app;
ALTER FUNCTION standing OWNER TO config_search;
ALTER FUNCTION changed_after OWNER TO config_search;
