"""The outbox: facts that a service announces, in the transaction that made them true.

Whoever listens is told to look, here and through Redis; what there is to see stands in PostgreSQL, so a lost "look"
costs a few seconds and nothing else.
"""

from datetime import datetime, timedelta
from typing import Final

from popote_kit.database import Database, Kitchen

KEPT: Final = timedelta(days=30)


async def announce(kitchen: Kitchen, kind: str, version: int, payload: object) -> None:
    """Write an event of the household, with the version that `sync.next_version` gave this transaction.

    `kind` is 1 to 64 of `a-z_.`; `payload` is an object of at most 64 KiB of JSON.
    """
    await kitchen.execute(
        "INSERT INTO outbox (household_id, version, kind, payload, at) VALUES ($1, $2, $3, $4, $5)",
        kitchen.household,
        version,
        kind,
        payload,
        kitchen.now,
    )
    kitchen.after_commit(kitchen.wake)


async def sweep(database: Database, now: datetime) -> int:
    """Forget the events older than `KEPT`; return how many.

    What goes is everything up to an id, and never the last event: so the first id that is kept tells whether a listener
    who was away has missed some.
    """
    async with database.kitchen(write=True) as kitchen:
        return await kitchen.execute(
            """
            DELETE FROM outbox
             WHERE id < coalesce(
                       (SELECT id FROM outbox WHERE at >= $1 ORDER BY id LIMIT 1),
                       (SELECT max(id) FROM outbox)
                   )
            """,
            now - KEPT,
        )
