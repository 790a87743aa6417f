"""The facts that nutrition announces."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from popote_kit import outbox
from popote_kit.database import Kitchen


async def foods_changed(kitchen: Kitchen, version: int, ids: Iterable[UUID]) -> None:
    """Foods of the household were made, changed or deleted: what is known of them is to be asked anew."""
    await outbox.announce(kitchen, "foods_changed", version, {"food_ids": list(ids)})


async def names_changed(kitchen: Kitchen, version: int, names: Iterable[str]) -> None:
    """Names mean other foods than before."""
    await outbox.announce(kitchen, "names_changed", version, {"names": list(names)})


async def diary_changed(kitchen: Kitchen, version: int, days: Iterable[date]) -> None:
    """Entries of these days of the person's diary were made, changed or deleted."""
    await outbox.announce(kitchen, "diary_changed", version, {"dates": sorted(set(days))}, of="person")


async def goals_changed(kitchen: Kitchen, version: int, ids: Iterable[UUID]) -> None:
    """Goals of the person were set or deleted: a phone asks for what has changed in the diary."""
    await outbox.announce(kitchen, "goals_changed", version, {"goal_ids": list(ids)}, of="person")


async def weights_changed(kitchen: Kitchen, version: int, days: Iterable[date]) -> None:
    """Weights of the person were stored or deleted: a phone asks for what has changed in the diary."""
    await outbox.announce(kitchen, "weights_changed", version, {"dates": list(days)}, of="person")
