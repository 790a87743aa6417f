"""The diary: entries of one person."""

import datetime as dt
from fractions import Fraction
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from popote_kit import codec
from popote_kit.database import Kitchen, Record
from popote_kit.problems import NotFound
from popote_kit.quantity import Amount, Quantity
from popote_nutrition.model.diary import MEALS, WHOLE, Entry, Meal
from popote_nutrition.model.nutrients import CODES, Nutrients
from popote_nutrition.model.totals import Portion

_PLAIN: Final = (
    "id", "day", "meal", "kind", "food_id", "item_id", "recipe_id", "cook_id", "free", "name", "is_approximate",
    "reason", "source", "version", "created_at", "portions",
)  # fmt: skip
_STORED: Final = (*_PLAIN, "amount", "unit", "mass", *CODES, "coverage")
COLUMNS: Final = ", ".join(_STORED)
EXACT: Final = (*CODES, "amount", "portions")  # decimals, which JSON does not bring back as they were
_PLACE: Final = f"array_position(ARRAY{list(MEALS)}, meal)"
# What an entry is of, so that entries of the same thing count as one.
_THING: Final = "coalesce(item_id::text, recipe_id::text, food_id::text, lower(name))"


class Place(Struct, frozen=True):
    """Where a page of entries ended."""

    day: dt.date
    meal: Meal
    created_at: Annotated[dt.datetime, Meta(tz=True)]
    id: UUID

    @classmethod
    def of(cls, entry: Entry) -> "Place":
        return cls(entry.day, entry.meal, entry.created_at, entry.id)


class Used(Struct, frozen=True):
    """A thing that was entered so many times, and the last entry of it."""

    times: int
    entry: Entry


def entry_of(row: Record | dict[str, Any]) -> Entry:
    """Return the entry that a row of `COLUMNS` is."""
    plain = {name: row[name] for name in _PLAIN}
    nutrients = msgspec.convert({code: row[code] for code in CODES}, Nutrients, dec_hook=codec.from_plain)
    shares = (Fraction(share, WHOLE) for share in row["coverage"])
    portion = Portion(row["mass"], nutrients, dict(zip(CODES, shares, strict=True)))
    quantity = None if row["amount"] is None else Quantity(Amount(row["amount"]), row["unit"])
    return msgspec.convert({**plain, "quantity": quantity, "portion": portion}, Entry, dec_hook=codec.from_plain)


def _row_of(entry: Entry) -> list[object]:
    """Return what is stored of an entry, in the order of `COLUMNS`."""
    portion, quantity = entry.portion, entry.quantity
    return [
        *(getattr(entry, name) for name in _PLAIN),
        *((quantity.amount, quantity.unit) if quantity else (None, None)),
        portion.mass,
        *(amount for _, amount in portion.nutrients.items()),
        [int(portion.coverage[code] * WHOLE) for code in CODES],
    ]


async def read_entry(kitchen: Kitchen, id: UUID) -> Entry:
    """Read an entry.

    Raises:
        NotFound: the person has none with this id.
    """
    if (entry := await find_entry(kitchen, id)) is None:
        raise NotFound
    return entry


async def find_entry(kitchen: Kitchen, id: UUID) -> Entry | None:
    """Read an entry, if the person has one with this id."""
    row = await kitchen.fetchrow(
        f"SELECT {COLUMNS} FROM diary_entry WHERE household_id = $1 AND person_id = $2 AND id = $3",  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        id,
    )
    return entry_of(row) if row else None


