-- A cook is that somebody cooked a recipe: what was taken from stock for it, what was left over, and who ate how much.
-- It is written before stock is asked, and then driven to its end by whoever comes: the request that began it, the same
-- request again, or the service on its own. `begun` and `undoing` are on their way; `done` and `undone` stay. One that stock
-- refuses goes away, since nothing happened. Whoever drives it holds it until `held_until`; stock does its one action, by
-- the cook's id, at most once.
CREATE TABLE cook (
    household_id    uuid        NOT NULL,
    id              uuid        NOT NULL,
    recipe_id       uuid        NOT NULL,                  -- no foreign key: the recipe may go, the meal was eaten
    title           text        NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    servings        numeric     NOT NULL CHECK (servings > 0),
    day             date        NOT NULL,
    meal            text        NOT NULL CHECK (meal IN ('breakfast', 'lunch', 'dinner', 'snack')),
    plan_id         uuid,                                  -- nor here: the plan may go too
    state           text        NOT NULL CHECK (state IN ('begun', 'done', 'undoing', 'undone')),
    request_hash    bytea       NOT NULL,
    stock_order     jsonb       NOT NULL,                  -- what stock is asked to do; its decimals are texts
    meal_parts      jsonb       NOT NULL,                  -- what it was made of, as nutrition is told
    cooked_mass_g   numeric     CHECK (cooked_mass_g > 0),
    eaters          jsonb       NOT NULL,
    lacking         jsonb       NOT NULL,                  -- lines that stock did not have
    takes           jsonb       NOT NULL,                  -- what stock took, as it told
    leftover_lot_id uuid,
    person_id       uuid        NOT NULL,
    held_until      timestamptz NOT NULL,
    version         bigint      NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (household_id, id)
);
CREATE INDEX cook_by_time ON cook (household_id, created_at DESC, id DESC) WHERE state IN ('done', 'undone');
CREATE INDEX cook_by_plan ON cook (household_id, plan_id) WHERE plan_id IS NOT NULL;
CREATE INDEX cook_by_version ON cook (household_id, version, id);
CREATE INDEX cook_unfinished ON cook (held_until) WHERE state IN ('begun', 'undoing');

ALTER TABLE cook ENABLE ROW LEVEL SECURITY;
ALTER TABLE cook FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON cook USING (household_id = acting_household());

-- Cooks that nobody drives to their end, of all households: it sees past row-level security, and tells nothing but ids.
CREATE FUNCTION cooks_to_finish(as_of timestamptz, at_most integer)
    RETURNS TABLE (household uuid, id uuid, person uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT cook.household_id, cook.id, cook.person_id
      FROM cook
     WHERE cook.state IN ('begun', 'undoing') AND cook.held_until < as_of
     ORDER BY cook.held_until
     LIMIT at_most;
END;

GRANT SELECT ON cook TO recipes_search;
REVOKE EXECUTE ON FUNCTION cooks_to_finish FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cooks_to_finish TO recipes_app;
ALTER FUNCTION cooks_to_finish OWNER TO recipes_search;
