"""Recipes: what they are made of, and for how many."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, Self
from uuid import UUID

from msgspec import Struct, field
from msgspec.structs import replace

from popote_kit.quantity import DECIMALS, MAX_BASE, MAX_DIGITS, Amount, Fact, Quantity, unit

Language = Literal["en", "fr"]
Link = Literal["chosen", "matched", "ask", "unmatched", "waiting"]

MAX_RECIPES: Final = 20_000
MAX_INGREDIENTS: Final = 100
MAX_STEPS: Final = 100
MAX_TAGS: Final = 20
MAX_TITLE: Final = 200  # characters, as all that follow
MAX_LINE: Final = 300
MAX_TAG: Final = 40
MAX_SHORT: Final = 200
MAX_STEP: Final = 4000
MAX_DESCRIPTION: Final = 4000
MAX_URL: Final = 2000
MAX_SERVINGS: Final = 1000
MAX_MINUTES: Final = 100_000
MAX_REVISIONS: Final = 50
MAX_SUBSTITUTES: Final = 500
MAX_NOTE: Final = 2000


class StoredQuantity(Struct, frozen=True):
    """A quantity as it is stored, its decimal as a text."""

    amount: Decimal
    unit: str

    @classmethod
    def of(cls, quantity: Quantity | None) -> Self | None:
        return None if quantity is None else cls(Decimal(quantity.amount), quantity.unit)

    @property
    def quantity(self) -> Quantity:
        return Quantity(Amount(self.amount), self.unit)

    def times(self, factor: Fraction) -> Quantity:
        """Return so many times as much, rounded half-even to nine decimals, or as many as a quantity may have.

        More than any kitchen holds is as much as that.
        """
        exact = min(Fraction(self.amount) * factor, Fraction(MAX_BASE, unit(self.unit).base))
        places = min(DECIMALS, MAX_DIGITS - len(str(int(exact))))
        units = round(exact * 10**places)
        return Quantity(Amount(Decimal(units).scaleb(-places).normalize() + 0), self.unit)


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
        return Fact(self.unit, Quantity(Amount(self.amount), self.equals), self.source, self.is_approximate)


class Candidate(Struct, frozen=True):
    """A food that a name may mean."""

    id: UUID
    name: str


class Alternative(Struct, frozen=True, kw_only=True):
    """What a line says may stand in for what it asks for."""

    name: str
    food_id: UUID | None = None
    food_name: str | None = None


class Ingredient(Struct, frozen=True, kw_only=True):
    """A line of a recipe as it was written, and what it was understood as.

    `link` tells how its food is known: a person has `chosen` it, its name `matched`, a person is to be asked (`ask`),
    nobody knows it (`unmatched`), or nutrition has not told yet (`waiting`). A line may stand for another recipe, for
    `recipe_servings` of its servings, or all of it.
    """

    line: str
    section: str = ""
    quantity: StoredQuantity | None = None
    at_most: StoredQuantity | None = None
    equivalent: StoredQuantity | None = None
    name: str = ""
    note: str = ""
    is_to_taste: bool = False
    confidence: float = 0.0
    link: Link = "waiting"
    food_id: UUID | None = None
    food_name: str | None = None
    facts: list[StoredFact] = []
    candidates: list[Candidate] = []
    alternatives: list[Alternative] = []
    recipe_id: UUID | None = None
    recipe_servings: Decimal | None = None


class Step(Struct, frozen=True, kw_only=True):
    """What is to be done; `minutes` is how long it takes, where that is said."""

    text: str
    section: str = ""
    minutes: int | None = None


class Content(Struct, frozen=True, kw_only=True):
    """What a recipe says beside its title, servings, time and tags; `cooked` is what it all weighs when it is done."""

    description: str = ""
    yield_text: str = ""
    prep_minutes: int | None = None
    cook_minutes: int | None = None
    source_url: str | None = None
    source_name: str = ""
    cooked: StoredQuantity | None = None
    ingredients: list[Ingredient] = []
    steps: list[Step] = []


class Recipe(Struct, frozen=True, kw_only=True):
    """A dish as the household cooks it, for `servings`."""

    id: UUID
    title: str
    language: Language
    servings: Decimal
    minutes: int | None = None
    tags: list[str] = []
    content: Content = field(default_factory=Content)
    image: str | None = None
    due: int = 0
    revision: int = 1
    version: int = 0
    created_by: UUID
    created_at: datetime
    updated_at: datetime

    @property
    def words(self) -> str:
        """The names of what is in it, for search."""
        names = (name for each in self.content.ingredients for name in (each.name or each.line, each.food_name))
        return " ".join(dict.fromkeys(name for name in (*names, *self.tags) if name))

    @property
    def has_unknown(self) -> bool:
        return any(each.food_id is None and each.recipe_id is None for each in self.content.ingredients)

    @property
    def parts(self) -> set[UUID]:
        """The recipes that it uses."""
        return {each.recipe_id for each in self.content.ingredients if each.recipe_id}

    def with_ingredients(self, ingredients: Sequence[Ingredient]) -> Self:
        return replace(self, content=replace(self.content, ingredients=list(ingredients)))

    def factor(self, servings: Decimal | None) -> Fraction:
        """Return how many times the recipe makes `servings`; None: once."""
        return Fraction(1) if servings is None else Fraction(servings) / Fraction(self.servings)


class Understood(Struct, frozen=True, kw_only=True):
    """What nutrition made of one line; a section's title is no ingredient."""

    ingredient: Ingredient
    is_section: bool = False


def in_sections(understood: Iterable[Understood], sections: Iterable[str | None]) -> list[Ingredient]:
    """Return the ingredients among the lines, each in its section: the one that was said, else the last title's."""
    ingredients, title = [], ""
    for each, said in zip(understood, sections, strict=True):
        if each.is_section:
            title = each.ingredient.line.strip().rstrip(":").strip()
            continue
        ingredients.append(replace(each.ingredient, section=title if said is None else said))
    return ingredients
