"""The facts that stock announces; it listens to none."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from popote_kit import outbox
from popote_kit.database import Kitchen
from popote_stock.model.journal import Change
from popote_stock.queries.ledger import NewAction


async def stock_changed(kitchen: Kitchen, action: NewAction, changes: Sequence[Change]) -> None:
    """An action was done, or undone."""
    facts = {
        "action_id": action.id,
        "kind": action.kind,
        "person_id": kitchen.person,
        "undoes": action.undoes,
        "item_ids": list(dict.fromkeys(change.lot.item_id for change in changes)),
    }
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