async def list_entries(
    kitchen: Kitchen, first: dt.date, last: dt.date, limit: int, after: Place | None = None
) -> list[Entry]:
    """Read the entries of some days, in the order of days, meals, and when they were made."""
    rows = await kitchen.fetch(
        f"""
        SELECT {COLUMNS}
          FROM diary_entry
         WHERE household_id = $1 AND person_id = $2 AND day BETWEEN greatest($3, $6::date) AND $4
           AND ($6 IS NULL OR (day, {_PLACE}, created_at, id) > ($6, $7::integer, $8::timestamptz, $9::uuid))
         ORDER BY day, {_PLACE}, created_at, id
         LIMIT $5
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        first,
        last,
        limit,
        *((after.day, MEALS.index(after.meal) + 1, after.created_at, after.id) if after else (None,) * 4),
    )
    return [entry_of(row) for row in rows]


async def count_on(kitchen: Kitchen, day: dt.date) -> int:
    """Count the entries of a day."""
    count: int = await kitchen.fetchval(
        "SELECT count(*) FROM diary_entry WHERE household_id = $1 AND person_id = $2 AND day = $3",
        kitchen.household,
        kitchen.person,
        day,
    )
    return count


async def put_entry(kitchen: Kitchen, entry: Entry) -> None:
    """Store an entry, as a new one or over the one that it was."""
    places = ", ".join(f"${number}" for number in range(3, 3 + len(_STORED)))
    same = ", ".join(f"{name} = excluded.{name}" for name in _STORED if name != "id")
    await kitchen.execute(
        f"""
        INSERT INTO diary_entry (household_id, person_id, {COLUMNS})
        VALUES ($1, $2, {places})
            ON CONFLICT (household_id, person_id, id) DO UPDATE SET {same}
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        *_row_of(entry),
    )


async def copy_entries(kitchen: Kitchen, copies: dict[UUID, UUID], day: dt.date, version: int) -> None:
    """Store entries again on another day: for each id the id of its copy. A copy belongs to no cooking."""
    fresh = {
        "id": "copies.new",
        "day": "$5",
        "cook_id": "NULL",
        "version": "$6",
        "created_at": "$7::timestamptz + copies.place * interval '1 microsecond'",
    }
    same = ", ".join(fresh.get(name, f"entry.{name}") for name in _STORED)
    await kitchen.execute(
        f"""
        INSERT INTO diary_entry (household_id, person_id, {COLUMNS})
        SELECT entry.household_id, entry.person_id, {same}
          FROM unnest($3::uuid[], $4::uuid[]) WITH ORDINALITY AS copies (old, new, place)
          JOIN diary_entry AS entry ON entry.household_id = $1 AND entry.person_id = $2 AND entry.id = copies.old
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        kitchen.person,
        list(copies),
        list(copies.values()),
        day,
        version,
        kitchen.now,
    )


async def delete_entry(kitchen: Kitchen, id: UUID) -> None:
    """Forget an entry."""
    await kitchen.execute(
        "DELETE FROM diary_entry WHERE household_id = $1 AND person_id = $2 AND id = $3",
        kitchen.household,
        kitchen.person,
        id,
    )


async def read_recent(kitchen: Kitchen, limit: int) -> list[Used]:
    """Read the things that were entered last, among the last thousand entries."""
    return await _read_used(kitchen, "ORDER BY created_at DESC LIMIT $4", "created_at DESC, id DESC", limit, 1000)


async def read_frequent(kitchen: Kitchen, meal: Meal | None, since: dt.date, limit: int) -> list[Used]:
    """Read the things that were entered most often since a day, for one meal or for all."""
    condition = "AND day >= $4 AND ($5::text IS NULL OR meal = $5)"
    return await _read_used(kitchen, condition, "times DESC, created_at DESC, id DESC", limit, since, meal)


async def _read_used(kitchen: Kitchen, which: str, order: str, limit: int, *arguments: object) -> list[Used]:
    rows = await kitchen.fetch(
        f"""
        WITH entry AS (
            SELECT * FROM diary_entry WHERE household_id = $1 AND person_id = $2 {which}
        ), thing AS (
            SELECT *, count(*) OVER (PARTITION BY {_THING}) AS times,
                   row_number() OVER (PARTITION BY {_THING} ORDER BY created_at DESC, id DESC) AS age
              FROM entry
        )
        SELECT times, {COLUMNS}
          FROM thing
         WHERE age = 1
         ORDER BY {order}
         LIMIT $3
        """,  # noqa: S608 - fixed texts
        kitchen.household,
        kitchen.person,
        limit,
        *arguments,
    )
    return [Used(row["times"], entry_of(row)) for row in rows]
