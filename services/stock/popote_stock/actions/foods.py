"""What food an item is: nutrition is asked before the household's counter is held, or else later."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from litestar import Litestar
from msgspec import UNSET

from popote_kit import sync
from popote_kit.database import Database, Kitchen
from popote_kit.rounds import rounds
from popote_stock import events, queries
from popote_stock.model.foods import NOTHING, Told
from popote_stock.model.items import Item
from popote_stock.peers import Nutrition
from popote_stock.queries.foods import FIRST
from popote_stock.wire.items import EditItem, NewItem

BATCH: Final = 100
LOOK_S: Final = 5.0


async def of_new_item(kitchen: Kitchen, nutrition: Nutrition, new: NewItem) -> Told:
    """Ask what an item is that is to be made."""
    if new.food_id:
        return await nutrition.ask(kitchen.household, ids=[new.food_id])
    return await nutrition.ask(kitchen.household, names=[new.name.strip()])


async def of_edited_item(kitchen: Kitchen, nutrition: Nutrition, id: UUID, edit: EditItem) -> Told:
    """Ask what an item is that gets another food, or another name that tells which food it is."""
    if edit.food_id is not UNSET:
        return await nutrition.ask(kitchen.household, ids=[edit.food_id]) if edit.food_id else NOTHING
    if edit.name is UNSET:
        return NOTHING
    item = (await queries.items.read_items(kitchen, [id])).get(id)
    if item is None or item.is_food_chosen:
        return NOTHING
    return await nutrition.ask(kitchen.household, names=[edit.name.strip()])


async def of_new_names(kitchen: Kitchen, nutrition: Nutrition, names: Sequence[str | None]) -> Told:
    """Ask what those of the names are that the household has no item for."""
    bare = list(dict.fromkeys(name.strip() for name in names if name))
    if not bare:
        return NOTHING
    keys = await queries.items.read_keys(kitchen, bare)
    known = {item.name_key for item in await queries.items.find_by_keys(kitchen, list(keys.values()))}
    return await nutrition.ask(kitchen.household, names=[name for name in bare if keys[name] not in known])


async def of_trip(kitchen: Kitchen, nutrition: Nutrition, list_id: UUID) -> Told:
    """Ask what those are that were bought by a name which is new."""
    lines = await queries.lists.read_lines(kitchen, list_id)
    return await of_new_names(kitchen, nutrition, [line.name for line in lines if line.is_ticked])


class Catching:
    """Asks nutrition about the items that it did not tell of when they were made, or may tell otherwise of by now."""

    def __init__(self, database: Database, nutrition: Nutrition) -> None:
        self._database = database
        self._nutrition = nutrition
        self._place = FIRST  # the household that was last asked for

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        async with rounds(self.catch_up, every_s=LOOK_S, failing="nutrition can't be asked about items"):
            yield

    async def catch_up(self) -> None:
        """Ask about every item that is due, household by household, unless nutrition rests; then go on from there."""
        while not self._nutrition.is_resting and (household := await self._next()):
            self._place = household
            await self._ask_for(household)
        if not self._nutrition.is_resting:
            self._place = FIRST

    async def _next(self) -> UUID | None:
        async with self._database.kitchen() as kitchen:
            return await queries.foods.find_household_to_ask_for(kitchen, self._place)

    async def _ask_for(self, household: UUID) -> None:
        place = FIRST
        while True:
            async with self._database.kitchen(household) as kitchen:
                due = await queries.foods.read_due(kitchen, BATCH, place)
            if not due:
                return
            place = due[-1].id
            told = await self._told(household, due)
            if self._nutrition.is_resting:
                return
            async with self._database.kitchen(household, write=True) as kitchen:
                await settle(kitchen, due, told)

    async def _told(self, household: UUID, due: Sequence[Item]) -> Told:
        names = [item.name for item in due if not item.is_food_chosen]
        ids = [item.food_id for item in due if item.is_food_chosen and item.food_id]
        return await self._nutrition.ask(household, names=names, ids=ids)


async def settle(kitchen: Kitchen, due: Sequence[Item], told: Told) -> None:
    """Let items be what was told, unless there is a new reason to ask since they were read.

    Only what changes gets another version.
    """
    answered = {item.id: item for item in due if told.answers(item)}
    if not answered:
        return
    version = await sync.next_version(kitchen)
    now = await queries.items.read_items(kitchen, answered)
    same = [item for item in now.values() if _due(item) == _due(answered[item.id])]
    linked = [(item, told.link(item).recounted) for item in same]
    changed = [after for before, after in linked if _food(before) != _food(after)]
    await queries.foods.set_asked(kitchen, [item.id for item in same])
    if changed:
        await queries.foods.put_foods(kitchen, changed, version)
        await events.items_changed(kitchen, version, [item.id for item in changed])


def _due(item: Item) -> tuple[object, int]:
    return item.asks, item.food_due


def _food(item: Item) -> tuple[object, ...]:
    return item.food_id, item.food_facts, item.food_names
