"""Two years of a household's diary: written straight into the tables, the same on every run."""

from dataclasses import dataclass
from typing import Final

import asyncpg
from bench.people import Person

from popote_nutrition.model.nutrients import CODES

PEOPLE: Final = 5
DAYS: Final = 730
A_DAY: Final = 12  # entries


@dataclass(frozen=True)
class Diary:
    """Somebody whose diary goes back two years, as those of four more of the household do."""

    person: Person
    days: list[str]  # those of it, the newest first


async def fill(dsn: str, person: Person) -> Diary:
    """Give the person and four more entries, weights and goals, up to today."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "nutrition, extensions"})
    try:
        await connection.execute(ENTRIES, person.household, person.id, timeout=300)
        await connection.execute(WEIGHTS, person.household, person.id)
        await connection.execute(GOALS, person.household, person.id)
        await connection.execute("VACUUM ANALYZE", timeout=300)  # as PostgreSQL does by itself within a minute
        rows = await connection.fetch(DAYS_BACK, DAYS)
    finally:
        await connection.close()
    return Diary(person, [row["day"] for row in rows])


# The first of the people is the one that is given.
_PEOPLE: Final = f"""
    SELECT number AS person, CASE number WHEN 0 THEN $2::uuid ELSE gen_random_uuid() END AS person_id
      FROM generate_series(0, {PEOPLE - 1}) AS number
"""
_OF_PORTION: Final = ", ".join(f"CASE WHEN NOT is_unknown THEN round({code} * grams / 100, 4) END" for code in CODES)

# Everybody eats twelve foods a day, from 30 g to 240 g of each; of every twelfth nothing is known, not even the mass.
ENTRIES: Final = f"""
    WITH person AS MATERIALIZED ({_PEOPLE}), known AS MATERIALIZED (
        SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM food WHERE energy_kj IS NOT NULL
    ), eaten AS (
        SELECT person_id, day, number, (number % 8 + 1) * 30 AS grams, number % 12 = 11 AS is_unknown,
               (person * 7919 + day * 101 + number * 31) % (SELECT count(*) FROM known) AS place
          FROM person, generate_series(0, {DAYS - 1}) AS day, generate_series(0, {A_DAY - 1}) AS number
    )
    INSERT INTO diary_entry (household_id, person_id, id, day, meal, kind, food_id, free, name, amount, unit, mass,
                             {", ".join(CODES)}, coverage, reason, source, version, created_at)
    SELECT $1::uuid, person_id, gen_random_uuid(), current_date - day,
           (ARRAY['breakfast', 'lunch', 'dinner', 'snack'])[1 + number / 3],
           CASE WHEN is_unknown THEN 'free' ELSE 'food' END, CASE WHEN NOT is_unknown THEN id END,
           CASE WHEN is_unknown THEN coalesce(name_en, name_fr) END, coalesce(name_en, name_fr),
           CASE WHEN NOT is_unknown THEN grams END, CASE WHEN NOT is_unknown THEN 'g' END,
           CASE WHEN NOT is_unknown THEN grams * 1000000000::bigint END,
           {_OF_PORTION},
           CASE WHEN is_unknown THEN array_fill(0, ARRAY[11]) ELSE array_fill(10000, ARRAY[11]) END,
           CASE WHEN is_unknown THEN 'unmatched_food' END, CASE WHEN NOT is_unknown THEN source END,
           {DAYS} - day, now() - day * interval '1 day'
      FROM eaten
      JOIN known USING (place)
"""
WEIGHTS: Final = f"""
    INSERT INTO weight (household_id, person_id, id, day, mass, unit, version, created_at)
    SELECT $1::uuid, $2::uuid, gen_random_uuid(), current_date - day, 72000000000000 + day * 10000000000, 'kg', 1, now()
      FROM generate_series(0, {DAYS - 1}) AS day
"""
GOALS: Final = f"""
    INSERT INTO goal (household_id, person_id, id, from_day, weekdays, version, created_at)
    SELECT $1::uuid, $2::uuid, gen_random_uuid(), current_date - day, weekdays, 1, now()
      FROM generate_series(0, {DAYS - 1}, 90) AS day,
           (SELECT jsonb_object_agg(weekday::text, '{{"energy_kcal": "2000", "protein_g": "60"}}'::jsonb) AS weekdays
              FROM generate_series(1, 7) AS weekday)
"""
DAYS_BACK: Final = "SELECT (current_date - back)::text AS day FROM generate_series(0, $1 - 1) AS back"
