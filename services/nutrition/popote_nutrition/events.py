"""The facts that nutrition announces."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from popote_kit import outbox
from popote_kit.database import Kitchen


async def foods_changed(kitchen: Kitchen, version: int, ids: Iterable[UUID]) -> None:
    """Foods of the household were made, changed or deleted: what is known of them is to be asked anew."""
    await outbox.announce(kitchen, "foods_changed", version, {"food_ids": list(ids)})


async def names_changed(kitchen: Kitchen, version: int, names: Iterable[str]) -> None:
    """Names mean other foods than before."""
    await outbox.announce(kitchen, "names_changed", version, {"names": list(names)})


async def diary_changed(kitchen: Kitchen, version: int, days: Iterable[dt.date]) -> None:
    """Entries of these days of the person's diary were made, changed or deleted."""
    await outbox.announce(kitchen, "diary_changed", version, {"dates": sorted(set(days))}, of="person")
