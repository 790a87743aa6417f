"""Lines of ingredients, and what they are understood as."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from popote_client.language import Language
from popote_client.recipes.part import RecipesPart
from popote_client.stock.quantities import Quantity

Link = Literal["chosen", "matched", "ask", "unmatched", "waiting"]


class Candidate(msgspec.Struct, frozen=True):
    """A food that a name may mean."""

    id: UUID
    name: str


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """What a line says may stand in for what it asks for."""

    name: str
    food_id: UUID | None = None
    food_name: str | None = None


class Ingredient(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it was written, and what it was understood as; amounts are those of the servings that were asked for.

    `link` tells how its food is known: a person has `chosen` it, its name `matched`, a person is to be asked (`ask`),
    nobody knows it (`unmatched`), or nobody has looked yet (`waiting`). A line may stand for another recipe, for
    `recipe_servings` of its servings, or all of it.
    """

    line: str
    section: str = ""
    quantity: Quantity | None = None
    at_most: Quantity | None = None
    equivalent: Quantity | None = None
    name: str = ""
    note: str = ""
    is_to_taste: bool = False
    food_id: UUID | None = None
    food_name: str | None = None
    link: Link = "waiting"
    confidence: float = 0
    candidates: list[Candidate] = []
    alternatives: list[Alternative] = []
    recipe_id: UUID | None = None
    recipe_servings: Decimal | None = None


class NewIngredient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line to be kept. With `food_id` a person has said which food it is, with `recipe_id` it is another recipe."""

    line: str
    section: str | None = None
    food_id: UUID | None = None
    recipe_id: UUID | None = None
    recipe_servings: Decimal | None = None


class Parsed(msgspec.Struct, frozen=True):
    """Ingredients in the order of their lines, without those that are titles of sections."""

    ingredients: list[Ingredient]


class Lines(RecipesPart):
    async def parse_lines(self, lines: Sequence[str], language: Language | None = None) -> list[Ingredient]:
        """Read at most 200 lines of ingredients; nothing is stored."""
        return (await self._post("/parse", {"lines": lines, "language": language}, Parsed)).ingredients
