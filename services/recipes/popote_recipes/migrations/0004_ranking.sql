-- The needs that are not judged alone.
CREATE INDEX need_together ON need (household_id) WHERE NOT is_alone;

-- Every recipe against what there is: how many of its lines are not known to be covered, and how much it would save from
-- spoiling. What there is of a thing comes as arrays, a row for each measure that facts lead from: `have` of it, `soon` of
-- that expires soon, `enough` may be asked for before it lacks what a scale would show. `always` are things that are there
-- whatever happens; `wanted` is for how many servings, null: for as many as each recipe is written for. The other arguments
-- say which recipes, where they are not null.
--
-- Of each line the share of what there is that it asks for, 1 being all of it. Most lines stand alone, and are judged by
-- that share. Where several slots are about one thing, each finds less by what the earlier ones say; where a slot offers
-- several, the one that stands best counts: enough, always there, some of it, nothing.
--
-- It is a function for its settings: the planner can't know how long the arrays are, nor how many recipes there are right
-- after an import, and a plan that looks for each line in all of an array takes minutes.
CREATE FUNCTION rank_recipes(
    things uuid[], measures text[], have float8[], soon float8[], enough float8[], always uuid[], wanted numeric,
    within integer, tagged text, among uuid[], at_most_missing integer, at_most integer
) RETURNS TABLE (recipe_id uuid, missing integer, saves_expiring numeric)
    LANGUAGE sql STABLE ROWS 50
    SET plan_cache_mode = force_custom_plan SET enable_nestloop = off SET enable_mergejoin = off SET work_mem = '32MB'
    SET search_path FROM CURRENT
BEGIN ATOMIC
    WITH held AS MATERIALIZED (
        SELECT thing_id, measure, held.have, held.enough / held.have AS most, held.have / nullif(held.soon, 0) AS urgency
          FROM unnest(things, measures, have, soon, enough) AS held (thing_id, measure, have, soon, enough)
    ), swap AS MATERIALIZED (
        SELECT food_id, instead_id FROM substitute WHERE household_id = acting_household()
    ), swapped AS MATERIALIZED (
        SELECT food_id AS thing_id FROM swap UNION SELECT instead_id FROM swap
    ), dish AS MATERIALIZED (
        SELECT id, title_key, minutes, coalesce(wanted / servings, 1)::float8 AS factor
          FROM recipe
         WHERE household_id = acting_household()
           AND (within IS NULL OR minutes <= within)
           AND (tagged IS NULL OR tags @> ARRAY[tagged])
           AND (among IS NULL OR id = ANY(among))
    ), option AS NOT MATERIALIZED (
        SELECT recipe_id, slot, rank::integer, thing_id, measure, units, true AS is_alone
          FROM need
         WHERE household_id = acting_household() AND need.is_alone AND thing_id NOT IN (SELECT thing_id FROM swapped)
         UNION ALL
        SELECT recipe_id, slot, rank, thing_id, measure, units, false
          FROM need
         WHERE household_id = acting_household() AND NOT need.is_alone
         UNION ALL
        SELECT recipe_id, slot, rank, thing_id, measure, units, false
          FROM need
         WHERE household_id = acting_household() AND need.is_alone AND thing_id IN (SELECT thing_id FROM swapped)
         UNION ALL
        SELECT need.recipe_id, need.slot, 1000 + need.rank, swap.instead_id, need.measure, need.units, false
          FROM swap
          JOIN need ON need.household_id = acting_household() AND need.thing_id = swap.food_id
    ), measured AS NOT MATERIALIZED (
        SELECT option.recipe_id, option.slot, option.rank, option.thing_id, option.is_alone,
               option.units * dish.factor / held.have AS share, held.most, held.urgency,
               held.have IS NOT NULL AS is_held, coalesce(option.units = 0, false) AS is_nothing,
               option.thing_id IN (SELECT unnest(always)) AS is_always
          FROM option
          JOIN dish ON dish.id = option.recipe_id
          LEFT JOIN held ON held.thing_id = option.thing_id AND held.measure = coalesce(option.measure, '')
    ), alone AS (
        SELECT recipe_id, is_nothing OR is_always OR coalesce(share <= most, is_held) AS is_there,
               CASE WHEN urgency IS NOT NULL THEN least(1, share * urgency) END AS saves
          FROM measured
         WHERE is_alone
    ), together AS (
        SELECT *, coalesce(sum(share) FILTER (WHERE rank = 0) OVER earlier, 0) AS used
          FROM measured
         WHERE NOT is_alone
        WINDOW earlier AS (PARTITION BY recipe_id, thing_id ORDER BY slot
                           GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), standing AS (
        SELECT recipe_id, slot, rank,
               CASE WHEN is_nothing OR coalesce(used + share <= most, is_left) THEN 0
                    WHEN is_always THEN 1
                    WHEN is_left THEN 2
                    ELSE 3 END AS stands,
               CASE WHEN urgency IS NOT NULL THEN greatest(least(1 - used * urgency, share * urgency), 0) END AS saves
          FROM (SELECT *, is_held AND used <= greatest(2 - most, 0) AS is_left FROM together) AS compared
    ), chosen AS (
        SELECT DISTINCT ON (recipe_id, slot) recipe_id, stands <= 1 AS is_there, saves
          FROM standing
         ORDER BY recipe_id, slot, stands, rank
    ), judged AS (
        SELECT recipe_id, count(*) FILTER (WHERE NOT is_there) AS missing,
               round(coalesce(sum(saves), 0)::numeric, 2) AS saves_expiring
          FROM (SELECT * FROM alone UNION ALL SELECT * FROM chosen) AS line
         GROUP BY recipe_id
    )
    SELECT judged.recipe_id, judged.missing::integer, judged.saves_expiring
      FROM judged
      JOIN dish ON dish.id = judged.recipe_id
     WHERE at_most_missing IS NULL OR judged.missing <= at_most_missing
     ORDER BY judged.saves_expiring DESC, judged.missing, dish.minutes NULLS LAST, dish.title_key, dish.id
     LIMIT at_most;
END;
