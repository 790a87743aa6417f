-- What a person wants to eat and what a person weighs: rows of one person, which nobody else in the household sees.

-- Goals hold from a day on, until the person's next ones. `weekdays` has, for each day of the week that has some ("1" is
-- Monday, as in ISO 8601), the amount wanted of each nutrient: decimals as texts, since JSON numbers come back as floats.
CREATE TABLE goal (
    household_id uuid        NOT NULL,
    person_id    uuid        NOT NULL,
    id           uuid        NOT NULL,
    from_day     date        NOT NULL,
    weekdays     jsonb       NOT NULL,
    version      bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (household_id, person_id, id),
    CONSTRAINT goal_day UNIQUE (household_id, person_id, from_day)
);
CREATE INDEX goal_by_version ON goal (household_id, person_id, version, id);

-- A weight is what a person weighed on a day: the mass in ng, and the unit that it was typed in.
CREATE TABLE weight (
    household_id uuid        NOT NULL,
    person_id    uuid        NOT NULL,
    id           uuid        NOT NULL,
    day          date        NOT NULL,
    mass         bigint      NOT NULL CHECK (mass > 0),
    unit         text        NOT NULL CHECK (length(unit) BETWEEN 1 AND 40),
    note         text        NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    version      bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (household_id, person_id, id),
    CONSTRAINT weight_day UNIQUE (household_id, person_id, day)
);
CREATE INDEX weight_by_version ON weight (household_id, person_id, version, id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['goal', 'weight'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY own ON %I USING (household_id = acting_household() AND person_id = acting_person())', name
        );
    END LOOP;
END $$;
