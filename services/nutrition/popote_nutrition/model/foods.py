"""Foods: what the kitchen's dictionary knows of one, and how amounts of it are counted."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID, uuid5

from msgspec import Meta, Struct

from popote_kit.quantity import MASS, VOLUME, Amount, Fact, PositiveQuantity, Quantity, convert
from popote_nutrition.model.names import key
from popote_nutrition.model.nutrients import UNKNOWN, Nutrients, Per

Language = Literal["en", "fr"]
Storage = Literal["pantry", "fridge", "freezer"]

HOUSEHOLD: Final = "household"
STARTER: Final = "starter"
MAX_FOODS: Final = 2000  # a household's own
MAX_NAME: Final = 120
MAX_ALIASES: Final = 20
MAX_FACTS: Final = 20
MAX_DAYS: Final = 10_000
_FOODS: Final = UUID("0c1f5bb2-9d0e-5b0e-8f4e-5d1c1e6a7a11")


def food_id(source: str, source_id: str) -> UUID:
    """Return the id of a food that all households share: the same for ever, on every installation."""
    return uuid5(_FOODS, f"{source}:{source_id}")


class Conversion(Struct, frozen=True, forbid_unknown_fields=True):
    """One `unit` of the food is as much as `equals`."""

    unit: Annotated[str, Meta(min_length=1, max_length=40, description="A unit's code, or a name of it.")]
    equals: PositiveQuantity
    is_approximate: bool = False


class StoredFact(Struct, frozen=True):
    """A fact as it is stored, its decimal as a text; `source_id` is of the table that it was taken from."""

    unit: str
    amount: Decimal
    equals: str
    is_approximate: bool = False
    source_id: str = ""

    def fact(self, source: str) -> Fact:
        return Fact(self.unit, Quantity(Amount(self.amount), self.equals), source, self.is_approximate)


class Named(Struct, frozen=True):
    """A name that a food goes by, and its key (`names.key`)."""

    name: str
    language: Language
    key: str
    is_alias: bool


class Alias(Struct, frozen=True):
    """Another name of a food, in one language."""

    name: str
    language: Language


class Keeping(Struct, frozen=True, kw_only=True):
    """Where a food is usually kept, and for how many days: after it was bought, opened, frozen."""

    storage: Storage | None = None
    keeps_days: int | None = None
    opened_days: int | None = None
    frozen_days: int | None = None


class Food(Struct, frozen=True, kw_only=True):
    """A food as a household sees it: what all share, under what is the household's own.

    `nutrients` are in 100 of `per`. `source` is where it comes from, `source_id` its id there; `is_own` tells that the
    household made or changed it, `is_override` that all share what it changed, `has_own_nutrients` that the values are
    its own. `version` is the household's when it last changed it, else 0.
    """

    id: UUID
    name_en: str | None = None
    name_fr: str | None = None
    source: str
    source_id: str = ""
    per: Per = "g"
    nutrients: Nutrients
    own_facts: Sequence[StoredFact] = ()
    shared_facts: Sequence[StoredFact] = ()
    own_aliases: Sequence[str] = ()
    aliases: Sequence[str] = ()
    keeping: Keeping = Keeping()
    is_own: bool = False
    is_override: bool = False
    has_own_nutrients: bool = False
    version: int = 0
    created_at: datetime | None = None

    def named(self, language: str) -> str:
        """Return its name in a language, or in the other where it has none in that one."""
        first, second = (self.name_fr, self.name_en) if language == "fr" else (self.name_en, self.name_fr)
        return first or second or ""

    @property
    def names(self) -> dict[str, str]:
        """Its name in each language in which it has one."""
        names = {"en": self.name_en, "fr": self.name_fr}
        return {language: name for language, name in names.items() if name}

    @property
    def facts(self) -> list[Fact]:
        """What is known of how it counts: the household's own facts first, then those that all share."""
        shared = STARTER if self.source == STARTER else "food"
        return [*(each.fact(HOUSEHOLD) for each in self.own_facts), *(each.fact(shared) for each in self.shared_facts)]

    @property
    def values_source(self) -> str:
        """Where its values come from."""
        return HOUSEHOLD if self.has_own_nutrients else self.source

    @property
    def measure(self) -> str:
        """What its nutrients count by: they are in 100 g or in 100 ml of it."""
        return MASS if self.per == "g" else VOLUME


class Own(Struct, frozen=True, kw_only=True):
    """What is the household's of a food: all of it, or with `is_override` only what it says otherwise.

    What is None or empty shines through from the food that all share, and so do its nutrients without `has_nutrients`.
    """

    id: UUID
    is_override: bool = False
    name_en: str | None = None
    name_fr: str | None = None
    aliases: Sequence[Alias] = ()
    has_nutrients: bool = False
    per: Per = "g"
    nutrients: Nutrients = UNKNOWN
    facts: Sequence[StoredFact] = ()
    keeping: Keeping = Keeping()
    source_id: str = ""
    created_at: datetime

    def named(self) -> list[Named]:
        """Return all names that it goes by, each spelling once in a language."""
        names = [Alias(self.name_en, "en")] if self.name_en else []
        names += [Alias(self.name_fr, "fr")] if self.name_fr else []
        every = [(each, False) for each in names] + [(each, True) for each in self.aliases]
        found: dict[tuple[str, str], Named] = {}
        for each, is_alias in every:
            spelled = key(each.name)
            found.setdefault((spelled, each.language), Named(each.name, each.language, spelled, is_alias))
        return list(found.values())


def mass(food: Food, quantity: Quantity) -> tuple[int, bool]:
    """Return how many nanograms a quantity of the food is, and whether that is approximate.

    Raises:
        UnknownUnit, UnknownConversion, TooMuch: see `popote_kit.quantity`.
    """
    converted = convert(quantity, MASS, food.facts)
    return converted.units, converted.is_approximate
