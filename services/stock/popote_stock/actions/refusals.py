"""What is looked at before something is made or named."""

from uuid import UUID

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.problems import IdTaken, NameTaken, TooMany
from popote_stock import queries


async def refuse_more(kitchen: Kitchen, table: str, limit: int, *, more: int = 1) -> int:
    """Let `more` rows into `table`; return how many there are.

    Raises:
        TooMany: with them there would be more than `limit`.
    """
    count = await queries.places.count(kitchen, table)
    if count + more > limit:
        raise TooMany(limit=limit)
    return count


async def refuse_named(kitchen: Kitchen, table: str, name: str, id: UUID) -> None:
    """Let the row with this id of `table` have the name.

    Raises:
        NameTaken: another one has it.
    """
    taken = await queries.places.find_named(kitchen, table, name)
    if taken not in (None, id):
        raise NameTaken(id=taken)


async def refuse_buried(kitchen: Kitchen, kind: str, id: UUID) -> None:
    """Let a new thing have this id.

    Raises:
        IdTaken: it is that of one that was deleted.
    """
    if await sync.buried(kitchen, kind, [id]):
        raise IdTaken(id=id)
