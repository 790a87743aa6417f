"""Lots, and until when they keep."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict, replace

from popote_kit.quantity import TooMuch

DateKind = Literal["best_before", "use_by"]
Why = Literal["best_before", "use_by", "purchased", "opened", "frozen", "thawed"]

FIRST_DAY: Final = date(1900, 1, 1)  # that a label may show
LAST_DAY: Final = date(2200, 1, 1)  # and the first that it may not
PRICE_DIGITS: Final = 4
MAX_PRICE: Final = Decimal(10) ** 10

# What an action may change of a lot beside its amount. What stands in one row makes sense only together: an undo must
# not leave a lot thawed that was never frozen, a price in another currency, or no date where the label has one.
FACTS: Final = (
    ("location_id",),
    ("best_before", "use_by"),
    ("opened_at",),
    ("frozen_at", "thawed_at"),
    ("price", "currency", "price_for"),
)


class ShelfLife(Struct, frozen=True):
    """How many days an item keeps after it was bought, opened, frozen or thawed; None: nobody said.

    `date_kind` is what those days mean: past a best-before date it may still be good, past a use-by date it is not.
    """

    date_kind: DateKind = "best_before"
    purchased_days: int | None = None
    opened_days: int | None = None
    frozen_days: int | None = None
    thawed_days: int | None = None


def part_of(price: Decimal, whole: int, part: int) -> Decimal:
    """Return what `part` costs where `whole` costs `price`: exact, and then rounded half-even to four decimals."""
    exact = Fraction(price) * part / whole
    return Decimal(f"{round(exact * 10**PRICE_DIGITS)}e-{PRICE_DIGITS}")


class Lot(Struct, frozen=True, kw_only=True):
    """One purchase of one item, or a part of it that is kept otherwise; `amount` is in base units.

    `price` is that of `price_for` base units, which is what was bought, also in a part of it.
    """

    id: UUID
    item_id: UUID
    amount: int
    added_at: datetime
    price_for: int
    parent_id: UUID | None = None
    location_id: UUID | None = None
    best_before: date | None = None
    use_by: date | None = None
    opened_at: datetime | None = None
    frozen_at: datetime | None = None
    thawed_at: datetime | None = None
    price: Decimal | None = None
    currency: str | None = None
    expires_on: date | None = None
    expires_why: Why | None = None
    is_use_by: bool = False

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None and self.thawed_at is None

    @property
    def is_labelled(self) -> bool:
        return self.use_by is not None or self.best_before is not None

    @property
    def frozen_since(self) -> datetime | None:
        """Since when it keeps by the freezer; None: it is not frozen, or was bought so, and keeps by its label."""
        was_bought_frozen = self.frozen_at == self.added_at
        return None if not self.is_frozen or (was_bought_frozen and self.is_labelled) else self.frozen_at

    def is_past_use_by(self, today: date) -> bool:
        return self.is_use_by and self.expires_on is not None and self.expires_on < today

    def cost(self, amount: int) -> Decimal | None:
        """Return what `amount` base units of it had cost, to four decimals.

        Where more than was paid for turned up, all of it had cost what was paid.
        """
        return None if self.price is None else part_of(self.price, self.price_for, min(amount, self.price_for))

    def priced(self, price: Decimal | None, currency: str | None) -> "Lot":
        """Return the lot with another price of what is in it; of an empty one, of what was bought.

        What was bought is worth as much more as it was more.

        Raises:
            TooMuch: that would be more than can be kept.
        """
        if (price, currency) == (self.cost(self.amount or self.price_for), self.currency):
            return self
        whole = max(self.amount, self.price_for)
        paid = None if price is None else part_of(price, self.amount or whole, whole)
        if paid is not None and paid >= MAX_PRICE:
            raise TooMuch
        return replace(self, price=paid, currency=currency, price_for=whole)

    def changed(self, other: "Lot") -> frozenset[str]:
        """Return the names of the facts in which the other differs, and of those that belong to them."""
        groups = (group for group in FACTS if any(getattr(self, name) != getattr(other, name) for name in group))
        return frozenset(name for group in groups for name in group)


class Expiry(NamedTuple):
    """The date until which a lot keeps, why that one, and whether it is not to be eaten afterwards."""

    on: date
    why: Why
    is_use_by: bool


def keeping(lot: Lot, life: ShelfLife, zone: str) -> Lot:
    """Return the lot with the date until which it keeps, by its label, its history and the item's shelf life.

    Days are those of the time zone `zone`. Frozen, a lot keeps by the freezer's days, unless it was bought frozen: then
    the label counts. Otherwise the earliest date counts. Where nothing is known there is no date.
    """
    first = min(_expiries(lot, life, ZoneInfo(zone)), key=lambda expiry: expiry.on, default=None)
    if first is None:
        return replace(lot, expires_on=None, expires_why=None, is_use_by=False)
    return replace(lot, expires_on=first.on, expires_why=first.why, is_use_by=first.is_use_by)


def _expiries(lot: Lot, life: ShelfLife, zone: ZoneInfo) -> Iterator[Expiry]:
    def after(moment: datetime, days: int) -> date:
        return _later(moment.astimezone(zone).date(), days)

    if lot.is_frozen:
        if lot.frozen_since is None:
            yield from _label(lot)
        elif life.frozen_days is not None:
            yield Expiry(after(lot.frozen_since, life.frozen_days), "frozen", is_use_by=False)
        return
    is_hard = life.date_kind == "use_by"
    if lot.thawed_at and life.thawed_days is not None:
        yield Expiry(after(lot.thawed_at, life.thawed_days), "thawed", is_hard)
    elif lot.is_labelled:
        yield from _label(lot)
    elif life.purchased_days is not None:
        yield Expiry(after(lot.added_at, life.purchased_days), "purchased", is_hard)
    if lot.opened_at and life.opened_days is not None:
        yield Expiry(after(lot.opened_at, life.opened_days), "opened", is_hard)


def _label(lot: Lot) -> Iterator[Expiry]:
    if lot.use_by:
        yield Expiry(lot.use_by, "use_by", is_use_by=True)
    if lot.best_before:
        yield Expiry(lot.best_before, "best_before", is_use_by=False)


def _later(day: date, days: int) -> date:
    return min(day, date.max - timedelta(days)) + timedelta(days)


def split(lot: Lot, amount: int, id: UUID) -> tuple[Lot, Lot]:
    """Return what stays of a lot, and `amount` of it as a lot of its own with the id `id`."""
    part = {**asdict(lot), "id": id, "parent_id": lot.id, "amount": amount}
    return replace(lot, amount=lot.amount - amount), Lot(**part)
