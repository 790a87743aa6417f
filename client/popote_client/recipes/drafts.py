"""Drafts: recipes read from pages, pastes and models, for a person to confirm."""

from decimal import Decimal
from typing import Any

import msgspec

from popote_client.language import Language
from popote_client.recipes.lines import Ingredient, NewIngredient
from popote_client.recipes.part import RecipesPart
from popote_client.recipes.recipes import NewRecipe, Step


class Warned(msgspec.Struct, frozen=True):
    """What is to be looked at before a draft is kept."""

    code: str
    message: str


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of: the address of a page, its HTML, a plain text, schema.org JSON (as text or not), or what a model said.

    Without a language it is guessed, and else the household's.
    """

    url: str | None = None
    html: str | None = None
    text: str | None = None
    json: str | dict[str, Any] | list[Any] | None = None
    model_output: str | None = None
    language: Language | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe as far as it could be read; nothing of it is stored. What is None or empty was not found."""

    title: str = ""
    language: Language
    servings: Decimal | None = None
    yield_text: str = ""
    description: str = ""
    minutes: int | None = None
    prep_minutes: int | None = None
    cook_minutes: int | None = None
    tags: list[str] = []
    source_url: str | None = None
    source_name: str = ""
    image_url: str | None = None
    ingredients: list[Ingredient] = []
    steps: list[Step] = []
    warnings: list[Warned] = []

    @property
    def is_usable(self) -> bool:
        """Whether there is something to cook in it."""
        return bool(self.ingredients or self.steps)

    def confirmed(self, title: str, servings: Decimal) -> NewRecipe:
        """Return the recipe that is to be kept of it, under this title and for so many."""
        same = ("language", "yield_text", "description", "minutes", "prep_minutes", "cook_minutes", "tags",
                "source_url", "source_name", "steps")  # fmt: skip
        return NewRecipe(
            title=title,
            servings=servings,
            ingredients=[NewIngredient(line=each.line, section=each.section) for each in self.ingredients],
            **{name: getattr(self, name) for name in same},
        )


class Drafts(RecipesPart):
    async def import_recipe(self, source: Source) -> Draft:
        """Read a recipe; nothing is stored. What of it is to be kept goes to `create_recipe`, see `Draft.confirmed`."""
        return await self._post("/import", source, Draft)
