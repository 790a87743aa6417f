-- An epoch is one life of this database: what phones have from another, from before a backup was restored, is void.
-- Not under row-level security: it is the system's, and has one row. After a restore it gets a new id.
CREATE TABLE epoch (
    id      uuid    NOT NULL DEFAULT gen_random_uuid(),
    swept   bigint  NOT NULL DEFAULT 0,  -- the highest id of an event that is no longer kept
    is_ours boolean PRIMARY KEY DEFAULT true CHECK (is_ours)
);
INSERT INTO epoch DEFAULT VALUES;

-- A counter is the version that a household's rows stand at. Whoever writes takes its row first, so it is the
-- household's write lock too, and versions are in the order of commits.
CREATE TABLE counter (
    household_id uuid   NOT NULL,
    version      bigint NOT NULL,
    floor        bigint NOT NULL DEFAULT 0,  -- the highest version whose tombstones were swept
    PRIMARY KEY (household_id)
);

-- A tombstone is a row that was deleted, so that phones forget it too.
CREATE TABLE tombstone (
    household_id uuid             NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    id           uuid             NOT NULL,
    version      bigint           NOT NULL,
    buried_at    timestamptz      NOT NULL,
    PRIMARY KEY (household_id, kind, id)
);
CREATE INDEX tombstone_by_version ON tombstone (household_id, version, kind, id);
CREATE INDEX tombstone_by_age ON tombstone (buried_at);

ALTER TABLE counter ENABLE ROW LEVEL SECURITY;
ALTER TABLE counter FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON counter USING (household_id = nullif(current_setting('popote.household', true), '')::uuid);
ALTER TABLE tombstone ENABLE ROW LEVEL SECURITY;
ALTER TABLE tombstone FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON tombstone USING (household_id = nullif(current_setting('popote.household', true), '')::uuid);

-- Tombstones are swept by age, whosever they are. A hundred households at a time, and none that is being written to:
-- the counter is locked first, as by every writer, so neither waits for the other.
CREATE FUNCTION sweep_tombstones(before timestamptz) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
BEGIN ATOMIC
    WITH household AS (
        SELECT household_id
          FROM counter
         WHERE household_id IN (SELECT household_id FROM tombstone WHERE buried_at < before)
         LIMIT 100
           FOR UPDATE SKIP LOCKED
    ), swept AS (
        DELETE FROM tombstone USING household
         WHERE tombstone.household_id = household.household_id AND buried_at < before
        RETURNING tombstone.household_id, tombstone.version
    ), highest AS (
        SELECT household_id, max(version) AS version, count(*) AS tombstones FROM swept GROUP BY household_id
    ), raised AS (
        UPDATE counter SET floor = greatest(floor, highest.version)
          FROM highest
         WHERE counter.household_id = highest.household_id
    )
    SELECT coalesce(sum(tombstones), 0)::bigint FROM highest;
END;

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, DELETE ON tombstone TO %I', current_schema() || '_search');
    EXECUTE format('GRANT SELECT, UPDATE ON counter TO %I', current_schema() || '_search');
    REVOKE EXECUTE ON FUNCTION sweep_tombstones FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION sweep_tombstones TO %I', current_schema() || '_app');
    EXECUTE format('ALTER FUNCTION sweep_tombstones OWNER TO %I', current_schema() || '_search');
END $$;
