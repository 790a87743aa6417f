"""The diary: what the person has eaten. Nobody else sees it."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from popote_client.food.analyses import Reason
from popote_client.food.nutrients import Nutrients
from popote_client.food.part import FoodPart
from popote_client.language import Language
from popote_client.stock.quantities import Quantity
from popote_client.wire import Page

Meal = Literal["breakfast", "lunch", "dinner", "snack"]


class NewEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was eaten: a quantity of a food or an item, or `portions` of it, or free text.

    Free text with `nutrients` is taken as it is said; without, it is read as a line of a recipe is: 200 g of rice.
    """

    id: UUID | None = None
    date: dt.date
    meal: Meal
    food_id: UUID | None = None
    item_id: UUID | None = None
    free: str | None = None
    quantity: Quantity | None = None
    portions: Decimal | None = None
    nutrients: Nutrients | None = None
    name: str | None = None
    language: Language | None = None


class EntryEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever is left out stays. Another quantity, or portions, changes the values with it."""

    date: dt.date | UnsetType = UNSET
    meal: Meal | UnsetType = UNSET
    name: str | UnsetType = UNSET
    quantity: Quantity | UnsetType = UNSET
    portions: Decimal | UnsetType = UNSET


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry, with the values that it had when it was written.

    `coverage` is the share of it that each nutrient is known of; `reason` is why some lack. `food_id` is the food that
    the values are of, `source` where they came from.
    """

    id: UUID
    date: dt.date
    meal: Meal
    kind: Literal["food", "item", "free", "recipe"]
    food_id: UUID | None = None
    item_id: UUID | None = None
    recipe_id: UUID | None = None
    cook_id: UUID | None = None
    free: str | None = None
    name: str
    quantity: Quantity | None = None
    portions: Decimal | None = None
    mass_g: Decimal | None = None
    nutrients: Nutrients
    coverage: dict[str, Decimal]
    is_approximate: bool = False
    reason: Reason | None = None
    source: str | None = None
    version: int
    created_at: dt.datetime


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was eaten before; `on` makes an entry of it."""

    food_id: UUID | None = None
    item_id: UUID | None = None
    free: str | None = None
    quantity: Quantity | None = None
    portions: Decimal | None = None
    nutrients: Nutrients | None = None
    name: str | None = None

    def on(self, date: dt.date, meal: Meal) -> NewEntry:
        """Return an entry of the same, for a meal."""
        return NewEntry(date=date, meal=meal, **msgspec.structs.asdict(self))


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was eaten before: when last, how often, and how to enter it once more."""

    name: str
    last_date: dt.date
    times: int
    energy_kcal: Decimal | None = None
    again: Again


class MissingEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What a day's total does not hold, and why, and of which nutrients."""

    entry_id: UUID
    name: str
    reason: Reason
    nutrients: list[str] = []


class Sum(msgspec.Struct, frozen=True):
    """What entries come to, over what is known; `coverage` is the share of their mass of which it is."""

    total: Nutrients
    coverage: dict[str, Decimal]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a day stands against one goal. Where it `is_partial`, more may be eaten than is known."""

    code: str
    goal: Decimal
    eaten: Decimal | None = None
    left: Decimal | None = None
    over: Decimal | None = None
    is_partial: bool = False


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day: what it comes to, each meal, what lacks; and how it stands against its goals, if there are any."""

    date: dt.date
    total: Nutrients
    coverage: dict[str, Decimal]
    missing: list[MissingEntry] = []
    meals: dict[Meal, Sum]
    entries: list[Entry]
    goals: Nutrients | None = None
    left: list[Standing] | None = None


class Diary(FoodPart):
    """Entries keep the values that their foods had. Edits and deletions name the version that was read."""

    async def create_entry(self, entry: NewEntry) -> Entry:
        """Write down what was eaten; with an `id` that was used before, give that entry again."""
        return await self._post("/diary", entry, Entry)

    async def list_entries(
        self, first: dt.date | None = None, last: dt.date | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Entry]:
        """List entries, in the order of days and meals."""
        return await self._get("/diary", Page[Entry], **{"from": first, "to": last}, limit=limit, cursor=cursor)

    async def get_entry(self, id: UUID) -> Entry:
        return await self._get(f"/diary/{id}", Entry)

    async def edit_entry(self, id: UUID, version: int, edit: EntryEdit) -> Entry:
        return await self._patch(f"/diary/{id}", version, edit, Entry)

    async def delete_entry(self, id: UUID, version: int) -> None:
        await self._delete(f"/diary/{id}", version)

    async def copy_entries(
        self, from_date: dt.date, to_date: dt.date, meals: Sequence[Meal] | None = None, *, key: str | None = None
    ) -> list[Entry]:
        """Write down for one day what was eaten on another, all of it or at some meals; once, under one `key`."""
        body = {"from_date": from_date, "to_date": to_date, "meals": meals}
        return (await self._post("/diary/copy", body, Page[Entry], key)).items

    async def list_recent(self, limit: int = 20) -> list[Used]:
        """List what was entered last, each thing once."""
        return (await self._get("/diary/recent", Page[Used], limit=limit)).items

    async def list_frequent(self, meal: Meal | None = None, limit: int = 20) -> list[Used]:
        """List what was eaten most often lately."""
        return (await self._get("/diary/frequent", Page[Used], meal=meal, limit=limit)).items

    async def export_diary(self, first: dt.date, last: dt.date) -> bytes:
        """Return the entries of at most 366 days as CSV in UTF-8, with a header."""
        params = {"from": str(first), "to": str(last)}
        return (await self._backend.request("GET", f"{self.root}/diary/export", params=params)).body

    async def get_day(self, date: dt.date) -> Day:
        """Read what was eaten in a day, what that comes to, what is not known, and what is left of the goals."""
        return await self._get(f"/days/{date}", Day)
