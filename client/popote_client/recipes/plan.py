"""The plan: which meals the household means to have."""

import datetime as dt
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType, field

from popote_client.food.diary import Meal
from popote_client.recipes.cookable import ServedLine
from popote_client.recipes.part import RecipesPart
from popote_client.stock.quantities import Quantity
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


class LotUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a line takes out of a lot of the item `name`; `instead` is what stands in for what it asks for."""

    line: str
    item_id: UUID
    name: str
    lot_id: UUID
    quantity: Quantity
    instead: str | None = None
    is_past_best_before: bool = False
    is_approximate: bool = False


class AllottedMeal(msgspec.Struct, frozen=True, kw_only=True):
    """What there is for a meal when those before it have had theirs.

    It is `ok` when nothing lacks; `short` has the lines of which something does, or of which nobody can tell. `uses` is
    what it takes, lot by lot.
    """

    plan_id: UUID
    meal: Meal
    recipe_id: UUID | None = None
    title: str
    servings: Decimal | None = None
    ok: bool
    short: list[ServedLine] = []
    uses: list[LotUse] = []
    is_past_best_before: bool = False
    is_approximate: bool = False


class AllottedDay(msgspec.Struct, frozen=True):
    """The meals of a day, in the order in which they are had."""

    date: dt.date
    meals: list[AllottedMeal]


class ToBuy(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a thing is to be bought, and when it is needed first; without a quantity some of it."""

    item_id: UUID | None = None
    food_id: UUID | None = None
    name: str
    quantity: Quantity | None = None
    is_approximate: bool = False
    needed_on: dt.date


class UnknownLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of which nobody can tell what lacks: no conversion leads to what is there, or nobody knows what it is."""

    plan_id: UUID
    date: dt.date
    line: str
    name: str
    food_id: UUID | None = None
    reason: Literal["unknown_conversion", "unmatched"]
    need: Quantity | None = None


class Allocation(msgspec.Struct, frozen=True):
    """The days with meals that are yet to be had, what is to be bought for them, and the lines nobody can tell of."""

    days: list[AllottedDay]
    to_buy: list[ToBuy]
    unknown: list[UnknownLine] = []


class PutLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a shopping list; without a quantity it is some."""

    id: UUID
    list_id: UUID
    item_id: UUID | None = None
    name: str
    quantity: Quantity | None = None
    is_ticked: bool = False


class Shopped(msgspec.Struct, frozen=True):
    """The list, and the lines of it and of others on which what is `to_buy` stands by now."""

    list_id: UUID | None
    items: list[PutLine]
    to_buy: list[ToBuy]
    unknown: list[UnknownLine] = []


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

    async def get_plan_allocation(self, first: dt.date | None = None, last: dt.date | None = None) -> Allocation:
        """Tell what there is for each meal that is yet to be had, of what those before it leave, and what to buy."""
        return await self._get("/plan/allocation", Allocation, **{"from": first, "to": last})

    async def shop_for_plan(
        self, first: dt.date | None = None, last: dt.date | None = None, *, list_id: UUID | None = None
    ) -> Shopped:
        """Put on a shopping list what the plan lacks; what stands on any list counts, so again it changes nothing."""
        return await self._post("/plan/shop", {"from": first, "to": last, "list_id": list_id}, Shopped)
