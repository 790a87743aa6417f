-- The kind of an event may tell which form its payload has, as in `meal_cooked.v1`.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_kind_check,
    ADD CONSTRAINT outbox_kind_check CHECK (kind ~ '^[a-z][a-z0-9_.]{0,63}$');
