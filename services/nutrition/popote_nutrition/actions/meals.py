"""Cooked meals, as recipes announces them: in the diary of each who ate, once, however often they are told of."""

import logging
from collections.abc import Mapping
from typing import Final

import msgspec

from popote_kit import codec, sync
from popote_kit.database import Kitchen
from popote_kit.following import Handler
from popote_kit.outbox import Event
from popote_kit.problems import TooMany
from popote_kit.quantity import Quantity, TooMuch
from popote_nutrition import events, queries
from popote_nutrition.actions.analysis import foods_of
from popote_nutrition.actions.diary import ENTRY, require_room
from popote_nutrition.model.diary import MAX_NAME, PORTION, Entry
from popote_nutrition.model.nutrients import UNKNOWN
from popote_nutrition.model.recipes import RECIPE, Cooked, Eater, Foods, Uncooked, entry_id, helping

log = logging.getLogger(__name__)


async def enter_meal(kitchen: Kitchen, event: Event) -> None:
    """Write a cooked meal into the diaries of those who ate; a diary that has no room for it goes without."""
    cooked = msgspec.convert(event.payload, Cooked, dec_hook=codec.from_plain)
    persons = [eater.user_id for eater in cooked.eaters]
    if await queries.meals.follow(kitchen, cooked.cook_id, event.id, is_cooked=True, eaters=persons) is None:
        return
    foods = await foods_of(kitchen, [cooked])
    for eater in sorted(cooked.eaters, key=lambda each: each.user_id):  # everyone locks counters in this order
        async with kitchen.on_behalf_of(eater.user_id):
            try:
                await _enter(kitchen, cooked, eater, foods)
            except (TooMany, TooMuch) as problem:
                what = {"cook_id": str(cooked.cook_id), "problem": problem.type}
                log.warning("a cooked meal does not go into a diary", extra=what)


async def withdraw_meal(kitchen: Kitchen, event: Event) -> None:
    """Take a meal that was undone out of the diaries again."""
    cook_id = msgspec.convert(event.payload, Uncooked).cook_id
    for person in sorted(await queries.meals.follow(kitchen, cook_id, event.id, is_cooked=False) or []):
        async with kitchen.on_behalf_of(person):
            version = await sync.next_version(kitchen, of="person")
            id = entry_id(cook_id, person)  # noqa: A001 - as everywhere
            if day := await queries.meals.withdraw(kitchen, id, cook_id):
                await sync.bury(kitchen, ENTRY, [id], version, of="person")
                await events.diary_changed(kitchen, version, [day])


async def _enter(kitchen: Kitchen, cooked: Cooked, eater: Eater, foods: Foods) -> None:
    version = await sync.next_version(kitchen, of="person")
    entry = _entry(cooked, eater, foods, kitchen, version)
    await require_room(kitchen, entry.day, 1)
    was_withdrawn = await queries.meals.take_back(kitchen, entry.id)
    if not was_withdrawn and await sync.buried(kitchen, ENTRY, [entry.id], of="person"):
        return  # the person does not want it
    await queries.diary.put_entry(kitchen, entry)
    await sync.unbury(kitchen, ENTRY, [entry.id], of="person")
    await events.diary_changed(kitchen, version, [entry.day])


def _entry(cooked: Cooked, eater: Eater, foods: Foods, kitchen: Kitchen, version: int) -> Entry:
    part = helping(cooked, foods, Quantity(eater.portions, PORTION))
    return Entry(
        id=entry_id(cooked.cook_id, eater.user_id),
        day=cooked.date,
        meal=cooked.meal,
        kind="recipe",
        recipe_id=cooked.recipe_id,
        cook_id=cooked.cook_id,
        name=cooked.title.strip()[:MAX_NAME],
        portions=eater.portions,
        portion=part.portion,
        is_approximate=part.is_approximate,
        reason=part.reason,
        source=RECIPE if part.portion.nutrients != UNKNOWN else None,
        version=version,
        created_at=kitchen.now,
    )


OF_RECIPES: Final[Mapping[str, Handler]] = {"meal_cooked.v1": enter_meal, "meal_uncooked.v1": withdraw_meal}
