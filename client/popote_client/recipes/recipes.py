"""Recipes: the household's cookbook."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from popote_client.language import Language
from popote_client.recipes.lines import Ingredient, NewIngredient
from popote_client.recipes.part import RecipesPart
from popote_client.stock.quantities import Quantity, digits
from popote_client.wire import Page

SEARCHED = 100  # characters that can be searched for, at most


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be done; `minutes` is how long it takes, where that is said."""

    text: str
    section: str = ""
    minutes: int | None = None


class Titled(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe as far as it is known everywhere: for `servings`; `minutes` is how long it takes in all."""

    id: UUID
    title: str
    language: Language
    servings: Decimal
    minutes: int | None = None
    tags: list[str] = []
    image: str | None = None
    version: int
    updated_at: datetime

    @property
    def name(self) -> str:
        return self.title


class RecipeBrief(Titled, frozen=True, kw_only=True):
    """A recipe in a list."""

    is_favourite: bool = False


class Recipe(Titled, frozen=True, kw_only=True):
    """A recipe, whole; `cooked` is what it all weighs when it is done."""

    yield_text: str = ""
    description: str = ""
    prep_minutes: int | None = None
    cook_minutes: int | None = None
    source_url: str | None = None
    source_name: str = ""
    cooked: Quantity | None = None
    ingredients: list[Ingredient] = []
    steps: list[Step] = []
    revision: int
    created_by: UUID
    created_at: datetime


class NewRecipe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A recipe to be made. A line that ends in a colon begins a section."""

    title: str
    servings: Decimal
    ingredients: Sequence[str | NewIngredient] = ()
    steps: Sequence[str | Step] = ()
    id: UUID | None = None
    language: Language | None = None
    tags: Sequence[str] = ()
    minutes: int | None = None
    prep_minutes: int | None = None
    cook_minutes: int | None = None
    yield_text: str = ""
    description: str = ""
    source_url: str | None = None
    source_name: str = ""
    cooked: Quantity | None = None


class RecipeEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever is left out stays; lists are replaced whole. A line that stays keeps the food that was chosen for it."""

    title: str | UnsetType = UNSET
    servings: Decimal | UnsetType = UNSET
    ingredients: Sequence[str | NewIngredient] | UnsetType = UNSET
    steps: Sequence[str | Step] | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    tags: Sequence[str] | UnsetType = UNSET
    minutes: int | UnsetType | None = UNSET
    prep_minutes: int | UnsetType | None = UNSET
    cook_minutes: int | UnsetType | None = UNSET
    yield_text: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    source_url: str | UnsetType | None = UNSET
    source_name: str | UnsetType = UNSET
    cooked: Quantity | UnsetType | None = UNSET


class Revision(msgspec.Struct, frozen=True):
    """That a recipe was changed: which revision ended then, by whom and when."""

    revision: int
    edited_by: UUID
    edited_at: datetime


class Tag(msgspec.Struct, frozen=True):
    """A tag, and how many recipes have it."""

    tag: str
    recipes: int


class Recipes(RecipesPart):
    """Edits and deletions name the version that was read."""

    async def list_recipes(  # noqa: PLR0913  # what may be asked for, by name
        self,
        q: str | None = None,
        *,
        tag: str | None = None,
        max_minutes: int | None = None,
        favourite: bool = False,
        language: Language | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[RecipeBrief]:
        """List recipes by title; or with `q` the best matches, on one page."""
        wanted = {"q": q, "tag": tag, "max_minutes": max_minutes, "lang": language}
        only = "true" if favourite else None
        return await self._get("", Page[RecipeBrief], **wanted, favourite=only, limit=limit, cursor=cursor)

    async def create_recipe(self, recipe: NewRecipe) -> Recipe:
        """Make a recipe; with an `id` that was used before, give that one again."""
        return await self._post("", recipe, Recipe)

    async def get_recipe(self, id: UUID, servings: Decimal | None = None) -> Recipe:
        """Read a recipe; with `servings`, its amounts for so many."""
        return await self._get(f"/{id}", Recipe, servings=None if servings is None else digits(servings))

    async def edit_recipe(self, id: UUID, version: int, edit: RecipeEdit) -> Recipe:
        """Change a recipe; what it was before can be brought back."""
        return await self._patch(f"/{id}", version, edit, Recipe)

    async def delete_recipe(self, id: UUID, version: int) -> None:
        """Forget a recipe, its revisions, and what people think of it."""
        await self._delete(f"/{id}", version)

    async def list_tags(self) -> list[Tag]:
        """List the tags in use, the most used first."""
        return (await self._get("/tags", Page[Tag])).items

    async def list_revisions(self, id: UUID) -> list[Revision]:
        """List what a recipe was before, the last revision first."""
        return (await self._get(f"/{id}/revisions", Page[Revision])).items

    async def get_revision(self, id: UUID, revision: int) -> Recipe:
        """Read a recipe as it was."""
        return await self._get(f"/{id}/revisions/{revision}", Recipe)

    async def restore_revision(self, id: UUID, revision: int, version: int) -> Recipe:
        """Let a recipe be what it was in a revision; `version` is the one that was read."""
        return await self._post(f"/{id}/revisions/{revision}/restore", None, Recipe, version=version)
