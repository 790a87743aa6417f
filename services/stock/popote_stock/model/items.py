"""Items: what a household knows, and how amounts of them are counted."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Final, Self
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import replace

from popote_kit import quantity
from popote_kit.problems import Invalid
from popote_kit.quantity import Amount, Fact, PositiveQuantity, Quantity, TooMuch, UnknownConversion
from popote_stock.model.lots import DateKind, ShelfLife

MAX_ITEMS: Final = 20_000
MAX_BARCODES: Final = 30
MAX_CONVERSIONS: Final = 20
MAX_DAYS: Final = 10_000
PACK: Final = "pack"


def countable(wanted: Quantity, units: int) -> int:
    """Return the base units that a quantity comes to.

    Raises:
        Invalid: it is so little that it counts as nothing.
    """
    if wanted.amount and not units:
        raise Invalid(errors=[{"pointer": "", "message": "it is less than can be counted"}])
    return units


class Conversion(Struct, frozen=True, forbid_unknown_fields=True):
    """One `unit` of the item is as much as `equals`."""

    unit: Annotated[str, Meta(min_length=1, max_length=40)]
    equals: PositiveQuantity


class StoredConversion(Struct, frozen=True):
    """A conversion as it is stored, its decimal as a text."""

    unit: str
    amount: Decimal
    equals: str


class StoredFact(Struct, frozen=True):
    """A fact about a food as it is stored, its decimal as a text; `source` says whose it is."""

    unit: str
    amount: Decimal
    equals: str
    source: str
    is_approximate: bool = False

    @classmethod
    def of(cls, fact: Fact) -> Self:
        return cls(fact.unit, Decimal(fact.equals.amount), fact.equals.unit, fact.source, fact.is_approximate)

    @property
    def fact(self) -> Fact:
        return _fact(self)


@lru_cache(maxsize=8192)  # many items are of few foods
def _fact(stored: StoredFact) -> Fact:
    equals = Quantity(Amount(stored.amount), stored.equals)
    return Fact(stored.unit, equals, stored.source, stored.is_approximate)


class Barcode(Struct, frozen=True):
    """A barcode of 14 digits; one pack of it holds `amount` of `unit`, where that is known."""

    gtin: str
    amount: Decimal | None = None
    unit: str | None = None


def facts_of(
    conversions: Sequence[StoredConversion], barcodes: Sequence[Barcode], food_facts: Sequence[StoredFact]
) -> list[Fact]:
    """Return what is known of how an item counts: what the household says, what its packs hold, what its food tells."""
    own = [Fact(each.unit, Quantity(Amount(each.amount), each.equals)) for each in conversions]
    return [*own, *_pack(barcodes), *(each.fact for each in food_facts)]


def _pack(barcodes: Sequence[Barcode]) -> list[Fact]:
    """Return what one pack holds, where the barcodes agree about that."""
    held = {Quantity(Amount(each.amount), each.unit) for each in barcodes if each.amount and each.unit}
    agreed = held.pop() if len(held) == 1 else None
    if agreed is None or quantity.unit(agreed.unit).measure == PACK:
        return []
    return [Fact(PACK, agreed, source="product")]


class Countable(Struct, frozen=True, kw_only=True):
    """Something of which amounts in many units are counted in one `measure`, and shown in `unit`."""

    id: UUID
    name: str
    unit: str
    measure: str
    conversions: list[StoredConversion] = []
    barcodes: list[Barcode] = []
    food_facts: list[StoredFact] = []

    @property
    def facts(self) -> list[Fact]:
        return facts_of(self.conversions, self.barcodes, self.food_facts)

    @property
    def tolerance(self) -> int:
        return quantity.TOLERANCE[self.measure]

    def in_base(self, wanted: Quantity) -> int:
        """Return a quantity of the item in base units of its measure.

        Raises:
            Invalid: it is so little that it counts as nothing.
            UnknownUnit, UnknownConversion, TooMuch: see `popote_kit.quantity`.
        """
        try:
            return countable(wanted, quantity.convert(wanted, self.measure, self.facts).units)
        except UnknownConversion as unknown:
            unknown.facts |= {"item_id": self.id, "name": self.name}
            raise

    def approximates(self, wanted: Quantity) -> bool:
        """Tell whether a fact that is only about right leads from a quantity of the item to its measure.

        Raises:
            UnknownUnit, UnknownConversion, TooMuch: see `popote_kit.quantity`.
        """
        return quantity.convert(wanted, self.measure, self.facts).is_approximate

    def show(self, units: int) -> Quantity:
        """Return base units as a quantity in the item's unit, or where that can't say it exactly, in the plain one."""
        return quantity.show(units, self.unit)


class Item(Countable, frozen=True, kw_only=True):
    """Something that a household knows, in stock or not; `minimum` is in base units of its measure.

    What food it is, its name tells, unless `is_food_chosen`; nutrition is to be asked about it unless
    `food_due` is 0.
    """

    category_id: UUID | None = None
    category: str | None = None
    food_id: UUID | None = None
    food_names: str = ""
    is_food_chosen: bool = False
    food_due: int = 1
    location_id: UUID | None = None
    minimum: int | None = None
    minimum_amount: Decimal | None = None
    minimum_unit: str | None = None
    is_staple: bool = False
    date_kind: DateKind = "best_before"
    purchased_days: int | None = None
    opened_days: int | None = None
    frozen_days: int | None = None
    thawed_days: int | None = None
    note: str = ""
    name_key: str = ""
    version: int = 0
    created_at: datetime
    deleted_at: datetime | None = None

    @property
    def shelf_life(self) -> ShelfLife:
        return ShelfLife(self.date_kind, self.purchased_days, self.opened_days, self.frozen_days, self.thawed_days)

    @property
    def asks(self) -> UUID | str | None:
        """What tells which food it is: the one that was chosen, else its name."""
        return self.food_id if self.is_food_chosen else self.name

    @property
    def recounted(self) -> "Item":
        """The item with its minimum counted by the facts of now; where they do not lead there, as it was counted.

        Raises:
            Invalid, UnknownUnit, UnknownConversion, TooMuch: it was never counted, and they do not lead there.
        """
        if self.minimum_amount is None or self.minimum_unit is None:
            return self
        try:
            return replace(self, minimum=self.in_base(Quantity(Amount(self.minimum_amount), self.minimum_unit)))
        except (Invalid, UnknownConversion, TooMuch):
            if self.minimum is None:
                raise
            return self
