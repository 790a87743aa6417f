"""Trends: what a person ate, weighed and wanted, day by day."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from popote_kit.database import Kitchen, Record
from popote_kit.quantity import Amount
from popote_nutrition.model.days import Period
from popote_nutrition.model.nutrients import CODES, Nutrients
from popote_nutrition.model.portions import TOLD
from popote_nutrition.model.totals import PLACES
from popote_nutrition.model.trends import TrendDay
from popote_nutrition.queries.goals import nutrients_of

# As `totals.total` weighs them: an entry without a mass weighs as much as the average of its day's others, and where no
# mass is above zero all weigh the same. Weights are times the number of the day's masses, so that they are whole.
_WEIGHT: Final = """
    CASE WHEN coalesce(sum(mass) OVER its_day, 0) = 0 THEN 1
         WHEN mass IS NULL THEN sum(mass) OVER its_day
         ELSE mass::numeric * count(mass) OVER its_day
    END
"""
_SUMS: Final = ", ".join(f"sum({code}) AS {code}" for code in CODES)
_SHARES: Final = ", ".join(f"div(sum(weight * coverage[{place}]), sum(weight))" for place in range(1, len(TOLD) + 1))
_NOTHING: Final = [0] * len(TOLD)


async def read_days(kitchen: Kitchen, period: Period) -> list[TrendDay]:
    """Read the days on which the person ate or weighed something, in order; as it is known, and against which goals."""
    rows = await kitchen.fetch(
        f"""
        WITH entry AS (
            SELECT day, coverage, {", ".join(CODES)}, {_WEIGHT} AS weight
              FROM diary_entry
             WHERE household_id = $1 AND person_id = $2 AND day BETWEEN $3 AND $4
            WINDOW its_day AS (PARTITION BY day)
        ), eaten AS (
            SELECT day, count(*) AS entries, {_SUMS}, ARRAY[{_SHARES}]::integer[] AS coverage
              FROM entry
             GROUP BY day
        ), weighed AS (
            SELECT day, mass
              FROM weight
             WHERE household_id = $1 AND person_id = $2 AND day BETWEEN $3 AND $4
        )
        SELECT day, coalesce(entries, 0) AS entries, {", ".join(CODES)}, coverage, mass,
               coalesce(standing.weekdays -> extract(isodow FROM day)::text, '{{}}') AS goals
          FROM eaten
          FULL JOIN weighed USING (day)
          LEFT JOIN LATERAL (
                    SELECT weekdays
                      FROM goal
                     WHERE household_id = $1 AND person_id = $2 AND from_day <= day
                     ORDER BY from_day DESC
                     LIMIT 1
               ) AS standing ON true
         ORDER BY day
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        period.first,
        period.last,
    )
    return [_day(row) for row in rows]


def _day(row: Record) -> TrendDay:
    known = {code: Amount(row[code]) for code in CODES if row[code] is not None}
    return TrendDay(
        day=row["day"],
        entries=row["entries"],
        total=Nutrients(**known),
        coverage=_coverage(row["coverage"] or _NOTHING),
        mass=row["mass"],
        goals=nutrients_of(row["goals"]),
    )


def _coverage(shares: Sequence[int]) -> dict[str, Decimal]:
    return {code: Amount(Decimal(share).scaleb(-PLACES)) for code, share in zip(TOLD, shares, strict=True)}
