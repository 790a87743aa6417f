"""The plan: which meals the household means to have."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType, field

from popote_client.food.diary import Meal
from popote_client.recipes.part import RecipesPart
from popote_client.wire import Page

MOST_DAYS = 92  # of one answer


class NewPlanEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A dish of a meal: a recipe, for as many as it is for unless `servings` says otherwise, or a mere `title`."""

    id: UUID | None = None
    date: dt.date
    meal: Meal
    recipe_id: UUID | None = None
    title: str | None = None
    servings: Decimal | None = None
    note: str = ""


class PlanEntryEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever is left out stays. With a `recipe_id` it is that recipe, with a `title` a dish without one."""

    date: dt.date | UnsetType = UNSET
    meal: Meal | UnsetType = UNSET
    recipe_id: UUID | UnsetType = UNSET
    title: str | UnsetType = UNSET
    servings: Decimal | UnsetType = UNSET
    note: str | UnsetType = UNSET


class PlanEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A dish of a meal. `title` is the recipe's, where it is one; with a `cook_id` it has been cooked."""

    id: UUID
    date: dt.date
    meal: Meal
    recipe_id: UUID | None = None
    title: str
    servings: Decimal | None = None
    note: str = ""
    cook_id: UUID | None = None
    version: int
    created_by: UUID
    created_at: dt.datetime

    @property
    def name(self) -> str:
        return self.title


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is planned from one day to another, in the order of days and meals."""

    first: dt.date = field(name="from")
    last: dt.date = field(name="to")
    items: list[PlanEntry]


class Planning(RecipesPart):
    """Edits and deletions name the version that was read."""

    async def list_plan(self, first: dt.date | None = None, last: dt.date | None = None) -> Plan:
        """Read the plan of at most 92 days; the first is today unless told, the last six days after it."""
        return await self._get("/plan", Plan, **{"from": first, "to": last})

    async def create_plan_entry(self, entry: NewPlanEntry) -> PlanEntry:
        """Plan a dish; with an `id` that was used before, give that entry again."""
        return await self._post("/plan", entry, PlanEntry)

    async def get_plan_entry(self, id: UUID) -> PlanEntry:
        return await self._get(f"/plan/{id}", PlanEntry)

    async def edit_plan_entry(self, id: UUID, version: int, edit: PlanEntryEdit) -> PlanEntry:
        return await self._patch(f"/plan/{id}", version, edit, PlanEntry)

    async def delete_plan_entry(self, id: UUID, version: int) -> None:
        await self._delete(f"/plan/{id}", version)

    async def copy_plan(
        self, from_date: dt.date, to_date: dt.date, days: int = 7, *, key: str | None = None
    ) -> list[PlanEntry]:
        """Plan some days as others were; once, under one `key`. The copies are yet to be cooked."""
        body = {"from_date": from_date, "to_date": to_date, "days": days}
        return (await self._post("/plan/copy", body, Page[PlanEntry], key)).items
