"""Recipes on the wire."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from popote_kit.quantity import Amount, PositiveAmount, PositiveQuantity, Quantity
from popote_recipes.model.recipes import (
    MAX_DESCRIPTION,
    MAX_INGREDIENTS,
    MAX_LINE,
    MAX_MINUTES,
    MAX_SHORT,
    MAX_STEP,
    MAX_STEPS,
    MAX_TAG,
    MAX_TAGS,
    MAX_TITLE,
    MAX_URL,
    Alternative,
    Candidate,
    Ingredient,
    Language,
    Link,
    Recipe,
    Step,
    StoredQuantity,
)

MAX_PARSED = 200

Title = Annotated[str, Meta(min_length=1, max_length=MAX_TITLE, pattern=r"\S")]
LineText = Annotated[str, Meta(min_length=1, max_length=MAX_LINE, pattern=r"\S")]
ShortText = Annotated[str, Meta(max_length=MAX_SHORT)]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION)]
StepText = Annotated[str, Meta(min_length=1, max_length=MAX_STEP, pattern=r"\S")]
Tag = Annotated[str, Meta(min_length=1, max_length=MAX_TAG, pattern=r"\S")]
Tags = Annotated[list[Tag], Meta(max_length=MAX_TAGS)]
Minutes = Annotated[int, Meta(ge=0, le=MAX_MINUTES)]
Address = Annotated[str, Meta(max_length=MAX_URL, pattern=r"^https?://[^\s]+$")]


class Servings(PositiveAmount):
    """How many people a recipe feeds: above zero, up to 1000."""

    @classmethod
    def read(cls, value: object) -> Self:
        amount = super().read(value)
        if amount > 1000:  # noqa: PLR2004 - MAX_SERVINGS, which the sentence says too
            raise ValueError("Expected a number <= 1000")
        return amount


class NewIngredient(Struct, forbid_unknown_fields=True, kw_only=True):
    """A line; with `food_id` a person has said which food it is, with `recipe_id` it stands for another recipe."""

    line: LineText
    section: ShortText | None = None
    food_id: UUID | None = None
    recipe_id: UUID | None = None
    recipe_servings: Servings | None = None


class NewStep(Struct, forbid_unknown_fields=True, kw_only=True):
    text: StepText
    section: ShortText = ""
    minutes: Minutes | None = None


Ingredients = Annotated[list[LineText | NewIngredient], Meta(max_length=MAX_INGREDIENTS)]
Steps = Annotated[list[StepText | NewStep], Meta(max_length=MAX_STEPS)]


class NewRecipe(Struct, forbid_unknown_fields=True, kw_only=True):
    """A recipe; `id` is its id, where the client made it. A line that ends in a colon begins a section."""

    id: UUID | None = None
    title: Title
    servings: Servings
    ingredients: Ingredients = field(default_factory=list)
    steps: Steps = field(default_factory=list)
    language: Language | None = None
    tags: Tags = field(default_factory=list)
    minutes: Minutes | None = None
    prep_minutes: Minutes | None = None
    cook_minutes: Minutes | None = None
    yield_text: ShortText = ""
    description: Description = ""
    source_url: Address | None = None
    source_name: ShortText = ""
    cooked: PositiveQuantity | None = None


class EditRecipe(Struct, forbid_unknown_fields=True, kw_only=True):
    """Whatever is left out stays; lists are replaced whole. A line that stays keeps the food that was chosen for it."""

    title: Title | UnsetType = UNSET
    servings: Servings | UnsetType = UNSET
    ingredients: Ingredients | UnsetType = UNSET
    steps: Steps | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    minutes: Minutes | UnsetType | None = UNSET
    prep_minutes: Minutes | UnsetType | None = UNSET
    cook_minutes: Minutes | UnsetType | None = UNSET
    yield_text: ShortText | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    source_url: Address | UnsetType | None = UNSET
    source_name: ShortText | UnsetType = UNSET
    cooked: PositiveQuantity | UnsetType | None = UNSET


class ToParse(Struct, forbid_unknown_fields=True):
    """Lines; without a language they are in the household's."""

    lines: Annotated[list[Annotated[str, Meta(max_length=MAX_LINE)]], Meta(max_length=MAX_PARSED)]
    language: Language | None = None


