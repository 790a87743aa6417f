"""A household's stock with years of journal behind it: written straight into the tables, the same on every run."""

import random
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg
from bench.people import Person, ShoppingList, Writer

ITEMS = 10_000
LOTS_ON_HAND = 4_000
ITEMS_ON_HAND = 2_500  # every fourth, in the order of their names
LIST_LINES = 100
ACTIONS_A_LOT = 5  # it was bought, and then taken from four times
LOTS_AN_ACTION = 5


class Known(NamedTuple):
    """An item: its id, and the unit that it is shown in."""

    id: str
    unit: str


@dataclass(frozen=True)
class Pantry:
    """A household: somebody in it, its items by name, those of which there is something, and a shopping list."""

    person: Person
    names: list[str]
    on_hand: list[Known]  # by name
    shopping: ShoppingList


async def fill(dsn: str, writer: Writer, person: Person, journal: int) -> Pantry:
    """Give the household its stock, and a journal of `journal` lines of which that is the sum."""
    names = _names(writer)
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "stock, extensions"})
    try:
        await connection.execute("SET session_replication_role = replica")  # rows that are right need no foreign keys
        await connection.execute(PLACES, person.household)
        await connection.execute(STOCK, person.household, names)
        lots = journal // ACTIONS_A_LOT
        await connection.execute(LEDGER, person.household, person.id, lots, timeout=300)
        await connection.execute("VACUUM ANALYZE", timeout=300)  # as PostgreSQL does by itself within a minute
        rows = await connection.fetch(ON_HAND, person.household)
    finally:
        await connection.close()
    on_hand = [Known(**row) for row in rows]
    to_buy = writer.write_list(person, [known.id for known in random.Random(4).sample(on_hand, LIST_LINES)])
    return Pantry(person, names, on_hand, to_buy)


def _names(writer: Writer) -> list[str]:
    """Return names of three words, no two of which are one name to somebody who reads them."""
    names: dict[str, str] = {}
    while len(names) < ITEMS:
        name = writer.text(3)
        names[plain(name)] = name
    return list(names.values())


def plain(name: str) -> str:
    """Return a name without its accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))


PLACES = """
    WITH place AS (
        INSERT INTO location (household_id, id, name, is_freezer, version, created_at)
        SELECT $1::uuid, gen_random_uuid(), name, name = 'Freezer', 1, now()
          FROM unnest('{Cupboard,Fridge,Cellar,Freezer}'::text[]) AS name
    )
    INSERT INTO category (household_id, id, name, position, version, created_at)
    SELECT $1::uuid, gen_random_uuid(), 'Aisle ' || number, number, 1, now() FROM generate_series(1, 20) AS number
"""

# Every item has an aisle and a place, every second a barcode, every third a conversion, every fourth a minimum.
STOCK = """
    WITH new AS MATERIALIZED (
        SELECT gen_random_uuid() AS id, name, number,
               (ARRAY['g', 'kg', 'ml', 'piece'])[1 + number % 4] AS unit,
               (ARRAY['mass', 'mass', 'volume', 'piece'])[1 + number % 4] AS measure,
               (ARRAY[1e9, 1e12, 1e6, 1e6])[1 + number % 4]::bigint AS base
          FROM unnest($2::text[]) WITH ORDINALITY AS given (name, number)
    ), barcode AS (
        INSERT INTO item_barcode (household_id, gtin, item_id, amount, unit)
        SELECT $1::uuid, '03' || lpad(number::text, 12, '0'), id, 1, unit FROM new WHERE number % 2 = 0
    )
    INSERT INTO item (household_id, id, name, unit, measure, category_id, location_id, minimum, minimum_amount,
                      minimum_unit, is_staple, date_kind, opened_days, conversions, note, version, created_at, food_due)
    SELECT $1::uuid, id, name, unit, measure, aisles[1 + number % 20], places[1 + number % 4],
           CASE WHEN number % 4 = 0 THEN 2 * base END, CASE WHEN number % 4 = 0 THEN 2 END,
           CASE WHEN number % 4 = 0 THEN unit END, false, 'best_before', 5,
           CASE WHEN number % 3 = 0 THEN '[{"unit": "slice", "amount": "25", "equals": "g"}]'::jsonb ELSE '[]' END,
           '', 1, now(), 0
      FROM new,
           (SELECT array_agg(id ORDER BY position) AS aisles FROM category WHERE household_id = $1::uuid),
           (SELECT array_agg(id ORDER BY name) AS places FROM location WHERE household_id = $1::uuid)
