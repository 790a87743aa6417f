"""The facts that stock announces, and those of nutrition that it listens to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from popote_kit import outbox, sync
from popote_kit.database import Kitchen
from popote_kit.following import Handler
from popote_kit.outbox import Event
from popote_stock import queries
from popote_stock.model.journal import Change
from popote_stock.queries.ledger import NewAction


async def stock_changed(kitchen: Kitchen, action: NewAction, changes: Sequence[Change]) -> None:
    """An action was done, or undone.

    Of an undo, `root_id` is the action that was taken back in the end, through undos of undos, and `root_stands` tells
    whether that holds now.
    """
    facts: dict[str, object] = {
        "action_id": action.id,
        "kind": action.kind,
        "person_id": kitchen.person,
        "undoes": action.undoes,
        "item_ids": list(dict.fromkeys(change.lot.item_id for change in changes)),
    }
    if action.undoes:
        facts |= {"root_id": await queries.ledger.find_root(kitchen, action.undoes), "root_stands": action.stands}
    await outbox.announce(kitchen, "stock_changed", action.sequence, facts)


async def items_changed(kitchen: Kitchen, version: int, ids: Iterable[UUID]) -> None:
    """Items were made, changed or deleted."""
    await outbox.announce(kitchen, "items_changed", version, {"item_ids": list(ids)})


async def list_changed(kitchen: Kitchen, version: int, list_id: UUID) -> None:
    """A shopping list was made, changed or deleted, or what stands on it."""
    await outbox.announce(kitchen, "list_changed", version, {"list_id": list_id})


async def places_changed(kitchen: Kitchen, version: int) -> None:
    """Locations or categories were made, changed, put in order or deleted."""
    await outbox.announce(kitchen, "places_changed", version, {})


class _Foods(Struct):
    food_ids: list[UUID]


class _Names(Struct):
    names: list[str]


async def _foods_changed(kitchen: Kitchen, event: Event) -> None:
    changed = msgspec.convert(event.payload, _Foods)
    await sync.next_version(kitchen)  # the write lock: nobody may put an item back as it was before this
    await queries.foods.ask_about_foods(kitchen, changed.food_ids)


async def _names_changed(kitchen: Kitchen, event: Event) -> None:
    changed = msgspec.convert(event.payload, _Names)
    await sync.next_version(kitchen)
    await queries.foods.ask_about_names(kitchen, changed.names)


OF_NUTRITION: Final[Mapping[str, Handler]] = {"foods_changed": _foods_changed, "names_changed": _names_changed}
