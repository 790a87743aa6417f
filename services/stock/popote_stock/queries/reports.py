"""What the household's food has cost: by month and category, and of an item over time."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from popote_kit.database import Kitchen, many
from popote_kit.sync import Version
from popote_stock.model.lots import part_of
from popote_stock.model.months import Month
from popote_stock.queries.cursors import LineNumber

# Which actions count, which of their lines, and how much of a lot that is: what was spent is the price of all of it.
# Prices are the lots' own, so that a corrected one is right everywhere.
Report = Literal["spending", "waste"]
_COUNTED: Final[dict[Report, tuple[str, str, str]]] = {
    "spending": ("a.kind IN ('purchase', 'shopping', 'service')", "add", "lot.price_for"),
    "waste": ("a.reason = 'spoiled'", "take", "least(abs(l.delta), lot.price_for)"),
}

# An action stands when the last of the undos that follow from it, one undoing the other, lets it stand.
_STANDING: Final = """
    fate AS (
        SELECT sequence, at, id AS last, stands FROM told
        UNION ALL
        SELECT fate.sequence, fate.at, u.id, u.stands
          FROM fate
          JOIN action u ON u.household_id = $1 AND u.undoes = fate.last
    ), standing AS (
        SELECT sequence, at
          FROM fate
         WHERE stands AND NOT EXISTS (SELECT FROM action u WHERE u.household_id = $1 AND u.undoes = fate.last)
    )
"""


class Cost(Struct, frozen=True):
    """What a month's goods of one category cost in one currency; without one, they have no known price.

    Line by line of `actions` actions, it is that of `parts` where `wholes` cost `prices`, in base units.
    """

    month: str
    currency: str | None
    category_id: UUID | None
    category: str | None
    prices: list[Decimal | None]
    wholes: list[int]
    parts: list[int]
    actions: int

    @property
    def amount(self) -> Decimal:
        lines = zip(self.prices, self.wholes, self.parts, strict=True)
        return sum((part_of(price, whole, part) for price, whole, part in lines if price is not None), Decimal())


class Paid(Struct, frozen=True):
    """What was paid for `amount` base units of an item."""

    sequence: int
    number: int
    at: datetime
    amount: int
    price: Decimal
    currency: str


class Place(Struct, frozen=True):
    """Where a page of prices ended."""

    sequence: Version
    number: LineNumber


async def read_costs(kitchen: Kitchen, report: Report, months: Sequence[Month]) -> list[Cost]:
    """Add up what was spent, or what was thrown away had cost, month by month; what was undone does not count."""
    actions, line, part = _COUNTED[report]
    rows = await kitchen.fetch(
        f"""
        WITH RECURSIVE told AS (
            SELECT a.id, a.sequence, a.at, a.stands
              FROM action a
             WHERE a.household_id = $1 AND a.at >= $5 AND a.at < $6 AND {actions}
        ), {_STANDING}
        SELECT month.name AS month, lot.currency, i.category_id, c.name AS category,
               array_agg(lot.price) AS prices, array_agg(lot.price_for) AS wholes, array_agg({part}) AS parts,
               count(DISTINCT l.sequence) AS actions
          FROM standing
          JOIN unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) AS month (name, starts_at, ends_at)
            ON standing.at >= month.starts_at AND standing.at < month.ends_at
          JOIN action_line l ON l.household_id = $1 AND l.sequence = standing.sequence AND l.kind = $7
          JOIN lot ON lot.household_id = $1 AND lot.id = l.lot_id
          JOIN item i ON i.household_id = $1 AND i.id = l.item_id
          LEFT JOIN category c ON c.household_id = $1 AND c.id = i.category_id
         GROUP BY month.name, lot.currency, i.category_id, c.name, c.name_key
         ORDER BY month.name, lot.currency, c.name_key NULLS LAST
        """,  # noqa: S608 - fixed texts
        kitchen.household,
        [month.name for month in months],
        [month.starts_at for month in months],
        [month.ends_at for month in months],
        months[0].starts_at,
        months[-1].ends_at,
        line,
    )
    return many(rows, Cost)


async def read_prices(kitchen: Kitchen, item: UUID, limit: int, before: Place | None) -> list[Paid]:
    """Read what was paid for an item, the last first; what was undone does not count."""
    rows = await kitchen.fetch(
        f"""
        WITH RECURSIVE told AS (
            SELECT DISTINCT a.id, a.sequence, a.at, a.stands
              FROM action_line l
              JOIN action a ON a.household_id = $1 AND a.sequence = l.sequence
             WHERE l.household_id = $1 AND l.item_id = $2 AND l.kind = 'add'
        ), {_STANDING}
        SELECT standing.sequence, l.number, standing.at, lot.price_for AS amount, lot.price, lot.currency
          FROM standing
          JOIN action_line l ON l.household_id = $1 AND l.sequence = standing.sequence AND l.item_id = $2
                            AND l.kind = 'add'
          JOIN lot ON lot.household_id = $1 AND lot.id = l.lot_id
         WHERE lot.price IS NOT NULL
           AND ($3::bigint IS NULL OR (standing.sequence, l.number) < ($3, $4))
         ORDER BY standing.sequence DESC, l.number DESC
         LIMIT $5
        """,  # noqa: S608 - fixed columns
        kitchen.household,
        item,
        before.sequence if before else None,
        before.number if before else None,
        limit,
    )
    return many(rows, Paid)
