-- Rows of one person have that person's own counter and tombstones: nobody learns how busy others are, and nobody waits
-- for them. What is the household's is that of the nil person.
DROP FUNCTION sweep_tombstones;

ALTER TABLE counter
    ADD COLUMN person_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    DROP CONSTRAINT counter_pkey,
    ADD PRIMARY KEY (household_id, person_id);
ALTER TABLE tombstone
    ADD COLUMN person_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    DROP CONSTRAINT tombstone_pkey,
    ADD PRIMARY KEY (household_id, person_id, kind, id);
DROP INDEX tombstone_by_version;
CREATE INDEX tombstone_by_version ON tombstone (household_id, person_id, version, kind, id);

ALTER POLICY own ON counter USING (
    household_id = nullif(current_setting('popote.household', true), '')::uuid
    AND person_id IN ('00000000-0000-0000-0000-000000000000', nullif(current_setting('popote.person', true), '')::uuid)
);
ALTER POLICY own ON tombstone USING (
    household_id = nullif(current_setting('popote.household', true), '')::uuid
    AND person_id IN ('00000000-0000-0000-0000-000000000000', nullif(current_setting('popote.person', true), '')::uuid)
);

-- Tombstones are swept by age, whosever they are. A hundred owners at a time, and none that is being written to:
-- the counter is locked first, as by every writer, so neither waits for the other.
CREATE FUNCTION sweep_tombstones(before timestamptz) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
BEGIN ATOMIC
    WITH whose AS (
        SELECT household_id, person_id
          FROM counter
         WHERE (household_id, person_id) IN (SELECT household_id, person_id FROM tombstone WHERE buried_at < before)
         LIMIT 100
           FOR UPDATE SKIP LOCKED
    ), swept AS (
        DELETE FROM tombstone USING whose
         WHERE tombstone.household_id = whose.household_id AND tombstone.person_id = whose.person_id
           AND buried_at < before
        RETURNING tombstone.household_id, tombstone.person_id, tombstone.version
    ), highest AS (
        SELECT household_id, person_id, max(version) AS version, count(*) AS tombstones
          FROM swept
         GROUP BY household_id, person_id
    ), raised AS (
        UPDATE counter SET floor = greatest(floor, highest.version)
          FROM highest
         WHERE counter.household_id = highest.household_id AND counter.person_id = highest.person_id
    )
    SELECT coalesce(sum(tombstones), 0)::bigint FROM highest;
END;

DO $$
BEGIN
    REVOKE EXECUTE ON FUNCTION sweep_tombstones FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION sweep_tombstones TO %I', current_schema() || '_app');
    EXECUTE format('ALTER FUNCTION sweep_tombstones OWNER TO %I', current_schema() || '_search');
END $$;
