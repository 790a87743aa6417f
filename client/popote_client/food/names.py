"""Which foods names mean, and what the household teaches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from popote_client.food.part import FoodPart
from popote_client.language import Language
from popote_client.wire import Page


class FoodBrief(msgspec.Struct, frozen=True):
    """Which food, and where it comes from."""

    id: UUID
    name: str
    source: str


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """What a name means. `ask` a person when there are only `candidates`: the likeliest comes first."""

    name: str
    status: Literal["matched", "ask", "unmatched"]
    how: str | None = None
    confidence: float
    food: FoodBrief | None = None
    candidates: list[FoodBrief] = []


class LearnedName(msgspec.Struct, frozen=True, kw_only=True):
    """A name that was taught, and the food that it means."""

    id: UUID
    name: str
    food_id: UUID
    created_at: datetime
    version: int


class Names(FoodPart):
    async def match_names(self, names: Sequence[str], language: Language | None = None) -> list[Match]:
        """Match at most 200 names to foods, one match for each. What is only like a food is never taken for it."""
        body = {"names": names, "language": language}
        return (await self._post("/match", body, Page[Match])).items

    async def list_learned_names(self, *, limit: int = 50, cursor: str | None = None) -> Page[LearnedName]:
        return await self._get("/names", Page[LearnedName], limit=limit, cursor=cursor)

    async def teach_name(self, name: str, food_id: UUID) -> LearnedName:
        """Say which food a name means; it holds from now on, for everybody in the household."""
        return await self._put("/names", {"name": name, "food_id": food_id}, LearnedName)

    async def forget_name(self, id: UUID) -> None:
        """Forget what was taught of a name."""
        await self._backend.request("DELETE", f"{self.root}/names/{id}")
