"""The facts that recipes announces, and those of nutrition that it listens to."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from popote_kit import outbox, sync
from popote_kit.database import Kitchen
from popote_kit.following import Handler
from popote_kit.outbox import Event
from popote_recipes import queries
from popote_recipes.model import cooking
from popote_recipes.model.cooking import Cook


async def recipes_changed(kitchen: Kitchen, version: int, ids: Iterable[UUID]) -> None:
    """Recipes were made, changed or deleted; or what is known of their lines."""
    await outbox.announce(kitchen, "recipes_changed", version, {"recipe_ids": list(ids)})


async def substitutes_changed(kitchen: Kitchen, version: int) -> None:
    """The household takes other foods for others than before."""
    await outbox.announce(kitchen, "substitutes_changed", version, {})


async def plan_changed(kitchen: Kitchen, version: int, days: Iterable[date]) -> None:
    """Something else is planned for these days."""
    await outbox.announce(kitchen, "plan_changed", version, {"dates": sorted(set(days))})


async def opinions_changed(kitchen: Kitchen, version: int, ids: Iterable[UUID]) -> None:
    """The person thinks otherwise of these recipes."""
    await outbox.announce(kitchen, "opinions_changed", version, {"recipe_ids": list(ids)}, of="person")


async def meal_cooked(kitchen: Kitchen, version: int, cook: Cook) -> None:
    """A recipe was cooked: what it was made of, and who ate how much; once more where an undo of it is undone."""
    await outbox.announce(kitchen, "meal_cooked.v1", version, cooking.meal_cooked(cook))


async def meal_uncooked(kitchen: Kitchen, version: int, cook: Cook) -> None:
    """What was cooked is taken back."""
    await outbox.announce(kitchen, "meal_uncooked.v1", version, {"cook_id": cook.id})


class _Foods(Struct):
    food_ids: list[UUID]


class _Names(Struct):
    names: list[str]


async def _foods_changed(kitchen: Kitchen, event: Event) -> None:
    changed = msgspec.convert(event.payload, _Foods)
    await sync.next_version(kitchen)  # the write lock: nobody may put a recipe back as it was before this
    await queries.waiting.ask_about_foods(kitchen, changed.food_ids)


async def _names_changed(kitchen: Kitchen, event: Event) -> None:
    changed = msgspec.convert(event.payload, _Names)
    await sync.next_version(kitchen)
    await queries.waiting.ask_about_names(kitchen, changed.names)


OF_NUTRITION: Final[Mapping[str, Handler]] = {"foods_changed": _foods_changed, "names_changed": _names_changed}
