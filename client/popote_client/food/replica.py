"""Copies of what nutrition keeps of a household and of a person, kept up to date by delta sync."""

from typing import ClassVar
from uuid import UUID

import msgspec
from msgspec import field

from popote_client import replica
from popote_client.feed import Changes
from popote_client.food.api import FoodApi
from popote_client.food.diary import Entry
from popote_client.food.foods import Food
from popote_client.food.goals import Goals, Weight
from popote_client.food.names import LearnedName


class FoodRows(replica.Rows, frozen=True, kw_only=True):
    """The household's foods, and its views of those that all share; and the names that it taught."""

    kinds: ClassVar[dict[str, tuple[str, type[msgspec.Struct]]]] = {
        "food": ("foods", Food),
        "learned_name": ("learned_names", LearnedName),
    }

    foods: dict[UUID, Food] = field(default_factory=dict)
    learned_names: dict[UUID, LearnedName] = field(default_factory=dict)


class FoodReplica(replica.Replica[FoodRows]):
    def __init__(self, food: FoodApi, rows: FoodRows | None = None) -> None:
        super().__init__(rows or FoodRows())
        self._food = food

    async def _none(self) -> FoodRows:
        return FoodRows(household=await self._food.household())

    async def _page(self, rows: FoodRows, cursor: str | None) -> Changes:
        return await self._food.nutrition_changes(rows.version, epoch=rows.epoch, cursor=cursor)


class DiaryRows(replica.Rows, frozen=True, kw_only=True):
    """What one person ate in one household, and wants to eat, and weighs."""

    kinds: ClassVar[dict[str, tuple[str, type[msgspec.Struct]]]] = {
        "entry": ("entries", Entry),
        "goal": ("goals", Goals),
        "weight": ("weights", Weight),
    }

    person: UUID | None = None
    entries: dict[UUID, Entry] = field(default_factory=dict)
    goals: dict[UUID, Goals] = field(default_factory=dict)
    weights: dict[UUID, Weight] = field(default_factory=dict)

    @property
    def owner(self) -> tuple[UUID | None, ...]:
        """Whose rows these are."""
        return (self.household, self.person)


class DiaryReplica(replica.Replica[DiaryRows]):
    def __init__(self, food: FoodApi, rows: DiaryRows | None = None) -> None:
        super().__init__(rows or DiaryRows())
        self._food = food

    async def _none(self) -> DiaryRows:
        return DiaryRows(household=await self._food.household(), person=await self._food.person())

    async def _page(self, rows: DiaryRows, cursor: str | None) -> Changes:
        return await self._food.diary_changes(rows.version, epoch=rows.epoch, cursor=cursor)
