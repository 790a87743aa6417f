"""Cooking, and what was cooked."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from popote_client.food.diary import Meal
from popote_client.recipes.part import RecipesPart
from popote_client.stock.ledger import Take
from popote_client.stock.quantities import Quantity
from popote_client.wire import Page

CookState = Literal["begun", "done", "undoing", "undone"]


class Eater(msgspec.Struct, frozen=True):
    """A member of the household, and how many servings they eat."""

    user_id: UUID
    portions: Decimal


class Leftovers(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is put away. Without a date it keeps three days; in a freezer it is best within ninety."""

    servings: Decimal
    location_id: UUID | None = None
    use_by: dt.date | None = None


class NewCook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A recipe that is cooked now, for its own `servings` unless told.

    With `allow_missing` what stock does not have is left out. `date` and `meal` are where it goes in the diaries of the
    eaters: left out, they are those of the plan's entry, or of now.
    """

    id: UUID | None = None
    servings: Decimal | None = None
    eaters: Sequence[Eater] = ()
    leftovers: Leftovers | None = None
    allow_missing: bool = False
    plan_id: UUID | None = None
    date: dt.date | None = None
    meal: Meal | None = None


class Lacking(msgspec.Struct, frozen=True, kw_only=True):
    """A line that stock does not have all of: `status` tells why, `missing` how much, where that is known."""

    line: str = ""
    name: str = ""
    status: str = "missing"
    missing: Quantity | None = None
    item_id: UUID | None = None


class Cook(msgspec.Struct, frozen=True, kw_only=True):
    """That a recipe was cooked, and what for; `undone` tells that it was taken back."""

    cook_id: UUID
    recipe_id: UUID
    title: str
    servings: Decimal
    date: dt.date
    meal: Meal
    plan_id: UUID | None = None
    state: CookState
    takes: list[Take]
    lacking: list[Lacking] = []
    leftover_lot_id: UUID | None = None
    eaters: list[Eater] = []
    person_id: UUID
    version: int
    created_at: dt.datetime


class Cooking(RecipesPart):
    async def cook(self, id: UUID, cook: NewCook, *, key: str | None = None) -> Cook:
        """Cook a recipe; once, under one `key`.

        Stock takes what it needs and keeps what is left over, and the diaries of the eaters follow: all of it happens,
        or nothing.
        """
        return await self._post(f"/{id}/cook", cook, Cook, key)

    async def list_cooked(
        self, recipe_id: UUID | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Cook]:
        """List what was cooked, the last first."""
        return await self._get("/cooked", Page[Cook], recipe_id=recipe_id, limit=limit, cursor=cursor)

    async def get_cooked(self, cook_id: UUID) -> Cook:
        return await self._get(f"/cooked/{cook_id}", Cook)

    async def undo_cooked(self, cook_id: UUID) -> Cook:
        """Take a cook back, exactly: stock, what was left over, and every diary."""
        return await self._post(f"/cooked/{cook_id}/undo", None, Cook)
