"""Every SQL statement of config. `whose` is a household, or None for the system-wide address."""

from uuid import UUID

from popote_config.model import Draft, Publication, Standing
from popote_kit.database import Kitchen, many, maybe, one


async def work_for_all(kitchen: Kitchen) -> None:
    """From here on, let this transaction reach the system-wide rows, and no household's."""
    await kitchen.execute("SELECT set_config('popote.household', '', true)")


async def lock(kitchen: Kitchen) -> None:
    """Let nobody else publish until commit."""
    await kitchen.execute("SELECT last FROM last_revision FOR UPDATE")


async def read_standing(kitchen: Kitchen) -> Standing | None:
    """Read what clients of the kitchen's household are given, its own or the system-wide address."""
    return maybe(await kitchen.fetchrow("SELECT household_id, url, revision FROM standing()"), Standing)


async def publish(kitchen: Kitchen, whose: UUID | None, draft: Draft, replaced: str | None) -> Standing:
    """Store what stands from now on; the revisions are locked by the caller."""
    row = await kitchen.fetchrow(
        """
        WITH next AS (UPDATE last_revision SET last = last + 1 RETURNING last)
        INSERT INTO publication
               (household_id, revision, url, replaced, reason, restores, published_by, published_at)
        SELECT $1, next.last, $2, $3, $4, $5, $6, $7 FROM next
        RETURNING household_id, url, revision
        """,
        whose,
        draft.url,
        replaced,
        draft.reason,
        draft.restores,
        draft.published_by,
        kitchen.now,
    )
    return one(row, Standing)


async def read_publication(kitchen: Kitchen, whose: UUID | None, revision: int) -> Publication | None:
    row = await kitchen.fetchrow(
        """
        SELECT revision, url AS ollama_base_url, replaced, reason, restores, published_by, published_at
          FROM publication
         WHERE household_id IS NOT DISTINCT FROM $1 AND revision = $2
        """,
        whose,
        revision,
    )
    return maybe(row, Publication)


async def list_publications(kitchen: Kitchen, whose: UUID | None, limit: int, before: int | None) -> list[Publication]:
    """Read what was published, the newest first, below the revision `before`."""
    rows = await kitchen.fetch(
        """
        SELECT revision, url AS ollama_base_url, replaced, reason, restores, published_by, published_at
          FROM publication
         WHERE household_id IS NOT DISTINCT FROM $1 AND ($2::bigint IS NULL OR revision < $2)
         ORDER BY revision DESC
         LIMIT $3
        """,
        whose,
        before,
        limit,
    )
    return many(rows, Publication)


async def read_last_revision(kitchen: Kitchen) -> int:
    last: int = await kitchen.fetchval("SELECT last FROM last_revision")
    return last


async def read_changed_after(kitchen: Kitchen, last: int) -> list[Standing]:
    """Read the addresses of all households that changed after the revision `last`."""
    return many(await kitchen.fetch("SELECT household_id, url, revision FROM changed_after($1)", last), Standing)