class IngredientShown(Struct, kw_only=True):
    """A line as it was written, and what it was understood as; amounts are those of the servings that are shown.

    `link` tells how its food is known: `chosen` by a person, `matched` by its name, a person is to be asked (`ask`,
    with `candidates`), `unmatched`, or nutrition has not told yet (`waiting`). `confidence` is 0 to 1. `at_most` is the
    upper end of a range, `equivalent` the same in another measure, `alternatives` what may stand in for it.
    """

    line: str
    section: str
    quantity: Quantity | None
    at_most: Quantity | None
    equivalent: Quantity | None
    name: str
    note: str
    is_to_taste: bool
    food_id: UUID | None
    food_name: str | None
    link: Link
    confidence: float
    candidates: list[Candidate]
    alternatives: list[Alternative]
    recipe_id: UUID | None
    recipe_servings: Amount | None

    @classmethod
    def of(cls, ingredient: Ingredient, factor: Fraction = Fraction(1)) -> Self:
        same = ("line", "section", "name", "note", "is_to_taste", "food_id", "food_name", "link", "confidence",
                "candidates", "alternatives", "recipe_id")  # fmt: skip
        return cls(
            **{name: getattr(ingredient, name) for name in same},
            quantity=_times(ingredient.quantity, factor),
            at_most=_times(ingredient.at_most, factor),
            equivalent=_times(ingredient.equivalent, factor),
            recipe_servings=_scaled(ingredient.recipe_servings, factor),
        )


class ParsedShown(Struct):
    """Ingredients in the order of their lines, without those that are titles of sections."""

    ingredients: list[IngredientShown]

    @classmethod
    def of(cls, ingredients: Sequence[Ingredient]) -> Self:
        return cls([IngredientShown.of(each) for each in ingredients])


class RecipeShown(Struct, kw_only=True):
    """A recipe for `servings`; `minutes` is how long it takes in all. `image` tells whether it has one, and which."""

    id: UUID
    title: str
    language: Language
    servings: Amount
    yield_text: str
    description: str
    minutes: int | None
    prep_minutes: int | None
    cook_minutes: int | None
    tags: list[str]
    source_url: str | None
    source_name: str
    cooked: Quantity | None
    ingredients: list[IngredientShown]
    steps: list[Step]
    image: str | None
    revision: int
    version: int
    created_by: UUID
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, recipe: Recipe, servings: Decimal | None = None) -> Self:
        """Return the recipe as it is shown, for other `servings` where they are given."""
        content, factor = recipe.content, recipe.factor(servings)
        own = ("id", "title", "language", "minutes", "tags", "image", "revision", "version", "created_by", "created_at",
               "updated_at")  # fmt: skip
        told = ("yield_text", "description", "prep_minutes", "cook_minutes", "source_url", "source_name", "steps")
        return cls(
            **{name: getattr(recipe, name) for name in own},
            **{name: getattr(content, name) for name in told},
            servings=Amount(recipe.servings if servings is None else servings),
            cooked=_times(content.cooked, factor),
            ingredients=[IngredientShown.of(each, factor) for each in content.ingredients],
        )


class RecipeBrief(Struct, kw_only=True):
    """A recipe in a list."""

    id: UUID
    title: str
    language: Language
    servings: Amount
    minutes: int | None
    tags: list[str]
    image: str | None
    is_favourite: bool
    version: int
    updated_at: datetime


def _times(quantity: StoredQuantity | None, factor: Fraction) -> Quantity | None:
    return None if quantity is None else quantity.times(factor)


def _scaled(servings: Decimal | None, factor: Fraction) -> Amount | None:
    return None if servings is None else StoredQuantity(servings, "portion").times(factor).amount
