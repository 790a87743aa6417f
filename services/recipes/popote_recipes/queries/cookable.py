"""What can be cooked: the whole library against what there is, in one statement."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from msgspec import Struct

from popote_kit.database import Kitchen, many
from popote_recipes.model.supply import Columns


class Wanted(Struct, frozen=True, kw_only=True):
    """Which recipes are ranked, for how many `servings`; None: for as many as each is written for."""

    servings: Decimal | None = None
    max_missing: int | None = None
    max_minutes: int | None = None
    tag: str | None = None
    among: Sequence[UUID] | None = None


class Ranked(Struct, frozen=True):
    """A recipe, how many of its lines are not known to be covered, and how much it would save from spoiling."""

    recipe_id: UUID
    missing: int
    saves_expiring: Decimal


# Of each line the share of what there is that it asks for, 1 being all of it. Most lines stand alone, and are judged by
# that share. Where several slots are about one thing, each finds less by what the earlier ones say; where a slot offers
# several, the one that stands best counts: enough, always there, some of it, nothing.
#
# The arrays come out of subqueries so that the planner does not see how long they are: it would sort the whole library
# to merge it with them, where it is much faster to look each line up.
_RANK: Final = """
    WITH held AS MATERIALIZED (
        SELECT thing_id, measure, have, enough / have AS most, have / nullif(soon, 0) AS urgency
          FROM unnest((SELECT $2::uuid[]), (SELECT $3::text[]), (SELECT $4::float8[]), (SELECT $5::float8[]),
                      (SELECT $6::float8[])) AS held (thing_id, measure, have, soon, enough)
    ), always AS MATERIALIZED (
        SELECT * FROM unnest((SELECT $7::uuid[])) AS always (thing_id)
    ), swap AS MATERIALIZED (
        SELECT food_id, instead_id FROM substitute WHERE household_id = $1
    ), swapped AS MATERIALIZED (
        SELECT food_id AS thing_id FROM swap UNION SELECT instead_id FROM swap
    ), dish AS MATERIALIZED (
        SELECT id, title_key, minutes, coalesce($8::numeric / servings, 1)::float8 AS factor
          FROM recipe
         WHERE household_id = $1
           AND ($9::integer IS NULL OR minutes <= $9)
           AND ($10::text IS NULL OR tags @> ARRAY[$10])
           AND ($11::uuid[] IS NULL OR id = ANY($11))
    ), option AS NOT MATERIALIZED (
        SELECT recipe_id, slot, rank::integer, thing_id, measure, units,
               is_alone AND thing_id NOT IN (SELECT thing_id FROM swapped) AS is_alone
          FROM need
         WHERE household_id = $1
         UNION ALL
        SELECT need.recipe_id, need.slot, 1000 + need.rank, swap.instead_id, need.measure, need.units, false
          FROM swap
          JOIN need ON need.household_id = $1 AND need.thing_id = swap.food_id
    ), measured AS NOT MATERIALIZED (
        SELECT option.recipe_id, option.slot, option.rank, option.thing_id, option.is_alone,
               option.units * dish.factor / held.have AS share, held.most, held.urgency,
               held.have IS NOT NULL AS is_held, coalesce(option.units = 0, false) AS is_nothing,
               always.thing_id IS NOT NULL AS is_always
          FROM option
          JOIN dish ON dish.id = option.recipe_id
          LEFT JOIN held ON held.thing_id = option.thing_id AND held.measure = coalesce(option.measure, '')
          LEFT JOIN always ON always.thing_id = option.thing_id
    ), alone AS (
        SELECT recipe_id, is_nothing OR is_always OR coalesce(share <= most, is_held) AS is_there,
               least(1, coalesce(share * urgency, 0)) AS saves
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
               greatest(least(1 - used * urgency, coalesce(share * urgency, 0)), 0) AS saves
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
    SELECT judged.*
      FROM judged
      JOIN dish ON dish.id = judged.recipe_id
     WHERE $12::integer IS NULL OR judged.missing <= $12
     ORDER BY judged.saves_expiring DESC, judged.missing, dish.minutes NULLS LAST, dish.title_key, dish.id
     LIMIT $13
"""


async def rank(kitchen: Kitchen, columns: Columns, always: Sequence[UUID], wanted: Wanted, limit: int) -> list[Ranked]:
    """Return the recipes that may be cooked of `columns`, and of the things that are `always` there, the best first.

    What saves most from spoiling comes first, then what lacks the fewest lines, then what takes least time. It is what
    the pantry finds, but for lines that compete for one thing and have something else to stand in for it, and for
    several items of one thing that count otherwise. A recipe that asks for nothing but what is to taste is left out.
    """
    rows = await kitchen.fetch(
        _RANK,
        kitchen.household,
        *columns,
        list(always),
        wanted.servings,
        wanted.max_minutes,
        wanted.tag,
        None if wanted.among is None else list(wanted.among),
        wanted.max_missing,
        limit,
    )
    return many(rows, Ranked)
