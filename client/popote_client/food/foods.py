"""Foods: those that all households share, and the household's own."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from popote_client.food.nutrients import Nutrients
from popote_client.food.part import FoodPart
from popote_client.language import Language
from popote_client.stock.quantities import Fact, Quantity
from popote_client.wire import Page

SEARCHED = 100  # characters that can be searched for, at most

Per = Literal["g", "ml"]


class Conversion(msgspec.Struct, frozen=True, omit_defaults=True):
    """One `unit` of the food is as much as `equals`."""

    unit: str
    equals: Quantity
    is_approximate: bool = False


class Keeping(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where it is usually kept, and for how many days: after it was bought, opened, frozen."""

    storage: Literal["pantry", "fridge", "freezer"] | None = None
    keeps_days: int | None = None
    opened_days: int | None = None
    frozen_days: int | None = None


class Food(msgspec.Struct, frozen=True, kw_only=True):
    """A food as this household sees it; `per_100g` is what 100 of `per` hold.

    `conversions` are the household's own; `facts` are all that is known of how it counts, the ones that win first.
    """

    id: UUID
    name: str
    names: dict[str, str] = {}
    aliases: list[str] = []
    source: str
    source_id: str = ""
    is_own: bool = False
    is_override: bool = False
    per: Per = "g"
    per_100g: Nutrients
    conversions: list[Conversion] = []
    facts: list[Fact] = []
    keeping: Keeping = Keeping()
    version: int
    created_at: datetime | None = None


class NewFood(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A food of the household's own. An energy that is left out follows from the rest, where all of that is known."""

    name: str
    id: UUID | None = None
    language: Language | None = None
    aliases: Sequence[str] = ()
    per: Per = "g"
    nutrients: Nutrients = Nutrients()
    conversions: Sequence[Conversion] = ()
    keeping: Keeping = Keeping()
    source_note: str = ""


class FoodEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Whatever is left out stays; lists and nutrients are replaced whole."""

    name: str | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    aliases: list[str] | UnsetType = UNSET
    per: Per | UnsetType = UNSET
    nutrients: Nutrients | UnsetType = UNSET
    conversions: list[Conversion] | UnsetType = UNSET
    keeping: Keeping | UnsetType = UNSET
    source_note: str | UnsetType = UNSET


class FoodFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How amounts of a food count: the facts that win come first."""

    food_id: UUID
    name: str
    per: Per
    facts: list[Fact]


class FoodFactsKnown(msgspec.Struct, frozen=True):
    """The facts of some foods, and the `etag` under which to ask whether they changed."""

    items: list[FoodFacts]
    etag: str


class Foods(FoodPart):
    """Names are in the language of the household, or in `language`. Edits and deletions name the version that was read.

    Where all households share a food, an edit is this household's view of it, and a deletion takes that back.
    """

    async def list_foods(
        self, q: str | None = None, *, language: Language | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[Food]:
        """List foods, the household's own first; or with `q` the best matches, on one page."""
        return await self._get("/foods", Page[Food], q=q, lang=language, limit=limit, cursor=cursor)

    async def create_food(self, food: NewFood) -> Food:
        """Make a food of the household's own; with an `id` that was used before, give that one again."""
        return await self._post("/foods", food, Food)

    async def get_food(self, id: UUID, language: Language | None = None) -> Food:
        return await self._get(f"/foods/{id}", Food, lang=language)

    async def edit_food(self, id: UUID, version: int, edit: FoodEdit) -> Food:
        return await self._patch(f"/foods/{id}", version, edit, Food)

    async def delete_food(self, id: UUID, version: int) -> None:
        await self._delete(f"/foods/{id}", version)

    async def food_conversions(
        self, ids: Sequence[UUID], *, language: Language | None = None, known: FoodFactsKnown | None = None
    ) -> FoodFactsKnown:
        """Read how amounts of at most 200 foods count; what is `known` is returned as it is where nothing changed."""
        answer = await self._backend.request(
            "GET",
            f"{self.root}/foods/conversions",
            params={"ids": [str(each) for each in ids], "lang": language},
            headers={"if-none-match": known.etag} if known else {},
        )
        if known and answer.status == HTTPStatus.NOT_MODIFIED:
            return known
        return FoodFactsKnown(self._backend.decode(answer, Page[FoodFacts]).items, answer.headers.get("etag", ""))
