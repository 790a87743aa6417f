-- Cooked meals, as the recipes service announces them: each eater's diary has an entry of one, once, however often it is told.

-- A meal is one cooking that was heard of. `event` is the id of the last event that changed it, so that an older one, told
-- again, changes nothing; `eaters` are the persons who ate of it.
CREATE TABLE meal (
    household_id uuid    NOT NULL,
    cook_id      uuid    NOT NULL,
    event        bigint  NOT NULL,
    is_cooked    boolean NOT NULL,                           -- false: it was undone
    eaters       uuid[]  NOT NULL,
    PRIMARY KEY (household_id, cook_id)
);
ALTER TABLE meal ENABLE ROW LEVEL SECURITY;
ALTER TABLE meal FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON meal USING (household_id = acting_household());

-- A withdrawn entry is one that went when its meal was undone, and comes back with it; what its person has deleted does not.
CREATE TABLE withdrawn_entry (
    household_id uuid NOT NULL,
    person_id    uuid NOT NULL,
    id           uuid NOT NULL,
    PRIMARY KEY (household_id, person_id, id)
);
ALTER TABLE withdrawn_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE withdrawn_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON withdrawn_entry USING (household_id = acting_household() AND person_id = acting_person());
