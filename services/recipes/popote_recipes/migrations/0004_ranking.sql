-- The needs that are not judged alone.
CREATE INDEX need_together ON need (household_id) WHERE NOT is_alone;

-- Every recipe against what there is: how many of its lines are not known to be covered, and how much it would save from
-- spoiling. What there is of a thing comes as arrays, a row for each measure that facts lead from: `have` of it, `soon` of
-- that expires soon, `enough` may be asked for before it lacks what a scale would show. `always` are things that are there
-- whatever happens; `wanted` is for how many servings, null: for as many as each recipe is written for. The other arguments
-- say which recipes, where they are not null.
--
-- Most lines stand alone, and are judged by how much they ask for. Of the others it is the share of what there is, 1 being
-- all of it. Where a slot offers several things, the one that stands best counts: enough, always there, some of it,
-- nothing. Where several slots are about one thing, each finds less by what those of the earlier ones ask for that would
-- take it by themselves.
--
-- It is a function for its settings: the planner can't know how long the arrays are, nor how many recipes there are right
-- after an import, and a plan that looks for each line in all of an array takes minutes. The arrays come out of subqueries
-- to hide how long they are where it could know: it would hash the library instead of them.
CREATE FUNCTION rank_recipes(
    household uuid, things uuid[], measures text[], have float8[], soon float8[], enough float8[], always uuid[],
    wanted numeric, within integer, tagged text, among uuid[], at_most_missing integer, at_most integer
) RETURNS TABLE (recipe_id uuid, missing integer, saves_expiring numeric)
    LANGUAGE sql STABLE ROWS 50
    SET plan_cache_mode = force_custom_plan SET enable_nestloop = off SET enable_mergejoin = off SET work_mem = '32MB'
    SET search_path FROM CURRENT
BEGIN ATOMIC
    WITH held AS MATERIALIZED (
        SELECT thing_id, measure, held.have, nullif(held.soon, 0) AS soon, held.enough
          FROM unnest((SELECT things), (SELECT measures), (SELECT have), (SELECT soon), (SELECT enough))
               AS held (thing_id, measure, have, soon, enough)
    ), swap AS MATERIALIZED (
        SELECT food_id, instead_id, row_number() OVER (ORDER BY plain(food_name), plain(instead_name), id) AS place
          FROM substitute
         WHERE household_id = household
    ), swapped AS MATERIALIZED (
        SELECT food_id AS thing_id FROM swap UNION SELECT instead_id FROM swap
    ), said AS MATERIALIZED (
        SELECT recipe_id, slot, rank::integer, thing_id, measure, units, servings
          FROM need
         WHERE household_id = household
           AND (NOT need.is_alone OR thing_id = ANY(ARRAY(SELECT thing_id FROM swapped)))
    ), option AS NOT MATERIALIZED (
        SELECT recipe_id, slot, rank::integer, thing_id, measure, units, servings, true AS is_alone
          FROM need
         WHERE household_id = household AND need.is_alone AND thing_id NOT IN (SELECT thing_id FROM swapped)
         UNION ALL
        SELECT *, false FROM said
         UNION ALL
        SELECT recipe_id, slot, 1000 * (1 + rank) + swap.place, swap.instead_id, measure, units, servings, false
          FROM said
          JOIN swap ON swap.food_id = said.thing_id
    ), measured AS NOT MATERIALIZED (
        SELECT option.*, units * coalesce(wanted::float8 / servings, 1) AS asked, held.have, held.soon, held.enough,
               held.have IS NOT NULL AS is_held, coalesce(units = 0, false) AS is_nothing,
               option.thing_id IN (SELECT unnest(always)) AS is_always
          FROM option
          LEFT JOIN held ON held.thing_id = option.thing_id AND held.measure = coalesce(option.measure, '')
    ), alone AS (
        SELECT recipe_id, coalesce(asked <= enough, is_held) OR is_nothing OR is_always AS is_there,
               CASE WHEN soon IS NOT NULL THEN least(1, asked / soon) END AS saves
          FROM measured
         WHERE is_alone
    ), contested AS (
        SELECT recipe_id, slot, rank, thing_id, is_nothing, is_always, is_held, asked / have AS share,
               enough / have AS most, have / soon AS urgency,
               row_number() OVER (PARTITION BY recipe_id, slot
                                  ORDER BY CASE WHEN is_nothing OR coalesce(asked <= enough, is_held) THEN 0
                                                WHEN is_always THEN 1
                                                WHEN is_held THEN 2
                                                ELSE 3 END, rank) = 1 AS is_best
          FROM measured
         WHERE NOT is_alone
    ), together AS (
        SELECT *, coalesce(sum(share) FILTER (WHERE is_best) OVER earlier, 0) AS used
          FROM contested
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
      JOIN recipe ON household_id = household AND id = judged.recipe_id
     WHERE (within IS NULL OR minutes <= within)
       AND (tagged IS NULL OR tags @> ARRAY[tagged])
       AND (among IS NULL OR id = ANY(among))
       AND (at_most_missing IS NULL OR judged.missing <= at_most_missing)
     ORDER BY judged.saves_expiring DESC, judged.missing, minutes NULLS LAST, title_key, id
     LIMIT at_most;
END;
