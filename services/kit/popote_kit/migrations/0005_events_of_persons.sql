-- An event may be one person's: other services read it as every event, and of phones only that person's. Such events are
-- numbered by themselves, since the household's numbers would tell everyone how busy somebody is. What is the household's
-- has the nil person. Still not under row-level security: a statement for phones names household and person.
ALTER TABLE outbox
    ADD COLUMN person_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    DROP CONSTRAINT outbox_by_household,
    ADD CONSTRAINT outbox_by_owner UNIQUE (household_id, person_id, number);