"""

# Lots were bought five at a time, and four times after that something was taken of the same five. Of the last 4,000
# more than half is left, of those before them nothing.
LEDGER = f"""
    WITH known AS MATERIALIZED (
        SELECT id, unit, location_id, row_number() OVER (ORDER BY name_key) - 1 AS number,
               CASE measure WHEN 'mass' THEN 1e12 WHEN 'volume' THEN 1e9 ELSE 1e7 END::bigint AS pack,
               CASE unit WHEN 'kg' THEN 1e12 WHEN 'g' THEN 1e9 ELSE 1e6 END AS base
          FROM item WHERE household_id = $1::uuid
    ), lot_number AS (
        SELECT number, number >= $3::integer - {LOTS_ON_HAND} AS is_on_hand
          FROM generate_series(0, $3::integer - 1) AS number
    ), bought AS MATERIALIZED (
        SELECT gen_random_uuid() AS id, lot_number.number, is_on_hand, known.id AS item_id, unit, pack, base,
               location_id, current_date - 5 + lot_number.number % 66 AS best_before,
               lot_number.number / {LOTS_AN_ACTION} * {ACTIONS_A_LOT} + 1 AS sequence
          FROM lot_number
          JOIN known ON known.number = CASE WHEN is_on_hand THEN lot_number.number * 7 % {ITEMS_ON_HAND} * 4
                                                            ELSE lot_number.number % {ITEMS} END
    ), new_lot AS (
        INSERT INTO lot (household_id, id, item_id, amount, location_id, best_before, added_at, opened_at, price,
                         currency, price_for, expires_on, expires_why, is_use_by, version)
        SELECT $1::uuid, id, item_id, CASE WHEN is_on_hand THEN pack / 10 * 6 ELSE 0 END, location_id, best_before,
               now() - interval '1 day', CASE WHEN number % 7 = 0 THEN now() END, 2.49, 'EUR',
               pack, best_before, 'best_before', false, sequence + {ACTIONS_A_LOT} - 1
          FROM bought
        RETURNING *
    ), new_action AS (
        INSERT INTO action (household_id, id, sequence, kind, reason, stands, person_id, note, at)
        SELECT $1::uuid, gen_random_uuid(), sequence, CASE WHEN is_purchase THEN 'purchase' ELSE 'consume' END,
               CASE WHEN NOT is_purchase THEN 'used' END, true, $2::uuid, '',
               now() - ($3::integer - sequence + 1) * interval '5 minutes'
          FROM generate_series(1, $3::integer / {LOTS_AN_ACTION} * {ACTIONS_A_LOT}) AS sequence,
               LATERAL (SELECT sequence % {ACTIONS_A_LOT} = 1 AS is_purchase)
    ), counted AS (
        INSERT INTO counter (household_id, version)
        SELECT $1::uuid, $3::integer / {LOTS_AN_ACTION} * {ACTIONS_A_LOT}
    )
    INSERT INTO action_line (household_id, sequence, number, kind, lot_id, item_id, delta, amount, unit, price,
                             currency, is_new, is_gone, after)
    SELECT $1::uuid, bought.sequence + step, bought.number % {LOTS_AN_ACTION} + 1,
           CASE step WHEN 0 THEN 'add' ELSE 'take' END, bought.id, bought.item_id, delta,
           trim_scale(abs(delta) / base), unit, round(abs(delta) * 2.49 / pack, 4), 'EUR', step = 0, false,
           CASE step WHEN 0 THEN to_jsonb(new_lot) - ARRAY['household_id', 'version']
                            || jsonb_build_object('amount', pack, 'price', '2.4900') END
      FROM bought
      JOIN new_lot USING (id)
     CROSS JOIN generate_series(0, {ACTIONS_A_LOT} - 1) AS step
     CROSS JOIN LATERAL (
           SELECT CASE WHEN step = 0 THEN pack WHEN is_on_hand THEN -pack / 10 ELSE -pack / 4 END AS delta)
"""

ON_HAND = """
    SELECT id::text, unit
      FROM item
     WHERE household_id = $1::uuid
       AND EXISTS (SELECT FROM lot WHERE lot.household_id = item.household_id AND item_id = item.id AND amount > 0)
     ORDER BY name_key
"""
