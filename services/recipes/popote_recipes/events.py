"""The facts that recipes announces, and those of nutrition and stock that it listens to."""

from collections.abc import Iterable, Mapping
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


class _Action(Struct):
    root_id: UUID | None = None
    root_stands: bool = True


async def _stock_changed(kitchen: Kitchen, event: Event) -> None:
    """Follow somebody who took a cook back in stock's own journal, or took that back in turn."""
    action = msgspec.convert(event.payload, _Action)
    if action.root_id is None or await queries.cooks.find_cook(kitchen, action.root_id) is None:
        return
    version = await sync.next_version(kitchen)
    if action.root_stands:
        again = await queries.cooks.turn(kitchen, action.root_id, before=["undone"], after="done", version=version)
        if again:
            await meal_cooked(kitchen, version, again)
    else:
        gone = await queries.cooks.turn(
            kitchen, action.root_id, before=["done", "undoing"], after="undone", version=version
        )
        if gone:
            await meal_uncooked(kitchen, version, gone)


OF_STOCK: Final[Mapping[str, Handler]] = {"stock_changed": _stock_changed}
