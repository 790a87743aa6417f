"""Copies of the household's recipes and plan, and of what a person thinks of them, kept up to date by delta sync."""

from typing import ClassVar
from uuid import UUID

import msgspec
from msgspec import field

from popote_client import replica
from popote_client.feed import Changes
from popote_client.recipes.api import RecipesApi
from popote_client.recipes.cooking import Cook
from popote_client.recipes.opinions import Opinion
from popote_client.recipes.plan import PlanEntry
from popote_client.recipes.recipes import Recipe
from popote_client.recipes.substitutes import Substitute


class RecipeRows(replica.Rows, frozen=True, kw_only=True):
    """The household's cookbook, what it means to cook, and what it has cooked."""

    kinds: ClassVar[dict[str, tuple[str, type[msgspec.Struct]]]] = {
        "recipe": ("recipes", Recipe),
        "plan_entry": ("plan", PlanEntry),
        "cook": ("cooked", Cook),
        "substitute": ("substitutes", Substitute),
    }

    recipes: dict[UUID, Recipe] = field(default_factory=dict)
    plan: dict[UUID, PlanEntry] = field(default_factory=dict)
    cooked: dict[UUID, Cook] = field(default_factory=dict)
    substitutes: dict[UUID, Substitute] = field(default_factory=dict)


class RecipeReplica(replica.Replica[RecipeRows]):
    def __init__(self, recipes: RecipesApi, rows: RecipeRows | None = None) -> None:
        super().__init__(rows or RecipeRows())
        self._recipes = recipes

    async def _none(self) -> RecipeRows:
        return RecipeRows(household=await self._recipes.household())

    async def _page(self, rows: RecipeRows, cursor: str | None) -> Changes:
        return await self._recipes.recipes_changes(rows.version, epoch=rows.epoch, cursor=cursor)


class OpinionRows(replica.Rows, frozen=True, kw_only=True):
    """What one person thinks of the recipes of one household."""

    kinds: ClassVar[dict[str, tuple[str, type[msgspec.Struct]]]] = {"opinion": ("opinions", Opinion)}

    person: UUID | None = None
    opinions: dict[UUID, Opinion] = field(default_factory=dict)

    @property
    def owner(self) -> tuple[UUID | None, ...]:
        """Whose rows these are."""
        return (self.household, self.person)


class OpinionReplica(replica.Replica[OpinionRows]):
    def __init__(self, recipes: RecipesApi, rows: OpinionRows | None = None) -> None:
        super().__init__(rows or OpinionRows())
        self._recipes = recipes

    async def _none(self) -> OpinionRows:
        return OpinionRows(household=await self._recipes.household(), person=await self._recipes.person())

    async def _page(self, rows: OpinionRows, cursor: str | None) -> Changes:
        return await self._recipes.opinion_changes(rows.version, epoch=rows.epoch, cursor=cursor)
